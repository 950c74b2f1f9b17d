// SPDX-License-Identifier: Apache-2.0
#include "tenon/core/validate.h"

#include <gtest/gtest.h>

#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/core/rules.h"
#include "tenon/core/testing.h"
#include "tenon/core/validate_expr.h"

namespace tenon::core {
namespace {

using testing::Bytes;
using testing::header;
using testing::one_func;
using testing::section;

Result<Validated<Module>> check(Bytes bytes, const Features& features = Features::wasm3(),
                                unsigned threads = 0) {
  Module module = TENON_TRY(decode(Blob::own(bytes.take()), features));
  return validate(std::move(module), features, {threads});
}
void expect_rule(Bytes bytes, const Rule& rule) {
  const auto result = check(std::move(bytes));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().rule().id, rule.id) << result.error().text();
}
Bytes body(std::initializer_list<int> ops) {
  return one_func(Bytes().add({0}).add(ops));
}

TEST(Validate, TakesAMillionNestedBlocks) {
  Bytes entry;
  entry.add({0});
  for (int i = 0; i < 1'000'000; ++i) entry.add({0x02, 0x40});
  entry.repeat(0x0B, 1'000'001);
  const auto module = check(one_func(entry));
  EXPECT_TRUE(module) << module.error().text();
}

TEST(Validate, SaysWhichTypesAreAtOdds) {
  const auto result = check(body({0x42, 1, 0x45, 0x1A, 0x0B}));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().rule().id, rules::type_mismatch.id);
  EXPECT_EQ(result.error().detail(), "`i32.eqz`: found i64, wanted i32");
}

TEST(Validate, NeedsAnEndWhereTheBodyEnds) {
  expect_rule(body({0x01}), rules::body_end);
  expect_rule(body({0x0B, 0x0B}), rules::body_end);
  expect_rule(body({0x02, 0x40, 0x0B}), rules::body_end);
  EXPECT_TRUE(is_malformed(rules::body_end));
  EXPECT_FALSE(is_malformed(rules::type_mismatch));
}

TEST(Validate, RefusesUnknownOpcodesWhereTheyStand) {
  const auto result = check(body({0x01, 0xFF, 0x0B}));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().rule().id, rules::opcode.id);
  EXPECT_EQ(result.error().detail(), "found ff");
  expect_rule(body({0xFC, 0x7F, 0x0B}), rules::opcode);
}

TEST(Validate, KnowsIndexSpaces) {
  expect_rule(body({0x20, 0, 0x1A, 0x0B}), rules::unknown_local);
  expect_rule(body({0x23, 0, 0x1A, 0x0B}), rules::unknown_global);
  expect_rule(body({0x10, 1, 0x0B}), rules::unknown_func);
  expect_rule(body({0x0C, 1, 0x0B}), rules::unknown_label);
  expect_rule(body({0x3F, 0, 0x1A, 0x0B}), rules::unknown_mem);
  expect_rule(body({0xFC, 9, 0, 0x0B}), rules::data_count_required);
  expect_rule(body({0xD2, 0, 0x1A, 0x0B}), rules::undeclared_ref);
}

TEST(Validate, RefusesImmediatesThatThereAreNot) {
  expect_rule(body({0x05, 0x0B}), rules::else_without_if);
  expect_rule(body({0x02, 0x40, 0x05, 0x0B, 0x0B}), rules::else_without_if);
  expect_rule(body({0xD0, 0x6E, 0xFB, 0x18, 4, 0, 0x6E, 0x6E, 0x1A, 0x0B}), rules::castop);
  expect_rule(body({0x1F, 0x40, 1, 4, 0, 0x0B, 0x0B}), rules::catch_kind);
  expect_rule(body({0x41, 0, 0x28, 0x80, 1, 0, 0x1A, 0x0B}), rules::memarg_flags);
  const auto fence = check(body({0xFE, 3, 1, 0x0B}), Features::all());
  ASSERT_FALSE(fence);
  EXPECT_EQ(fence.error().rule().id, rules::zero_byte.id);
}

TEST(Validate, WantsAtomicsNaturallyAligned) {
  const auto with = [](int align) {
    Bytes code = Bytes().add({1, 9, 0, 0x41, 0, 0xFE, 0x10, align, 0, 0x1A, 0x0B});
    return check(header()
                     .append(section(1, Bytes().add({1, 0x60, 0, 0})))
                     .append(section(3, Bytes().add({1, 0})))
                     .append(section(5, Bytes().add({1, 0, 1})))
                     .append(section(10, code)),
                 Features::all());
  };
  EXPECT_TRUE(with(2)) << with(2).error().text();
  for (const int align : {1, 3}) {
    const auto result = with(align);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().rule().id, rules::atomic_alignment.id);
  }
}

TEST(Validate, LetsDeadCodeBe) {
  EXPECT_TRUE(check(body({0x00, 0x6A, 0x1A, 0x0B})));
  EXPECT_TRUE(check(body({0x00, 0xD4, 0xD1, 0x1A, 0x0B})));
  expect_rule(body({0x00, 0x42, 0, 0x6A, 0x1A, 0x0B}), rules::type_mismatch);
}

TEST(Validate, LooksAtALabelOncePerTable) {
  // A million times a label that takes 1000 operands.
  Bytes type;
  type.add({2, 0x60, 0, 0, 0x60, 0}).u32(1000).repeat(0x7F, 1000);
  Bytes entry;
  entry.add({0, 0x02, 1});
  for (int i = 0; i < 1001; ++i) entry.add({0x41, 0});
  entry.add({0x0E}).u32(1'000'000).repeat(0, 1'000'001).add({0x0B, 0x00, 0x0B});
  Bytes code;
  code.add({1}).u32(static_cast<std::uint32_t>(entry.size())).append(entry);
  const auto module = check(header()
                                .append(section(1, type))
                                .append(section(3, Bytes().add({1, 0})))
                                .append(section(10, code)));
  EXPECT_TRUE(module) << module.error().text();
}

TEST(Validate, GatesOperators) {
  Features no_tail = Features::wasm3();
  no_tail.disable(Gate::tail_call);
  EXPECT_TRUE(check(body({0x12, 0, 0x0B})));
  const auto refused = check(body({0x12, 0, 0x0B}), no_tail);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rule().id, rules::feature_off.id);
  Features no_floats = Features::wasm3();
  no_floats.disable(Gate::floats);
  EXPECT_FALSE(check(body({0x43, 0, 0, 0, 0, 0x1A, 0x0B}), no_floats));
}

TEST(Validate, FindsTheFirstErrorWithAnyNumberOfThreads) {
  constexpr int n = 2000;
  Bytes funcs;
  Bytes codes;
  funcs.u32(n);
  codes.u32(n);
  for (int i = 0; i < n; ++i) {
    funcs.add({0});
    if (i == 700 || i == 701 || i > 1500) {
      codes.add({3, 0, 0x1A, 0x0B});
    } else {
      codes.add({2, 0, 0x0B});
    }
  }
  const Bytes bytes = header()
                          .append(section(1, Bytes().add({1, 0x60, 0, 0})))
                          .append(section(3, funcs))
                          .append(section(10, codes));
  const auto one = check(bytes, Features::wasm3(), 1);
  ASSERT_FALSE(one);
  for (int i = 0; i < 20; ++i) {
    const auto many = check(bytes, Features::wasm3(), 4);
    ASSERT_FALSE(many);
    EXPECT_EQ(many.error().span(), one.error().span());
  }
}

TEST(Validate, TellsEqualTypesFromDifferentOnesAcrossGroups) {
  // (rec (type $a (struct (ref $a)))) twice is one type; a third with a mutable field is not.
  const Bytes types =
      section(1, Bytes().add({3, 0x5F, 1, 0x64, 0, 0, 0x5F, 1, 0x64, 1, 0, 0x5F, 1, 0x64, 2, 1}));
  const auto module = decode(Blob::own(header().append(types).take()));
  ASSERT_TRUE(module);
  TypeRegistry registry;
  const auto ids = registry.intern(module->types.raw());
  ASSERT_TRUE(ids);
  EXPECT_EQ((*ids)[0], (*ids)[1]);
  EXPECT_NE((*ids)[0], (*ids)[2]);
  const auto again = registry.intern(module->types.raw());
  EXPECT_EQ(*again, *ids);
  EXPECT_EQ(registry.size(), 2U);
}

TEST(Validate, InternsHostFunctionsWithThoseOfModules) {
  const auto module = decode(
      Blob::own(header().append(section(1, Bytes().add({1, 0x60, 1, 0x7F, 1, 0x7E}))).take()));
  ASSERT_TRUE(module);
  TypeRegistry registry;
  const auto host = registry.intern_func({{TypeCode::i32}, {TypeCode::i64}});
  const auto ids = registry.intern(module->types.raw());
  EXPECT_EQ((*ids)[0], *host);
  EXPECT_NE(*registry.intern_func({{TypeCode::i32}, {}}), *host);
}

/// Counts what a translator would see.
struct Watcher {
  int ops = 0;
  int dead = 0;
  std::uint32_t max_height = 0;
  ValType selected;
  template <Op op>
  void on(const ImmOf<op>& /*imm*/, std::uint32_t /*offset*/, const ExprChecker& state) {
    ++ops;
    if (!state.reachable_before()) ++dead;
    max_height = std::max(max_height, state.height());
    if constexpr (op == Op::select) selected = state.popped();
    if constexpr (op == Op::end) EXPECT_EQ(state.height(), state.closed().height);
  }
};

TEST(Validate, ShowsAnObserverTheStateBehindEachOperator) {
  const auto module =
      check(body({0x41, 1, 0x42, 2, 0x42, 3, 0x41, 0, 0x1B, 0x1A, 0x1A, 0x0F, 0x01, 0x0B}));
  ASSERT_TRUE(module) << module.error().text();
  const ValidationContext context(*module);
  Watcher watcher;
  ExprValidator<Watcher> validator(context, watcher);
  ASSERT_TRUE(validator.run(FuncIdx(0U)));
  EXPECT_EQ(watcher.ops, 10);
  EXPECT_EQ(watcher.dead, 2);
  EXPECT_EQ(watcher.max_height, 4U);
  EXPECT_EQ(watcher.selected, ValType(TypeCode::i64));
}

TEST(Validate, ChecksCustomPageSizesAndSharedMemories) {
  const auto all = Features::all();
  EXPECT_TRUE(check(header().append(section(5, Bytes().add({1, 8, 1, 0}))), all));
  const auto odd = check(header().append(section(5, Bytes().add({1, 8, 1, 3}))), all);
  ASSERT_FALSE(odd);
  EXPECT_EQ(odd.error().rule().id, rules::page_size.id);
  EXPECT_TRUE(check(header().append(section(5, Bytes().add({1, 3, 1, 2}))), all));
  const auto unbounded = check(header().append(section(5, Bytes().add({1, 2, 1}))), all);
  ASSERT_FALSE(unbounded);
  EXPECT_EQ(unbounded.error().rule().id, rules::shared_needs_max.id);
  EXPECT_FALSE(check(header().append(section(5, Bytes().add({1, 3, 1, 2}))), Features::wasm2()));
}

void expect_closed(const Bytes& bytes, Gate gate, std::string_view what) {
  Features features = Features::wasm3();
  Bytes copy;
  copy.append(bytes);
  Module module = *decode(Blob::own(copy.take()), features);
  const auto result = validate(std::move(module), features.disable(gate));
  ASSERT_FALSE(result) << what;
  EXPECT_EQ(result.error().rule().id, rules::feature_off.id);
  EXPECT_EQ(result.error().detail(), what);
}

// A module that was not decoded under the same features (a text, for example) is checked as well.
TEST(Validate, EnforcesClosedGates) {
  const auto type = [](std::initializer_list<int> bytes) {
    return header().append(section(1, Bytes().add(bytes)));
  };
  expect_closed(type({1, 0x60, 0, 2, 0x7F, 0x7F}), Gate::multi_value,
                "more than one result needs `multi-value`");
  expect_closed(type({1, 0x4E, 1, 0x60, 0, 0}), Gate::gc, "recursion group needs `gc`");
  expect_closed(type({1, 0x50, 0, 0x60, 0, 0}), Gate::gc, "subtype needs `gc`");
  expect_closed(type({1, 0x5F, 0}), Gate::gc, "structure type needs `gc`");
  expect_closed(type({1, 0x5E, 0x7F, 0}), Gate::gc, "array type needs `gc`");
  expect_closed(type({1, 0x60, 1, 0x6E, 0}), Gate::gc, "`anyref` needs `gc`");
  expect_closed(type({1, 0x60, 0, 0}).append(section(13, Bytes().add({1, 0, 0}))), Gate::exceptions,
                "tag needs `exceptions`");
}

TEST(Validate, RefusesOperatorsOfOtherProposalsByName) {
  const auto detail = [](std::initializer_list<int> ops) {
    return std::string(check(body(ops)).error().detail());
  };
  EXPECT_EQ(detail({0xE0, 0, 0x0B}), "found `cont.new`; stack switching is not supported");
  EXPECT_EQ(detail({0xFB, 0x22, 0, 0x0B}),
            "found `ref.get_desc`; custom descriptors are not supported");
  EXPECT_EQ(detail({0xFC, 0x12, 0, 0x0B}),
            "found `memory.discard`; memory control is not supported");
  EXPECT_EQ(detail({0xFE, 4, 0x0B}), "found `pause`; acquire-release atomics are not supported");
  EXPECT_EQ(detail({0xFE, 0x4F, 0, 0, 0x0B}),
            "found `global.atomic.get`; shared-everything-threads is not supported");
}

// The bits that proposals take of the alignment are told from an alignment that is too large.
TEST(Validate, RefusesFlagsOfAlignmentsByName) {
  const auto detail = [](std::initializer_list<int> ops) {
    const auto result = check(
        header()
            .append(section(1, Bytes().add({1, 0x60, 0, 0})))
            .append(section(3, Bytes().add({1, 0})))
            .append(section(5, Bytes().add({1, 0, 1})))
            .append(section(10, Bytes().add({1, static_cast<int>(ops.size() + 1), 0}).add(ops))));
    return result ? std::string() : std::string(result.error().detail());
  };
  EXPECT_EQ(detail({0x41, 0, 0xFE, 0x10, 0x12, 1, 0, 0x1A, 0x0B}),
            "`i32.atomic.load`: found flag 0x10, an ordering; acquire-release atomics are not "
            "supported");
  EXPECT_EQ(detail({0x41, 0, 0x28, 0x21, 0, 0, 0x1A, 0x0B}),
            "`i32.load`: found flag 0x20, an array type; multibyte array access is not supported");
}

// What decoding leaves of a memory and an offset does not tell how they were written.
TEST(Validate, RefusesBytesOfClosedMemoryFeatures) {
  const auto detail = [](std::initializer_list<int> ops, Gate gate) {
    const auto result = check(
        header()
            .append(section(1, Bytes().add({1, 0x60, 0, 0})))
            .append(section(3, Bytes().add({1, 0})))
            .append(section(5, Bytes().add({1, 0, 1})))
            .append(section(10, Bytes().add({1, static_cast<int>(ops.size() + 1), 0}).add(ops))),
        Features::wasm3().disable(gate));
    return result ? std::string("valid") : std::string(result.error().detail());
  };
  const auto memory = Gate::multi_memory;
  const std::string flag = "a memory index behind the alignment needs `multi-memory`";
  const std::string byte = "a memory index that is not a zero byte needs `multi-memory`";
  EXPECT_EQ(detail({0x41, 0, 0x28, 2, 0, 0x1A, 0x0B}, memory), "valid");
  EXPECT_EQ(detail({0x41, 0, 0x28, 0x82, 0, 0, 0x1A, 0x0B}, memory), "valid");
  EXPECT_EQ(detail({0x41, 0, 0x28, 0x42, 0, 0, 0x1A, 0x0B}, memory), "`i32.load`: " + flag);
  EXPECT_EQ(detail({0x41, 0, 0x28, 0xC2, 0x80, 0, 0, 0, 0x1A, 0x0B}, memory),
            "`i32.load`: " + flag);
  EXPECT_EQ(detail({0x41, 0, 0xFD, 0x80, 0, 0x44, 0, 0, 0x1A, 0x0B}, memory),
            "`v128.load`: " + flag);
  EXPECT_EQ(detail({0x3F, 0x80, 0, 0x1A, 0x0B}, memory), "`memory.size`: " + byte);
  EXPECT_EQ(detail({0x41, 0, 0x40, 0x80, 0, 0x1A, 0x0B}, memory), "`memory.grow`: " + byte);
  EXPECT_EQ(detail({0x41, 0, 0x28, 0x42, 0x80, 0, 0, 0x1A, 0x0B}, Gate::tail_call), "valid");
  EXPECT_EQ(detail({0x3F, 0x80, 0, 0x1A, 0x0B}, Gate::tail_call), "valid");
  const auto wide = {0x41, 0, 0x28, 2, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 0x1A, 0x0B};
  EXPECT_EQ(detail(wide, Gate::memory64), "`i32.load`: an offset beyond u32 needs `memory64`");
  EXPECT_EQ(detail(wide, memory), "valid");
  EXPECT_EQ(detail({0x41, 0, 0x28, 0x42, 0, 0, 0x1A, 0x0B}, Gate::memory64), "valid");
}

TEST(Validate, RefusesTypesOfOtherProposalsByName) {
  const auto detail = [](std::initializer_list<int> bytes) {
    const auto result = check(header().append(section(1, Bytes().add(bytes))), Features::all());
    return result ? std::string() : std::string(result.error().detail());
  };
  EXPECT_EQ(detail({1, 0x5D, 0}), "found `cont`; stack switching is not supported");
  EXPECT_EQ(detail({1, 0x60, 1, 0x68, 0}), "found `cont`; stack switching is not supported");
  EXPECT_EQ(detail({1, 0x60, 1, 0x63, 0x75, 0}),
            "found `nocont`; stack switching is not supported");
  EXPECT_EQ(detail({1, 0x4D, 0, 0x5F, 0}),
            "found `descriptor`; custom descriptors are not supported");
  EXPECT_EQ(detail({1, 0x60, 1, 0x63, 0x62, 0, 0}),
            "found `exact`; custom descriptors are not supported");
  EXPECT_EQ(detail({1, 0x60, 1, 0x63, 0x65, 0x6E, 0}),
            "found `shared`; of shared-everything-threads only the flags of tables and globals are "
            "read");
}

// Spec: the proposal `shared-everything-threads`: what is shared holds what may be shared.
TEST(Validate, SharedGlobalsAndTablesHoldWhatIsShared) {
  const auto global = [](std::initializer_list<int> bytes) {
    return header().append(section(6, Bytes().add(bytes)));
  };
  for (const int flags : {2, 3}) {
    EXPECT_TRUE(check(global({1, 0x7F, flags, 0x41, 0, 0x0B}), Features::all()));
    const auto closed = check(global({1, 0x7F, flags, 0x41, 0, 0x0B}), Features::standard());
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().rule().id, rules::mutability.id);
    EXPECT_NE(closed.error().detail().find("`shared-everything-threads`"), std::string::npos);
  }
  const auto reference = check(global({1, 0x70, 2, 0xD0, 0x70, 0x0B}), Features::all());
  ASSERT_FALSE(reference);
  EXPECT_EQ(reference.error().rule().id, rules::shared_type.id);
}

// Spec: the proposal `compact-imports`.
TEST(Validate, ChecksGroupsOfImports) {
  const auto module = [](std::initializer_list<int> imports) {
    return header()
        .append(section(1, Bytes().add({1, 0x60, 0, 0})))
        .append(section(2, Bytes().add(imports)));
  };
  // (import "m" (item "a" (func 0)) (item "b" (global i32)))
  const std::initializer_list<int> types = {1, 1, 'm', 0,   0x7F, 2,    1, 'a',
                                            0, 0, 1,   'b', 3,    0x7F, 0};
  // (import "m" (item "a") (item "b") (global i32))
  const std::initializer_list<int> one_type = {1, 1, 'm', 0, 0x7E, 3, 0x7F, 0, 2, 1, 'a', 1, 'b'};
  for (const auto& form : {types, one_type}) {
    const auto valid = check(module(form), Features::standard());
    ASSERT_TRUE(valid) << valid.error().text();
    EXPECT_EQ((*valid)->imports.size(), 2U);
    EXPECT_EQ((*valid)->imports[1].module, "m");
    EXPECT_EQ((*valid)->imports[1].name, "b");
    EXPECT_EQ(encode(**valid), module(form).take());
    const auto closed = check(module(form), Features::wasm3());
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().rule().id, rules::import_kind.id);
    EXPECT_NE(closed.error().detail().find("`compact-imports`"), std::string::npos);
  }
  // Groups of nothing; the type of one is checked all the same.
  EXPECT_TRUE(check(module({2, 0, 0, 0x7F, 0, 0, 0, 0x7E, 0, 0, 0}), Features::standard()));
  const auto unknown = check(module({1, 0, 0, 0x7E, 0, 7, 0}), Features::standard());
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().rule().id, rules::unknown_type.id);
}

// Who changes imports need not know of groups.
TEST(Encode, ImportsThatLeftTheirGroupStandAlone) {
  Bytes bytes = header().append(
      section(2, Bytes().add({1, 1, 'm', 0, 0x7F, 2, 1, 'a', 3, 0x7F, 0, 1, 'b', 3, 0x7F, 0})));
  Module module = *decode(Blob::own(bytes.take()), Features::standard());
  module.imports[1].module = "a";
  const auto again = decode(Blob::own(encode(module)), Features::standard());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_TRUE(again->import_groups.empty());
  EXPECT_EQ(again->imports[1].module, "a");
}

TEST(Validate, TakesTheTableOfTheFirstVersion) {
  const auto table = [](int flags) {
    return header().append(section(4, Bytes().add({1, 0x70, flags, 1, 1})));
  };
  EXPECT_TRUE(check(table(1), Features::mvp()));
  EXPECT_TRUE(check(table(1), Features::wasm1()));
  EXPECT_FALSE(check(table(3), Features::standard()));
  const auto shared = check(table(3), Features::all());
  ASSERT_FALSE(shared);
  EXPECT_EQ(shared.error().rule().id, rules::shared_type.id);
}

}  // namespace
}  // namespace tenon::core
