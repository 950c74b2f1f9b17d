// SPDX-License-Identifier: Apache-2.0
// The host of workers.c: each thread of the guest is a thread of this program with a store and an
// instance of its own, and all of them import one memory.
#include <cstdio>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "tenon/base/file.h"
#include "tenon/core/decode.h"
#include "tenon/core/validate.h"
#include "tenon/engine/instance.h"
#include "tenon/engine/shared_memory.h"
#include "tenon/engine/store.h"

namespace {

using namespace tenon;

[[noreturn]] void fail(std::string_view why) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(why.size()), why.data());
  std::_Exit(1);
}

class Process {
 public:
  Process(engine::Engine& engine, std::shared_ptr<const engine::Module> module)
      : engine_(engine), module_(std::move(module)) {
    for (const core::Import& i : module_->core().imports) {
      if (i.type.kind != core::ExternKind::mem) continue;
      auto made = engine::SharedMemory::create(engine_, i.type.mem);
      if (!made) fail(made.error().text());
      memory_ = *std::move(made);
    }
    if (!memory_) fail("the guest imports no shared memory");
  }
  std::uint32_t run() {
    engine::Store store(engine_);
    const auto start = instance(store).typed<std::uint32_t()>("start");
    const auto result = start.value()();
    if (!result) fail(result.error().message());
    for (std::thread& thread : threads_) thread.join();
    return *result;
  }

 private:
  engine::Instance& instance(engine::Store& store) {
    std::vector<engine::Extern> imports;
    for (const core::Import& i : module_->core().imports) {
      if (i.type.kind == core::ExternKind::mem)
        imports.emplace_back(store.import_memory(*memory_));
      else
        imports.emplace_back(store.host_func([this](std::uint32_t index) { spawn(index); }));
    }
    auto made = engine::Instance::create(store, module_, imports);
    if (!made) fail(text(made.error()));
    return **made;
  }
  void spawn(std::uint32_t index) {
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([this, index] {
      engine::Store store(engine_);
      engine::Instance& own = instance(store);
      const auto stack = own.typed<std::uint32_t(std::uint32_t)>("stack_of").value()(index);
      const auto storage = own.typed<std::uint32_t(std::uint32_t)>("storage_of").value()(index);
      const auto pointer = std::get<engine::Global>(own.find("__stack_pointer").value());
      pointer.cell[0] = *stack;
      const auto tls = own.typed<void(std::uint32_t)>("__wasm_init_tls").value()(*storage);
      if (!tls) fail(tls.error().message());
      const auto done = own.typed<void(std::uint32_t)>("run").value()(index);
      if (!done) fail(done.error().message());
    });
  }

  engine::Engine& engine_;
  std::shared_ptr<const engine::Module> module_;
  std::optional<engine::SharedMemory> memory_;
  std::mutex mutex_;
  std::vector<std::thread> threads_;
};

}  // namespace

int main(int argc, char** argv) {
  auto bytes = read_file(argc > 1 ? argv[1] : "workers.wasm");
  if (!bytes) fail(bytes.error().text());
  auto decoded = core::decode(Blob::own(std::move(*bytes)), core::Features::standard());
  if (!decoded) fail(decoded.error().text());
  auto valid = core::validate(std::move(*decoded), core::Features::standard());
  if (!valid) fail(valid.error().text());
  engine::Engine engine;
  auto module = engine::Module::create(engine, std::move(*valid));
  if (!module) fail(module.error().text());
  for (int i = 0; i < 3; ++i) {
    const std::uint32_t result = Process(engine, *module).run();
    if (result != 0) fail("the guest's answer is " + std::to_string(result));
  }
}
