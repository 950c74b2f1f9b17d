;; RUN: component embed wit/async.wit % | tenon component new - | tenon print -
;; An async export with its callback, an async import, and the built-ins that go with them.
(module
  (import "a:b/fetcher" "[async-lower]fetch" (func (param i32 i32 i32) (result i32)))
  (import "$root" "[waitable-set-new]" (func (result i32)))
  (import "$root" "[waitable-join]" (func (param i32 i32)))
  (import "$root" "[waitable-set-poll]" (func (param i32 i32) (result i32)))
  (import "$root" "[subtask-drop]" (func (param i32)))
  (import "$root" "[context-get-0]" (func (result i32)))
  (import "[export]$root" "[task-return]crawl" (func (param i32)))
  (import "[export]$root" "[stream-new-0]crawl" (func (result i64)))
  (import "[export]$root" "[async-lower][stream-write-0]crawl" (func (param i32 i32 i32) (result i32)))
  (import "[export]$root" "[stream-drop-writable-0]crawl" (func (param i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "[async-lift]crawl") (param i32 i32) (result i32) unreachable)
  (func (export "[callback][async-lift]crawl") (param i32 i32 i32) (result i32) unreachable))
