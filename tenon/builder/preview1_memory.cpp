// SPDX-License-Identifier: Apache-2.0
// An adapter lives in the memory of the module that it serves, and a module without an allocator
// for others takes all of its memory for its own: a libc of before 2023 (Debian's is one) lets its
// heap reach from the end of the data to the end of memory as that is at the first `malloc`, and
// Go's heap goes on where it ended, whatever `memory.grow` says. So the pages of the adapter are
// always the last ones. The module's `memory.size` does not count them, and its `memory.grow` moves
// them up; both become calls of functions that are added here. Nothing of the adapter runs then: it
// is told by `adapter_memory` when it is called next.
//
// Debug information speaks of places in the code section. So that these stay, a function that asks
// for memory is moved to the end, and in its place is a call of it, padded to its length.
#include "tenon/builder/preview1_memory.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <type_traits>
#include <vector>

#include "tenon/abi/mangle.h"
#include "tenon/core/decode.h"
#include "tenon/core/decode_expr.h"
#include "tenon/core/encode.h"
#include "tenon/core/op.h"

namespace tenon::builder {
namespace {

using core::Op;
using core::SectionId;

constexpr std::int32_t page_bits = 16;

/// Whether a body asks for the size of memory or for more of it.
struct FindMemory {
  bool& found;
  template <Op op>
  void on(const core::ImmOf<op>& imm, std::uint32_t /*offset*/) {
    if constexpr (op == Op::memory_size || op == Op::memory_grow)
      found = found || imm.mem == core::MemIdx(0U);
  }
};

/// Copies a body in which both are calls.
struct CallInstead {
  ByteSpan bytes;
  std::uint32_t size;
  std::uint32_t grow;
  Writer& out;
  /// Up to here the body is copied.
  std::uint32_t done;
  bool replaced = false;

  template <Op op>
  void on(const core::ImmOf<op>& imm, std::uint32_t offset) {
    flush(offset);
    if constexpr (op == Op::memory_size || op == Op::memory_grow) {
      replaced = imm.mem == core::MemIdx(0U);
      if (replaced)
        core::write_op<Op::call>(out, {core::FuncIdx(op == Op::memory_size ? size : grow)});
    }
  }
  void flush(std::uint32_t offset) {
    if (!replaced) out.bytes(bytes.subspan(done, offset - done));
    done = offset;
    replaced = false;
  }
};

/// A body that is written by operators.
struct Body {
  Writer out;
  /// `locals` of i32.
  explicit Body(std::uint32_t locals) {
    out.u32(locals == 0 ? 0 : 1);
    if (locals == 0) return;
    out.u32(locals);
    out.u8(0x7F);
  }
  template <Op op>
  Body& add(const core::ImmOf<op>& imm = {}) {
    core::write_op<op>(out, imm);
    return *this;
  }
  Body& get(std::uint32_t local) { return add<Op::local_get>({core::LocalIdx(local)}); }
  Body& set(std::uint32_t local) { return add<Op::local_set>({core::LocalIdx(local)}); }
  Body& load(std::uint32_t global) { return add<Op::global_get>({core::GlobalIdx(global)}); }
  Body& store(std::uint32_t global) { return add<Op::global_set>({core::GlobalIdx(global)}); }
  Body& number(std::int32_t value) { return add<Op::i32_const>({value}); }
  Body& plus() { return add<Op::i32_add>(); }
  Body& minus() { return add<Op::i32_sub>(); }
  Body& pages_of_bytes() { return number(page_bits).add<Op::i32_shr_u>(); }
  Body& bytes_of_pages() { return number(page_bits).add<Op::i32_shl>(); }
  Body& trap_if() { return add<Op::if_>().add<Op::unreachable>().add<Op::end>(); }
  Body& end() { return add<Op::end>(); }
};

class AddMemory {
 public:
  explicit AddMemory(const core::Module& module) : in_(module) {}

  Result<std::optional<core::Module>> run() {
    if (!is_wanted()) return std::optional<core::Module>();
    const auto funcs = static_cast<std::uint32_t>(in_.func_types.size());
    realloc_ = funcs;
    size_ = funcs + 1;
    grow_ = funcs + 2;
    memory_ = funcs + 3;
    const auto globals = static_cast<std::uint32_t>(in_.global_types.size());
    begin_ = globals;
    next_ = globals + 1;
    end_ = globals + 2;
    TENON_TRY(rewrite());
    core::Module out = TENON_TRY(write());
    return std::optional(std::move(out));
  }

 private:
  [[nodiscard]] bool is_wanted() const {
    // Old linkers let every export of a command run all constructors and destructors, so its
    // allocator is none for others.
    bool command = false;
    bool allocator = false;
    for (const core::Export& e : in_.exports) {
      command = command || e.name == "_start";
      allocator =
          allocator || std::ranges::find(abi::realloc_names, e.name) != abi::realloc_names.end();
      if (e.name == adapter_realloc_name || e.name == adapter_memory_name) return false;
      if (e.kind == core::ExternKind::mem && e.index != 0) return false;
    }
    if (allocator && !command) return false;
    if (in_.mem_types.empty()) return false;
    const core::MemType& memory = in_.mem_types.front();
    return !memory.shared && memory.addr == core::AddrType::i32 && memory.page_log2() == page_bits;
  }

  /// The code section's entries: those of functions that ask for memory again, and what they were
  /// at the end.
  Result<void> rewrite() {
    const ByteSpan bytes = in_.bytes.view();
    core::ExprScratch scratch;
    std::uint32_t at = in_.codes.empty() ? 0 : code_begin();
    for (std::size_t i = 0; i < in_.codes.size(); ++i) {
      const core::Code& code = in_.codes[i];
      bool found = false;
      FindMemory find{found};
      TENON_TRY(core::decode_expr(in_, code.body, find, scratch));
      if (found) {
        Writer moved;
        moved.bytes(bytes.subspan(code.entry.begin, code.body.begin - code.entry.begin));
        CallInstead visitor{bytes, size_, grow_, moved, code.body.begin};
        TENON_TRY(core::decode_expr(in_, code.body, visitor, scratch));
        visitor.flush(code.body.end);
        const core::TypeIdx type = in_.func_types[in_.num_imported_funcs + i];
        if (const auto call = call_of_moved(type, code.entry.size())) {
          entries_.bytes(bytes.subspan(at, code.entry.begin - at));
          entries_.bytes(*call);
          moved_.sized_bytes(moved.view());
          moved_types_.push_back(type.value);
        } else {
          entries_.sized_bytes(moved.view());
        }
      } else {
        entries_.bytes(bytes.subspan(at, code.entry.end - at));
      }
      at = code.entry.end;
    }
    return {};
  }

  /// Where the first entry's size is.
  [[nodiscard]] std::uint32_t code_begin() const {
    for (const core::SectionRange& s : in_.sections) {
      if (s.id != SectionId::code) continue;
      Reader in(s.content.in(in_.bytes.view()));
      static_cast<void>(in.u32("count"));
      return s.content.end - static_cast<std::uint32_t>(in.left());
    }
    return 0;
  }

  /// An entry of `length` bytes that calls the function that is moved next.
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> call_of_moved(core::TypeIdx type,
                                                                       std::uint32_t length) const {
    const auto params = static_cast<std::uint32_t>(in_.types[type].type.func.params.size());
    Body body(0);
    for (std::uint32_t p = 0; p < params; ++p) body.get(p);
    body.add<Op::call>(
        {core::FuncIdx(memory_ + 1 + static_cast<std::uint32_t>(moved_types_.size()))});
    if (body.out.size() + 1 > length) return std::nullopt;
    while (body.out.size() + 1 < length) body.add<Op::nop>();
    return body.end().out.take();
  }

  /// A section with `count` entries more than the module's, which may have none.
  void section(Writer& out, SectionId id, const core::SectionRange* there, std::uint32_t count,
               const std::function<void(Writer&)>& entries) const {
    const ByteSpan bytes = in_.bytes.view();
    Writer content;
    std::uint32_t before = 0;
    ByteSpan old;
    if (there != nullptr) {
      Reader in(there->content.in(bytes));
      before = in.u32("count").value_or(0);
      old = bytes.subspan(there->content.end - in.left(), in.left());
    }
    content.u32(before + count);
    content.bytes(id == SectionId::code ? entries_.view() : old);
    entries(content);
    out.u8(static_cast<std::uint8_t>(id));
    out.sized_bytes(content.view());
  }

  void extended(Writer& out, SectionId id, const core::SectionRange* there) const {
    constexpr std::uint8_t i32 = 0x7F;
    constexpr std::uint8_t func = 0x60;
    const auto types = static_cast<std::uint32_t>(in_.types.size());
    const auto moved = static_cast<std::uint32_t>(moved_types_.size());
    if (id == SectionId::type) {
      section(out, id, there, 3, [](Writer& w) {
        w.bytes(std::array<std::uint8_t, 8>{func, 4, i32, i32, i32, i32, 1, i32});
        w.bytes(std::array<std::uint8_t, 4>{func, 0, 1, i32});
        w.bytes(std::array<std::uint8_t, 5>{func, 1, i32, 1, i32});
      });
    } else if (id == SectionId::func) {
      section(out, id, there, 4 + moved, [&](Writer& w) {
        for (const std::uint32_t type : {types, types + 1, types + 2, types + 1}) w.u32(type);
        for (const std::uint32_t type : moved_types_) w.u32(type);
      });
    } else if (id == SectionId::global) {
      section(out, id, there, 3, [](Writer& w) {
        for (int i = 0; i < 3; ++i) w.bytes(std::array<std::uint8_t, 5>{i32, 1, 0x41, 0, 0x0B});
      });
    } else if (id == SectionId::export_) {
      section(out, id, there, 2, [&](Writer& w) {
        w.name(adapter_realloc_name);
        w.u8(0);
        w.u32(realloc_);
        w.name(adapter_memory_name);
        w.u8(0);
        w.u32(memory_);
      });
    } else {
      section(out, id, there, 4 + moved, [&](Writer& w) {
        for (const auto& body : {realloc_body(), size_body(), grow_body(), memory_body()})
          w.sized_bytes(body);
        w.bytes(moved_.view());
      });
    }
  }

  /// The place of a section among the others.
  static int order(SectionId id) {
    constexpr std::array all = {SectionId::type,   SectionId::import_,    SectionId::func,
                                SectionId::table,  SectionId::mem,        SectionId::tag,
                                SectionId::global, SectionId::export_,    SectionId::start,
                                SectionId::elem,   SectionId::data_count, SectionId::code,
                                SectionId::data};
    return static_cast<int>(std::ranges::find(all, id) - all.begin());
  }

  Result<core::Module> write() const {
    constexpr std::array wanted = {SectionId::type, SectionId::func, SectionId::global,
                                   SectionId::export_, SectionId::code};
    const ByteSpan bytes = in_.bytes.view();
    constexpr std::uint32_t header = 8;
    Writer out;
    out.bytes(bytes.first(header));
    std::uint32_t at = header;
    std::size_t next = 0;
    for (const core::SectionRange& s : in_.sections) {
      const bool custom = s.id == SectionId::custom;
      while (!custom && next < wanted.size() && order(wanted[next]) < order(s.id))
        extended(out, wanted[next++], nullptr);
      if (!custom && next < wanted.size() && wanted[next] == s.id) {
        extended(out, wanted[next++], &s);
      } else {
        out.bytes(bytes.subspan(at, s.content.end - at));
      }
      at = s.content.end;
    }
    while (next < wanted.size()) extended(out, wanted[next++], nullptr);
    return core::decode(Blob::own(out.take()), core::Features::all(), in_.source);
  }

  /// (old, old size, align, size): from what is left of the adapter's pages, or from new ones.
  [[nodiscard]] std::vector<std::uint8_t> realloc_body() const {
    constexpr std::uint32_t old = 0;
    constexpr std::uint32_t align = 2;
    constexpr std::uint32_t size = 3;
    constexpr std::uint32_t at = 4;
    constexpr std::uint32_t lacking = 5;
    Body b(2);
    b.get(old).trap_if();
    b.get(size).number(1 << 30).add<Op::i32_gt_u>().trap_if();
    b.load(end_).add<Op::i32_eqz>().add<Op::if_>();
    b.add<Op::memory_size>({core::MemIdx(0U)}).bytes_of_pages().set(at);
    b.get(at).store(begin_).get(at).store(next_).get(at).store(end_).end();
    b.load(next_).get(align).plus().number(1).minus();
    b.number(0).get(align).minus().add<Op::i32_and>().set(at);
    // Whole pages for what lies behind the end.
    b.get(at).get(size).plus().load(end_).minus().set(lacking);
    b.get(lacking).number(0).add<Op::i32_gt_s>().add<Op::if_>();
    b.get(lacking).number(0xFFFF).plus().pages_of_bytes().set(lacking);
    b.get(lacking).add<Op::memory_grow>({core::MemIdx(0U)});
    b.number(-1).add<Op::i32_eq>().trap_if();
    b.load(end_).get(lacking).bytes_of_pages().plus().store(end_).end();
    b.get(at).get(size).plus().store(next_);
    b.get(at).end();
    return b.out.take();
  }

  /// The module's pages.
  [[nodiscard]] std::vector<std::uint8_t> size_body() const {
    Body b(0);
    b.add<Op::memory_size>({core::MemIdx(0U)});
    b.load(end_).load(begin_).minus().pages_of_bytes().minus().end();
    return b.out.take();
  }

  /// The adapter's pages go up; where they were is memory that nobody has written to.
  [[nodiscard]] std::vector<std::uint8_t> grow_body() const {
    constexpr std::uint32_t pages = 0;
    constexpr std::uint32_t before = 1;
    constexpr std::uint32_t up = 2;
    constexpr std::uint32_t held = 3;
    Body b(3);
    b.get(pages).add<Op::memory_grow>({core::MemIdx(0U)}).set(before);
    b.get(before).number(-1).add<Op::i32_eq>().add<Op::if_>();
    b.number(-1).add<Op::return_>().end();
    b.load(end_).load(begin_).minus().set(held);
    b.get(pages).bytes_of_pages().set(up);
    b.get(held).add<Op::if_>();
    b.load(begin_).get(up).plus().load(begin_).get(held);
    b.add<Op::memory_copy>({core::MemIdx(0U), core::MemIdx(0U)});
    b.load(begin_).number(0);
    b.get(held).get(up).get(held).get(up).add<Op::i32_lt_u>().add<Op::select>();
    b.add<Op::memory_fill>({core::MemIdx(0U)});
    for (const std::uint32_t global : {begin_, next_, end_})
      b.load(global).get(up).plus().store(global);
    b.end();
    b.get(before).get(held).pages_of_bytes().minus().end();
    return b.out.take();
  }

  [[nodiscard]] std::vector<std::uint8_t> memory_body() const {
    Body b(0);
    b.load(begin_).end();
    return b.out.take();
  }

  const core::Module& in_;
  // Functions.
  std::uint32_t realloc_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t grow_ = 0;
  std::uint32_t memory_ = 0;
  // Globals: the adapter's pages, and what of them is free.
  std::uint32_t begin_ = 0;
  std::uint32_t next_ = 0;
  std::uint32_t end_ = 0;
  Writer entries_;
  Writer moved_;
  std::vector<std::uint32_t> moved_types_;
};

}  // namespace

Result<std::optional<core::Module>> with_adapter_memory(const core::Module& module) {
  return AddMemory(module).run();
}

}  // namespace tenon::builder
