// SPDX-License-Identifier: Apache-2.0
#include "tenon/component/validate.h"

#include <gtest/gtest.h>

#include <ctime>

#include "tenon/component/encode.h"
#include "tenon/component/limits.h"
#include "tenon/component/rules.h"
#include "tenon/core/limits.h"

namespace tenon::component {
namespace {

using P = PrimValType;

/// Puts a component together, definition by definition.
struct Maker {
  Component c;
  Maker& add(DefinitionKind def) {
    c.definitions.push_back({std::move(def), {}});
    return *this;
  }
  Maker& type(decltype(Type::def) def) {
    Type t;
    t.def = std::move(def);
    return add(std::move(t));
  }
  Maker& import(std::string name, ExternType type) {
    Import i;
    i.name.name = std::move(name);
    i.type = type;
    return add(std::move(i));
  }
  Maker& export_(std::string name, SortKind sort, std::uint32_t idx) {
    Export e;
    e.name.name = std::move(name);
    e.item = {{sort, {}}, idx};
    return add(std::move(e));
  }
  Maker& outer(SortKind sort, std::uint32_t count, std::uint32_t idx) {
    Alias a;
    a.target = Alias::Target::outer;
    a.sort.kind = sort;
    a.instance_or_count = count;
    a.idx = idx;
    return add(std::move(a));
  }
  Result<core::Validated<Component>> validated(
      core::Features features = core::Features::component()) {
    return validate(std::move(c), features);
  }
};

ExternType sub_resource() {
  ExternType t;
  t.kind = ExternKind::type;
  t.bound = TypeBoundKind::sub_resource;
  return t;
}
ExternType of(ExternKind kind, std::uint32_t idx) {
  ExternType t;
  t.kind = kind;
  t.idx = idx;
  return t;
}
ExternName named(std::string name) {
  ExternName n;
  n.name = std::move(name);
  return n;
}
ValType at(std::uint32_t i) {
  return TypeIdx(i);
}

/// Of this process's own time: the machine may be busy with other things.
double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

#define EXPECT_BREAKS(result, wanted)                          \
  do {                                                         \
    const auto& r_ = (result);                                 \
    ASSERT_FALSE(r_);                                          \
    EXPECT_EQ(r_.error().rule(), wanted) << r_.error().text(); \
  } while (false)

TEST(ValidateComponent, EmptyOneIsValidAndHasItsInfo) {
  const auto v = Maker().validated();
  ASSERT_TRUE(v);
  ASSERT_NE((*v)->info, nullptr);
  EXPECT_TRUE((*v)->info->imports.empty());
}

TEST(ValidateComponent, ResolvedTypesAreHashConsedAndFollowAliases) {
  Maker m;
  m.type(List{P::string, {}}).type(List{P::string, {}}).outer(SortKind::type, 0, 1);
  m.type(FuncType{false, {{"a", at(0)}, {"b", at(1)}, {"c", at(2)}}, P::u32});
  m.import("f", of(ExternKind::func, 3));
  const auto v = m.validated();
  ASSERT_TRUE(v) << v.error().text();
  const ComponentInfo& info = *(*v)->info;
  ASSERT_EQ(info.types.size(), 1U);
  ASSERT_EQ(info.imports.size(), 1U);
  EXPECT_EQ(info.imports[0].name->name, "f");
  const FuncType& f = info.func_types[info.imports[0].type.func()];
  EXPECT_EQ(f.params[0].type, f.params[2].type);
}

TEST(ValidateComponent, ResourcesOfAnImportedInstanceAreBoundByWalkingItsType) {
  // (type (instance (export "r" (type (sub resource))) (type (own 0)) (type (func (result 1)))
  // (export "f" (func 2))))
  InstanceType it;
  it.decls.emplace_back(ExportDecl{named("r"), sub_resource()});
  const auto decl = [&](decltype(Type::def) def) { it.decls.emplace_back(Type{std::move(def)}); };
  decl(Own{TypeIdx(0U)});
  decl(FuncType{false, {}, at(1)});
  it.decls.emplace_back(ExportDecl{named("f"), of(ExternKind::func, 2)});
  Maker m;
  m.type(std::move(it));
  m.import("a", of(ExternKind::instance, 0)).import("b", of(ExternKind::instance, 0));
  const auto v = m.validated();
  ASSERT_TRUE(v) << v.error().text();
  const ComponentInfo& info = *(*v)->info;
  ASSERT_EQ(info.resources.size(), 2U);  // each import has its own
  const InstanceTypeInfo& a = info.instance_types[info.imports[0].type.instance()];
  const InstanceTypeInfo& b = info.instance_types[info.imports[1].type.instance()];
  EXPECT_TRUE(a.has_resources);
  const ResourceIdx ra = *a.find("r")->type.resource();
  const ResourceIdx rb = *b.find("r")->type.resource();
  EXPECT_NE(ra, rb);
  EXPECT_EQ(info.resources[ra].origin, ResourceInfo::Origin::imported);
  const FuncType& f = info.func_types[a.find("f")->type.func()];
  EXPECT_EQ(resource_of(std::get<Own>(info.types[f.result->index()])), ra);
}

TEST(ValidateComponent, TypesThatGrowExponentiallyAreRefusedInLinearTime) {
  const double begin = cpu_seconds();
  Maker m;
  m.type(Tuple{{P::u8, P::u8}});
  for (std::uint32_t i = 0; i < 60; ++i) m.type(Tuple{{at(i), at(i)}});
  EXPECT_BREAKS(m.validated(), rules::limit);
  EXPECT_LT(cpu_seconds() - begin, 1.0);
}

TEST(ValidateComponent, InstanceTypesThatGrowExponentiallyAreRefused) {
  Maker m;
  m.type(InstanceType{});
  for (std::uint32_t i = 0; i < 60; ++i) {
    InstanceType it;
    Alias a;
    a.target = Alias::Target::outer;
    a.sort.kind = SortKind::type;
    a.instance_or_count = 1;
    a.idx = i;
    it.decls.emplace_back(a);
    it.decls.emplace_back(ExportDecl{named("a"), of(ExternKind::instance, 0)});
    it.decls.emplace_back(ExportDecl{named("b"), of(ExternKind::instance, 0)});
    m.type(std::move(it));
  }
  const auto v = m.validated();
  ASSERT_FALSE(v);
  EXPECT_TRUE(v.error().rule() == rules::limit || v.error().rule() == rules::depth);
}

TEST(ValidateComponent, TypesNestedDeeperThanAHundredAreRefused) {
  // The primitive at the bottom is one level, as it is in wasm-tools.
  Maker ok;
  ok.type(Option{P::u8});
  for (std::uint32_t i = 0; i < 98; ++i) ok.type(List{at(i), {}});
  EXPECT_TRUE(ok.validated());
  Maker m;
  m.type(Option{P::u8});
  for (std::uint32_t i = 0; i < 99; ++i) m.type(List{at(i), {}});
  EXPECT_BREAKS(m.validated(), rules::depth);
}

// Each comparison walks up; chains as long as the binary allows made validation quadratic.
TEST(ValidateComponent, ACoreTypeHasAsFewSupertypesAboveAsInAModule) {
  const auto chain = [](std::uint32_t types) {
    Maker m;
    for (std::uint32_t i = 0; i < types; ++i) {
      core::SubType type;
      type.final_ = false;
      if (i != 0) type.supers.emplace_back(i - 1);
      type.type.kind = core::CompType::Kind::struct_;
      CoreType group;
      group.rec_group.push_back(std::move(type));
      m.add(std::move(group));
    }
    return m.validated(core::Features::all());
  };
  EXPECT_TRUE(chain(core::limits::subtyping_depth + 1));
  EXPECT_BREAKS(chain(core::limits::subtyping_depth + 2), rules::limit);
}

TEST(ValidateComponent, AMillionAliasesTakeLinearTimeAndOneMoreIsTooMany) {
  const double begin = cpu_seconds();
  Maker m;
  m.type(Record{{{"a", P::u8}}});
  m.c.definitions.reserve(1'000'001);
  for (std::uint32_t i = 0; i < 999'999; ++i) m.outer(SortKind::type, 0, i);
  EXPECT_TRUE(m.validated());
  EXPECT_LT(cpu_seconds() - begin, 10.0);
  Maker too_many;
  too_many.type(Record{{{"a", P::u8}}});
  for (std::uint32_t i = 0; i < 1'000'000; ++i) too_many.outer(SortKind::type, 0, i);
  EXPECT_BREAKS(too_many.validated(), rules::limit);
}

TEST(ValidateComponent, AnOuterAliasSeesOnlyWhatStandsBefore) {
  Maker self;
  self.outer(SortKind::type, 0, 0);
  EXPECT_BREAKS(self.validated(), rules::index);
  Maker beyond;
  beyond.outer(SortKind::type, 1, 0);
  EXPECT_BREAKS(beyond.validated(), rules::alias_outer);
  // A nested component that names its own index in the parent.
  Maker inner;
  inner.outer(SortKind::component, 1, 0);
  Maker outer;
  outer.add(std::make_unique<Component>(std::move(inner.c)));
  EXPECT_BREAKS(outer.validated(), rules::index);
}

TEST(ValidateComponent, AHundredNestedComponentsAreValidAndOneMoreIsNot) {
  const auto nested = [](int n) {
    Component c;
    for (int i = 1; i < n; ++i) {
      Maker m;
      m.add(std::make_unique<Component>(std::move(c)));
      c = std::move(m.c);
    }
    return c;
  };
  EXPECT_TRUE(validate(nested(100)));
  EXPECT_BREAKS(validate(nested(101)), rules::depth);
}

TEST(ValidateComponent, NamesThatDifferInCaseOnlyAreNotUnique) {
  Maker m;
  m.type(FuncType{});
  m.import("foo-bar", of(ExternKind::func, 0)).import("FOO-bar", of(ExternKind::func, 0));
  EXPECT_BREAKS(m.validated(), rules::name_conflict);
}

TEST(ValidateComponent, AManyTimesInstantiatedLargeComponentIsRefusedNotRewrittenForever) {
  const double begin = cpu_seconds();
  Maker inner;
  inner.import("r", sub_resource()).type(Own{TypeIdx(0U)});
  inner.type(FuncType{false, {{"a", at(1)}}, {}});
  inner.import("f", of(ExternKind::func, 2));
  for (int i = 0; i < 100'000; ++i) inner.export_("e" + std::to_string(i), SortKind::func, 0);
  Maker m;
  m.add(std::make_unique<Component>(std::move(inner.c)));
  m.import("r", sub_resource()).type(Own{TypeIdx(0U)});
  m.type(FuncType{false, {{"a", at(1)}}, {}}).import("f", of(ExternKind::func, 2));
  for (int i = 0; i < 999; ++i) {
    Instance inst;
    inst.component = ComponentIdx(0U);
    inst.args.push_back({"r", {{SortKind::type, {}}, 0}});
    inst.args.push_back({"f", {{SortKind::func, {}}, 0}});
    m.add(std::move(inst));
  }
  const auto v = m.validated();
  EXPECT_BREAKS(v, rules::limit);
  EXPECT_LT(cpu_seconds() - begin, 20.0);
}

TEST(ValidateComponent, GatesAreToldByName) {
  Maker m;
  m.type(List{P::u8, 4U});
  const auto v = m.validated();
  EXPECT_BREAKS(v, rules::feature_off);
  EXPECT_NE(v.error().help_text().find("cm-fixed-length-lists"), std::string::npos);
  Maker open;
  open.type(List{P::u8, 4U});
  EXPECT_TRUE(open.validated(core::Features::all()));
}

TEST(ValidateComponent, ModulesMoveIntoTheInfoAndEncodingFindsThem) {
  const std::vector<std::uint8_t> empty = {0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00};
  auto module = std::make_unique<core::Module>();
  module->bytes = Blob::own(empty);
  Maker m;
  m.add(std::move(module));
  const auto v = m.validated();
  ASSERT_TRUE(v) << v.error().text();
  EXPECT_EQ((*v)->info->modules.size(), 1U);
  EXPECT_EQ(encode(**v).size(), 8 + 2 + empty.size());
}

TEST(ValidateComponent, ValuesAreUsedExactlyOnce) {
  auto features = core::Features::all();
  const auto value = [] {
    Value v;
    v.type = P::u8;
    v.bytes = {7};
    return v;
  };
  Maker unused;
  unused.add(value());
  EXPECT_BREAKS(unused.validated(features), rules::value_used);
  Maker once;
  once.add(value()).export_("v", SortKind::value, 0);
  EXPECT_TRUE(once.validated(features));
  Maker twice;
  twice.add(value()).export_("v", SortKind::value, 0).export_("w", SortKind::value, 0);
  EXPECT_BREAKS(twice.validated(features), rules::value_used);
  Maker wrong;
  Value v = value();
  v.bytes = {7, 8};
  wrong.add(std::move(v));
  EXPECT_BREAKS(wrong.validated(features), rules::value_bytes);
}

TEST(ValidateComponent, NamesThatTheSpecificationGaveUpAreWarnings) {
  const auto with = [](std::string name, std::vector<Error>* warnings) {
    Maker m;
    m.type(FuncType{}).import(std::move(name), of(ExternKind::func, 0));
    return validate(std::move(m.c), core::Features::component(), warnings);
  };
  for (const char* name :
       {"url=<https://a/b.wasm>", "url=<a>,integrity=<sha256-x>", "integrity=<sha256-x>",
        "locked-dep=<a:b@1.2.3>", "unlocked-dep=<a:b@{>=1.2.3 <2.0.0}>"}) {
    std::vector<Error> warnings;
    const auto v = with(name, &warnings);
    ASSERT_TRUE(v) << v.error().text();
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_EQ(warnings[0].rule(), rules::retired_name);
    EXPECT_EQ(warnings[0].severity(), Severity::warning);
    EXPECT_EQ((*v)->info->imports[0].name->name, name);
    EXPECT_FALSE(with(name, nullptr)) << "scripts of the suites ask for an error";
  }
  for (const char* name : {"url=<a", "url=<<>", "relative-url=<a>", "url=<a>,b", "url="}) {
    std::vector<Error> warnings;
    EXPECT_FALSE(with(name, &warnings)) << name;
  }
}

TEST(ValidateComponent, GatesThatAreOpenByDefaultAreThoseOfWasmTools) {
  using core::Gate;
  const auto open = core::Features::component();
  for (const Gate gate :
       {Gate::component_model, Gate::cm_async, Gate::cm_map, Gate::cm_implements, Gate::threads,
        Gate::wide_arithmetic, Gate::memory64, Gate::gc, Gate::exceptions, Gate::relaxed_simd}) {
    EXPECT_TRUE(open.has(gate)) << core::to_string(gate);
  }
  for (const Gate gate :
       {Gate::cm_async_stackful, Gate::cm_more_async_builtins, Gate::cm_threading,
        Gate::cm_error_context, Gate::cm_fixed_length_lists, Gate::cm_nested_names,
        Gate::cm_canon_names, Gate::cm_values, Gate::cm_forward, Gate::cm_accessors, Gate::cm_gc,
        Gate::cm64, Gate::custom_page_sizes, Gate::shared_everything_threads}) {
    EXPECT_FALSE(open.has(gate)) << core::to_string(gate);
  }
}

TEST(ValidateComponent, AGateForComponentsAsSuch) {
  auto closed = core::Features::component();
  closed.disable(core::Gate::component_model);
  const auto v = Maker().validated(closed);
  EXPECT_BREAKS(v, rules::feature_off);
  EXPECT_TRUE(v.error().text().contains("a component")) << v.error().text();
  EXPECT_FALSE(Maker().validated(core::Features::wasm2()));
}

TEST(ValidateComponent, ASuffixCompletesTheVersionThatIsImplemented) {
  auto features = core::Features::component();
  features.enable(core::Gate::cm_canon_names);
  const auto with = [&](const char* name, const char* implements, const char* suffix) {
    Maker m;
    m.type(InstanceType{}).import(name, of(ExternKind::instance, 0));
    auto& import = std::get<Import>(m.c.definitions.back().def);
    if (implements != nullptr) import.name.add(AttributeKind::implements, implements);
    import.name.add(AttributeKind::version_suffix, suffix);
    return m.validated(features);
  };
  EXPECT_TRUE(with("a:b/c@1", nullptr, ".2.3"));
  EXPECT_TRUE(with("x", "a:b/c@1", ".2.3"));
  EXPECT_BREAKS(with("x", nullptr, ".2.3"), rules::version_suffix);
  EXPECT_BREAKS(with("x", "a:b/c", ".2.3"), rules::version_suffix);
  EXPECT_BREAKS(with("x", "a:b/c@1", ".2"), rules::version_suffix);
}

TEST(ValidateComponent, AsManyInstancesAsElsewhere) {
  const auto with = [](std::uint32_t n) {
    Maker m;
    for (std::uint32_t i = 0; i < n; ++i) m.add(Instance{});
    return m.validated();
  };
  EXPECT_TRUE(with(limits::instances));
  EXPECT_BREAKS(with(limits::instances + 1), rules::limit);
}

}  // namespace
}  // namespace tenon::component
