// SPDX-License-Identifier: Apache-2.0
#include "tenon/builder/dummy.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

#include "tenon/abi/flatten.h"
#include "tenon/bindgen/whole_names.h"
#include "tenon/builder/async_values.h"
#include "tenon/builder/type_scope.h"
#include "tenon/core/encode.h"
#include "tenon/core/limits.h"
#include "tenon/core/op.h"
#include "tenon/core/rules.h"

namespace tenon::builder {
namespace {

using core::Op;

class Dummy {
 public:
  Dummy(const wit::Packages& packages, const wit::World& world, abi::Mangling mangling,
        abi::Calling calling)
      : packages_(packages),
        types_(abi_types(packages)),
        world_(world),
        async_values_(packages),
        mangling_(mangling),
        whole_names_(world),
        calling_(calling) {}

  Result<std::vector<std::uint8_t>> run() {
    each_item(world_.imports,
              [&](std::string_view interface, const auto& item) { import_item(interface, item); });
    if (calling_ != abi::Calling::sync) import_intrinsics();
    each_item(world_.exports, [&](std::string_view interface, const auto& item) {
      import_for_export(interface, item);
    });
    if (too_many_)
      return std::unexpected(Error(core::rules::implementation_limit, Span::none(),
                                   fmt::format("the world `{}` asks for more than {} imports",
                                               world_.name, core::limits::imports)));
    each_item(world_.exports,
              [&](std::string_view interface, const auto& item) { export_item(interface, item); });
    core::Export memory;
    memory.name = keep(std::string(abi::memory_name(mangling_)));
    memory.kind = core::ExternKind::mem;
    module_.mems.emplace_back();
    module_.exports.push_back(memory);
    export_func(std::string(abi::realloc_name(mangling_)), {{i32, i32, i32, i32}, {i32}});
    export_func(std::string(abi::initialize_name(mangling_)), {}, true);
    module_.bytes = Blob::own(bodies_.take());
    return core::encode(module_);
  }

 private:
  static constexpr core::TypeCode i32 = core::TypeCode::i32;
  static constexpr core::TypeCode i64 = core::TypeCode::i64;

  /// A resource by its name.
  struct Named {
    std::string_view name;
  };

  /// Functions, then resources, of each interface; those of the world itself.
  template <class Visit>
  void each_item(const std::vector<wit::WorldItem>& items, const Visit& visit) const {
    for (const wit::WorldItem& item : items) {
      if (const auto* func = std::get_if<wit::Function>(&item.item)) {
        visit(std::string_view(), *func);
      } else if (const auto* type = std::get_if<wit::TypeIdx>(&item.item)) {
        if (is_resource(*type)) visit(std::string_view(), Named{item.name});
      } else {
        const wit::Interface& i = packages_.interfaces[std::get<wit::InterfaceIdx>(item.item)];
        for (const wit::Function& f : i.functions) visit(item.name, f);
        for (const auto& [name, idx] : i.types) {
          if (is_resource(idx)) visit(item.name, Named{name});
        }
      }
    }
  }

  [[nodiscard]] bool is_resource(wit::TypeIdx type) const {
    return std::holds_alternative<wit::Resource>(packages_.types[type].def);
  }
  [[nodiscard]] abi::Mangling mangling(std::string_view interface) const {
    return whole_names_.mangling(interface, mangling_);
  }
  [[nodiscard]] abi::Calling calling(const wit::Function& func) const {
    return func.async_ ? calling_ : abi::Calling::sync;
  }

  [[nodiscard]] core::FuncType flat(const wit::Function& func, abi::FlattenOptions options) const {
    std::vector<wit::ValType> params;
    for (const wit::Param& param : func.params) params.push_back(param.type);
    return abi::flatten_functype(types_, params, func.result, options).type;
  }

  void import_item(std::string_view interface, const wit::Function& func) {
    const bool async = calling(func) != abi::Calling::sync;
    import(abi::import_func(mangling(interface), interface, func.name, calling(func)),
           flat(func, {abi::Context::lower, async}));
    if (async) import_copies(interface, func, false);
  }
  void import_item(std::string_view interface, const Named& resource) {
    import(abi::resource_op(mangling(interface), interface, resource.name, abi::ResourceOp::drop,
                            false),
           {{i32}, {}});
  }

  void import_for_export(std::string_view interface, const wit::Function& func) {
    if (calling(func) == abi::Calling::sync) return;
    import(abi::task_return(interface, func.name),
           abi::flatten_task_return(types_, func.result).type);
    import_copies(interface, func, true);
  }
  void import_for_export(std::string_view interface, const Named& resource) {
    const auto op = [&](abi::ResourceOp what, core::FuncType type) {
      import(abi::resource_op(mangling(interface), interface, resource.name, what, true),
             std::move(type));
    };
    op(abi::ResourceOp::drop, {{i32}, {}});
    op(abi::ResourceOp::new_, {{i32}, {i32}});
    op(abi::ResourceOp::rep, {{i32}, {i32}});
  }

  void export_item(std::string_view interface, const wit::Function& func) {
    const abi::Calling how = calling(func);
    const bool async = how != abi::Calling::sync;
    const core::FuncType type = flat(func, {abi::Context::lift, async, how == abi::Calling::async});
    export_func(abi::export_func(mangling(interface), interface, func.name, how), type);
    if (how == abi::Calling::async)
      export_func(abi::callback(interface, func.name), {{i32, i32, i32}, {i32}});
    if (!async)
      export_func(abi::post_return(mangling(interface), interface, func.name), {type.results, {}},
                  true);
  }
  void export_item(std::string_view interface, const Named& resource) {
    export_func(abi::destructor(mangling(interface), interface, resource.name), {{i32}, {}}, true);
  }

  /// The built-ins for the streams and futures that a function's type has.
  void import_copies(std::string_view interface, const wit::Function& func, bool exported) {
    constexpr std::uint64_t imports_of_each = 7;
    const std::uint64_t left =
        core::limits::imports - std::min<std::uint64_t>(core::limits::imports, imports());
    const std::uint64_t count = async_values_.count(func);
    too_many_ = too_many_ || count > left / imports_of_each;
    if (too_many_) return;
    for (std::uint32_t n = 0; n < count; ++n) {
      const wit::ValType value = *async_values_.at(func, n);
      const bool stream = std::holds_alternative<component::Stream>(types_[value.index()]);
      const std::string kind = stream ? "stream-" : "future-";
      const auto op = [&](const char* name, core::FuncType type, bool async = false) {
        import(abi::payload_op(interface, func.name, kind + name, n, exported, async),
               std::move(type));
      };
      op("new", {{}, {i64}});
      op("cancel-read", {{i32}, {i32}});
      op("cancel-write", {{i32}, {i32}});
      op("drop-readable", {{i32}, {}});
      op("drop-writable", {{i32}, {}});
      core::FuncType copy{{i32, i32}, {i32}};
      if (stream) copy.params.emplace_back(i32);
      op("read", copy, true);
      op("write", copy, true);
    }
  }

  void import_intrinsics() {
    import(abi::intrinsic("task-cancel", true), {});
    for (const char* name : {"backpressure-inc", "backpressure-dec"})
      import(abi::intrinsic(name), {});
    import(abi::intrinsic("waitable-set-new"), {{}, {i32}});
    for (const char* name : {"waitable-set-wait", "waitable-set-poll"})
      import(abi::intrinsic(name), {{i32, i32}, {i32}});
    for (const char* name : {"waitable-set-drop", "subtask-drop", "context-set-0"})
      import(abi::intrinsic(name), {{i32}, {}});
    import(abi::intrinsic("waitable-join"), {{i32, i32}, {}});
    import(abi::intrinsic("subtask-cancel"), {{i32}, {i32}});
    for (const char* name : {"thread-yield", "context-get-0"})
      import(abi::intrinsic(name), {{}, {i32}});
  }

  [[nodiscard]] std::size_t imports() const { return module_.imports.size(); }
  std::string_view keep(std::string text) { return names_.emplace_back(std::move(text)); }

  core::TypeIdx type(core::FuncType wanted) {
    // Flat types are numbers: their codes tell a function's type.
    std::string key;
    for (const core::ValType t : wanted.params) key += static_cast<char>(t.code());
    key += '>';
    for (const core::ValType t : wanted.results) key += static_cast<char>(t.code());
    const auto [it, fresh] =
        type_of_.try_emplace(std::move(key), static_cast<std::uint32_t>(module_.types.size()));
    if (!fresh) return core::TypeIdx(it->second);
    core::SubType sub;
    sub.type.func = std::move(wanted);
    sub.rec_begin = static_cast<std::uint32_t>(module_.types.size());
    return module_.types.push_back(std::move(sub));
  }

  void import(abi::CoreName name, core::FuncType func) {
    core::Import out;
    out.module = keep(std::move(name.module));
    out.name = keep(std::move(name.field));
    out.type.kind = core::ExternKind::func;
    out.type.func = type(std::move(func));
    module_.imports.push_back(out);
  }

  /// A function that traps, or does nothing.
  void export_func(std::string name, core::FuncType func, bool nothing = false) {
    core::Export out;
    out.name = keep(std::move(name));
    out.kind = core::ExternKind::func;
    out.index = static_cast<std::uint32_t>(module_.imports.size() + module_.funcs.size());
    module_.exports.push_back(out);
    module_.funcs.push_back({type(std::move(func))});
    const auto begin = static_cast<std::uint32_t>(bodies_.view().size());
    if (!nothing) core::write_op<Op::unreachable>(bodies_);
    core::write_op<Op::end>(bodies_);
    const core::Expr body{begin, static_cast<std::uint32_t>(bodies_.view().size())};
    module_.codes.push_back({body, body, {}});
  }

  const wit::Packages& packages_;
  abi::Types types_;
  const wit::World& world_;
  AsyncValues async_values_;
  bool too_many_ = false;
  abi::Mangling mangling_;
  bindgen::WholeNames whole_names_;
  abi::Calling calling_;
  core::Module module_;
  std::unordered_map<std::string, std::uint32_t> type_of_;
  Writer bodies_;
  /// What the module's names are views of.
  std::deque<std::string> names_;
};

}  // namespace

Result<std::vector<std::uint8_t>> dummy_module(const wit::Packages& packages, wit::WorldIdx world,
                                               abi::Mangling mangling, abi::Calling calling) {
  return Dummy(packages, packages.worlds[world], mangling, calling).run();
}

}  // namespace tenon::builder
