// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "tenon/component/decode.h"
#include "tenon/wit/component_type.h"
#include "tenon/wit/from_component.h"
#include "tenon/wit/load.h"
#include "tenon/wit/print.h"
#include "tenon/wit/to_component.h"

namespace tenon::wit {
namespace {

struct Loaded {
  SourceSet sources;
  Diagnostics diagnostics;
  std::optional<Packages> packages;
  std::string errors() const {
    std::string out;
    for (const Error& error : diagnostics.all()) out += render(error, sources);
    return out;
  }
};

void load_into(Loaded& out, std::string text) {
  LoadOptions options;
  options.resolve.all_features = true;
  out.packages = load_text("test.wit", std::move(text), options, out.sources, out.diagnostics);
}

/// text -> binary -> text of one package.
std::string through_binary(const Packages& packages, PackageIdx package) {
  const auto encoded = encode_package(packages, package);
  if (!encoded) return encoded.error().text();
  const std::vector<std::uint8_t>& bytes = *encoded;
  const auto component = component::decode(Blob::borrow(bytes), core::Features::all());
  if (!component) return "decode: " + component.error().text();
  if (!is_wit_package(*component)) return "not a package";
  const auto back = from_component(*component);
  if (!back) return "from_component: " + back.error().text();
  return print_package(*back, back->roots.front());
}

TEST(WitBinary, EveryEmbeddedPackageComesBackFromItsBinary) {
  Loaded loaded;
  load_into(loaded, R"(package t:t;
world w {
  include wasi:cli/command@0.2.12;
  include wasi:http/proxy@0.2.12;
  import wasi:config/store@0.2.0-rc.1;
  include wasi:keyvalue/watch-service@0.2.0-draft;
}
world p3 { include wasi:cli/command@0.3.2; include wasi:http/service@0.3.2; }
)");
  ASSERT_TRUE(loaded.packages) << loaded.errors();
  EXPECT_GE(loaded.packages->packages.size(), 15U);
  for (std::size_t i = 0; i < loaded.packages->packages.size(); ++i) {
    const PackageIdx package{i};
    EXPECT_EQ(through_binary(*loaded.packages, package), print_package(*loaded.packages, package));
  }
}

TEST(WitBinary, AWorldComesBackFromItsComponentTypeSection) {
  Loaded loaded;
  load_into(loaded, R"(package a:b@1.0.0;
interface types { resource r { constructor(x: u32); m: async func() -> list<u8>; } record p { x: u32 } }
interface i { use types.{r, p}; f: func(r: borrow<r>, p: p) -> result<r, string>; }
world w {
  use types.{p};
  type t = u64;
  import imp: interface { use types.{r}; g: func() -> r; }
  import named: i;
  import free: func(p: p) -> t;
  export i;
  export run: async func();
})");
  ASSERT_TRUE(loaded.packages) << loaded.errors();
  const auto world = select_world(*loaded.packages, std::nullopt);
  ASSERT_TRUE(world);
  const auto bytes =
      encode_component_type(*loaded.packages, *world, component::StringEncoding::utf16);
  ASSERT_TRUE(bytes) << bytes.error().text();
  const auto back = decode_component_type(*bytes);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->encoding, component::StringEncoding::utf16);
  EXPECT_EQ(back->packages.id_of(back->world), "a:b/w@1.0.0");
  const auto again =
      encode_component_type(back->packages, back->world, component::StringEncoding::utf16);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, *bytes);
}

TEST(WitBinary, WorldsOfOneModuleAreJoined) {
  std::vector<ComponentType> parts;
  for (const char* text : {"package a:b; interface i { f: func(); } interface j { type t = u32; } "
                           "world w1 { import i; export x: func(); }",
                           "package a:b; interface i { f: func(); } interface j { type t = u32; } "
                           "world w2 { import i; import j; }"}) {
    Loaded loaded;
    load_into(loaded, text);
    ASSERT_TRUE(loaded.packages) << loaded.errors();
    const auto bytes = encode_component_type(*loaded.packages, WorldIdx(0U));
    ASSERT_TRUE(bytes) << bytes.error().text();
    auto part = decode_component_type(*bytes);
    ASSERT_TRUE(part) << part.error().text();
    parts.push_back(std::move(*part));
  }
  const auto merged = merge_component_types(std::move(parts));
  ASSERT_TRUE(merged) << merged.error().text();
  EXPECT_EQ(print(merged->packages), R"(package a:b;

interface i {
  f: func();
}

interface j {
  type t = u32;
}

world w1 {
  import i;
  import j;
  export x: func();
}
)");
}

}  // namespace
}  // namespace tenon::wit
