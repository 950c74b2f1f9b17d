;; FAIL: parse %
;; Cases have identifiers of their own.
(component (type (variant (case $a "x") (case $a "y"))))
