// SPDX-License-Identifier: Apache-2.0
// What a threaded program of Emscripten or wasi-threads does, without their libraries: threads with
// stacks and thread-local storage of their own, a mutex and condition variables made of
// `memory.atomic.wait32` and `notify`, a bounded queue between producers and consumers.
typedef unsigned u32;
typedef unsigned long long u64;

enum {
  threads = 4,
  items = 2000,
  room = 8,
  stack_size = 65536,
  unlocked = 0,
  locked = 1,
  contended = 2
};

__attribute__((import_module("host"), import_name("spawn"))) void host_spawn(u32 index);

static u32 load(u32* at) {
  return __atomic_load_n(at, __ATOMIC_SEQ_CST);
}
static void wait(u32* at, u32 value) {
  __builtin_wasm_memory_atomic_wait32((int*)at, (int)value, -1);
}
static void wake(u32* at, u32 count) {
  __builtin_wasm_memory_atomic_notify((int*)at, count);
}

static void lock(u32* mutex) {
  u32 seen = unlocked;
  if (__atomic_compare_exchange_n(mutex, &seen, locked, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    return;
  if (seen != contended) seen = __atomic_exchange_n(mutex, contended, __ATOMIC_SEQ_CST);
  while (seen != unlocked) {
    wait(mutex, contended);
    seen = __atomic_exchange_n(mutex, contended, __ATOMIC_SEQ_CST);
  }
}
static void unlock(u32* mutex) {
  if (__atomic_exchange_n(mutex, unlocked, __ATOMIC_SEQ_CST) == contended) wake(mutex, 1);
}
static void await(u32* condition, u32* mutex) {
  u32 seen = load(condition);
  unlock(mutex);
  wait(condition, seen);
  lock(mutex);
}
static void signal_all(u32* condition) {
  __atomic_fetch_add(condition, 1, __ATOMIC_SEQ_CST);
  wake(condition, ~0u);
}

static u32 mutex, not_empty, not_full;
static u32 queue[room], head, count, taken;
static u64 sum;
static u32 done[threads];
static _Thread_local u32 mine = 7;
static char stacks[threads][stack_size] __attribute__((aligned(16)));
static char storage[threads][256] __attribute__((aligned(16)));

static void put(u32 value) {
  lock(&mutex);
  while (count == room) await(&not_full, &mutex);
  queue[(head + count++) % room] = value;
  unlock(&mutex);
  signal_all(&not_empty);
}

static int take(u32* value) {
  lock(&mutex);
  while (count == 0 && taken != threads / 2 * items) await(&not_empty, &mutex);
  int some = count != 0;
  if (some) {
    *value = queue[head];
    head = (head + 1) % room;
    --count;
    ++taken;
    sum += *value;
  }
  unlock(&mutex);
  signal_all(some ? &not_full : &not_empty);
  return some;
}

// What the host gives to a thread before it runs.
__attribute__((export_name("stack_of"))) u32 stack_of(u32 index) {
  return (u32)(stacks[index] + stack_size);
}
__attribute__((export_name("storage_of"))) u32 storage_of(u32 index) {
  return (u32)storage[index];
}

// Half of the threads produce, half consume; each counts in its own storage.
__attribute__((export_name("run"))) void run(u32 index) {
  mine = 0;
  if (index < threads / 2) {
    for (u32 i = 1; i <= items; ++i, ++mine) put(i);
  } else {
    for (u32 value; take(&value); ++mine) {
    }
  }
  __atomic_store_n(&done[index], mine + 1, __ATOMIC_SEQ_CST);
  wake(&done[index], ~0u);
}

// 0: every item came through once.
__attribute__((export_name("start"))) u32 start(void) {
  for (u32 i = 0; i < threads; ++i) host_spawn(i);
  u32 produced = 0, consumed = 0;
  for (u32 i = 0; i < threads; ++i) {
    while (load(&done[i]) == 0) wait(&done[i], 0);
    *(i < threads / 2 ? &produced : &consumed) += load(&done[i]) - 1;
  }
  if (mine != 7) return 1;
  if (produced != threads / 2 * items || consumed != produced) return 2;
  return sum == (u64)items * (items + 1) / 2 * (threads / 2) ? 0 : 3;
}
