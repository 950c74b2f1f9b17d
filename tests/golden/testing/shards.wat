;; RUN: test % shards-a.json shards-b.json --shard 1/2 --tap
;; RUN: test % shards-a.json shards-b.json --shard 2/2 --tap
;; RUN: test % shards-a.json --shard 5/5 --tap
;; RUN: test % shards-a.json shards-b.json --shard 2/2 --filter two --tap
;; FAIL(2): test % shards-a.json --shard 0/2
;; FAIL(2): test % shards-a.json --shard 3/2
;; FAIL(2): test % shards-a.json --shard two
;; RUN: --version >/dev/null; TEST_TOTAL_SHARDS=2 TEST_SHARD_INDEX=1 TEST_SHARD_STATUS_FILE=%t/status XML_OUTPUT_FILE=%t/test.xml tenon test % shards-a.json --tap && ls %t && grep -c testcase %t/test.xml
;; RUN: --version >/dev/null; TESTBRIDGE_TEST_ONLY='a one' tenon test % shards-a.json shards-b.json --tap
;; RUN: --version >/dev/null; TESTBRIDGE_TEST_ONLY=none tenon test % shards-a.json --tap
;; RUN: --version >/dev/null; TEST_TOTAL_SHARDS=2 TEST_SHARD_INDEX=1 tenon test % shards-a.json --shard 1/1 -q
;; FAIL(2): --version >/dev/null; TEST_TOTAL_SHARDS=2 TEST_SHARD_INDEX=2 tenon test % shards-a.json
;; Cases are shared out among runs, through all files together, by `--shard` and by Bazel's variables.
(component
  (core module $m (func (export "id") (param i32) (result i32) local.get 0))
  (core instance $i (instantiate $m))
  (func (export "id") (param "x" u32) (result u32) (canon lift (core func $i "id"))))
