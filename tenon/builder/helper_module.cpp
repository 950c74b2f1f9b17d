// SPDX-License-Identifier: Apache-2.0
// Core imports must be there when a module is instantiated, but lowered functions need that
// module's memory. A shim that calls through a table breaks the cycle, and a fixup module fills the
// table afterwards. These modules are small and made often, so they are written as bytes directly.
#include "tenon/builder/helper_module.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

#include "tenon/base/bytes.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/core/op.h"

namespace tenon::builder {
namespace {

using core::Op;

/// Writes the sections of a small module one after the other.
class Binary {
 public:
  Binary() {
    out_.bytes(std::initializer_list<std::uint8_t>{0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00});
  }

  void section(core::SectionId id, const Writer& content) {
    out_.u8(static_cast<std::uint8_t>(id));
    out_.sized_bytes(content.view());
  }

  core::Module module() {
    auto decoded = core::decode(Blob::own(out_.take()));
    assert(decoded && "a helper module is well-formed");
    return std::move(*decoded);
  }

 private:
  Writer out_;
};

/// The distinct types, and for each function the number of its own.
struct Types {
  std::vector<core::FuncType> distinct;
  std::vector<std::uint32_t> of_func;

  explicit Types(const std::vector<core::FuncType>& types) {
    for (const core::FuncType& type : types) {
      auto it = std::find(distinct.begin(), distinct.end(), type);
      if (it == distinct.end()) it = distinct.insert(distinct.end(), type);
      of_func.push_back(static_cast<std::uint32_t>(it - distinct.begin()));
    }
  }

  [[nodiscard]] Writer section() const {
    Writer out;
    out.u32(static_cast<std::uint32_t>(distinct.size()));
    for (const core::FuncType& type : distinct) {
      core::write_functype(out, type);
    }
    return out;
  }
};

core::TableType table_of(std::size_t size) {
  core::TableType table;
  table.limits = {size, size};
  return table;
}

}  // namespace

core::Module shim_module(const std::vector<core::FuncType>& types) {
  const Types distinct(types);
  const auto count = static_cast<std::uint32_t>(types.size());
  Binary out;
  out.section(core::SectionId::type, distinct.section());
  Writer funcs;
  funcs.u32(count);
  for (const std::uint32_t type : distinct.of_func) funcs.u32(type);
  out.section(core::SectionId::func, funcs);
  Writer tables;
  tables.u32(1);
  core::write_tabletype(tables, table_of(count));
  out.section(core::SectionId::table, tables);
  Writer exports;
  exports.u32(count + 1);
  for (std::uint32_t i = 0; i < count; ++i) {
    exports.name(std::to_string(i));
    exports.u8(0);
    exports.u32(i);
  }
  exports.name(shim_table);
  exports.u8(1);
  exports.u32(0);
  out.section(core::SectionId::export_, exports);
  Writer code;
  code.u32(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    Writer body;
    body.u32(0);
    for (std::size_t p = 0; p < types[i].params.size(); ++p)
      core::write_op<Op::local_get>(body, {core::LocalIdx(p)});
    core::write_op<Op::i32_const>(body, {static_cast<std::int32_t>(i)});
    core::write_op<Op::call_indirect>(body,
                                      {core::TypeIdx(distinct.of_func[i]), core::TableIdx(0U)});
    core::write_op<Op::end>(body);
    code.sized_bytes(body.view());
  }
  out.section(core::SectionId::code, code);
  return out.module();
}

core::Module fixup_module(const std::vector<core::FuncType>& types) {
  const Types distinct(types);
  const auto count = static_cast<std::uint32_t>(types.size());
  Binary out;
  out.section(core::SectionId::type, distinct.section());
  Writer imports;
  imports.u32(count + 1);
  for (std::uint32_t i = 0; i < count; ++i) {
    imports.name("");
    imports.name(std::to_string(i));
    imports.u8(0);
    imports.u32(distinct.of_func[i]);
  }
  imports.name("");
  imports.name(shim_table);
  imports.u8(1);
  core::write_tabletype(imports, table_of(count));
  out.section(core::SectionId::import_, imports);
  Writer elems;
  elems.u32(1);
  elems.u32(0);
  core::write_op<Op::i32_const>(elems, {0});
  core::write_op<Op::end>(elems);
  elems.u32(count);
  for (std::uint32_t i = 0; i < count; ++i) elems.u32(i);
  out.section(core::SectionId::elem, elems);
  return out.module();
}

core::Module initializer_module() {
  Binary out;
  const Types types({core::FuncType{}});
  out.section(core::SectionId::type, types.section());
  Writer imports;
  imports.u32(1);
  imports.name("");
  imports.name("");
  imports.u8(0);
  imports.u32(0);
  out.section(core::SectionId::import_, imports);
  Writer start;
  start.u32(0);
  out.section(core::SectionId::start, start);
  return out.module();
}

namespace {

/// `errno` of preview1: the file descriptor is bad.
constexpr std::int32_t badf = 8;

/// What is asked of a descriptor before anything is done with it.
bool is_question(const NamedFunc& func) {
  return (func.name == "fd_fdstat_get" || func.name == "fd_prestat_get") &&
         func.type.results == std::vector<core::ValType>{core::TypeCode::i32};
}

Writer stub_body(const NamedFunc& func) {
  Writer body;
  body.u32(0);
  if (is_question(func)) {
    core::write_op<Op::i32_const>(body, {badf});
  } else {
    core::write_op<Op::unreachable>(body);
  }
  core::write_op<Op::end>(body);
  return body;
}

/// The custom section that names functions. Spec: core/appendix/custom "Name Section".
Writer name_section(const std::vector<NamedFunc>& funcs) {
  Writer names;
  names.u32(static_cast<std::uint32_t>(funcs.size()));
  for (std::size_t i = 0; i < funcs.size(); ++i) {
    names.u32(static_cast<std::uint32_t>(i));
    names.name("wasi_snapshot_preview1." + funcs[i].name + " (a stub: --stub-wasi)");
  }
  Writer out;
  out.name("name");
  out.u8(1);
  out.sized_bytes(names.view());
  return out;
}

}  // namespace

core::Module stub_module(const std::vector<NamedFunc>& funcs) {
  std::vector<core::FuncType> types;
  for (const NamedFunc& func : funcs) types.push_back(func.type);
  const Types distinct(types);
  const auto count = static_cast<std::uint32_t>(funcs.size());
  Binary out;
  out.section(core::SectionId::type, distinct.section());
  Writer section;
  section.u32(count);
  for (const std::uint32_t type : distinct.of_func) section.u32(type);
  out.section(core::SectionId::func, section);
  Writer exports;
  exports.u32(count);
  Writer code;
  code.u32(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    exports.name(funcs[i].name);
    exports.u8(0);
    exports.u32(i);
    code.sized_bytes(stub_body(funcs[i]).view());
  }
  out.section(core::SectionId::export_, exports);
  out.section(core::SectionId::code, code);
  out.section(core::SectionId::custom, name_section(funcs));
  return out.module();
}

bool is_sink(const NamedFunc& func) {
  constexpr auto i32 = core::TypeCode::i32;
  return func.name == "fd_write" && func.type == core::FuncType{{i32, i32, i32, i32}, {i32}};
}

core::Module sink_module() {
  constexpr auto i32 = core::TypeCode::i32;
  constexpr core::LocalIdx iovecs(1U);
  constexpr core::LocalIdx left(2U);
  constexpr core::LocalIdx result(3U);
  constexpr core::LocalIdx total(4U);
  Binary out;
  out.section(core::SectionId::type,
              Types({core::FuncType{{i32, i32, i32, i32}, {i32}}}).section());
  Writer imports;
  imports.u32(1);
  imports.name("");
  imports.name("memory");
  imports.u8(2);
  core::write_memtype(imports, core::MemType{});
  out.section(core::SectionId::import_, imports);
  Writer funcs;
  funcs.u32(1);
  funcs.u32(0);
  out.section(core::SectionId::func, funcs);
  Writer exports;
  exports.u32(1);
  exports.name("fd_write");
  exports.u8(0);
  exports.u32(0);
  out.section(core::SectionId::export_, exports);
  Writer body;
  body.u32(1);  // one more local: the sum of all lengths
  body.u32(1);
  core::write_valtype(body, i32);
  core::write_op<Op::loop>(body);
  core::write_op<Op::local_get>(body, {left});
  core::write_op<Op::if_>(body);
  core::write_op<Op::local_get>(body, {total});
  core::write_op<Op::local_get>(body, {iovecs});
  core::write_op<Op::i32_load>(body, {2, core::MemIdx(0U), 4});
  core::write_op<Op::i32_add>(body);
  core::write_op<Op::local_set>(body, {total});
  core::write_op<Op::local_get>(body, {iovecs});
  core::write_op<Op::i32_const>(body, {8});
  core::write_op<Op::i32_add>(body);
  core::write_op<Op::local_set>(body, {iovecs});
  core::write_op<Op::local_get>(body, {left});
  core::write_op<Op::i32_const>(body, {1});
  core::write_op<Op::i32_sub>(body);
  core::write_op<Op::local_set>(body, {left});
  core::write_op<Op::br>(body, {core::LabelIdx(1U)});
  core::write_op<Op::end>(body);
  core::write_op<Op::end>(body);
  core::write_op<Op::local_get>(body, {result});
  core::write_op<Op::local_get>(body, {total});
  core::write_op<Op::i32_store>(body, {2, core::MemIdx(0U), 0});
  core::write_op<Op::i32_const>(body, {0});
  core::write_op<Op::end>(body);
  Writer code;
  code.u32(1);
  code.sized_bytes(body.view());
  out.section(core::SectionId::code, code);
  return out.module();
}

core::Module memory_module(const core::MemType& type) {
  Binary out;
  Writer memories;
  memories.u32(1);
  core::write_memtype(memories, type);
  out.section(core::SectionId::mem, memories);
  Writer exports;
  exports.u32(1);
  exports.name("memory");
  exports.u8(2);
  exports.u32(0);
  out.section(core::SectionId::export_, exports);
  return out.module();
}

core::Module cell_module(core::ValType type) {
  Binary out;
  out.section(core::SectionId::type,
              Types({core::FuncType{{}, {type}}, core::FuncType{{type}, {}}}).section());
  Writer funcs;
  funcs.u32(2);
  funcs.u32(0);
  funcs.u32(1);
  out.section(core::SectionId::func, funcs);
  Writer globals;
  globals.u32(1);
  core::write_globaltype(globals, {type, true});
  if (type == core::ValType(core::TypeCode::i64)) {
    core::write_op<Op::i64_const>(globals, {0});
  } else {
    core::write_op<Op::i32_const>(globals, {0});
  }
  core::write_op<Op::end>(globals);
  out.section(core::SectionId::global, globals);
  Writer exports;
  exports.u32(2);
  for (const auto& [name, index] : {std::pair("get", 0U), std::pair("set", 1U)}) {
    exports.name(name);
    exports.u8(0);
    exports.u32(index);
  }
  out.section(core::SectionId::export_, exports);
  Writer get;
  get.u32(0);
  core::write_op<Op::global_get>(get, {core::GlobalIdx(0U)});
  core::write_op<Op::end>(get);
  Writer set;
  set.u32(0);
  core::write_op<Op::local_get>(set, {core::LocalIdx(0U)});
  core::write_op<Op::global_set>(set, {core::GlobalIdx(0U)});
  core::write_op<Op::end>(set);
  Writer code;
  code.u32(2);
  code.sized_bytes(get.view());
  code.sized_bytes(set.view());
  out.section(core::SectionId::code, code);
  return out.module();
}

namespace {

void call_hook(Writer& body, TaskHook what) {
  core::write_op<Op::i32_const>(body, {static_cast<std::int32_t>(what)});
  core::write_op<Op::call>(body, {core::FuncIdx(0U)});
}

/// The body of a function that calls import `target` between two calls of the hook.
Writer hooked_body(const Hooked& func, core::FuncIdx target) {
  const core::LocalIdx code(func.type.params.size());
  Writer body;
  body.u32(func.by_code ? 1 : 0);
  if (func.by_code) {
    body.u32(1);
    core::write_valtype(body, core::TypeCode::i32);
  }
  if (func.start) call_hook(body, *func.start);
  for (std::size_t i = 0; i < func.type.params.size(); ++i)
    core::write_op<Op::local_get>(body, {core::LocalIdx(i)});
  core::write_op<Op::call>(body, {target});
  if (func.by_code) {
    core::write_op<Op::local_set>(body, {code});
    core::write_op<Op::i32_const>(body, {static_cast<std::int32_t>(TaskHook::async_block)});
    core::write_op<Op::i32_const>(body, {static_cast<std::int32_t>(TaskHook::async_finish)});
    core::write_op<Op::local_get>(body, {code});
    core::write_op<Op::select>(body);
    core::write_op<Op::call>(body, {core::FuncIdx(0U)});
    core::write_op<Op::local_get>(body, {code});
  } else if (func.finish) {
    call_hook(body, *func.finish);
  }
  core::write_op<Op::end>(body);
  return body;
}

}  // namespace

core::Module hook_module(const std::vector<Hooked>& funcs) {
  const auto count = static_cast<std::uint32_t>(funcs.size());
  std::vector<core::FuncType> types = {core::FuncType{{core::TypeCode::i32}, {}}};
  for (const Hooked& func : funcs) types.push_back(func.type);
  const Types distinct(types);
  Binary out;
  out.section(core::SectionId::type, distinct.section());
  Writer imports;
  imports.u32(count + 1);
  for (std::uint32_t i = 0; i <= count; ++i) {
    imports.name("");
    imports.name(i == 0 ? "hook" : std::to_string(i - 1));
    imports.u8(0);
    imports.u32(distinct.of_func[i]);
  }
  out.section(core::SectionId::import_, imports);
  Writer section;
  section.u32(count);
  Writer exports;
  exports.u32(count);
  Writer code;
  code.u32(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    section.u32(distinct.of_func[i + 1]);
    exports.name(std::to_string(i));
    exports.u8(0);
    exports.u32(count + 1 + i);
    code.sized_bytes(hooked_body(funcs[i], core::FuncIdx(i + 1)).view());
  }
  out.section(core::SectionId::func, section);
  out.section(core::SectionId::export_, exports);
  out.section(core::SectionId::code, code);
  return out.module();
}

}  // namespace tenon::builder
