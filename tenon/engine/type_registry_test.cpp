// SPDX-License-Identifier: Apache-2.0
// Chains of supertypes: what they say, how many steps a test takes, and what a type keeps of them.
#include "tenon/engine/type_registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <random>

#include "tenon/engine/test_modules.h"

namespace tenon::engine {
namespace {

/// A module of structures, each below the type that `parents` gives, or a root; in one recursion
/// group, so that none equals another.
std::shared_ptr<const Module> tree(Engine& engine, std::span<const int> parents) {
  std::string wat = "(module (rec";
  for (const int parent : parents) {
    wat += parent < 0 ? "(type (sub (struct)))" : fmt::format("(type (sub {} (struct)))", parent);
  }
  return compile(engine, wat + "))");
}

TEST(TypeRegistry, ATypeLiesBelowThoseOfItsChainAndNoOthers) {
  Engine engine;
  std::mt19937 random(7);
  for (const int spread : {1, 2, 5, 60}) {
    std::vector<int> parents;
    std::vector<std::uint32_t> depths;
    for (int i = 0; i < 300; ++i) {
      // Near the last types chains grow long; a few are roots.
      int parent = std::max(-1, i - 1 - static_cast<int>(random() % static_cast<unsigned>(spread)));
      if (parent >= 0 && depths[static_cast<std::size_t>(parent)] == core::limits::subtyping_depth)
        parent = -1;
      parents.push_back(parent);
      depths.push_back(parent < 0 ? 0 : depths[static_cast<std::size_t>(parent)] + 1);
    }
    const auto module = tree(engine, parents);
    const auto& types = module->types();
    for (std::size_t i = 0; i < parents.size(); ++i) {
      EXPECT_EQ(types[i]->depth, depths[i]);
      std::vector<bool> above(parents.size());
      for (int at = static_cast<int>(i); at >= 0; at = parents[static_cast<std::size_t>(at)])
        above[static_cast<std::size_t>(at)] = true;
      for (std::size_t k = 0; k < parents.size(); ++k)
        EXPECT_EQ(types[i]->is_subtype_of(types[k]), above[k]) << i << " below " << k;
    }
  }
}

TEST(TypeRegistry, AWayUpTakesLogarithmicallyManySteps) {
  Engine engine;
  std::vector<int> parents;
  for (int i = 0; i <= static_cast<int>(core::limits::subtyping_depth); ++i)
    parents.push_back(i - 1);
  const auto module = tree(engine, parents);
  for (const RuntimeType* from : module->types()) {
    for (std::uint32_t wanted = 0; wanted < from->depth; ++wanted) {
      int steps = 0;
      for (const RuntimeType* at = from; at->depth > wanted; ++steps)
        at = at->jump->depth >= wanted ? at->jump : at->super;
      EXPECT_LE(steps, 3 * std::bit_width(from->depth) - 2) << from->depth << " to " << wanted;
    }
  }
}

TEST(TypeRegistry, AChainGoesOnThroughTypesOfAnotherModule) {
  Engine engine;
  const std::string first = "(type $a (sub (struct))) (type $b (sub $a (struct (field i32))))";
  const auto one = compile(engine, "(module " + first + ")");
  const auto two =
      compile(engine, "(module " + first + "(type (sub $b (struct (field i32 i32)))))");
  EXPECT_TRUE(two->types()[2]->is_subtype_of(one->types()[0]));
  EXPECT_FALSE(one->types()[1]->is_subtype_of(two->types()[2]));
}

// A module of 600,000 types, each 62 deep, took 500 bytes more for each than one of roots.
TEST(TypeRegistry, ADeepTypeTakesNoMoreThanARoot) {
  static_assert(sizeof(RuntimeType) <= 176);
  static_assert(std::is_same_v<decltype(RuntimeType::near), std::array<std::uint32_t, 8>>);
}

}  // namespace
}  // namespace tenon::engine
