// SPDX-License-Identifier: Apache-2.0
// What a hostile component must not do to us: take more time or memory than its size warrants.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "tenon/base/sanitizers.h"
#include "tenon/component/decode.h"
#include "tenon/component/limits.h"
#include "tenon/component/rules.h"
#include "tenon/component/validate.h"

namespace tenon::component {
namespace {

using Bytes = std::vector<std::uint8_t>;

void append(Bytes& out, const Bytes& more) {
  out.insert(out.end(), more.begin(), more.end());
}
Bytes leb(std::uint32_t n) {
  Writer out;
  out.u32(n);
  return out.take();
}
Bytes text(const std::string& name) {
  Writer out;
  out.name(name);
  return out.take();
}

/// A component, section by section.
struct Binary {
  Bytes bytes = {0x00, 0x61, 0x73, 0x6D, 0x0D, 0x00, 0x01, 0x00};
  Binary& section(std::uint8_t id, const Bytes& content) {
    bytes.push_back(id);
    append(bytes, leb(static_cast<std::uint32_t>(content.size())));
    append(bytes, content);
    return *this;
  }
  /// `n` times the same item, or `item(i)`.
  Binary& items(std::uint8_t id, std::uint32_t n, const std::function<Bytes(std::uint32_t)>& item) {
    Bytes content = leb(n);
    for (std::uint32_t i = 0; i < n; ++i) append(content, item(i));
    return section(id, content);
  }
  Binary& items(std::uint8_t id, std::uint32_t n, const Bytes& item) {
    return items(id, n, [&](std::uint32_t) { return item; });
  }
};

/// The rule that a component breaks, or none.
std::string broken_rule(const Bytes& bytes) {
  auto component = decode(Blob::borrow(bytes));
  if (!component) return std::string(component.error().rule().id);
  const auto valid = validate(std::move(*component));
  return valid ? "" : std::string(valid.error().rule().id);
}

/// The same in a process that may take `megabytes` more than this one has, and five seconds: a
/// limit, not a measurement. Under a sanitizer, whose shadow has no bounds, just the rule.
std::string broken_rule_within(const Bytes& bytes, std::size_t megabytes) {
#ifdef TENON_SANITIZED
  static_cast<void>(megabytes);
  return broken_rule(bytes);
#else
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    std::size_t pages = 0;
    if (std::FILE* f = std::fopen("/proc/self/statm", "r"); f != nullptr) {
      std::array<char, 64> text{};
      if (std::fgets(text.data(), text.size(), f) == nullptr) ::_exit(2);
      pages = std::strtoul(text.data(), nullptr, 10);
      std::fclose(f);
    }
    const rlim_t most =
        pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) + (megabytes << 20U);
    const rlimit memory{most, most};
    const rlimit time{5, 5};
    if (::setrlimit(RLIMIT_AS, &memory) != 0 || ::setrlimit(RLIMIT_CPU, &time) != 0) ::_exit(2);
    const std::string rule = broken_rule(bytes) + ".";
    ::_exit(::write(ends[1], rule.data(), rule.size()) < 0 ? 2 : 0);
  }
  ::close(ends[1]);
  std::string out(256, '\0');
  const ssize_t n = ::read(ends[0], out.data(), out.size());
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  out.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  if (status != 0 || out.empty()) return "it took more than it may";
  out.pop_back();
  return out;
#endif
}

constexpr std::uint32_t a_million = 999'990;
constexpr std::string_view valid;

Bytes nested_components(int depth) {
  std::vector<std::uint32_t> sizes = {8};
  for (int i = 1; i < depth; ++i) {
    const auto head = static_cast<std::uint32_t>(leb(sizes.back()).size());
    sizes.push_back(sizes.back() + 8 + 1 + head);
  }
  Bytes out = Binary().bytes;
  for (std::size_t i = sizes.size() - 1; i-- > 0;) {
    out.push_back(0x04);
    append(out, leb(sizes[i]));
    append(out, Binary().bytes);
  }
  return out;
}

TEST(Security, Item7NestedComponentsAreReadToADepthOfAHundred) {
  EXPECT_EQ(broken_rule(nested_components(100)), valid);
  EXPECT_EQ(broken_rule(nested_components(101)), rules::depth.id);
  EXPECT_EQ(broken_rule_within(nested_components(100'000), 8), rules::depth.id);
}

TEST(Security, Item9TypesThatGrowExponentiallyAreRefusedInLinearTime) {
  // (type (tuple u8 u8)), then each a tuple of the one before, twice
  const auto pairs = [](std::uint32_t n) {
    return Binary()
        .items(7, n,
               [](std::uint32_t i) {
                 Bytes out = {0x6F, 0x02};
                 for (int k = 0; k < 2; ++k) append(out, i == 0 ? Bytes{0x7D} : leb(i - 1));
                 return out;
               })
        .bytes;
  };
  EXPECT_EQ(broken_rule_within(pairs(15), 8), valid);
  EXPECT_EQ(broken_rule_within(pairs(64), 8), rules::limit.id);
  // A record whose many fields are all the largest type that is allowed.
  Bytes wide = {0x72};
  append(wide, leb(9999));
  for (std::uint32_t i = 0; i < 9999; ++i) {
    append(wide, text("f" + std::to_string(i)));
    wide.push_back(0);
  }
  Bytes types = {0x02, 0x6F, 0x7F};
  for (int i = 0; i < 127; ++i) types.push_back(0x73);
  append(types, wide);
  EXPECT_EQ(broken_rule_within(Binary().section(7, types).bytes, 8), rules::limit.id);
}

TEST(Security, Item9InstanceTypesThatGrowExponentiallyAreRefusedInLinearTime) {
  // (type (instance (alias outer 1 N) (export "a" (instance (type 0))) (export "b" …)))
  Bytes types = leb(65);
  append(types, {0x42, 0x00});
  for (std::uint32_t i = 0; i < 64; ++i) {
    append(types, {0x42, 0x03, 0x02, 0x03, 0x02, 0x01});
    append(types, leb(i));
    append(types, {0x04, 0x00, 0x01, 'a', 0x05, 0x00, 0x04, 0x00, 0x01, 'b', 0x05, 0x00});
  }
  EXPECT_EQ(broken_rule_within(Binary().section(7, types).bytes, 8), rules::limit.id);
}

TEST(Security, Item13CustomSectionsMayLie) {
  for (const char* name : {"component-name", "producers", "component-type:world", "name",
                           "package-docs", ".debug_info", ".debug_line", "linking"}) {
    for (const Bytes& lie : {Bytes{}, Bytes{0x00}, Bytes{0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x01},
                             Bytes{0x00, 0x05, 0x04, 0xFF, 0xFE, 0x00}, Bytes(100, 0xFF)}) {
      Bytes content = text(name);
      append(content, lie);
      EXPECT_EQ(broken_rule(Binary().section(0, content).bytes), valid) << name;
      // Inside of a module too.
      Bytes module = {0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00, 0x00};
      append(module, leb(static_cast<std::uint32_t>(content.size())));
      append(module, content);
      EXPECT_EQ(broken_rule(Binary().section(1, module).bytes), valid) << name;
    }
  }
}

/// A bit of everything: types, an import, an alias, a module, a canonical function, an instance, an
/// export, a nested component.
Bytes corpus() {
  return Binary()
      .section(7, {0x02, 0x40, 0x00, 0x01, 0x00, 0x42, 0x01, 0x04, 0x00, 0x01, 'r', 0x03, 0x01})
      .section(10, {0x02, 0x00, 0x01, 'f', 0x01, 0x00, 0x00, 0x01, 'i', 0x05, 0x01})
      .section(6, {0x01, 0x03, 0x00, 0x00, 0x01, 'r'})
      .section(1, {0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01,
                   0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00, 0x07, 0x05, 0x01, 0x01,
                   'g',  0x00, 0x00, 0x0A, 0x04, 0x01, 0x02, 0x00, 0x0B})
      .section(2, {0x01, 0x00, 0x00, 0x00})
      .section(6, {0x01, 0x00, 0x00, 0x01, 0x00, 0x01, 'g'})
      .section(8, {0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00})
      .section(4, Binary().bytes)
      .section(5, {0x02, 0x00, 0x00, 0x00, 0x01, 0x00})
      .section(11, {0x01, 0x00, 0x01, 'g', 0x01, 0x01, 0x00})
      .bytes;
}

TEST(Security, Item14AComponentCutAtAnyByteIsAnErrorOrAComponent) {
  const Bytes whole = corpus();
  ASSERT_EQ(broken_rule(whole), valid);
  int components = 0;
  for (std::size_t n = 0; n < whole.size(); ++n) {
    if (broken_rule(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n))).empty())
      ++components;
  }
  // One at the end of the preamble and of each section but the last.
  EXPECT_EQ(components, 10);
}

TEST(Security, Item15AFlippedBitIsAnErrorOrAComponent) {
  Bytes bytes = corpus();
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
    bytes[bit / 8] ^= mask;
    static_cast<void>(broken_rule(bytes));
    bytes[bit / 8] ^= mask;
  }
}

TEST(Security, Item20ImportsOfOneNameUpToKebabCaseAreRefused) {
  const auto imports = [](const std::string& a, const std::string& b) {
    Bytes content = {0x02};
    for (const std::string& name : {a, b}) {
      content.push_back(0x00);
      append(content, text(name));
      append(content, {0x01, 0x00});
    }
    return Binary().section(7, {0x01, 0x40, 0x00, 0x01, 0x00}).section(10, content).bytes;
  };
  EXPECT_EQ(broken_rule(imports("foo-bar", "foo-bar")), rules::name_conflict.id);
  EXPECT_EQ(broken_rule(imports("foo-bar", "FOO-bar")), rules::name_conflict.id);
  EXPECT_EQ(broken_rule(imports("foo-bar", "foo-BAR")), rules::name_conflict.id);
  EXPECT_EQ(broken_rule(imports("foo-bar", "foo-bar2")), valid);
  EXPECT_EQ(broken_rule(imports("foo-bar", "foobar")), rules::name_conflict.id);
  EXPECT_EQ(broken_rule(imports("foo-bar", "foobaz")), valid);
}

TEST(Security, AMillionAliasesTakeABoundedMultipleOfTheirBytes) {
  const Bytes alias_to_type = {0x03, 0x02, 0x00, 0x00};
  EXPECT_EQ(broken_rule_within(
                Binary().section(7, {0x01, 0x7D}).items(6, a_million, alias_to_type).bytes, 160),
            valid);
  // One section each: growing must not copy all that is there for each of them.
  Binary many;
  many.section(7, {0x01, 0x7D});
  for (int i = 0; i < 300'000; ++i) many.section(6, {0x01, 0x03, 0x02, 0x00, 0x00});
  EXPECT_EQ(broken_rule_within(many.bytes, 160), valid);
  // In an instance type.
  Bytes type = {0x02, 0x7D, 0x42};
  append(type, leb(a_million));
  for (std::uint32_t i = 0; i < a_million; ++i) append(type, {0x02, 0x03, 0x02, 0x01, 0x00});
  EXPECT_EQ(broken_rule_within(Binary().section(7, type).bytes, 240), valid);
}

TEST(Security, OuterAliasesToALargeTypeBringItIn) {
  Bytes big = {0x01, 0x42};
  append(big, leb(20'001));
  append(big, {0x01, 0x40, 0x00, 0x01, 0x00});
  for (int i = 0; i < 20'000; ++i) {
    append(big, {0x04, 0x00});
    append(big, text("e" + std::to_string(i)));
    append(big, {0x01, 0x00});
  }
  // Unbundling copies the type as often as it is named: so much counts against the size of types.
  const auto with = [&](std::uint32_t aliases) {
    const Bytes inner = Binary().items(6, aliases, Bytes{0x03, 0x02, 0x01, 0x00}).bytes;
    return Binary().section(7, big).section(4, inner).bytes;
  };
  EXPECT_EQ(broken_rule_within(with(49), 160), valid);
  EXPECT_EQ(broken_rule_within(with(a_million), 160), rules::limit.id);
}

TEST(Security, AMillionTypesTakeABoundedMultipleOfTheirBytes) {
  EXPECT_EQ(broken_rule_within(Binary().items(7, a_million, Bytes{0x70, 0x7D}).bytes, 240), valid);
  const Bytes func = {0x40, 0x01, 0x01, 'x', 0x7D, 0x01, 0x00};
  EXPECT_EQ(broken_rule_within(Binary().items(7, a_million, func).bytes, 280), valid);
}

TEST(Security, CountsThatClaimMuchInsideEachOtherAllocateLittle) {
  // A hundred instance types inside each other, each of which claims all the bytes that follow.
  const std::uint32_t filler = 900'000;
  Bytes content = {0x01};
  for (int i = 0; i < 98; ++i) {
    content.push_back(0x42);
    append(content, leb(filler));
    content.push_back(0x01);
  }
  content.insert(content.end(), filler, 0x7D);
  EXPECT_NE(broken_rule_within(Binary().section(7, content).bytes, 64), valid);
}

TEST(Security, OuterReferencesThatLookCyclicAreNone) {
  // A component that names itself, its own index in the one around it, a type that is under way.
  EXPECT_EQ(broken_rule(Binary().section(6, {0x01, 0x04, 0x02, 0x00, 0x00}).bytes),
            rules::index.id);
  const Bytes names_itself = Binary().section(6, {0x01, 0x04, 0x02, 0x01, 0x00}).bytes;
  EXPECT_EQ(broken_rule(Binary().section(4, names_itself).bytes), rules::index.id);
  EXPECT_EQ(
      broken_rule(Binary().section(7, {0x01, 0x42, 0x01, 0x02, 0x03, 0x02, 0x01, 0x00}).bytes),
      rules::index.id);
  EXPECT_EQ(broken_rule(Binary().section(7, {0x01, 0x70, 0x00}).bytes), rules::index.id);
  // More scopes outward than there are.
  EXPECT_EQ(broken_rule(Binary().section(6, {0x01, 0x03, 0x02, 0x01, 0x00}).bytes),
            rules::alias_outer.id);
}

}  // namespace
}  // namespace tenon::component
