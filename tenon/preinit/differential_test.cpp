// SPDX-License-Identifier: Apache-2.0
// For generated modules and components: the state after `preinit` is the one that the
// initialisation leaves at run time, and a second `preinit` changes nothing. TENON_PREINIT_CASES
// says how many of each (`make test-all` runs 10,000), TENON_PREINIT_SEED where they begin.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/component/validate.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/core/validate.h"
#include "tenon/preinit/component_tree.h"
#include "tenon/preinit/marker.h"
#include "tenon/preinit/preinit.h"
#include "tenon/preinit/test_state.h"
#include "tenon/runtime/linker.h"
#include "tenon/text/parse_component.h"
#include "tenon/text/parse_module.h"

namespace tenon::preinit {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Those of components, with their start functions.
core::Features features() {
  return core::Features::component().enable(core::Gate::cm_values);
}

class CoreSide {
 public:
  /// Instantiates; an empty message when all is well.
  std::string make(const Bytes& bytes) {
    auto decoded = core::decode(Blob::borrow(bytes));
    if (!decoded) return decoded.error().text();
    auto valid = core::validate(std::move(*decoded));
    if (!valid) return valid.error().text();
    const auto module = engine::Module::create(engine_, std::move(*valid));
    auto made = engine::Instance::create(store_, *module, {});
    if (!made) return engine::text(made.error());
    instance = *made;
    return {};
  }
  std::string call(std::string_view name) {
    const auto done = instance->func(name)->call({});
    return done ? std::string() : std::string(done.error().message());
  }
  engine::Instance* instance = nullptr;

 private:
  engine::Engine engine_;
  engine::Store store_{engine_};
};

class ComponentSide {
 public:
  std::string make(const Bytes& bytes) {
    auto decoded = component::decode(Blob::borrow(bytes), features());
    if (!decoded) return decoded.error().text();
    auto valid = component::validate(std::move(*decoded), features());
    if (!valid) return valid.error().text();
    auto component = runtime::Component::compile(engine_, std::move(*valid));
    if (!component) return component.error().text();
    auto made = runtime::Linker(engine_).instantiate(store_, *component);
    if (!made) return made.error().text();
    component_.emplace(*component);
    instance_.emplace(*made);
    tree_ = tree_of(store_, 0, 0);
    nested = !tree_.root->children.empty();
    for (const CoreNode& core : tree_.cores) cores.push_back(core.instance);
    return {};
  }
  std::string call(std::string_view name) {
    const auto func = instance_->get_func(name);
    if (!func) return func.error().text();
    const auto done = func->call({});
    return done ? std::string() : std::string(done.error().message());
  }
  std::vector<engine::Instance*> cores;
  bool nested = false;

 private:
  engine::Engine engine_;
  std::optional<runtime::Component> component_;
  runtime::Store store_{engine_};
  std::optional<runtime::Instance> instance_;
  ComponentTree tree_;
};

/// Runs `init` by `preinit`, and `nothing` by a second one, which must change nothing but what the
/// section `preinit` says; a third one not even that.
std::string twice(const Bytes& input, Bytes& out, bool keep_imports = true) {
  Options options;
  options.keep_imports = keep_imports;
  options.funcs = {"init"};
  options.features = core::is_component(input) ? features() : core::Features::standard();
  const auto first = preinit(input, options);
  if (!first) return first.error().text();
  out = first->bytes;
  options.funcs = {"nothing"};
  options.keep_init_func = true;
  const auto second = preinit(out, options);
  if (!second) return second.error().text();
  if (with_marker(second->bytes, read_marker(out)) != out)
    return "the second one changes something";
  const auto third = preinit(second->bytes, options);
  if (!third) return third.error().text();
  if (third->bytes != second->bytes || !third->report.funcs.empty())
    return "the third one does something";
  return {};
}

std::size_t count_imports(const ComponentSide& side) {
  std::size_t out = 0;
  for (const engine::Instance* core : side.cores) out += core->module().core().imports.size();
  return out;
}

/// What a run says of its own reach: a feature that no case had was not tested.
void expect_all(const Features& reached, const std::vector<std::string>& wanted) {
  for (const std::string& feature : wanted) {
    const auto found = reached.find(feature);
    const std::uint64_t count = found == reached.end() ? 0 : found->second;
    EXPECT_NE(count, 0U) << "no case reached: " << feature;
    std::printf("%10llu  %s\n", static_cast<unsigned long long>(count), feature.c_str());
  }
}

void count_shape(std::string_view text, const ComponentSide& wanted, const ComponentSide& found,
                 Features& reached) {
  if (wanted.nested) ++reached["nested component"];
  if (text.contains("(alias outer")) ++reached["alias of what is outside"];
  if (text.contains("(start $started)")) ++reached["component start function"];
  // One module in the input, several in the output: their states are different ones.
  for (std::size_t i = 0; i < wanted.cores.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (&wanted.cores[i]->module() == &wanted.cores[k]->module() &&
          &found.cores[i]->module() != &found.cores[k]->module())
        ++reached["one module, several states"];
    }
  }
}

TEST(Differential, ModulesBeginWhereTheirInitialisationEnded) {
  const std::uint64_t seed = setting("TENON_PREINIT_SEED", 1);
  const std::uint64_t cases = setting("TENON_PREINIT_CASES", 300);
  Features reached;
  for (std::uint64_t i = seed; i < seed + cases; ++i) {
    const std::string text = generate_module(i);
    const auto module = text::parse_module(text, 0, {});
    ASSERT_TRUE(module) << module.error().text() << "\n" << text;
    const Bytes input = core::encode(*module);
    CoreSide wanted;
    ASSERT_EQ(wanted.make(input), "") << text;
    ASSERT_EQ(wanted.call("init"), "") << text;
    Bytes made;
    ASSERT_EQ(twice(input, made), "") << "seed " << i << "\n" << text;
    CoreSide found;
    ASSERT_EQ(found.make(made), "") << text;
    engine::Instance* const a[] = {wanted.instance};
    engine::Instance* const b[] = {found.instance};
    ASSERT_EQ(state_difference(a, b), "") << "seed " << i << "\n" << text;
    count_features(*wanted.instance, reached);
  }
  expect_all(reached, all_features());
}

TEST(Differential, ComponentsBeginWhereTheirInitialisationEnded) {
  const std::uint64_t seed = setting("TENON_PREINIT_SEED", 1);
  const std::uint64_t cases = setting("TENON_PREINIT_CASES", 300);
  Features reached;
  for (std::uint64_t i = seed; i < seed + cases; ++i) {
    const std::string text = generate_component(i);
    const auto component = text::parse_component(text, 0, {});
    ASSERT_TRUE(component) << component.error().text() << "\n" << text;
    const Bytes input = component::encode(*component);
    ComponentSide wanted;
    ASSERT_EQ(wanted.make(input), "") << text;
    ASSERT_EQ(wanted.call("init"), "") << text;
    Bytes made;
    const std::string why = twice(input, made);
    ASSERT_EQ(why, "") << "seed " << i << "\n" << text;
    ComponentSide found;
    ASSERT_EQ(found.make(made), "") << text;
    ASSERT_EQ(state_difference(wanted.cores, found.cores), "") << "seed " << i << "\n" << text;
    // The same less the imports that only the initialisation needed.
    Bytes small;
    ASSERT_EQ(twice(input, small, false), "") << "seed " << i << "\n" << text;
    ComponentSide less;
    ASSERT_EQ(less.make(small), "") << text;
    ASSERT_EQ(state_difference(wanted.cores, less.cores, true), "") << "seed " << i << "\n" << text;
    if (count_imports(less) < count_imports(found)) ++reached["fewer imports"];
    for (engine::Instance* core : wanted.cores) count_features(*core, reached);
    count_shape(text, wanted, found, reached);
  }
  std::vector<std::string> all = all_features();
  all.insert(all.end(),
             {"imported memory", "imported table", "nested component", "alias of what is outside",
              "component start function", "one module, several states", "fewer imports"});
  expect_all(reached, all);
}

}  // namespace
}  // namespace tenon::preinit
