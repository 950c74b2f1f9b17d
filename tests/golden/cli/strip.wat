;; RUN: strip % -t
;; RUN: strip % -t --all
;; RUN: strip % -t --delete '^keep' --keep keep-2
;; RUN: strip % | tenon validate -
;; RUN: parse % -t
;; RUN: parse % | tenon strip - --all | tenon print -
;; FAIL(2): strip % --delete '('
;; FAIL(2): strip % --keep
;; Custom sections dropped by default, all of them, or by name; text goes in and out.
(module $m
  (@custom "keep-1" (before first) "a")
  (@custom "keep-2" (after func) "b")
  (@custom ".debug_info" "c")
  (@custom "producers" "\00")
  (func $f))
