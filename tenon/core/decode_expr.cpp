// SPDX-License-Identifier: Apache-2.0
// The slow paths of `ExprReader`, out of line so that the common one-byte cases in the header stay
// small enough to inline. They take the reader by value and return the new position, null for an
// error: the compiler can then keep the reader in registers. The error itself is in the scratch
// space.
#include "tenon/core/decode_expr.h"

#include <fmt/format.h>

#include "tenon/core/limits.h"
#include "tenon/core/read_types.h"

namespace tenon::core {

namespace {

/// What is said of an operator that belongs to a proposal that is not supported; empty for others.
std::string unsupported(const std::uint8_t* begin, const std::uint8_t* end) {
  std::uint32_t opcode = *begin;
  if (opcode >= 0xFB && end - begin == 2) opcode = (opcode << 12U) | begin[1];
  switch (opcode) {
    // Two opcodes of one operator share a text, hence no table by text.
#define TENON_UNSUPPORTED(code, text, proposal) \
  case code:                                    \
    return "found `" text "`; " proposal " not supported";
#include "tenon/core/unsupported.def"
#undef TENON_UNSUPPORTED
    default:
      return {};
  }
}

}  // namespace

bool ExprReader::fail(ExprReader in, const Rule& rule, std::uint32_t from, std::string detail) {
  if (detail.empty() && from < in.offset() && rule == rules::opcode)
    detail = unsupported(in.begin_ + from, in.at_);
  if (detail.empty() && from < in.offset() && rule == rules::opcode) {
    detail = "found";
    for (const std::uint8_t* p = in.begin_ + from; p != in.at_; ++p)
      detail += fmt::format(" {:02x}", *p);
  }
  in.scratch_->error.emplace(rule, in.span(from, in.offset()), std::move(detail));
  return false;
}

Reader ExprReader::checked() const {
  return Reader({at_, end_}, source_, base_ + offset());
}

bool ExprReader::fail_end(ExprReader in, const char* what) {
  in.scratch_->error.emplace(in.checked().end_error(what, 1));
  return false;
}

template <class T>
ExprReader::Slow<T> ExprReader::slow_reader(ExprReader in, Result<T> (Reader::*read)(const char*),
                                            const char* what) {
  Reader reader = in.checked();
  Result<T> value = (reader.*read)(what);
  if (!value) [[unlikely]] {
    in.scratch_->error.emplace(std::move(value).error());
    return {T{}, nullptr};
  }
  return {*value, in.end_ - reader.left()};
}

ExprReader::Slow<std::uint32_t> ExprReader::slow_u32(ExprReader in, const char* what) {
  // Two and three bytes are common (locals, functions, addresses): without calls.
  if (in.end_ - in.at_ >= 3) {
    const std::uint32_t low = in.at_[0] & 0x7FU;
    if (in.at_[1] < 0x80) return {low | (std::uint32_t{in.at_[1]} << 7U), in.at_ + 2};
    if (in.at_[2] < 0x80) {
      return {low | ((in.at_[1] & 0x7FU) << 7U) | (std::uint32_t{in.at_[2]} << 14U), in.at_ + 3};
    }
  }
  return slow_reader(in, &Reader::u32, what);
}

ExprReader::Slow<std::uint64_t> ExprReader::slow_u64(ExprReader in, const char* what) {
  if (in.end_ - in.at_ >= 3) {
    const std::uint64_t low = in.at_[0] & 0x7FU;
    if (in.at_[1] < 0x80) return {low | (std::uint64_t{in.at_[1]} << 7U), in.at_ + 2};
    if (in.at_[2] < 0x80) {
      return {low | ((in.at_[1] & 0x7FULL) << 7U) | (std::uint64_t{in.at_[2]} << 14U), in.at_ + 3};
    }
  }
  return slow_reader(in, &Reader::u64, what);
}

ExprReader::Slow<std::int32_t> ExprReader::slow_s32(ExprReader in, const char* what) {
  if (in.end_ - in.at_ >= 3) {
    const std::uint32_t low = in.at_[0] & 0x7FU;
    if (in.at_[1] < 0x80) {
      const std::uint32_t bits = low | (std::uint32_t{in.at_[1]} << 7U);
      return {static_cast<std::int32_t>(bits << 18U) >> 18, in.at_ + 2};
    }
    if (in.at_[2] < 0x80) {
      const std::uint32_t bits =
          low | ((in.at_[1] & 0x7FU) << 7U) | (std::uint32_t{in.at_[2]} << 14U);
      return {static_cast<std::int32_t>(bits << 11U) >> 11, in.at_ + 3};
    }
  }
  return slow_reader(in, &Reader::s32, what);
}

ExprReader::Slow<std::int64_t> ExprReader::slow_s64(ExprReader in, const char* what) {
  return slow_reader(in, &Reader::s64, what);
}

const std::uint8_t* ExprReader::slow_block_type(ExprReader in, BlockType& out) {
  Reader reader = in.checked();
  // A type index is not negative; all one-byte codes of types are, when read as an integer.
  if (reader.at_end() || (reader.peek() & 0xC0U) == 0x40U) {
    auto type = read_valtype(reader, Features::all());
    if (!type) {
      in.scratch_->error.emplace(std::move(type).error());
      return nullptr;
    }
    out.kind = BlockType::Kind::value;
    out.value = *type;
    return in.end_ - reader.left();
  }
  const auto index = slow_reader(in, &Reader::s33, "block type");
  if (index.at == nullptr) return nullptr;
  if (index.value < 0) {
    fail(in, rules::valtype_code, in.offset(), "a negative block type");
    return nullptr;
  }
  out.kind = BlockType::Kind::type;
  out.type = TypeIdx(static_cast<std::uint32_t>(index.value));
  return index.at;
}

const std::uint8_t* ExprReader::slow_heap_type(ExprReader in, HeapType& out) {
  Reader reader = in.checked();
  auto type = read_heaptype(reader);
  if (!type) {
    in.scratch_->error.emplace(std::move(type).error());
    return nullptr;
  }
  out = *type;
  return in.end_ - reader.left();
}

const std::uint8_t* ExprReader::slow_memarg(ExprReader in, MemArgImm& out) {
  const std::uint32_t begin = in.offset();
  if (in.at_ != in.end_ && *in.at_ < 0x40) {
    out.align = *in.at_++;
    return in.u64(out.offset, "offset") ? in.at_ : nullptr;
  }
  std::uint32_t flags = 0;
  if (!in.u32(flags, "alignment")) return nullptr;
  if (flags >= 0x80) {
    fail(in, rules::memarg_flags, begin, fmt::format("found {:#x}", flags));
    return nullptr;
  }
  out = MemArgImm{};
  if ((flags & 0x40U) != 0 && !in.index(out.mem, "memory")) return nullptr;
  out.align = flags & 0x3FU;
  if (!in.u64(out.offset, "offset")) return nullptr;
  return in.at_;
}

const std::uint8_t* ExprReader::slow_labels(ExprReader in, LabelIdx& default_label) {
  auto& labels = in.scratch_->labels;
  labels.clear();
  std::uint32_t n = 0;
  if (!in.u32(n, "label count")) return nullptr;
  if (n >= static_cast<std::size_t>(in.end_ - in.at_)) {
    fail_end(in, "labels");
    return nullptr;
  }
  labels.resize(n);
  for (LabelIdx& label : labels) {
    if (!in.index(label, "label")) return nullptr;
  }
  return in.index(default_label, "label") ? in.at_ : nullptr;
}

const std::uint8_t* ExprReader::slow_catches(ExprReader in) {
  auto& catches = in.scratch_->catches;
  catches.clear();
  const std::uint32_t begin = in.offset();
  std::uint32_t n = 0;
  if (!in.u32(n, "catch count")) return nullptr;
  if (n > limits::catches) {
    fail(in, rules::implementation_limit, begin, fmt::format("{} catch clauses", n));
    return nullptr;
  }
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t at = in.offset();
    std::uint8_t kind = 0;
    Catch clause;
    if (!in.u8(kind, "catch kind")) return nullptr;
    if (kind > 3) {
      fail(in, rules::catch_kind, at, fmt::format("found {:#04x}", kind));
      return nullptr;
    }
    clause.kind = static_cast<Catch::Kind>(kind);
    if (kind <= 1 && !in.index(clause.tag, "tag")) return nullptr;
    if (!in.index(clause.label, "label")) return nullptr;
    catches.push_back(clause);
  }
  return in.at_;
}

const std::uint8_t* ExprReader::slow_types(ExprReader in) {
  auto& types = in.scratch_->types;
  types.clear();
  std::uint32_t n = 0;
  if (!in.u32(n, "type count")) return nullptr;
  Reader reader = in.checked();
  for (std::uint32_t i = 0; i < n; ++i) {
    auto type = read_valtype(reader, Features::all());
    if (!type) {
      in.scratch_->error.emplace(std::move(type).error());
      return nullptr;
    }
    types.push_back(*type);
  }
  return in.end_ - reader.left();
}

const std::uint8_t* ExprReader::slow_cast(ExprReader in, BrOnCastImm& out) {
  const std::uint32_t begin = in.offset();
  std::uint8_t flags = 0;
  if (!in.u8(flags, "cast flags")) return nullptr;
  if (flags > 3) {
    fail(in, rules::castop, begin, fmt::format("found {:#04x}", flags));
    return nullptr;
  }
  HeapType from;
  HeapType to;
  if (!in.index(out.label, "label") || !in.heap_type(from) || !in.heap_type(to)) return nullptr;
  out.from = ValType::ref(from, (flags & 1U) != 0);
  out.to = ValType::ref(to, (flags & 2U) != 0);
  return in.at_;
}

}  // namespace tenon::core
