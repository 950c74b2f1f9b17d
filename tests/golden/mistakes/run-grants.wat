;; FAIL(2): run --dir ::/x %
;; FAIL(2): run --dir .:: %
;; FAIL(2): run --dir .::/x:rw %
;; FAIL(2): run --dir .::/x:z %
;; FAIL(1): run --dir nowhere %
;; FAIL(1): run --dir % %
;; FAIL(1): run --dir nowhere:/x %
;; FAIL(1): run --dir nowhere:ro %
;; FAIL(2): run --dir . --dir projects::. %
;; FAIL(2): run --config x %
;; FAIL(2): run --config =x %
;; FAIL(2): run --env =x %
;; FAIL(2): run --allow-outbound http://x %
;; FAIL(2): run --cwd '' %
;; FAIL(2): run -S http %
;; FAIL(2): run -S threads %
;; FAIL(2): run -W threads %
;; RUN: run --dir .::/x:ro %
;; A grant that is not understood is a matter of the command line; a directory that is not there is an input.
(module (func (export "_start")))
