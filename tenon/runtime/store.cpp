// SPDX-License-Identifier: Apache-2.0
// The order in which a store ends: threads first, then instances with their resources, then
// extensions, whose destructors may make resources again. Misuse that cannot be reported, such as
// destroying a store on its own stack, ends the process with a message.
#include "tenon/runtime/store.h"

#include <fmt/format.h>

#include <atomic>

#include "tenon/base/contract.h"
#include "tenon/engine/func.h"
#include "tenon/runtime/instance_state.h"
#include "tenon/runtime/rules.h"

namespace tenon::runtime {

namespace {

std::uint64_t new_store_id() {
  static std::atomic<std::uint64_t> next = 1;
  return next.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

Store::Store(engine::Engine& engine, const StoreLimits& limits, void* data)
    : core_(engine, limits.core, data),
      id_(new_store_id()),
      life_(std::make_shared<StoreLife>(this)),
      limits_(limits) {
  core_.context().bridge_depth_limit = limits.call_depth;
  // Bridges join siblings: the callee is the only instance that such a call enters.
  core_.context().abandoned = [](void* from, const void* to) noexcept {
    for (auto* t = static_cast<Task*>(from); t != to; t = t->outer) {
      --t->inst->entered;
      t->inst->poison();
    }
  };
}

Store::~Store() {
  // Whoever runs on this store's stacks would go on without it: nothing sound can follow.
  if (threads_ != nullptr && threads_->inside())
    contract_broken("a Store was destroyed by a thread that runs on it");
  // They are found until they are gone: what is unwound must not wait once more.
  std::default_delete<Threads>()(threads_.get());
  static_cast<void>(threads_.release());
  if (closing_) contract_broken("a Store was destroyed by a destructor that it ran");
  if (busy()) {
    contract_broken(
        "a Store was destroyed while a call runs in it or a Returned exists: let the call "
        "return, and finish() or destroy the Returned first");
  }
  close();
  if (!extensions_.empty()) {
    extensions_.clear();
    // Their destructors may have made resources.
    close();
  }
  life_->store_.store(nullptr, std::memory_order_relaxed);
}

Error of_another(std::string_view what, const Store& its, const Store& given) {
  const bool engine = &its.engine() != &given.engine();
  Error error(engine ? rules::other_engine : rules::other_store, Span::none(),
              fmt::format("{} belongs to {} than the one that is given", what,
                          engine ? "a store of another engine" : "another store"));
  if (!engine) return error;
  return std::move(error).help(std::string(one_engine));
}

Trap wrong_store(const StoreLife& life, const Store* given) noexcept try {
  const auto* its = life.store();
  if (its != nullptr && given != nullptr)
    return Trap::refused(of_another("the function", *its, *given));
  return Trap::refused(
      Error(rules::other_store, Span::none(),
            its == nullptr ? "the function belongs to a store that is gone"
                           : "the function belongs to another store than the one that is given"));
} catch (const std::bad_alloc&) {
  return Trap::out_of_memory();
}

Threads& Store::threads() {
  if (threads_ == nullptr) threads_ = std::make_unique<Threads>(*this);
  return *threads_;
}

Outcome<void> Store::spawn(std::move_only_function<void()> body) {
  if (body == nullptr) {
    return std::unexpected(Trap::refused(
        Error(rules::no_function, Span::none(), "`spawn` was given a null or empty function")));
  }
  auto guarded = [this, body = std::move(body)]() mutable {
    const bool ended = engine::trapping(core_, [&] {
      body();
      return true;
    });
    if (!ended) threads().note_trap(take_trap());
  };
  if (threads().add(std::move(guarded))) return {};
  return std::unexpected(Trap::out_of_memory());
}

Outcome<void> Store::run_threads() {
  if (const char* why = threads_ == nullptr ? nullptr : threads_->refuses_to_run())
    return std::unexpected(threads_refused(why));
  while (run_ready()) {
    auto* self = this;
    if (auto waited = wait_ready({&self, 1}); !waited) return waited;
  }
  if (threads_ == nullptr) return {};
  if (auto trap = threads_->take_trap()) return std::unexpected(*std::move(trap));
  return {};
}

Result<void> Store::set_fuel(std::uint64_t fuel) {
  if (!engine().config().fuel) {
    return std::unexpected(Error(rules::no_fuel, Span::none(),
                                 "`set_fuel` would not stop a guest: the engine was made without "
                                 "`Config::fuel = true`")
                               .help("make the engine with `Config::fuel = true`"));
  }
  core_.set_fuel(fuel);
  return {};
}

void Store::set_trace(TraceFn trace) {
  trace_ = trace ? std::make_shared<const TraceFn>(std::move(trace)) : nullptr;
}

void Store::tell(const CallEvent& event) {
  // It lives as long as it runs, also when it puts another in its place.
  const auto now = trace_;
  if (now == nullptr || telling_) return;
  struct Telling {
    bool& on;
    ~Telling() { on = false; }
  } const telling{telling_ = true};
  (*now)(event);
}

bool Store::trap(std::string message) {
  core_.set_trap(Trap(std::move(message)));
  return false;
}

const ResourceType* Store::new_resource_type(std::string name, ResourceType::HostDtor dtor,
                                             const void* host_type) {
  return &resource_types_.emplace_back(std::move(name), std::move(dtor), host_type);
}

const ResourceType* Store::new_resource_type(std::string name, ComponentInstance* impl,
                                             engine::FuncRef* dtor) {
  return &resource_types_.emplace_back(std::move(name), impl, dtor);
}

ComponentInstance* Store::new_component_instance(ComponentInstance* parent) {
  if (component_instances_.size() >= limits_.component_instances) return nullptr;
  return &component_instances_.emplace_back(*this, parent, limits_.handles);
}

}  // namespace tenon::runtime
