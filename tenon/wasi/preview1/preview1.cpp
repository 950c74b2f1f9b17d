// SPDX-License-Identifier: Apache-2.0
// How the functions of preview 1 become functions of a store: the C++ signature of each is its
// type, so the table names them and nothing else. A store pays for those that a module imports.
#include "tenon/wasi/preview1.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "tenon/base/nearest.h"
#include "tenon/engine/store.h"
#include "tenon/engine/type_registry.h"
#include "tenon/runtime/rules.h"
#include "tenon/wasi/preview1/host.h"
#include "tenon/wasi/rules.h"

namespace tenon::wasi {
namespace {

using engine::HostStatus;
using engine::ValueSlot;
using Host = Preview1::Host;

/// Tells the guest how it ended, in the slot of the result.
HostStatus finish(engine::Store& store, ValueSlot* slots, p1::Answer<void> answer) {
  std::uint32_t number = 0;
  if (!answer) {
    if (engine::Trap* trap = answer.error().trap()) return raise(store, std::move(*trap));
    number = answer.error().number();
  }
  engine::SlotOf<std::uint32_t>::store(slots, number);
  return HostStatus::ok;
}
HostStatus finish(engine::Store& store, ValueSlot*, p1::Answer<NoReturn> answer) {
  return raise(store, std::move(*answer.error().trap()));
}

template <auto Method>
struct Function;
template <class R, class... Args, p1::Answer<R> (Host::*Method)(Args...)>
struct Function<Method> {
  static engine::Func make(Host& host) {
    constexpr std::array<core::ValType, sizeof...(Args)> params = {engine::valtype_of<Args>()...};
    constexpr std::array<core::ValType, std::is_void_v<R> ? 1 : 0> results = [] {
      std::array<core::ValType, std::is_void_v<R> ? 1 : 0> out{};
      out.fill(core::TypeCode::i32);
      return out;
    }();
    engine::Store& store = host.store();
    return store.host_func(store.engine().types().host_type(params, results), &call, &host);
  }
  static HostStatus call(void* env, engine::VMContext* caller, ValueSlot* slots) noexcept {
    auto& host = *static_cast<Host*>(env);
    return engine::trapping(host.store(), [&] {
      host.enter(caller);
      return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return finish(host.store(), slots,
                      (host.*Method)(engine::SlotOf<Args>::load(slots + I)...));
      }(std::index_sequence_for<Args...>());
    });
  }
};

struct Row {
  std::string_view name;
  engine::Func (*make)(Host&);
};
constexpr Row rows[] = {
#define TENON_PREVIEW1(name) {#name, &Function<&Host::name>::make},
#include "tenon/wasi/preview1/functions.def"
#undef TENON_PREVIEW1
};

Error unknown(const core::Import& import) {
  if (import.module == Preview1::old_module_name) {
    return Error(rules::import, import.span,
                 fmt::format("the module imports `{}`, which is preview 0; the host has `{}`",
                             import.module, Preview1::module_name))
        .help("build it for `wasm32-wasip1` with wasi-libc of 2020 or later");
  }
  // wasi-threads: the memory comes from outside, and `thread-spawn` beside it.
  const bool memory =
      import.type.kind == core::ExternKind::mem && import.type.mem.shared && import.module == "env";
  if (memory || (import.module == "wasi" && import.name == "thread-spawn")) {
    return Error(rules::import, import.span,
                 fmt::format("the module imports `{}` `{}`{} for wasi-threads, which the host does "
                             "not have",
                             import.module, import.name, memory ? ", a shared memory," : ""))
        .help(
            "build it without `-pthread` for `wasm32-wasip1`; a host in C++ runs the threads of "
            "a module itself: `SharedMemory` in docs/embedding.md");
  }
  if (import.module != Preview1::module_name) {
    return Error(runtime::rules::import_missing, import.span,
                 fmt::format("the module imports `{}` `{}`, and nothing provides it", import.module,
                             import.name))
        .help(
            fmt::format("componentize it with `tenon component new`, or run a module that imports "
                        "`{}` alone",
                        Preview1::module_name));
  }
  Error error(rules::import, import.span,
              import.type.kind == core::ExternKind::func
                  ? fmt::format("`{}` has no function `{}`", import.module, import.name)
                  : fmt::format("`{}` `{}` is not a function", import.module, import.name));
  std::vector<std::string_view> names;
  for (const Row& row : rows) names.push_back(row.name);
  if (const auto near = nearest(import.name, names); !near.empty() && near != import.name)
    error = std::move(error).help(fmt::format("there is `{}`", near));
  return error;
}

}  // namespace

Preview1::Preview1(engine::Store& store, Context& context)
    : host_(std::make_unique<Host>(store, context)) {}
Preview1::~Preview1() = default;

std::optional<engine::Func> Preview1::find(std::string_view name) {
  const auto* row = std::ranges::find(rows, name, &Row::name);
  if (row == std::end(rows)) return std::nullopt;
  auto& made = host_->made();
  const auto at = std::ranges::find(made, static_cast<const void*>(row),
                                    &std::pair<const void*, engine::Func>::first);
  if (at != made.end()) return at->second;
  return made.emplace_back(row, row->make(*host_)).second;
}

Result<std::vector<engine::Extern>> Preview1::imports_of(const core::Module& module) {
  std::vector<engine::Extern> out;
  for (const core::Import& import : module.imports) {
    const bool ours = import.module == module_name && import.type.kind == core::ExternKind::func;
    const auto func = ours ? find(import.name) : std::nullopt;
    if (!func) return std::unexpected(unknown(import));
    out.emplace_back(*func);
  }
  return out;
}

}  // namespace tenon::wasi
