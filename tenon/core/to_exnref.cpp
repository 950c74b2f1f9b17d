// SPDX-License-Identifier: Apache-2.0
// A legacy `try` becomes a nest of blocks, one for each clause, around a `try_table` whose clauses
// leave them:
//
//   block $out                      the label of the `try`
//     block $all (result exnref)    one for each clause, the first innermost
//       block $tag (result payload exnref)
//         try_table (catch_ref tag $tag) (catch_all_ref $all)
//           body
//         end
//         br $out
//       end
//       local.set $e                for `rethrow`; else `drop`
//       clause
//       br $out
//     end
//     ...
//   end
//
// A `delegate` is a `try_table` that sends everything to a block inside of the body of the `try`
// or `try_table` that it names, or around the whole function, behind which a `throw_ref` throws it
// again. What clauses a `try` has follows its body, so every body is walked twice.
#include "tenon/core/to_exnref.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "tenon/core/decode_expr.h"
#include "tenon/core/encode.h"

namespace tenon::core {

namespace {

constexpr std::uint32_t none = 0xFFFFFFFF;

struct Clause {
  bool all = false;
  TagIdx tag;
};
/// What the first walk learns of a `try` or `try_table`; the latter has no clauses here.
struct Try {
  std::vector<Clause> clauses;
  /// It ends in `delegate`: to this `try`, or (none) to the caller.
  bool delegates = false;
  std::uint32_t target = none;
  bool delegated_to = false;
  bool rethrown = false;
};
struct Plan {
  std::vector<Try> tries;
  bool delegates_to_caller = false;
};

/// The first walk.
class Planner {
 public:
  explicit Planner(Plan& plan) : plan_(plan) { frames_.push_back({}); }

  template <Op op>
  void on(const ImmOf<op>& imm, std::uint32_t /*offset*/) {
    if constexpr (op == Op::block || op == Op::loop || op == Op::if_) {
      frames_.push_back({none, frames_.back().handler});
    } else if constexpr (op == Op::try_ || op == Op::try_table) {
      const auto number = static_cast<std::uint32_t>(plan_.tries.size());
      plan_.tries.emplace_back();
      frames_.push_back({number, number});
    } else if constexpr (op == Op::catch_ || op == Op::catch_all) {
      Frame& frame = frames_.back();
      frame.handler = frames_[frames_.size() - 2].handler;
      Clause clause;
      if constexpr (op == Op::catch_)
        clause.tag = imm.tag;
      else
        clause.all = true;
      plan_.tries[frame.number].clauses.push_back(clause);
    } else if constexpr (op == Op::delegate) {
      Try& own = plan_.tries[frames_.back().number];
      frames_.pop_back();
      own.delegates = true;
      own.target = frames_[frames_.size() - 1 - imm.label.value].handler;
      if (own.target == none)
        plan_.delegates_to_caller = true;
      else
        plan_.tries[own.target].delegated_to = true;
    } else if constexpr (op == Op::rethrow) {
      plan_.tries[frames_[frames_.size() - 1 - imm.label.value].number].rethrown = true;
    } else if constexpr (op == Op::end) {
      frames_.pop_back();
    }
  }

 private:
  struct Frame {
    /// Of a `try` or `try_table`.
    std::uint32_t number = none;
    /// The one whose clauses look at what is thrown here first; none: the caller's.
    std::uint32_t handler = none;
  };
  Plan& plan_;
  std::vector<Frame> frames_;
};

/// Function types that are added to the module.
class NewTypes {
 public:
  explicit NewTypes(const Module& module)
      : first_(static_cast<std::uint32_t>(module.types.size())) {}

  BlockType block(std::span<const ValType> params, std::span<const ValType> payload) {
    FuncType type;
    type.params.assign(params.begin(), params.end());
    type.results.assign(payload.begin(), payload.end());
    type.results.push_back(exnref);
    if (params.empty() && payload.empty()) return {BlockType::Kind::value, exnref, {}};
    Writer bytes;
    write_functype(bytes, type);
    const ByteSpan view = bytes.view();
    const auto [it, is_new] = numbers_.try_emplace(std::string(view.begin(), view.end()),
                                                   static_cast<std::uint32_t>(numbers_.size()));
    if (is_new) {
      out_.bytes(view);
    }
    return {BlockType::Kind::type, {}, TypeIdx(first_ + it->second)};
  }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(numbers_.size()); }
  [[nodiscard]] ByteSpan bytes() const { return out_.view(); }

 private:
  std::uint32_t first_;
  std::map<std::string, std::uint32_t> numbers_;
  Writer out_;
};

/// The second walk: rewrites the body.
class Rewriter {
 public:
  Rewriter(const Module& module, const Plan& plan, NewTypes& types, std::uint32_t first_local,
           Writer& out)
      : m_(module),
        plan_(plan),
        types_(types),
        first_local_(first_local),
        out_(out),
        delegated_(plan.tries.size()) {
    frames_.push_back({.target = open_++});
    if (plan.delegates_to_caller) open(Op::block, types.block({}, {}));
  }

  template <Op op>
  void on(const ImmOf<op>& imm, std::uint32_t /*offset*/) {
    if constexpr (op == Op::block || op == Op::loop || op == Op::if_) {
      frames_.push_back({.target = open_});
      open(op, imm.type);
    } else if constexpr (op == Op::try_table) {
      catches_.assign(imm.catches.begin(), imm.catches.end());
      for (Catch& clause : catches_) clause.label = renamed(clause.label);
      Frame frame{.target = open_++, .number = next_try_++};
      frame.is_table = true;
      write_op<op>(out_, {imm.type, catches_});
      open_delegated(frame.number, imm.type);
      frames_.push_back(frame);
    } else if constexpr (op == Op::try_) {
      begin_try(imm.type);
    } else if constexpr (op == Op::catch_ || op == Op::catch_all) {
      clause();
    } else if constexpr (op == Op::delegate) {
      close();
      frames_.pop_back();
    } else if constexpr (op == Op::rethrow) {
      write_op<Op::local_get>(out_, {frames_[frames_.size() - 1 - imm.label.value].exception});
      write_op<Op::throw_ref>(out_);
    } else if constexpr (op == Op::end) {
      end();
    } else {
      other<op>(imm);
    }
  }

  /// How many locals the function has besides its own.
  [[nodiscard]] std::uint32_t new_locals() const { return most_exceptions_; }

 private:
  struct Frame {
    /// The block that stands for its label, counted from the function's, which is 0.
    std::uint32_t target = 0;
    std::uint32_t number = none;
    bool is_table = false;
    /// Clauses that have begun.
    std::uint32_t clauses = 0;
    LocalIdx exception = LocalIdx();
  };

  [[nodiscard]] LabelIdx label_of(std::uint32_t block) const { return LabelIdx(open_ - 1 - block); }
  [[nodiscard]] LabelIdx renamed(LabelIdx label) const {
    return label_of(frames_[frames_.size() - 1 - label.value].target);
  }
  void open(Op op, const BlockType& type) {
    write_opcode(out_, op);
    write_blocktype(out_, type);
    ++open_;
  }
  void close() {
    write_op<Op::end>(out_);
    --open_;
  }
  [[nodiscard]] std::span<const ValType> params(const BlockType& type) const {
    if (type.kind != BlockType::Kind::type) return {};
    return m_.types[type.type].type.func.params;
  }
  [[nodiscard]] std::span<const ValType> payload(const Clause& clause) const {
    if (clause.all) return {};
    return m_.types[m_.tag_types[clause.tag.value].type].type.func.params;
  }

  void begin_try(const BlockType& type) {
    const std::uint32_t number = next_try_++;
    const Try& t = plan_.tries[number];
    catches_.clear();
    if (t.delegates) {
      // The block around the whole function is the first in it.
      const std::uint32_t to = t.target == none ? 1 : delegated_[t.target];
      catches_.push_back({Catch::Kind::catch_all_ref, {}, label_of(to)});
      // What is delegated to this one goes on there at once.
      delegated_[number] = to;
      frames_.push_back({.target = open_++, .number = number});
      write_op<Op::try_table>(out_, {type, catches_});
      return;
    }
    const Frame frame{.target = open_, .number = number};
    open(Op::block, type);
    for (std::size_t i = t.clauses.size(); i-- > 0;)
      open(Op::block, types_.block(params(type), payload(t.clauses[i])));
    for (std::uint32_t i = 0; i < t.clauses.size(); ++i) {
      catches_.push_back({t.clauses[i].all ? Catch::Kind::catch_all_ref : Catch::Kind::catch_ref,
                          t.clauses[i].tag, LabelIdx(i)});
    }
    write_op<Op::try_table>(out_, {type, catches_});
    ++open_;
    open_delegated(number, type);
    frames_.push_back(frame);
  }
  /// The block around the body of a `try` or `try_table` where what is delegated to it goes.
  void open_delegated(std::uint32_t number, const BlockType& type) {
    if (!plan_.tries[number].delegated_to) return;
    delegated_[number] = open_;
    open(Op::block, types_.block(params(type), {}));
  }
  void close_delegated(std::uint32_t number) {
    if (!plan_.tries[number].delegated_to) return;
    write_op<Op::br>(out_, {LabelIdx(1U)});
    close();
    write_op<Op::throw_ref>(out_);
  }
  /// The body of a `try` ends, with its results.
  void end_body(const Frame& frame) {
    close_delegated(frame.number);
    close();
  }
  void clause() {
    Frame& frame = frames_.back();
    const Try& t = plan_.tries[frame.number];
    if (frame.clauses == 0) {
      end_body(frame);
      if (t.rethrown) {
        frame.exception = LocalIdx(first_local_ + exceptions_++);
        most_exceptions_ = std::max(most_exceptions_, exceptions_);
      }
    }
    ++frame.clauses;
    write_op<Op::br>(out_, {label_of(frame.target)});
    close();
    if (t.rethrown)
      write_op<Op::local_set>(out_, {frame.exception});
    else
      write_op<Op::drop>(out_);
  }
  void end() {
    const Frame frame = frames_.back();
    if (frames_.size() == 1 && plan_.delegates_to_caller) {
      write_op<Op::return_>(out_);
      close();
      write_op<Op::throw_ref>(out_);
    }
    if (frame.is_table) {
      close_delegated(frame.number);
    } else if (frame.number != none) {
      if (frame.clauses == 0)
        end_body(frame);
      else if (plan_.tries[frame.number].rethrown)
        --exceptions_;
    }
    close();
    frames_.pop_back();
  }

  template <Op op>
  void other(const ImmOf<op>& imm) {
    if constexpr (std::is_same_v<ImmOf<op>, LabelImm> || std::is_same_v<ImmOf<op>, BrOnCastImm>) {
      ImmOf<op> changed = imm;
      changed.label = renamed(imm.label);
      write_op<op>(out_, changed);
    } else if constexpr (std::is_same_v<ImmOf<op>, BrTableImm>) {
      labels_.clear();
      for (const LabelIdx label : imm.labels) labels_.push_back(renamed(label));
      write_op<op>(out_, {labels_, renamed(imm.default_)});
    } else {
      write_op<op>(out_, imm);
    }
  }

  const Module& m_;
  const Plan& plan_;
  NewTypes& types_;
  std::uint32_t first_local_;
  Writer& out_;
  std::vector<Frame> frames_;
  std::vector<Catch> catches_;
  std::vector<LabelIdx> labels_;
  /// By the number of the `try`: the block where exceptions go that are delegated to it.
  std::vector<std::uint32_t> delegated_;
  /// Blocks that are open in what is written, the function's included.
  std::uint32_t open_ = 0;
  std::uint32_t next_try_ = 0;
  /// Clauses around that keep their exception.
  std::uint32_t exceptions_ = 0;
  std::uint32_t most_exceptions_ = 0;
};

/// The whole translation.
class Translation {
 public:
  explicit Translation(const Module& module) : m_(module), types_(module) {}

  std::vector<std::uint8_t> run() {
    Writer code = codes();
    Writer out;
    out.fixed_u32(0x6D736100);
    out.fixed_u32(1);
    for (const SectionRange& section : m_.sections) {
      Writer content;
      if (section.id == SectionId::type)
        types(section, content);
      else if (section.id == SectionId::code)
        content = std::exchange(code, Writer());
      else if (section.id != SectionId::custom || !custom(section, content))
        content.bytes(section.content.in(m_.bytes.view()));
      if (section.id == SectionId::custom && content.size() == 0) continue;
      out.u8(static_cast<std::uint8_t>(section.id));
      out.u32(static_cast<std::uint32_t>(content.size()));
      out.bytes(content.view());
    }
    return out.take();
  }

 private:
  template <class Visitor>
  void walk(Expr body, Visitor& visitor) {
    const auto done = decode_expr(m_, body, visitor, scratch_);
    assert(done && "a validated body decodes");
    (void)done;
  }
  Writer codes() {
    Writer out;
    out.u32(static_cast<std::uint32_t>(m_.codes.size()));
    for (std::size_t i = 0; i < m_.codes.size(); ++i) {
      Writer entry;
      body(i, entry);
      out.u32(static_cast<std::uint32_t>(entry.size()));
      out.bytes(entry.view());
    }
    return out;
  }
  void body(std::size_t i, Writer& out) {
    const Code& code = m_.codes[i];
    Plan plan;
    Planner planner(plan);
    walk(code.body, planner);
    if (plan.tries.empty()) {
      out.bytes(code.entry.in(m_.bytes.view()));
      return;
    }
    changed_ = true;
    const FuncIdx func{m_.num_imported_funcs + static_cast<std::uint32_t>(i)};
    auto locals = static_cast<std::uint32_t>(m_.func_type(func).params.size());
    for (const LocalGroup& group : code.locals) locals += group.count;
    Writer body;
    Rewriter rewriter(m_, plan, types_, locals, body);
    walk(code.body, rewriter);
    const bool more = rewriter.new_locals() != 0;
    out.u32(static_cast<std::uint32_t>(code.locals.size()) + (more ? 1 : 0));
    for (const LocalGroup& group : code.locals) {
      out.u32(group.count);
      write_valtype(out, group.type);
    }
    if (more) {
      out.u32(rewriter.new_locals());
      write_valtype(out, exnref);
    }
    // The block around the function comes before its first operator.
    out.bytes(body.view());
  }
  void types(const SectionRange& section, Writer& out) const {
    const ByteSpan bytes = section.content.in(m_.bytes.view());
    Reader reader(bytes, m_.source, 0);
    const auto count = reader.u32("count");
    assert(count && "a validated module decodes");
    out.u32(count.value_or(0) + types_.size());
    out.bytes(bytes.subspan(bytes.size() - reader.left()));
    out.bytes(types_.bytes());
  }
  /// A section whose content changes. False: it stays as it is.
  bool custom(const SectionRange& section, Writer& out) const {
    if (!changed_) return false;
    const auto it = std::ranges::find_if(m_.customs, [&](const CustomSection& c) {
      return c.content.end == section.content.end && c.content.begin >= section.content.begin;
    });
    if (it == m_.customs.end()) return false;
    const std::string_view name = it->name;
    if (name.starts_with("metadata.code.") || name.starts_with(".debug_") ||
        name.starts_with("reloc.") || name == "linking" || name == "sourceMappingURL")
      return true;  // left out
    if (name != "name") return false;
    out.name(name);
    ByteSpan rest = it->content.in(m_.bytes.view());
    while (rest.size() >= 2) {
      Reader reader(rest.subspan(1), m_.source, 0);
      const auto size = reader.u32("size");
      if (!size || *size > reader.left()) break;
      const std::size_t whole = rest.size() - reader.left() + *size;
      constexpr std::uint8_t labels = 3;
      if (rest[0] != labels) out.bytes(rest.first(whole));
      rest = rest.subspan(whole);
    }
    return true;
  }

  const Module& m_;
  NewTypes types_;
  ExprScratch scratch_;
  bool changed_ = false;
};

}  // namespace

std::vector<std::uint8_t> to_exnref(const Validated<Module>& module) {
  return Translation(*module).run();
}

}  // namespace tenon::core
