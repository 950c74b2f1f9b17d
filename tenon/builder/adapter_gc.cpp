// SPDX-License-Identifier: Apache-2.0
// A preview 1 adapter exports everything, a program needs little: only what its imports reach is
// kept. The adapter has no memory of its own and needs a stack in the program's memory, allocated
// by the program's `cabi_realloc` on first use, or by `memory.grow` at start if there is none.
#include "tenon/builder/adapter_gc.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <vector>

#include "tenon/abi/adapter_release.h"
#include "tenon/abi/mangle.h"
#include "tenon/builder/preview1_memory.h"
#include "tenon/builder/rules.h"
#include "tenon/core/decode.h"
#include "tenon/core/decode_expr.h"
#include "tenon/core/encode.h"
#include "tenon/core/names.h"
#include "tenon/core/op.h"

namespace tenon::builder {
namespace {

using core::Op;
using core::TypeCode;

constexpr std::int32_t stack_size = 64 * 1024;
/// Of an adapter that follows its memory: what is moved should be little.
constexpr std::int32_t small_stack_size = 16 * 1024;
constexpr std::uint32_t dead = 0xFFFFFFFF;

/// Notes what a body uses.
struct Mark {
  std::vector<std::uint32_t>& funcs;
  std::vector<bool>& globals;
  bool& tables;
  bool& unknown;

  template <Op op>
  void on(const core::ImmOf<op>& imm, std::uint32_t /*offset*/) {
    using Imm = std::remove_cvref_t<decltype(imm)>;
    if constexpr (std::is_same_v<Imm, core::FuncImm>) funcs.push_back(imm.func.value);
    if constexpr (std::is_same_v<Imm, core::GlobalImm>) {
      unknown = unknown || imm.global.value >= globals.size();
      if (!unknown) globals[imm.global.value] = true;
    }
    if constexpr (std::is_same_v<Imm, core::CallIndirectImm> || std::is_same_v<Imm, core::TableImm>)
      tables = true;
  }
};

/// Copies a body, with functions renumbered.
struct Renumber {
  ByteSpan bytes;
  const std::vector<std::uint32_t>& funcs;
  Writer& out;
  /// Up to here the body is copied.
  std::uint32_t done;
  bool rewritten = false;

  template <Op op>
  void on(const core::ImmOf<op>& imm, std::uint32_t offset) {
    flush(offset);
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(imm)>, core::FuncImm>) {
      core::write_op<op>(out, {core::FuncIdx(funcs[imm.func.value])});
      rewritten = true;
    }
  }
  /// What lies before the operator at `offset`; an operator that was rewritten is skipped.
  void flush(std::uint32_t offset) {
    if (!rewritten) out.bytes(bytes.subspan(done, offset - done));
    done = offset;
    rewritten = false;
  }
};

class Shrink {
 public:
  Shrink(const core::Module& in, const std::set<std::string, std::less<>>& required,
         std::optional<std::string_view> main_realloc)
      : in_(in), required_(required), main_realloc_(main_realloc), names_(core::names_of(in)) {}

  Result<core::Module> run() {
    if (!in_.elems.empty() || !in_.datas.empty() || !in_.mems.empty() || in_.start) {
      return std::unexpected(Error(rules::adapter, Span::none(),
                                   "it has memories, data, elements or a start function of its own")
                                 .help("an adapter lives in the memory of the main module"));
    }
    TENON_TRY(mark());
    number();
    TENON_TRY(write_bodies());
    exports();
    return finish();
  }

 private:
  Result<void> mark() {
    live_.assign(in_.func_types.size(), false);
    live_globals_.assign(in_.global_types.size(), false);
    std::vector<std::uint32_t> work;
    for (const core::Export& e : in_.exports) {
      if (e.kind == core::ExternKind::func && required_.contains(e.name)) work.push_back(e.index);
    }
    bool tables = false;
    bool unknown = false;
    core::ExprScratch scratch;
    while (!work.empty()) {
      const std::uint32_t f = work.back();
      work.pop_back();
      unknown = unknown || f >= live_.size();
      if (unknown)
        return std::unexpected(
            Error(rules::adapter, Span::none(), "it names a function or global that it has not"));
      if (live_[f]) continue;
      live_[f] = true;
      if (f < in_.num_imported_funcs) continue;
      Mark visitor{work, live_globals_, tables, unknown};
      TENON_TRY(
          core::decode_expr(in_, in_.codes[f - in_.num_imported_funcs].body, visitor, scratch));
    }
    if (unknown)
      return std::unexpected(
          Error(rules::adapter, Span::none(), "it names a function or global that it has not"));
    if (!tables) return {};
    return std::unexpected(Error(rules::adapter, Span::none(), "it calls through a table"));
  }

  [[nodiscard]] std::optional<std::uint32_t> global_named(std::string_view name) const {
    for (const core::NameAssoc& g : names_.globals) {
      if (g.name != name || g.index >= in_.global_types.size()) continue;
      const core::GlobalType& type = in_.global_types[g.index];
      if (type.mutable_ && type.type == core::ValType(TypeCode::i32)) return g.index;
    }
    return std::nullopt;
  }

  static bool is_realloc(const core::Import& i) {
    return i.module == main_module_name &&
           std::ranges::find(abi::realloc_names, i.name) != abi::realloc_names.end();
  }

  std::uint32_t add_type(core::FuncType type) {
    core::SubType sub;
    sub.type.func = std::move(type);
    sub.rec_begin = static_cast<std::uint32_t>(out_.types.size());
    return out_.types.push_back(std::move(sub)).value;
  }

  std::uint32_t realloc_type() {
    const core::ValType i = TypeCode::i32;
    return add_type({{i, i, i, i}, {i}});
  }

  /// New numbers for what stays; imports first.
  void number() {
    out_.types = in_.types;
    stack_pointer_ = global_named("__stack_pointer");
    if (stack_pointer_ && !live_globals_[*stack_pointer_]) stack_pointer_.reset();
    state_ = global_named("allocation_state");
    map_.assign(live_.size(), dead);
    std::uint32_t next = 0;
    std::vector<std::uint32_t> replaced;
    std::uint32_t func = 0;
    for (const core::Import& i : in_.imports) {
      const bool is_func = i.type.kind == core::ExternKind::func;
      if (is_func) {
        const std::uint32_t f = func++;
        if (!live_[f]) continue;
        if (is_realloc(i) && !main_realloc_) {
          replaced.push_back(f);
          continue;
        }
        map_[f] = next++;
        if (is_realloc(i)) {
          realloc_ = map_[f];
          core::Import renamed = i;
          renamed.name = *main_realloc_;
          out_.imports.push_back(renamed);
          continue;
        }
      }
      out_.imports.push_back(i);
    }
    lazy_ = main_realloc_ && stack_pointer_ && state_;
    for (const core::Export& e : in_.exports) {
      if (lazy_ && e.name == adapter_follow_name && required_.contains(e.name)) follow_ = e.index;
      if (e.name == abi::adapter_release_name) release_ = e.index;
    }
    if (lazy_ && !realloc_) {
      core::Import import;
      import.module = main_module_name;
      import.name = *main_realloc_;
      import.type.kind = core::ExternKind::func;
      import.type.func = core::TypeIdx(realloc_type());
      out_.imports.push_back(import);
      realloc_ = next++;
    }
    for (std::uint32_t f = in_.num_imported_funcs; f < live_.size(); ++f) {
      if (!live_[f]) continue;
      map_[f] = next++;
      out_.funcs.push_back({in_.func_types[f]});
    }
    const bool grows = !replaced.empty() || (stack_pointer_ && !lazy_);
    if (grows) {
      grow_ = next++;
      out_.funcs.push_back({core::TypeIdx(realloc_type())});
      for (const std::uint32_t f : replaced) map_[f] = *grow_;
    }
    if (stack_pointer_) {
      allocate_ = next++;
      out_.funcs.push_back({core::TypeIdx(add_type({}))});
      if (!lazy_) out_.start = core::FuncIdx(*allocate_);
    }
  }

  /// Whether it is called from outside, where the stack may not be there yet.
  [[nodiscard]] bool is_exported(std::uint32_t f) const {
    if (follow_ == f) return false;
    return std::ranges::any_of(in_.exports, [&](const core::Export& e) {
      return e.kind == core::ExternKind::func && e.index == f && required_.contains(e.name);
    });
  }

  void add_code(std::uint32_t begin, std::vector<core::LocalGroup> locals) {
    const core::Expr body{begin, static_cast<std::uint32_t>(bodies_.size())};
    out_.codes.push_back({body, body, std::move(locals)});
  }

  Result<void> write_bodies() {
    core::ExprScratch scratch;
    for (std::uint32_t f = in_.num_imported_funcs; f < live_.size(); ++f) {
      if (!live_[f]) continue;
      const core::Code& code = in_.codes[f - in_.num_imported_funcs];
      const auto begin = static_cast<std::uint32_t>(bodies_.size());
      if (lazy_ && is_exported(f)) {
        if (f == release_) write_return_at_rest();
        core::write_op<Op::call>(bodies_, {core::FuncIdx(*allocate_)});
      }
      Renumber visitor{in_.bytes.view(), map_, bodies_, code.body.begin};
      TENON_TRY(core::decode_expr(in_, code.body, visitor, scratch));
      visitor.flush(code.body.end);
      add_code(begin, code.locals);
    }
    if (grow_) write_grow();
    if (allocate_) write_allocate();
    return {};
  }

  void constant(std::int32_t value) { core::write_op<Op::i32_const>(bodies_, {value}); }

  /// An adapter that was never called, or is being called, has nothing to release (and takes no
  /// memory to say so).
  void write_return_at_rest() {
    constexpr auto end = static_cast<std::int64_t>(abi::Released::end) << 32U;
    core::write_op<Op::global_get>(bodies_, {core::GlobalIdx(*state_)});
    constant(2);
    core::write_op<Op::i32_ne>(bodies_);
    core::write_op<Op::if_>(bodies_, {});
    core::write_op<Op::i64_const>(bodies_, {end});
    core::write_op<Op::return_>(bodies_);
    core::write_op<Op::end>(bodies_);
  }

  /// realloc of one new stack: as many new pages of memory; anything else traps.
  void write_grow() {
    const auto begin = static_cast<std::uint32_t>(bodies_.size());
    const auto get = [&](std::uint32_t l) {
      core::write_op<Op::local_get>(bodies_, {core::LocalIdx(l)});
    };
    const auto trap_if = [&] {
      core::write_op<Op::if_>(bodies_, {});
      core::write_op<Op::unreachable>(bodies_);
      core::write_op<Op::end>(bodies_);
    };
    get(0);
    get(1);
    core::write_op<Op::i32_or>(bodies_);
    trap_if();
    get(3);
    constant(stack_size);
    core::write_op<Op::i32_ne>(bodies_);
    trap_if();
    constant(1);
    core::write_op<Op::memory_grow>(bodies_, {core::MemIdx(0U)});
    core::write_op<Op::local_tee>(bodies_, {core::LocalIdx(4U)});
    constant(-1);
    core::write_op<Op::i32_eq>(bodies_);
    trap_if();
    get(4);
    constant(16);
    core::write_op<Op::i32_shl>(bodies_);
    core::write_op<Op::end>(bodies_);
    add_code(begin, {{1, TypeCode::i32}});
  }

  /// Gives the stack pointer its stack, once; an adapter whose memory moves follows it then.
  void write_allocate() {
    const std::int32_t size = follow_ ? small_stack_size : stack_size;
    const auto begin = static_cast<std::uint32_t>(bodies_.size());
    const auto set = [&](std::uint32_t global) {
      core::write_op<Op::global_set>(bodies_, {core::GlobalIdx(global)});
    };
    // 0: not yet, 1: at it (a realloc that comes back here must not begin again), 2: done. The
    // adapter reads it too: without a stack it answers that it knows nothing.
    if (lazy_) {
      core::write_op<Op::global_get>(bodies_, {core::GlobalIdx(*state_)});
      core::write_op<Op::i32_eqz>(bodies_);
      core::write_op<Op::if_>(bodies_, {});
    }
    if (state_) {
      constant(1);
      set(*state_);
    }
    constant(0);
    constant(0);
    constant(8);
    constant(size);
    core::write_op<Op::call>(bodies_, {core::FuncIdx(lazy_ ? *realloc_ : *grow_)});
    constant(size);
    core::write_op<Op::i32_add>(bodies_);
    set(*stack_pointer_);
    if (state_) {
      constant(2);
      set(*state_);
    }
    if (lazy_) core::write_op<Op::end>(bodies_);
    if (follow_) core::write_op<Op::call>(bodies_, {core::FuncIdx(map_[*follow_])});
    core::write_op<Op::end>(bodies_);
    add_code(begin, {});
  }

  void exports() {
    for (const core::Export& e : in_.exports) {
      if (e.kind != core::ExternKind::func || !required_.contains(e.name)) continue;
      core::Export out = e;
      out.index = map_[e.index];
      out_.exports.push_back(out);
    }
  }

  /// Globals keep their initialisers, which follow the bodies.
  Result<core::Module> finish() {
    for (const core::Global& g : in_.globals) {
      const auto begin = static_cast<std::uint32_t>(bodies_.size());
      bodies_.bytes(g.init.in(in_.bytes.view()));
      out_.globals.push_back(
          {g.type, core::Expr{begin, static_cast<std::uint32_t>(bodies_.size())}});
    }
    out_.bytes = Blob::own(bodies_.take());
    std::vector<std::uint8_t> bytes = core::encode(out_);
    append_names(bytes);
    return core::decode(Blob::own(std::move(bytes)), core::Features::all());
  }

  void append_names(std::vector<std::uint8_t>& bytes) const {
    core::Names names;
    for (const core::NameAssoc& f : names_.funcs) {
      if (f.index < map_.size() && map_[f.index] != dead)
        names.funcs.push_back({map_[f.index], f.name});
    }
    if (allocate_) names.funcs.push_back({*allocate_, "allocate_stack"});
    std::ranges::sort(names.funcs, {}, &core::NameAssoc::index);
    const auto [from, to] = std::ranges::unique(names.funcs, {}, &core::NameAssoc::index);
    names.funcs.erase(from, to);
    names.globals = names_.globals;
    Writer content;
    content.name("name");
    core::write_names(content, names);
    Writer section;
    section.u8(0);
    section.sized_bytes(content.view());
    bytes.insert(bytes.end(), section.view().begin(), section.view().end());
  }

  const core::Module& in_;
  const std::set<std::string, std::less<>>& required_;
  std::optional<std::string_view> main_realloc_;
  core::Names names_;
  std::vector<bool> live_;
  std::vector<bool> live_globals_;
  std::vector<std::uint32_t> map_;
  core::Module out_;
  Writer bodies_;
  std::optional<std::uint32_t> stack_pointer_;
  std::optional<std::uint32_t> state_;
  std::optional<std::uint32_t> realloc_;
  std::optional<std::uint32_t> grow_;
  std::optional<std::uint32_t> allocate_;
  /// By its number before.
  std::optional<std::uint32_t> follow_;
  std::optional<std::uint32_t> release_;
  bool lazy_ = false;
};

}  // namespace

Result<core::Module> shrink_adapter(const core::Module& adapter,
                                    const std::set<std::string, std::less<>>& required,
                                    std::optional<std::string_view> main_realloc) {
  return Shrink(adapter, required, main_realloc).run();
}

}  // namespace tenon::builder
