// SPDX-License-Identifier: Apache-2.0
// What an initialisation may call. Calls of provided functions are counted, so that imports which
// only the initialisation used can be removed. Random bytes come from a seed, the clock stands
// still and directories are read-only: a build must give the same result each time.
#include "tenon/preinit/imports.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "tenon/base/safe_text.h"
#include "tenon/component/info.h"
#include "tenon/core/decode.h"
#include "tenon/core/validate.h"
#include "tenon/preinit/rules.h"
#include "tenon/preinit/run.h"
#include "tenon/runtime/linked_exports.h"
#include "tenon/runtime/rules.h"
#include "tenon/wasi/context.h"
#include "tenon/wasi/core/state.h"
#include "tenon/wasi/dir_grant.h"

namespace tenon::preinit {

using core::ExternKind;
using engine::HostStatus;
using engine::Trap;

Error as_error(engine::Failure failure) {
  if (auto* error = std::get_if<Error>(&failure)) return std::move(*error);
  return static_cast<Error>(std::get<Trap>(failure));
}

Result<void> CoreImports::link() {
  if (options_.allow_wasi) {
    TENON_TRY(grant_wasi(context_, options_, files_));
    wasi_.emplace(store_, context_);
  }
  for (const Link& link : options_.links) {
    auto module = TENON_TRY(core::decode(Blob::borrow(link.bytes), options_.features, link.source));
    auto valid = TENON_TRY(core::validate(std::move(module), options_.features));
    const auto made = TENON_TRY(engine::Module::create(store_.engine(), std::move(valid)));
    const auto imports = TENON_TRY(resolve(*made));
    auto instance = engine::Instance::create(store_, made, imports);
    if (!instance) return std::unexpected(as_error(std::move(instance).error()));
    linked_.push_back({.name = link.name, .instance = *instance, .file = link.file});
  }
  return {};
}

Result<std::vector<engine::Extern>> CoreImports::resolve(const engine::Module& module) {
  std::vector<engine::Extern> out;
  const core::Module& m = module.core();
  out.reserve(m.imports.size());
  for (const core::Import& import : m.imports) {
    const engine::RuntimeType* type =
        import.type.kind == ExternKind::func ? module.types()[import.type.func.value] : nullptr;
    auto found = TENON_TRY(find(import, type));
    out.push_back(found);
  }
  return out;
}

namespace {
bool has_import(const engine::Instance& instance, const core::Import& import) {
  return std::ranges::any_of(instance.module().core().imports, [&](const core::Import& own) {
    return own.module == import.module && own.name == import.name;
  });
}
}  // namespace

Result<engine::Extern> CoreImports::find(const core::Import& import,
                                         const engine::RuntimeType* type) {
  Linked* last = nullptr;
  std::optional<engine::Extern> found;
  for (auto it = linked_.rbegin(); it != linked_.rend(); ++it) {
    if (it->name != import.module) continue;
    auto item = it->instance->find(import.name);
    if (!item) continue;
    if (last != nullptr) {
      return std::unexpected(runtime::exported_twice(
          import.span, fmt::format("`{}` `{}`", visible(import.module), visible(import.name)),
          it->file, last->file));
    }
    last = &*it;
    found = std::move(item);
    // One that imports what it exports stands in front of those before it.
    if (has_import(*it->instance, import)) break;
  }
  if (found) {
    last->used = true;
    // An exception passes no host function, so one that may throw is not counted.
    const auto* func = std::get_if<engine::Func>(&*found);
    if (func == nullptr || &func->type() != type ||
        !last->instance->module().core().tag_types.empty())
      return *std::move(found);
    return counting(import, func->ref());
  }
  if (import.type.kind != ExternKind::func) {
    return std::unexpected(
        Error(rules::import_, import.span,
              fmt::format("`{}` `{}` is not a function", visible(import.module),
                          visible(import.name)))
            .help(fmt::format("`--link {}=FILE` gives it, if its state need not be kept",
                              visible(import.module))));
  }
  if (wasi_ && import.module == wasi::Preview1::module_name) {
    const auto func = wasi_->find(import.name);
    if (func && &func->type() == type) return counting(import, func->ref());
  }
  auto& stub = stubs_.emplace_back();
  stub.self = this;
  stub.name = fmt::format("{}#{}", import.module, import.name);
  const core::ValType i32 = core::TypeCode::i32;
  const bool fits = type->params == std::vector{i32, i32} && type->results == std::vector{i32};
  for (const std::string_view name :
       {"random_get", "environ_get", "environ_sizes_get", "fd_prestat_get"}) {
    if (fits && import.module == "wasi_snapshot_preview1" && import.name == name) stub.func = name;
  }
  return store_.host_func_of_held(type, stub.func.empty() ? refuse : preview1, &stub);
}

engine::Func CoreImports::counting(const core::Import& import, engine::FuncRef* target) {
  auto& stub = stubs_.emplace_back();
  stub.self = this;
  stub.name = fmt::format("{}#{}", import.module, import.name);
  stub.target = target;
  return store_.host_func_of_held(target->type, counted, &stub);
}

HostStatus CoreImports::counted(void* env, engine::VMContext* caller,
                                engine::ValueSlot* slots) noexcept {
  const auto& stub = *static_cast<const Stub*>(env);
  CoreImports& self = *stub.self;
  return engine::trapping(self.store_, [&] {
    ++self.report_.calls[stub.name];
    if (stub.target->host != nullptr) return stub.target->host(stub.target->env, caller, slots);
    return engine::invoke(stub.target, slots) ? HostStatus::ok : HostStatus::trap;
  });
}

Result<void> CoreImports::check_links(const core::Module& module) const {
  for (const Linked& link : linked_) {
    if (link.used) continue;
    std::set<std::string> names;
    for (const core::Import& import : module.imports) names.emplace(import.module);
    return std::unexpected(
        Error(rules::import_, Span::none(),
              fmt::format("`--link {}=…` satisfies no import of the module", visible(link.name)))
            .help(names.empty() ? "the module imports nothing"
                                : "it imports from " + listed(std::vector<std::string>(
                                                           names.begin(), names.end()))));
  }
  return {};
}

Result<void> CoreImports::check_files() {
  if (!wasi_ || files_.none()) return {};
  // Closing tells which file a number is; with one of them the state cannot be saved anyway.
  const auto close = wasi_->find("fd_close");
  std::string all;
  constexpr std::uint32_t most = 100'000;
  for (std::uint32_t fd = 3; close && fd < most && !files_.none(); ++fd) {
    engine::ValueSlot slots[1] = {fd};
    bool called = false;
    const auto path = files_.closed_by([&] { called = close->call(slots).has_value(); });
    if (!called) break;
    if (path)
      all +=
          fmt::format("{}`{}` (file descriptor {})", all.empty() ? "" : ", ", visible(*path), fd);
  }
  return std::unexpected(Error(rules::resource, Span::none(), "the open file " + all)
                             .help("close it before the initialisation ends"));
}

HostStatus CoreImports::refuse(void* env, engine::VMContext* /*caller*/,
                               engine::ValueSlot* /*slots*/) noexcept {
  const auto& stub = *static_cast<const Stub*>(env);
  engine::Store& store = stub.self->store_;
  return engine::trapping(store, [&] {
    return engine::raise(store,
                         Trap(fmt::format("the initialisation called `{}`, which nothing provides",
                                          visible(stub.name)))
                             .of_missing_import(stub.name));
  });
}

HostStatus CoreImports::preview1(void* env, engine::VMContext* caller,
                                 engine::ValueSlot* slots) noexcept {
  auto& stub = *static_cast<Stub*>(env);
  CoreImports& self = *stub.self;
  return engine::trapping(self.store_, [&] {
    ++self.report_.calls[stub.name];
    const auto first = low_bits<std::uint32_t>(slots[0]);
    const auto second = low_bits<std::uint32_t>(slots[1]);
    slots[0] = 0;
    if (stub.func == "environ_get") return HostStatus::ok;
    if (stub.func == "fd_prestat_get") {
      // The number of an errno: `badf`, which ends the list of folders.
      slots[0] = 8;
      return HostStatus::ok;
    }
    engine::Memory* memory = engine::Caller(self.store_, caller).memory();
    const bool random = stub.func == "random_get";
    const auto bytes = memory == nullptr ? std::nullopt : memory->range(first, random ? second : 4);
    const auto more = random || !bytes ? bytes : memory->range(second, 4);
    if (!more) {
      return engine::raise(
          self.store_, Trap(fmt::format("`{}` got an address outside of the memory", stub.func)));
    }
    if (random) {
      // The number of an errno: `io`.
      constexpr engine::ValueSlot io = 29;
      slots[0] = self.random_->fill(*bytes) ? 0 : io;
    } else {
      std::memset(bytes->data(), 0, 4);
      std::memset(more->data(), 0, 4);
    }
    return HostStatus::ok;
  });
}

namespace {

using runtime::Value;
using Answer = engine::Outcome<std::optional<Value>>;

Answer failed() {
  return std::unexpected(Trap("there are no random bytes"));
}

/// What a function of `wasi:random` gives; nothing for one that is not known.
runtime::DynamicFn random_func(std::string_view name, const std::shared_ptr<wasi::Random>& random) {
  if (name.ends_with("-bytes")) {
    return [random](runtime::Store&, std::span<const Value> args) -> Answer {
      constexpr std::uint64_t most = std::uint64_t{64} << 20U;
      const auto size = args[0].as_unsigned();
      if (size > most)
        return std::unexpected(Trap("more than 64 MiB of random bytes were asked for"));
      std::vector<std::uint8_t> bytes(size);
      if (!random->fill(bytes)) return failed();
      return Value::bytes(std::move(bytes));
    };
  }
  if (name.ends_with("-u64")) {
    return [random](runtime::Store&, std::span<const Value>) -> Answer {
      const auto word = random->next();
      if (!word) return failed();
      return Value::u64(*word);
    };
  }
  if (name.ends_with("insecure-seed")) {
    return [random](runtime::Store&, std::span<const Value>) -> Answer {
      const auto first = random->next();
      const auto second = random->next();
      if (!first || !second) return failed();
      return Value::tuple({Value::u64(*first), Value::u64(*second)});
    };
  }
  return {};
}

}  // namespace

Result<void> define_defaults(runtime::Linker& linker, const runtime::Component& component,
                             const std::shared_ptr<wasi::Random>& random) {
  const auto& info = component.info();
  for (const component::ImportInfo& import : info.imports) {
    const std::string& name = import.name->name;
    const bool randoms = name.starts_with("wasi:random/");
    const bool environment = name.starts_with("wasi:cli/environment@");
    const bool folders = name.starts_with("wasi:filesystem/preopens@");
    if (import.type.kind != component::ExternKind::instance ||
        (!randoms && !environment && !folders))
      continue;
    auto instance = linker.instance(name);
    for (const component::NamedExtern& e : info.instance_types[import.type.instance()].exports) {
      if (e.type.kind != component::ExternKind::func) continue;
      runtime::DynamicFn func;
      if (randoms) func = random_func(e.name, random);
      if ((environment && e.name == "get-environment") ||
          (folders && e.name == "get-directories")) {
        func = [](runtime::Store&, std::span<const Value>) -> Answer { return Value::list({}); };
      }
      if (func) TENON_TRY(instance.func_new(e.name, std::move(func)));
    }
  }
  return {};
}

Result<void> grant_wasi(wasi::Context& context, const Options& options, const OpenFiles& files) {
  TENON_TRY(context.set_args(options.args));
  for (const auto& [name, value] : options.env) TENON_TRY(context.grant_env(name, value));
  for (const std::string& dir : options.dirs) {
    const wasi::DirGrant grant = TENON_TRY(wasi::parse_dir_grant(dir));
    TENON_TRY(context.grant_dir(grant.host, grant.guest, wasi::Access::read_only));
    wasi::DescriptorPtr& granted = context.state().preopens.back().directory;
    granted = files.watch(std::move(granted), grant.guest);
  }
  context.fix_clock({});
  context.seed_random(options.random_seed);
  return {};
}

}  // namespace tenon::preinit
