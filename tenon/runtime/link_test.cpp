// SPDX-License-Identifier: Apache-2.0

// Linking compares the types of everything that goes in: what is declared for an import is what
// code was compiled against. And `component::match`, which does the comparing.
#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "tenon/component/match.h"
#include "tenon/component/validate.h"
#include "tenon/core/validate.h"
#include "tenon/runtime/embed_test.h"
#include "tenon/runtime/linked_exports.h"
#include "tenon/runtime/rules.h"
#include "tenon/text/parse_module.h"

namespace tenon {
namespace {

class Link : public Embed {
 protected:
  /// Links `user` with what `provider` exports: "fits", or the words of the error.
  std::string link(std::string_view provider, std::string_view user) {
    Linker with(engine);
    with.allow_shadowing(true);
    if (auto ok = with.link(instantiate(store, provider)); !ok) return words(ok.error());
    const auto instance = with.instantiate(store, compile(engine, user));
    return instance ? "fits" : words(instance.error());
  }
  void expect_misfit(std::string_view provider, std::string_view user, std::string_view part) {
    const auto said = link(provider, user);
    EXPECT_NE(said.find("what is provided for an import has another type"), std::string::npos)
        << said;
    EXPECT_NE(said.find(part), std::string::npos) << said;
  }
  /// A component that imports the module `m` of that type and one that exports such a module.
  static std::string takes(std::string_view type) {
    return "(component (import \"m\" (core module " + std::string(type) + ")))";
  }
  static std::string gives(std::string_view module) {
    return "(component (core module $m " + std::string(module) +
           ") (export \"m\" (core module $m)))";
  }
};

// The value of a reference parameter was taken from an integer: any host address could be read.
TEST_F(Link, AModuleWhoseParameterIsAReferenceIsNoModuleOfIntegers) {
  const std::string user = R"((component
    (import "m" (core module $m (export "f" (func (param i64) (result i64)))))
    (core instance $i (instantiate $m))
    (func (export "f") (param "x" u64) (result u64) (canon lift (core func $i "f")))))";
  expect_misfit(gives(R"((type $s (struct (field (mut i64))))
                  (func (export "f") (param (ref null $s)) (result i64)
                    (struct.get $s 0 (local.get 0))))"),
                user,
                "export `f`: found `(func (param (ref null 0)) (result i64))`, wanted "
                "`(func (param i64) (result i64))`");
  std::string results;
  std::string values;
  for (int i = 0; i < 400; ++i) {
    results += " i64";
    values += " (i64.const 1)";
  }
  expect_misfit(gives("(func (export \"f\") (param i64) (result" + results + ")" + values + ")"),
                user, "export `f`: found `(func (param i64) (result i64 i64");
  expect_misfit(gives("(func (export \"f\") (param" + results + ") (result i64) (local.get 40))"),
                user, "wanted `(func (param i64) (result i64))`");
  expect_misfit(gives("(memory (export \"f\") 1)"), user,
                "export `f`: found `(memory 1)`, wanted `(func (param i64) (result i64))`");
  expect_misfit(gives("(memory (export \"g\") 1)"), user, "export `f`: found nothing, wanted");
  EXPECT_EQ(link(gives("(func (export \"f\") (param i64) (result i64) (local.get 0))"
                       "(func (export \"more\"))"),
                 user),
            "fits");
}

TEST_F(Link, AModulesExportsAreCovariantAndItsImportsContravariant) {
  struct Case {
    std::string_view type;
    std::string_view module;
    bool fits;
  };
  constexpr Case cases[] = {
      {"(export \"m\" (memory 1))", "(memory (export \"m\") 2)", true},
      {"(export \"m\" (memory 2))", "(memory (export \"m\") 1)", false},
      {"(export \"m\" (memory 1 4))", "(memory (export \"m\") 1)", false},
      {"(export \"m\" (memory 1 4))", "(memory (export \"m\") 1 3)", true},
      {"(export \"m\" (memory i64 1))", "(memory (export \"m\") 1)", false},
      {"(export \"m\" (memory 1))", "(memory (export \"m\") i64 1)", false},
      {"(export \"t\" (table 1 funcref))", "(table (export \"t\") 1 externref)", false},
      {"(export \"t\" (table 1 funcref))", "(table (export \"t\") 2 funcref)", true},
      {"(export \"t\" (table i64 1 funcref))", "(table (export \"t\") 2 funcref)", false},
      {"(export \"g\" (global i32))", "(global (export \"g\") (mut i32) (i32.const 0))", false},
      {"(export \"g\" (global (mut i32)))", "(global (export \"g\") i32 (i32.const 0))", false},
      {"(export \"g\" (global anyref))", "(global (export \"g\") i31ref (ref.null i31))", true},
      {"(export \"g\" (global (mut anyref)))",
       "(global (export \"g\") (mut i31ref) (ref.null i31))", false},
      {"(export \"g\" (global i31ref))", "(global (export \"g\") anyref (ref.null any))", false},
      {"(export \"t\" (tag (param i32)))", "(tag (export \"t\") (param i64))", false},
      {"(export \"t\" (tag (param i32)))", "(tag (export \"t\") (param i32))", true},
      {"(type (sub (func))) (export \"f\" (func (type 0)))",
       "(type (sub (func))) (func (export \"f\") (type 0))", true},
      {"(type (sub (func))) (export \"f\" (func (type 0)))",
       "(type (sub (func))) (type (sub 0 (func))) (func (export \"f\") (type 1))", true},
      {"(type (sub (func))) (type (sub 0 (func))) (export \"f\" (func (type 1)))",
       "(type (sub (func))) (func (export \"f\") (type 0))", false},
      {"(export \"f\" (func))", "(type (sub (func))) (func (export \"f\") (type 0))", false},
      {"(import \"a\" \"b\" (func (param i32)))", "(import \"a\" \"b\" (func (param i32)))", true},
      {"(import \"a\" \"b\" (func (param i32)))", "(import \"a\" \"b\" (func (param i64)))", false},
      {"(import \"a\" \"b\" (func))", "(func (export \"unused\"))", true},
      {"", "(import \"a\" \"b\" (func))", false},
      {"(import \"a\" \"b\" (memory 2))", "(import \"a\" \"b\" (memory 1))", true},
      {"(import \"a\" \"b\" (memory 1))", "(import \"a\" \"b\" (memory 2))", false},
      {"(import \"a\" \"b\" (func))",
       "(import \"a\" \"b\" (func)) (import \"a\" \"b\" (func (param i32)))", false},
      // Two names are two names, whatever characters they hold.
      {"(import \"a\\00b\" \"c\" (func))", "(import \"a\" \"b\\00c\" (func))", false},
  };
  for (const auto& c : cases) {
    // A component's own module may not import a name twice, one that a host gives may.
    Linker with(engine);
    auto module = text::parse_module(c.module);
    ASSERT_TRUE(module) << c.module << module.error().text();
    auto valid = core::validate(*std::move(module), core::Features::all());
    ASSERT_TRUE(valid) << c.module << valid.error().text();
    ASSERT_TRUE(
        with.root().module("m", Module(*engine::Module::create(engine, *std::move(valid)))));
    const auto pre = with.instantiate_pre(compile(engine, takes(c.type)));
    EXPECT_EQ(pre.has_value(), c.fits)
        << c.type << " <- " << c.module << (pre ? "" : words(pre.error()));
  }
}

TEST_F(Link, AnInstanceOfAnotherEngineIsRefusedWithItsModules) {
  Engine other;
  Linker with(engine);
  auto module = text::parse_module("(module)");
  auto valid = core::validate(*std::move(module), core::Features::all());
  ASSERT_TRUE(with.root().module("m", Module(*engine::Module::create(other, *std::move(valid)))));
  ASSERT_TRUE(with.root().component("c", compile(other, "(component)")));
  for (const auto& wat : {takes(""), std::string("(component (import \"c\" (component)))")}) {
    const auto pre = with.instantiate_pre(compile(engine, wat));
    ASSERT_FALSE(pre) << wat;
    EXPECT_EQ(pre.error().rule(), runtime::rules::other_engine) << words(pre.error());
  }
}

// An imported component that imports more than its type says called a null function.
TEST_F(Link, AComponentIsComparedWithTheTypeThatIsImported) {
  const std::string user = R"((component
    (import "c" (component $c (export "y" (func (param "a" u32) (result u32)))))
    (instance $i (instantiate $c))
    (export "y" (func $i "y"))))";
  expect_misfit(R"((component (component $c
                  (import "x" (func $x (param "a" u32) (result u32)))
                  (export "y" (func $x)))
                (export "c" (component $c))))",
                user, "import `x`: found nothing, wanted `func(a: u32) -> u32`");
  const auto exporting = [](std::string_view type) {
    return R"((component (component $c
      (core module $M (func (export "y") (param i32) (result i32) (local.get 0)))
      (core instance $m (instantiate $M))
      (func (export "y") )" +
           std::string(type) + R"( (canon lift (core func $m "y"))))
      (export "c" (component $c))))";
  };
  expect_misfit(exporting("(param \"a\" s32) (result u32)"), user,
                "export `y`, parameter `a`: found `s32`, wanted `u32`");
  expect_misfit(exporting("(param \"b\" u32) (result u32)"), user,
                "export `y`: found `func(b: u32) -> u32`, wanted `func(a: u32) -> u32`");
  EXPECT_EQ(link(exporting("(param \"a\" u32) (result u32)"), user), "fits");
}

TEST_F(Link, AnImportedComponentsResourcesStandForEachOther) {
  const std::string user = R"((component
    (import "c" (component
      (import "r" (type $r (sub resource)))
      (import "f" (func (param "x" (borrow $r))))
      (export "s" (type $s (sub resource)))
      (export "g" (func (param "x" (borrow $r)) (result (own $s))))))))";
  const auto gives_component = [](std::string_view body) {
    return "(component (component $c " + std::string(body) + ") (export \"c\" (component $c)))";
  };
  const std::string head = R"(
      (import "r" (type $r (sub resource)))
      (import "f" (func (param "x" (borrow $r))))
      (core module $M (func (export "g") (param i32) (result i32) unreachable))
      (core instance $m (instantiate $M))
      (type $own' (resource (rep i32)))
      (export $s "s" (type $own')))";
  EXPECT_EQ(link(gives_component(head + R"((func (export "g") (param "x" (borrow $r))
                                            (result (own $s)) (canon lift (core func $m "g"))))"),
                 user),
            "fits");
  expect_misfit(gives_component(head + R"((func (export "g") (param "x" (borrow $s))
                                            (result (own $s)) (canon lift (core func $m "g"))))"),
                user, "export `g`, parameter `x`: found `borrow<s>`, wanted `borrow<r>`");
}

constexpr std::string_view two_resources = R"((component
  (core module $M (func (export "f") (param i32)))
  (core instance $m (instantiate $M))
  (type $a' (resource (rep i32)))
  (type $b' (resource (rep i32)))
  (export $a "a" (type $a'))
  (export $b "b" (type $b'))
  (export "a2" (type $a))
  (func (export "f") (param "x" (borrow $b)) (canon lift (core func $m "f")))
  (type $t' u32)
  (export "t" (type $t'))))";

TEST_F(Link, ATypeThatMustEqualAnotherIsCompared) {
  EXPECT_EQ(link(two_resources, R"((component
                  (import "a" (type $a (sub resource)))
                  (import "a2" (type (eq $a)))))"),
            "fits");
  expect_misfit(two_resources, R"((component
                  (import "a" (type $a (sub resource)))
                  (import "b" (type (eq $a)))))",
                "`b` is another resource than the one imported as `a`");
  expect_misfit(two_resources, R"((component
                  (import "a" (type $a (sub resource)))
                  (import "f" (func (param "x" (borrow $a))))))",
                "parameter `x`: found `borrow<b>`, wanted `borrow<a>`");
  expect_misfit(two_resources, "(component (type $t u64) (import \"t\" (type (eq $t))))",
                "`t` is the type `u32`");
  expect_misfit(two_resources, "(component (type $t u64) (import \"a\" (type (eq $t))))",
                "`a` is a resource");
  EXPECT_EQ(link(two_resources, "(component (type $t u32) (import \"t\" (type (eq $t))))"), "fits");
}

// An interface that only `use`s a resource asked the host to define it once more.
TEST_F(Link, AnInterfaceThatOnlyUsesAsksForNothing) {
  const auto component = compile(engine, R"((component
    (import "types" (instance $types (export "r" (type (sub resource)))))
    (alias export $types "r" (type $r))
    (import "names" (instance
      (alias outer 1 $r (type $r'))
      (export "r" (type (eq $r')))
      (type $p (record (field "x" u8)))
      (export "p" (type (eq $p)))))))");
  struct Thing {};
  Linker with(engine);
  EXPECT_FALSE(with.instantiate(store, component)) << "the resource itself is wanted";
  ASSERT_TRUE(with.instance("types").resource<Thing>("r"));
  const auto instance = with.instantiate(store, component);
  EXPECT_TRUE(instance) << words(instance.error());
}

// A null function was defined, and called when the guest called the import.
TEST_F(Link, AFunctionThatIsMissingIsNotDefined) {
  void (*none)(std::uint32_t) = nullptr;
  for (const auto& refused : {linker.root().func_wrap("f", none), linker.root().func_new("f", {}),
                              linker.root().func_wrap("f", std::function<void()>())}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().rule().id, "no-function");
    EXPECT_EQ(refused.error().detail(), "`f` was given a null or empty function");
  }
  EXPECT_TRUE(linker.root().func_wrap("f", [] {}));
}

TEST_F(Link, ALinkerSaysWhatItDefines) {
  ASSERT_TRUE(linker.instance("a:b/c@1.2.0").func_wrap("f", [] {}));
  ASSERT_TRUE(linker.root().func_wrap("g", [] {}));
  for (const char* name : {"g", "a:b/c@1.2.0", "a:b/c@1.3.0"})
    EXPECT_TRUE(linker.defines(name)) << name;
  for (const char* name : {"h", "f", "a:b/c", "a:b/c@2.0.0", ""})
    EXPECT_FALSE(linker.defines(name)) << name;
  const Linker moved = std::move(linker);
  EXPECT_TRUE(moved.defines("g"));
  EXPECT_FALSE(linker.defines("g"));  // NOLINT(bugprone-use-after-move): what is tested
}

TEST_F(Link, TwoResourcesOfTheHostAreNotOne) {
  ASSERT_TRUE(linker.root().resource("a", [](Store&, std::uint32_t) {}));
  ASSERT_TRUE(linker.root().resource("b", [](Store&, std::uint32_t) {}));
  const auto pre = linker.instantiate_pre(compile(engine, R"((component
    (import "a" (type $a (sub resource))) (import "b" (type (eq $a)))))"));
  ASSERT_FALSE(pre);
  EXPECT_EQ(pre.error().rule(), runtime::rules::import_type);
  // What is not defined under the second name is the first.
  EXPECT_TRUE(linker.instantiate_pre(compile(engine, R"((component
    (import "a" (type $a (sub resource))) (import "c" (type (eq $a)))))")));
}

// A function of the host that a guest hands on has the type under which the guest had it.
TEST_F(Link, AHostFunctionThatAGuestExportsKeepsItsType) {
  ASSERT_TRUE(linker.root().func_new(
      "f", [](Store&, std::span<const Value>) -> Outcome<std::optional<Value>> {
        return Value::u32(7);
      }));
  const auto middle = instantiate(store, R"((component
    (import "f" (func $f (param "x" string) (result u32))) (export "g" (func $f))))");
  Linker with(engine);
  ASSERT_TRUE(with.link(middle));
  const auto pre = with.instantiate_pre(
      compile(engine, R"((component (import "g" (func (param "x" u32) (result u32)))))"));
  ASSERT_FALSE(pre);
  EXPECT_NE(words(pre.error()).find("parameter `x`: found `string`, wanted `u32`"),
            std::string::npos)
      << words(pre.error());
}

// A result that the type has not was dropped without a word.
TEST_F(Link, AHostFunctionGivesAResultWhereItsTypeHasOne) {
  std::optional<Value> given = Value::u32(7);
  ASSERT_TRUE(linker.root().func_new(
      "f", [&](Store&, std::span<const Value>) -> Outcome<std::optional<Value>> { return given; }));
  const auto f = [&] {
    return *instantiate(store,
                        R"((component (import "f" (func $f)) (core func $l (canon lower (func $f)))
      (core module $M (import "" "f" (func $f)) (func (export "g") (call $f)))
      (core instance $m (instantiate $M (with "" (instance (export "f" (func $l))))))
      (func (export "g") (canon lift (core func $m "g")))))")
                .get_typed_func<void()>(store, "g");
  };
  const auto wrong = f()();
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message(), "the host function `f` gave a result, which its type has not");
  given.reset();
  EXPECT_TRUE(f()());
}

TEST_F(Link, TheHighestCompatibleVersionIsFoundAmongMany) {
  int called = 0;
  for (int i = 0; i < 300; ++i) {
    auto at = linker.instance("a:b/c@1.0." + std::to_string(i));
    ASSERT_TRUE(at.func_new(
        "f", [&called, i](Store&, std::span<const Value>) -> Outcome<std::optional<Value>> {
          called = i;
          return std::nullopt;
        }));
  }
  std::string imports;
  for (int i = 1000; i < 1300; ++i)
    imports += "(import \"a:b/c@1.0." + std::to_string(i) + "\" (instance (export \"f\" (func))))";
  EXPECT_TRUE(linker.instantiate_pre(compile(engine, "(component " + imports + ")")));
  EXPECT_EQ(run(R"((component
    (import "a:b/c@1.0.1000" (instance $i (export "f" (func)))) (export "f" (func $i "f"))))"),
            "done");
  EXPECT_EQ(called, 299);
}

// --- stores --------------------------------------------------------------------------------------

constexpr std::string_view gives_f = R"((component
  (core module $M (func (export "f") (param i32) (result i32) (local.get 0)))
  (core instance $m (instantiate $M))
  (func (export "f") (param "x" u32) (result u32) (canon lift (core func $m "f")))))";
constexpr std::string_view wants_a = R"((component
  (import "a" (instance $a (export "f" (func (param "x" u32) (result u32)))))
  (export "f" (func $a "f"))))";
constexpr std::string_view wants_a_and_b = R"((component
  (import "a" (instance $a (export "f" (func (param "x" u32) (result u32)))))
  (import "b" (instance $b (export "f" (func (param "x" u32) (result u32)))))
  (export "f" (func $a "f")) (export "g" (func $b "f"))))";

TEST_F(Link, ItemsOfTwoStoresAreRefused) {
  Store other(engine);
  Linker with(engine);
  ASSERT_TRUE(with.link("a", instantiate(store, gives_f)));
  ASSERT_TRUE(with.link("b", instantiate(other, gives_f)));
  const auto both = compile(engine, wants_a_and_b);
  for (Store* in : {&store, &other}) {
    const auto instance = with.instantiate(*in, both);
    ASSERT_FALSE(instance);
    EXPECT_EQ(instance.error().rule(), runtime::rules::other_store);
  }
  const auto one = with.instantiate_pre(compile(engine, wants_a));
  ASSERT_TRUE(one) << words(one.error());
  EXPECT_TRUE(one->instantiate(store));
  const auto elsewhere = one->instantiate(other);
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().rule(), runtime::rules::other_store);
}

// It was "another store", or a type that does not fit.
TEST_F(Link, WhatAnotherEngineMadeIsToldFromWhatAnotherStoreHolds) {
  using runtime::rules::other_engine;
  Engine far;
  Store elsewhere(far);
  const auto theirs = *Linker(far).instantiate(elsewhere, compile(far, gives_f));
  Linker with(engine);
  ASSERT_TRUE(with.link("a", theirs));
  const auto linked = with.instantiate_pre(compile(engine, wants_a));
  ASSERT_FALSE(linked);
  EXPECT_EQ(linked.error().rule(), other_engine) << words(linked.error());
  EXPECT_NE(words(linked.error()).find("`a`"), std::string::npos) << words(linked.error());
  EXPECT_NE(linked.error().help_text().find("one `Engine`"), std::string::npos);

  EXPECT_EQ(theirs.get_func(store, "f").error().rule(), other_engine);
  const auto typed = theirs.get_typed_func<std::uint32_t(std::uint32_t)>(elsewhere, "f");
  ASSERT_TRUE(typed);
  const auto called = typed->call(store, 7);
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().refusal()->rule(), other_engine);
  const auto dynamic =
      runtime::call(store, theirs.get_func("f")->inst(), std::vector<Value>{Value::u32(7)});
  ASSERT_FALSE(dynamic);
  EXPECT_EQ(dynamic.error().refusal()->rule(), other_engine);
}

// A new store came to the address of the old one, and passed for it.
TEST_F(Link, ItemsOfAStoreThatIsGoneAreRefused) {
  std::optional<Store> place;
  place.emplace(engine);
  Linker with(engine);
  ASSERT_TRUE(with.link("a", instantiate(*place, gives_f)));
  const auto component = compile(engine, wants_a);
  const auto before = with.instantiate_pre(component);
  ASSERT_TRUE(before);
  const auto old = instantiate(*place, gives_f);
  const auto typed = old.get_typed_func<std::uint32_t(std::uint32_t)>(*place, "f");
  ASSERT_TRUE(typed);
  place.emplace(engine);
  const auto now = with.instantiate_pre(component);
  ASSERT_FALSE(now);
  EXPECT_NE(words(now.error()).find("the import `a` runs in a store that is gone"),
            std::string::npos)
      << words(now.error());
  const auto late = before->instantiate(*place);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().rule(), runtime::rules::other_store);
  EXPECT_EQ(old.get_func(*place, "f").error().rule(), runtime::rules::other_store);
  EXPECT_FALSE(typed->call(*place, 1));
}

TEST_F(Link, AFunctionIsCalledInItsOwnStore) {
  Store other(engine);
  const auto instance = instantiate(store, gives_f);
  const auto typed = instance.get_typed_func<std::uint32_t(std::uint32_t)>(store, "f");
  ASSERT_TRUE(typed);
  EXPECT_EQ(typed->call(store, 7), 7U);
  EXPECT_FALSE(typed->call(other, 7));
  EXPECT_EQ(instance.get_func(other, "f").error().rule(), runtime::rules::other_store);
  EXPECT_FALSE((instance.get_typed_func<std::uint32_t(std::uint32_t)>(other, "f")));
  const auto func = instance.get_func(store, "f");
  ASSERT_TRUE(func);
  const Value seven[] = {Value::u32(7)};
  EXPECT_TRUE(runtime::call(store, func->inst(), seven));
  EXPECT_FALSE(runtime::call(other, func->inst(), seven));
}

TEST_F(Link, ACopiedLinkerHasDefinitionsOfItsOwn) {
  const auto component =
      compile(engine, "(component (import \"a:b/c\" (instance (export \"f\" (func)))))");
  Linker first(engine);
  auto in_first = first.instance("a:b/c");
  Linker second(first);
  ASSERT_TRUE(in_first.func_wrap("f", [] {}));
  EXPECT_TRUE(first.instantiate_pre(component));
  EXPECT_FALSE(second.instantiate_pre(component));
  second.allow_shadowing(true);
  EXPECT_FALSE(in_first.func_wrap("f", [] {})) << "the original keeps its own setting";
  // A place to define in stays right when its linker moves, and when it goes.
  Linker third(std::move(first));
  ASSERT_TRUE(in_first.func_wrap("g", [] {}));
  EXPECT_TRUE(third.instantiate_pre(component));
  {
    third = Linker(engine);
  }
  EXPECT_TRUE(in_first.func_wrap("h", [] {}));
}

// --- what an instantiation takes -----------------------------------------------------------------

TEST_F(Link, AnInstancesIndexSpacesAreCharged) {
  std::string exports;
  for (int i = 0; i < 2000; ++i) exports += "(export \"e" + std::to_string(i) + "\" (func $f))";
  const auto component = compile(engine, R"((component
    (core module $M (func (export "f")))
    (core instance $m (instantiate $M))
    (func $f (canon lift (core func $m "f"))) )" +
                                             exports + ")");
  runtime::StoreLimits limits;
  limits.core.host_bytes = 1U << 20U;
  Store small(engine, limits);
  int made = 0;
  while (made < 1000 && linker.instantiate(small, component)) ++made;
  EXPECT_GE(made, 1);
  EXPECT_LT(made, 100);
  const auto failed = linker.instantiate(small, component);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().rule(), runtime::rules::limit);
}

TEST_F(Link, AnInterruptionStopsAnInstantiation) {
  const auto component = compile(engine, gives_f);
  store.interrupt_handle().interrupt();
  const auto instance = linker.instantiate(store, component);
  ASSERT_FALSE(instance);
  ASSERT_NE(instance.error().trap(), nullptr);
  EXPECT_EQ(instance.error().trap()->code(), engine::TrapCode::interrupted);
}

// It took minutes when each import was sought among all arguments.
TEST_F(Link, ManyArgumentsAreFoundOneByOne) {
  constexpr int many = 30'000;
  std::string imports;
  std::string fields;
  std::string outer;
  std::string args;
  for (int i = 0; i < many; ++i) {
    const auto n = std::to_string(i);
    imports += "(import \"f" + n + "\" (func))";
    args += "(with \"f" + n + "\" (func $f))";
    fields += "(import \"m" + n + "\" \"f\" (func))";
    outer += "(with \"m" + n + "\" (instance $m))";
  }
  EXPECT_EQ(
      run("(component (core module $M (func (export \"f\"))) (core instance $m (instantiate $M))"
          "(func $f (canon lift (core func $m \"f\")))"
          "(component $c " +
          imports + ") (instance (instantiate $c " + args +
          "))"
          "(core module $N " +
          fields + ") (core instance (instantiate $N " + outer +
          "))"
          "(export \"f\" (func $f)))"),
      "done");
}

TEST_F(Link, ATrapOfAnInstantiationIsToldFromAnError) {
  const auto traps = linker.instantiate(store, compile(engine, R"((component
    (core module $M (func $f unreachable) (start $f)) (core instance (instantiate $M))))"));
  ASSERT_FALSE(traps);
  ASSERT_NE(traps.error().trap(), nullptr);
  EXPECT_EQ(traps.error().trap()->code(), engine::TrapCode::unreachable);
  EXPECT_EQ(traps.error().rule().id, "trap");
  const Result<Instance> as_result = linker.instantiate(store, compile(engine, wants_a));
  ASSERT_FALSE(as_result);
  EXPECT_EQ(as_result.error().rule(), runtime::rules::import_missing);
}

// --- component::match ----------------------------------------------------------------------------

std::string matched(std::string_view actual, std::string_view expected) {
  const auto info = [](std::string_view wat) {
    auto parsed = text::parse_component(wat);
    EXPECT_TRUE(parsed) << wat << parsed.error().text();
    auto valid = component::validate(*std::move(parsed), core::Features::all());
    EXPECT_TRUE(valid) << wat << valid.error().text();
    return *std::move(valid);
  };
  const auto a = info(actual);
  const auto e = info(expected);
  const auto why = component::match(*a->info, *e->info);
  return why ? why->text() : "fits";
}

std::string imports_func(std::string_view types, std::string_view type) {
  return "(component " + std::string(types) + " (import \"f\" (func " + std::string(type) + ")))";
}

TEST(Match, NamesThePlaceAndBothTypes) {
  struct Case {
    std::string_view given;
    std::string_view wanted;
    std::string_view text;
  };
  constexpr Case cases[] = {
      {"(param \"x\" u32)", "(param \"x\" u64)",
       "import `f`, parameter `x`: found `u64`, wanted `u32`"},
      {"(result (list (option string)))", "(result (list (option char)))",
       "import `f`, result, list element, some: found `char`, wanted `string`"},
      {"(result (result u8 (error u16)))", "(result (result u8 (error u8)))",
       "import `f`, result, err: found `u8`, wanted `u16`"},
      {"(result (result u8))", "(result (result (error u8)))",
       "import `f`, result: found `result<_, u8>`, wanted `result<u8>`"},
      {"(param \"x\" (tuple u8 u16))", "(param \"x\" (tuple u8 u8))",
       "import `f`, parameter `x`, tuple field 1: found `u8`, wanted `u16`"},
      {"(param \"x\" (list u8 4))", "(param \"x\" (list u8 5))",
       "import `f`, parameter `x`: found `list<u8, 5>`, wanted `list<u8, 4>`"},
      {"", "(result u8)", "import `f`: found `func() -> u8`, wanted `func()`"},
      {"(param \"x\" u8)", "(param \"y\" u8)",
       "import `f`: found `func(y: u8)`, wanted `func(x: u8)`"},
      {"(param \"x\" (list u8))", "(param \"x\" string)",
       "import `f`, parameter `x`: found `string`, wanted `list<u8>`"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(matched(imports_func("", c.given), imports_func("", c.wanted)), c.text);
    EXPECT_EQ(matched(imports_func("", c.given), imports_func("", c.given)), "fits");
  }
  constexpr std::string_view r1 =
      "(type $r' (record (field \"a\" u8) (field \"b\" u8))) (import \"r\" (type $r (eq $r')))";
  constexpr std::string_view r2 =
      "(type $r' (record (field \"a\" u8) (field \"b\" s8))) (import \"r\" (type $r (eq $r')))";
  EXPECT_EQ(matched(imports_func(r1, "(param \"x\" $r)"), imports_func(r2, "(param \"x\" $r)")),
            "import `r`, field `b`: found `s8`, wanted `u8`");
}

TEST(Match, TellsWhatIsMissingAndWhatIsNear) {
  EXPECT_EQ(matched("(component (import \"f\" (func)))", "(component)"),
            "import `f`: found nothing, wanted `func()`");
  EXPECT_EQ(matched("(component)", "(component (import \"f\" (func)))"), "fits");
  EXPECT_EQ(matched("(component (import \"f\" (func)))", "(component (import \"f\" (component)))"),
            "import `f`: found `component`, wanted `func()`");
  EXPECT_EQ(matched("(component (import \"i\" (instance (export \"f\" (func)))))",
                    "(component (import \"i\" (instance)))"),
            "import `i`, export `f`: found nothing, wanted `func()`");
}

TEST_F(Link, AComponentThatWasMovedFromStaysUsable) {
  Component from = compile(engine, "(component)");
  const Component to = std::move(from);
  // NOLINTBEGIN(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
  EXPECT_EQ(&from.engine(), &to.engine());
  EXPECT_TRUE(linker.instantiate(store, from));
  auto pre = *linker.instantiate_pre(from);
  const auto taken = std::move(pre);
  EXPECT_TRUE(pre.instantiate(store));
  EXPECT_TRUE(taken.instantiate(store));
  // NOLINTEND(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
}

TEST_F(Link, ALinkerThatWasMovedFromRefusesEverything) {
  Linker from(engine);
  ASSERT_TRUE(from.root().func_wrap("f", [] {}));
  const Linker to = std::move(from);
  // NOLINTBEGIN(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
  const auto refused = from.root().func_wrap("f", [] {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rule(), runtime::rules::moved_from);
  EXPECT_FALSE(from.instance("a:b/c").instance("d").func_wrap("f", [] {}));
  from.allow_shadowing(true);
  const Component user = compile(engine, "(component (import \"f\" (func)))");
  EXPECT_FALSE(from.define_unknown_imports_as_traps(user));
  const auto pre = from.instantiate_pre(user);
  ASSERT_FALSE(pre);
  EXPECT_EQ(pre.error().rule(), runtime::rules::moved_from);
  EXPECT_FALSE(from.instantiate(store, user));
  EXPECT_TRUE(to.instantiate_pre(user));
  // A copy of nothing is an empty linker.
  Linker copy(from);
  EXPECT_FALSE(copy.instantiate_pre(user));
  EXPECT_TRUE(copy.root().func_wrap("f", [] {}));
  EXPECT_TRUE(copy.instantiate_pre(user));
  from = to;
  EXPECT_TRUE(from.instantiate_pre(user));
  // NOLINTEND(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
}

TEST_F(Link, AnInterfaceTakesTheNameOfAFunctionOnlyWhereNamesMayBeTakenTwice) {
  Linker with(engine);
  ASSERT_TRUE(with.root().func_wrap("i", [] {}));
  const auto refused = with.instance("i").instance("j").func_wrap("f", [] {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rule(), runtime::rules::import_defined_twice);
  const Component wants_func = compile(engine, "(component (import \"i\" (func)))");
  const Component wants_instance =
      compile(engine, "(component (import \"i\" (instance (export \"f\" (func)))))");
  EXPECT_TRUE(with.instantiate_pre(wants_func));
  with.allow_shadowing(true);
  EXPECT_TRUE(with.instance("i").func_wrap("f", [] {}));
  EXPECT_TRUE(with.instantiate_pre(wants_instance));
  EXPECT_FALSE(with.instantiate_pre(wants_func));
}

// Each type has 2^18 parts when all are walked.
TEST(Match, SharedPartsAreComparedOnce) {
  std::string types = "(type $t0 u8)";
  for (int i = 1; i < 18; ++i) {
    const auto n = std::to_string(i);
    const auto before = "$t" + std::to_string(i - 1);
    types += " (type $t" + n + " (tuple " + before + " " + before + "))";
  }
  std::string imports;
  for (int i = 0; i < 10; ++i)
    imports += " (import \"f" + std::to_string(i) + "\" (func (param \"x\" $t17)))";
  EXPECT_EQ(matched("(component " + types + imports + ")", "(component " + types + imports + ")"),
            "fits");
}

TEST(Match, ALongTypeHasAShortText) {
  std::string fields;
  for (int i = 0; i < 5000; ++i) fields += " (field \"f" + std::to_string(i) + "\" u8)";
  const auto with = [&](std::string_view last) {
    return "(component (type $r' (record" + fields + " (field \"z\" " + std::string(last) +
           "))) (import \"r\" (type $r (eq $r'))) (import \"f\" (func (param \"x\" $r))))";
  };
  EXPECT_EQ(matched(with("u8"), with("u16")), "import `r`, field `z`: found `u16`, wanted `u8`");
  EXPECT_LT(matched(with("u8"), "(component (import \"r\" (component)))").size(), 600U);
}

TEST_F(Link, ANameThatTwoLinkedComponentsExportIsNoImport) {
  const auto exports = compile(engine, R"((component (instance $i) (export "x" (instance $i))))");
  const auto wraps = compile(engine, R"((component
    (import "x" (instance)) (instance $i) (export "x" (instance $i))))");
  const auto imports = compile(engine, R"((component (import "x" (instance))))");
  const auto other = compile(engine, R"((component (import "y" (instance))))");
  runtime::LinkedExports linked;
  EXPECT_TRUE(linked.add(exports.info(), "a.wasm"));
  EXPECT_TRUE(linked.add(wraps.info(), "b.wasm")) << "it imports what it replaces";
  EXPECT_TRUE(linked.check(imports.info()));
  EXPECT_TRUE(linked.add(exports.info(), "c.wasm"));
  EXPECT_TRUE(linked.check(other.info())) << "nobody imports it";
  for (const auto& said : {linked.check(imports.info()), linked.add(wraps.info(), "d.wasm")}) {
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().rule(), runtime::rules::import_defined_twice);
    EXPECT_EQ(said.error().detail(), "`x` is exported by `b.wasm` and by `c.wasm`");
  }
}

}  // namespace
}  // namespace tenon
