;; RUN: wast %
;; A script of comments says so.
