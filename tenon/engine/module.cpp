// SPDX-License-Identifier: Apache-2.0
// What all instances of a module share: the layout of the instance's context, the functions that
// can become references (only these get a `FuncRef`), and the initial contents of memory 0. If all
// active segments have constant offsets in bounds, these are one image, in a file that instances
// map copy-on-write.
#include "tenon/engine/module.h"

#include <algorithm>
#include <map>

#include "tenon/base/narrow.h"
#include "tenon/core/decode_expr.h"
#include "tenon/engine/code_cache.h"
#include "tenon/engine/demangle.h"
#include "tenon/engine/memory_pool.h"
#include "tenon/engine/trap.h"

namespace tenon::engine {

namespace {

/// Beyond this size, initial contents are mapped rather than copied.
constexpr std::size_t image_file_bytes = 16U << 10U;
constexpr std::size_t largest_image = 1U << 30U;
constexpr std::uint64_t whole_memory_bytes = 2U << 20U;

/// Notes the functions that an expression refers to.
struct FindFuncs {
  std::vector<std::uint32_t>& found;
  template <core::Op op>
  void on(const core::ImmOf<op>& imm, std::uint32_t /*offset*/) {
    if constexpr (op == core::Op::ref_func) found.push_back(imm.func.value);
  }
};

/// An offset that is one constant.
struct FindConstant {
  std::optional<std::uint64_t> value;
  std::size_t ops = 0;
  template <core::Op op>
  void on(const core::ImmOf<op>& imm, std::uint32_t /*offset*/) {
    if constexpr (op == core::Op::i32_const)
      value = low_bits<std::uint32_t>(imm.value);
    else if constexpr (op == core::Op::i64_const)
      value = static_cast<std::uint64_t>(imm.value);
    ++ops;
  }
};

std::optional<std::uint64_t> constant_of(const core::Module& module, core::Expr expr) {
  FindConstant find;
  if (!core::decode_expr(module, expr, find) || find.ops != 2) return std::nullopt;
  return find.value;
}

}  // namespace

/// Names of the name section.
class ModuleNames {
 public:
  explicit ModuleNames(const core::Module& module) {
    const core::CustomSection* section = core::find_custom(module, "name");
    if (section == nullptr) return;
    Reader in(section->content.in(module.bytes.view()));
    // A name section that is broken says as much as it can.
    while (!in.at_end()) {
      const auto id = in.u8("name subsection");
      if (!id) return;
      const auto size = in.u32("size");
      if (!size || *size > in.left()) return;
      auto part = in.sub(*size, "name subsection");
      if (!part) return;
      if (*id == 0) {
        const auto text = part->name("module name");
        if (text) name = *text;
      } else if (*id == 1) {
        each_name(*part, [&](std::uint32_t func, std::string_view of) { funcs[func] = of; });
      } else if (*id == 7) {
        each_name(*part, [&](std::uint32_t global, std::string_view of) {
          if (of == stack_pointer_name && !stack_pointer) stack_pointer = global;
        });
      }
    }
  }
  std::string_view name;
  std::map<std::uint32_t, std::string_view> funcs;

  std::optional<std::uint32_t> stack_pointer;

 private:
  static constexpr std::string_view stack_pointer_name = "__stack_pointer";

  template <class F>
  static void each_name(Reader& in, F take) {
    const auto n = in.u32("count");
    for (std::uint32_t i = 0; n && i < *n; ++i) {
      const auto index = in.u32("index");
      if (!index) return;
      const auto text = in.name("name");
      if (!text) return;
      take(*index, *text);
    }
  }
};

Module::Module(Engine& engine, std::shared_ptr<const core::Validated<core::Module>> module,
               ModuleTypes types)
    : engine_(engine),
      engine_id_(engine.id()),
      module_(std::move(module)),
      types_(std::move(types)) {
  for (std::size_t i = 0; i < core().exports.size(); ++i)
    exports_.emplace(core().exports[i].name, narrow<std::uint32_t>(i));
  find_escapes();
  lay_out();
  code_ = std::make_unique<CodeCache>(*this);
  build_image();
}

Module::~Module() = default;

Result<std::shared_ptr<const Module>> Module::create(
    Engine& engine, std::shared_ptr<const core::Validated<core::Module>> module) {
  auto types = TENON_TRY(engine.types().intern(**module));
  return std::shared_ptr<const Module>(new Module(engine, std::move(module), std::move(types)));
}

std::optional<std::uint32_t> Module::find_export(std::string_view name) const {
  const auto it = exports_.find(name);
  if (it == exports_.end()) return std::nullopt;
  return it->second;
}

void Module::find_escapes() {
  // Only these can become values: validation asks that ref.func names one of them.
  std::vector<std::uint32_t> found;
  FindFuncs find{found};
  const core::Module& m = core();
  for (const core::Export& e : m.exports) {
    if (e.kind == core::ExternKind::func) found.push_back(e.index);
  }
  const auto look = [&](core::Expr expr) { (void)core::decode_expr(m, expr, find); };
  for (const core::Elem& e : m.elems) {
    for (const core::FuncIdx f : e.funcs) found.push_back(f.value);
    for (const core::Expr& x : e.exprs) look(x);
  }
  for (const core::Global& g : m.globals) look(g.init);
  for (const core::Table& t : m.tables) {
    if (t.init) look(*t.init);
  }
  if (m.start) found.push_back(m.start->value);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  for (const std::uint32_t f : found) {
    if (f < m.num_imported_funcs) continue;
    escapes_.emplace(f, narrow<std::uint32_t>(escape_list_.size()));
    escape_list_.push_back(f);
  }
}

void Module::lay_out() {
  const core::Module& m = core();
  std::uint32_t at = (sizeof(VMContext) + 15) / 16 * 16;
  const auto array = [&](std::uint32_t& offset, std::size_t count, std::size_t size) {
    offset = at;
    at += narrow<std::uint32_t>(count * size);
    at = (at + 15) / 16 * 16;
  };
  array(offsets_.globals, m.globals.size(), 16);
  array(offsets_.global_cells, m.global_types.size(), sizeof(void*));
  array(offsets_.mems, m.mem_types.size(), sizeof(void*));
  array(offsets_.tables, m.table_types.size(), sizeof(void*));
  array(offsets_.imports, m.num_imported_funcs, sizeof(void*));
  array(offsets_.tags, m.tag_types.size(), sizeof(void*));
  array(offsets_.funcrefs, escape_list_.size(), sizeof(FuncRef));
  offsets_.size = at;
}

void Module::build_image() {
  const core::Module& m = core();
  if (m.num_imported_mems != 0 || m.mems.empty()) return;
  const std::uint64_t size = m.mems[0].limits.min << m.mems[0].page_log2();
  struct Piece {
    std::uint64_t at;
    ByteSpan bytes;
  };
  std::vector<Piece> pieces;
  std::uint64_t end = 0;
  std::uint64_t total = 0;
  for (const core::Data& d : m.datas) {
    if (d.mode != core::Data::Mode::active) continue;
    if (d.mem.value != 0 || !d.offset) return;
    const auto at = constant_of(m, *d.offset);
    const ByteSpan bytes = d.bytes.in(m.bytes.view());
    if (!at || *at > size || bytes.size() > size - *at) return;
    pieces.push_back({*at, bytes});
    end = std::max(end, *at + bytes.size());
    total += bytes.size();
  }
  // Contents with large holes are copied piece by piece.
  if (end > largest_image || end > total * 4 + (1U << 20U)) return;
  has_image_ = true;
  image_.resize(end);
  for (const Piece& p : pieces)
    std::copy(p.bytes.begin(), p.bytes.end(), image_.begin() + static_cast<std::ptrdiff_t>(p.at));
  if (end > image_file_bytes) {
    // Of a small memory the file has all: one mapping less.
    image_file_ = MemoryImage::create(image_, size <= whole_memory_bytes ? size : 0);
    if (image_file_ != nullptr) std::vector<std::uint8_t>().swap(image_);
  }
}

const ModuleNames& Module::names() const {
  std::call_once(names_once_, [this] { names_ = std::make_unique<ModuleNames>(core()); });
  return *names_;
}

std::string Module::name() const {
  return std::string(names().name);
}

std::optional<std::uint32_t> Module::stack_pointer() const {
  return names().stack_pointer;
}

std::string Module::func_name(std::uint32_t func) const {
  const ModuleNames& named = names();
  const auto it = named.funcs.find(func);
  if (it != named.funcs.end()) return demangle(it->second);
  // A stripped module keeps the names of what it exports.
  const auto exported = std::ranges::find_if(core().exports, [&](const core::Export& e) {
    return e.kind == core::ExternKind::func && e.index == func;
  });
  return exported == core().exports.end() ? std::string() : std::string(exported->name);
}

}  // namespace tenon::engine
