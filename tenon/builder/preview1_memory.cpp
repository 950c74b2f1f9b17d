// SPDX-License-Identifier: Apache-2.0
// An adapter lives in the memory of the module that it serves. A module that exports no allocator
// gives it pages by `memory.grow`, and there a libc of before 2023 comes into the way (Debian's is
// one): its heap reaches from the end of the data to the end of memory as it is at the first
// `malloc`, and so over what an adapter took before that. Its `sbrk` asks for that end as
// `memory.size << 16`; these five bytes become a call that leaves out what the adapter took, padded
// so that the code around it, and what debug information says of it, stay where they are.
#include "tenon/builder/preview1_memory.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "tenon/core/decode.h"
#include "tenon/core/decode_expr.h"
#include "tenon/core/encode.h"
#include "tenon/core/op.h"

namespace tenon::builder {
namespace {

using core::Op;
using core::SectionId;
using core::TypeCode;

constexpr std::uint32_t page_bits = 16;

/// Finds `memory.size`, `i32.const 16`, `i32.shl` where they stand in one.
struct FindEnd {
  std::vector<std::uint32_t>& found;
  int matched = 0;
  std::uint32_t begin = 0;

  template <Op op>
  void on(const core::ImmOf<op>& imm, std::uint32_t offset) {
    if constexpr (op == Op::memory_size) {
      matched = 1;
      begin = offset;
    } else if constexpr (op == Op::i32_const) {
      matched = matched == 1 && imm.value == static_cast<std::int32_t>(page_bits) ? 2 : 0;
    } else if constexpr (op == Op::i32_shl) {
      // With numbers that are longer than need be, it is left alone.
      if (matched == 2 && offset == begin + 4) found.push_back(begin);
      matched = 0;
    } else {
      matched = 0;
    }
  }
};

class AddRealloc {
 public:
  explicit AddRealloc(const core::Module& module) : in_(module) {}

  Result<std::optional<core::Module>> run() {
    if (!is_wanted()) return std::optional<core::Module>();
    const auto funcs = static_cast<std::uint32_t>(in_.func_types.size());
    realloc_ = funcs;
    end_ = funcs + 1;
    const auto globals = static_cast<std::uint32_t>(in_.global_types.size());
    next_ = globals;
    limit_ = globals + 1;
    taken_ = globals + 2;
    std::vector<std::uint32_t> places;
    core::ExprScratch scratch;
    // A call's number must fit into the five bytes, with the operator.
    constexpr std::uint32_t most = 1U << 28U;
    for (const core::Code& code : in_.codes) {
      if (end_ >= most) break;
      FindEnd visitor{places};
      TENON_TRY(core::decode_expr(in_, code.body, visitor, scratch));
    }
    core::Module out = TENON_TRY(write(places));
    return std::optional(std::move(out));
  }

 private:
  [[nodiscard]] bool is_wanted() const {
    const bool has_own = std::ranges::any_of(in_.exports, [](const core::Export& e) {
      return e.name == "cabi_realloc_adapter" || e.name == "cabi_realloc" ||
             e.name == "cm32p2_realloc" || e.name == "canonical_abi_realloc";
    });
    const auto has = [&](SectionId id) {
      return std::ranges::any_of(in_.sections,
                                 [&](const core::SectionRange& s) { return s.id == id; });
    };
    return !has_own && !in_.mem_types.empty() && has(SectionId::type) && has(SectionId::func) &&
           has(SectionId::global) && has(SectionId::export_) && has(SectionId::code);
  }

  using Entries = std::function<void(Writer&)>;

  /// A section with `count` entries more.
  void section(Writer& out, const core::SectionRange& range, std::uint32_t count,
               const Entries& entries, const std::vector<std::uint32_t>& places = {}) const {
    const ByteSpan bytes = in_.bytes.view();
    Reader in(range.content.in(bytes));
    const std::uint32_t there = in.u32("count").value_or(0);
    const auto begin = range.content.end - static_cast<std::uint32_t>(in.left());
    Writer content;
    content.u32(there + count);
    const std::size_t from = content.size();
    content.bytes(bytes.subspan(begin, range.content.end - begin));
    for (const std::uint32_t place : places) patch(content.raw(), from + place - begin);
    entries(content);
    out.u8(static_cast<std::uint8_t>(range.id));
    out.sized_bytes(content.view());
  }

  void patch(std::vector<std::uint8_t>& bytes, std::size_t at) const {
    Writer call;
    core::write_op<Op::call>(call, {core::FuncIdx(end_)});
    while (call.size() < 5) core::write_op<Op::nop>(call);
    assert(call.size() == 5);
    std::ranges::copy(call.view(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  }

  /// Writes a section that gets entries; false for one that stays as it is.
  bool extended(Writer& out, const core::SectionRange& s,
                const std::vector<std::uint32_t>& places) const {
    const auto types = static_cast<std::uint32_t>(in_.types.size());
    if (s.id == SectionId::type) {
      section(out, s, 2, [](Writer& w) {
        w.bytes(std::array<std::uint8_t, 8>{0x60, 4, 0x7F, 0x7F, 0x7F, 0x7F, 1, 0x7F});
        w.bytes(std::array<std::uint8_t, 4>{0x60, 0, 1, 0x7F});
      });
    } else if (s.id == SectionId::func) {
      section(out, s, 2, [&](Writer& w) {
        w.u32(types);
        w.u32(types + 1);
      });
    } else if (s.id == SectionId::global) {
      section(out, s, 3, [](Writer& w) {
        for (int i = 0; i < 3; ++i) w.bytes(std::array<std::uint8_t, 5>{0x7F, 1, 0x41, 0, 0x0B});
      });
    } else if (s.id == SectionId::export_) {
      section(out, s, 1, [&](Writer& w) {
        w.name("cabi_realloc_adapter");
        w.u8(0);
        w.u32(realloc_);
      });
    } else if (s.id == SectionId::code) {
      const auto bodies = [&](Writer& w) {
        w.sized_bytes(realloc_body());
        w.sized_bytes(end_body());
      };
      section(out, s, 2, bodies, places);
    } else {
      return false;
    }
    return true;
  }

  Result<core::Module> write(const std::vector<std::uint32_t>& places) const {
    const ByteSpan bytes = in_.bytes.view();
    Writer out;
    constexpr std::size_t header = 8;
    out.bytes(bytes.first(header));
    std::uint32_t at = header;
    for (const core::SectionRange& s : in_.sections) {
      if (!extended(out, s, places)) out.bytes(bytes.subspan(at, s.content.end - at));
      at = s.content.end;
    }
    return core::decode(Blob::own(out.take()), core::Features::all(), in_.source);
  }

  struct Body {
    Writer out;
    template <Op op>
    Body& op_(const core::ImmOf<op>& imm = {}) {
      core::write_op<op>(out, imm);
      return *this;
    }
    Body& get(std::uint32_t local) { return op_<Op::local_get>({core::LocalIdx(local)}); }
    Body& set(std::uint32_t local) { return op_<Op::local_set>({core::LocalIdx(local)}); }
    Body& load(std::uint32_t global) { return op_<Op::global_get>({core::GlobalIdx(global)}); }
    Body& store(std::uint32_t global) { return op_<Op::global_set>({core::GlobalIdx(global)}); }
    Body& number(std::int32_t value) { return op_<Op::i32_const>({value}); }
    Body& trap_if() { return op_<Op::if_>().op_<Op::unreachable>().op_<Op::end>(); }
  };

  /// (old, old size, align, size): from what is left of the last pages, or from new ones.
  [[nodiscard]] std::vector<std::uint8_t> realloc_body() const {
    constexpr std::uint32_t old = 0;
    constexpr std::uint32_t align = 2;
    constexpr std::uint32_t size = 3;
    constexpr std::uint32_t at = 4;
    constexpr std::uint32_t pages = 5;
    Body b;
    b.out.bytes(std::array<std::uint8_t, 3>{1, 2, 0x7F});
    b.get(old).trap_if();
    b.load(next_).get(align).op_<Op::i32_add>().number(1).op_<Op::i32_sub>();
    b.number(0).get(align).op_<Op::i32_sub>().op_<Op::i32_and>().set(at);
    b.get(at).load(limit_).op_<Op::i32_gt_u>();
    b.get(size).load(limit_).get(at).op_<Op::i32_sub>().op_<Op::i32_gt_u>();
    b.op_<Op::i32_or>().op_<Op::if_>();
    b.get(size).number(page_bits).op_<Op::i32_shr_u>();
    b.get(size).number(0xFFFF).op_<Op::i32_and>().number(0).op_<Op::i32_ne>();
    b.op_<Op::i32_add>().set(pages);
    b.get(pages).op_<Op::memory_grow>({core::MemIdx(0U)}).set(at);
    b.get(at).number(-1).op_<Op::i32_eq>().trap_if();
    b.get(at).number(page_bits).op_<Op::i32_shl>().set(at);
    b.get(pages).number(page_bits).op_<Op::i32_shl>().set(pages);
    b.get(at).get(pages).op_<Op::i32_add>().store(limit_);
    b.load(taken_).get(pages).op_<Op::i32_add>().store(taken_);
    b.op_<Op::end>();
    b.get(at).get(size).op_<Op::i32_add>().store(next_);
    b.get(at).op_<Op::end>();
    return b.out.take();
  }

  /// Where memory ends for the module's own allocator.
  [[nodiscard]] std::vector<std::uint8_t> end_body() const {
    Body b;
    b.out.u8(0);
    b.op_<Op::memory_size>({core::MemIdx(0U)}).number(page_bits).op_<Op::i32_shl>();
    b.load(taken_).op_<Op::i32_sub>().op_<Op::end>();
    return b.out.take();
  }

  const core::Module& in_;
  std::uint32_t realloc_ = 0;
  std::uint32_t end_ = 0;
  std::uint32_t next_ = 0;
  std::uint32_t limit_ = 0;
  std::uint32_t taken_ = 0;
};

}  // namespace

Result<std::optional<core::Module>> with_adapter_realloc(const core::Module& module) {
  return AddRealloc(module).run();
}

}  // namespace tenon::builder
