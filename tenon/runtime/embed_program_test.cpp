// SPDX-License-Identifier: Apache-2.0
// Whole host programs, as users write them, and what crosses without a copy.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tenon/component/encode.h"
#include "tenon/runtime/embed_test.h"
#include "tenon/runtime/rules.h"

// What a host hands to the image processor: the pixels are written where the guest wants them.
namespace {
struct ImageToFill {
  std::uint32_t width;
  std::uint32_t height;
  tenon::Fill<std::uint8_t> data;
};
}  // namespace
template <>
inline constexpr auto tenon::members<ImageToFill> = std::tuple(
    tenon::member("width", &ImageToFill::width), tenon::member("height", &ImageToFill::height),
    tenon::member("data", &ImageToFill::data));
// What it gets back: the pixels where the guest has them.
namespace {
struct ImageView {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::span<const std::uint8_t> data;
};
}  // namespace
template <>
inline constexpr auto tenon::members<ImageView> = std::tuple(
    tenon::member("width", &ImageView::width), tenon::member("height", &ImageView::height),
    tenon::member("data", &ImageView::data));
namespace {
enum class Format : std::uint8_t { jpeg, png, webp };
}  // namespace
template <>
inline constexpr auto tenon::enum_labels<Format> =
    std::array<std::string_view, 3>{"jpeg", "png", "webp"};
using ResizeError = std::variant<std::string, std::monostate>;

namespace tenon {
namespace {

constexpr std::string_view calculator = R"((component
  (core module $M (func (export "add") (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1))))
  (core instance $m (instantiate $M))
  (func $add (param "a" f64) (param "b" f64) (result f64) (canon lift (core func $m "add")))
  (instance (export "calculator:math/calculator@1.0.0") (export "add" (func $add)))))";

/// Rows of three bytes a pixel; every third pixel of every second row and so on: the nearest one.
/// The types of the interface come as an import that holds nothing else.
constexpr std::string_view image_processor = R"((component
  (import "local:image-processor/types@0.1.0" (instance $types
    (type $i (record (field "width" u32) (field "height" u32) (field "data" (list u8))))
    (export "image" (type (eq $i)))
    (type $f (enum "jpeg" "png" "webp"))
    (export "format" (type (eq $f)))
    (type $e (variant (case "invalid-size" string) (case "unsupported-format")))
    (export "resize-error" (type (eq $e)))))
  (alias export $types "image" (type $image))
  (alias export $types "format" (type $format))
  (alias export $types "resize-error" (type $resize-error))
  (core module $M
    (memory (export "mem") 256)
    (global $p (mut i32) (i32.const 4096))
    (func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $r i32)
      (local.set $r (i32.and (i32.add (global.get $p) (i32.const 15)) (i32.const -16)))
      (global.set $p (i32.add (local.get $r) (local.get 3)))
      (local.get $r))
    (func (export "post") (param i32) (global.set $p (i32.const 4096)))
    (func (export "resize")
      (param $w i32) (param $h i32) (param $src i32) (param $size i32) (param $nw i32) (param $nh i32) (param $format i32)
      (result i32)
      (local $x i32) (local $y i32) (local $out i32) (local $to i32) (local $row i32) (local $at i32)
      (local.set $out (call $realloc (i32.const 0) (i32.const 0) (i32.const 1)
                            (i32.mul (i32.mul (local.get $nw) (local.get $nh)) (i32.const 3))))
      (local.set $to (local.get $out))
      (loop $rows
        (local.set $row (i32.add (local.get $src) (i32.mul (i32.const 3) (i32.mul (local.get $w)
          (i32.div_u (i32.mul (local.get $y) (local.get $h)) (local.get $nh))))))
        (local.set $x (i32.const 0))
        (loop $columns
          (local.set $at (i32.add (local.get $row) (i32.mul (i32.const 3)
            (i32.div_u (i32.mul (local.get $x) (local.get $w)) (local.get $nw)))))
          (i32.store16 (local.get $to) (i32.load16_u (local.get $at)))
          (i32.store8 offset=2 (local.get $to) (i32.load8_u offset=2 (local.get $at)))
          (local.set $to (i32.add (local.get $to) (i32.const 3)))
          (br_if $columns (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 1))) (local.get $nw))))
        (br_if $rows (i32.lt_u (local.tee $y (i32.add (local.get $y) (i32.const 1))) (local.get $nh))))
      (i32.store8 (i32.const 16) (i32.const 0))
      (i32.store (i32.const 20) (local.get $nw)) (i32.store (i32.const 24) (local.get $nh))
      (i32.store (i32.const 28) (local.get $out))
      (i32.store (i32.const 32) (i32.sub (local.get $to) (local.get $out)))
      (i32.const 16)))
  (core instance $m (instantiate $M))
  (func $resize (param "src" $image) (param "width" u32) (param "height" u32) (param "format" $format)
    (result (result $image (error $resize-error)))
    (canon lift (core func $m "resize") (memory (core memory $m "mem")) (realloc (core func $m "realloc"))
      (post-return (core func $m "post"))))
  (instance (export "local:image-processor/processor@0.1.0")
    (export "image" (type $image)) (export "format" (type $format)) (export "resize-error" (type $resize-error))
    (export "resize" (func $resize)))))";

/// A component's bytes in a file of its own.
std::string file(std::string_view wat) {
  static int number = 0;
  auto parsed = text::parse_component(wat);
  EXPECT_TRUE(parsed);
  const auto bytes = component::encode(*parsed);
  auto path = std::filesystem::path(::testing::TempDir()) /
              ("tenon-" + std::to_string(getpid()) + "-" + std::to_string(number++) + ".wasm");
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  return path.string();
}

class HostProgram : public Embed {
 protected:
  /// Whether bytes lie in a memory of the store's guests.
  static bool in_guest(Store& in, std::span<const std::uint8_t> bytes) {
    for (const auto& memory : in.core().memories()) {
      if (bytes.data() >= memory->base() &&
          bytes.data() + bytes.size() <= memory->base() + memory->size())
        return true;
    }
    return false;
  }
};

// The first document's program.
TEST(HostPrograms, AddsTwoNumbers) {
  const std::string path = file(calculator);
  Engine engine;
  auto component = Component::from_file(engine, path);
  ASSERT_TRUE(component) << component.error().text();
  Store store(engine);
  Linker linker(engine);
  auto instance = linker.instantiate(store, *component);
  ASSERT_TRUE(instance) << instance.error().text();
  auto add = instance->get_typed_func<double(double, double)>(store, "add");
  ASSERT_TRUE(add) << add.error().text();
  EXPECT_EQ(*add->call(store, 5.0, 3.0), 8.0);
  EXPECT_TRUE(instance->get_typed_func<double(double, double)>(
      store, "calculator:math/calculator@1.0.0#add"));
  std::filesystem::remove(path);
}

TEST(HostPrograms, AFileThatIsNoComponentIsNamedInTheError) {
  Engine engine;
  const auto text_of = [&](std::string_view bytes) {
    const auto path = (std::filesystem::path(::testing::TempDir()) /
                       ("tenon-" + std::to_string(getpid()) + "-other.wasm"))
                          .string();
    std::ofstream(path, std::ios::binary) << bytes;
    const auto component = Component::from_file(engine, path);
    const auto module = Module::from_file(engine, path);
    std::filesystem::remove(path);
    EXPECT_FALSE(component);
    EXPECT_FALSE(module);
    EXPECT_NE(module.error().text().find(path), std::string::npos) << module.error().text();
    EXPECT_NE(component.error().text().find(path), std::string::npos) << component.error().text();
    return component.error().text();
  };
  text_of("not a component");
  text_of("");
  const std::string cut("\0asm\x0d\0\1\0\1\x10", 10);
  EXPECT_NE(text_of(cut).find("at byte "), std::string::npos) << text_of(cut);
}

TEST(HostPrograms, RenderShowsNotesAndHelpOfErrorsAndFramesOfTraps) {
  const std::string path = file(calculator);
  Engine engine;
  const auto component = *Component::from_file(engine, path);
  std::filesystem::remove(path);
  Store store(engine);
  Linker linker(engine);
  const auto instance = *linker.instantiate(store, component);
  const auto missing = instance.get_func("ad");
  ASSERT_FALSE(missing);
  const auto shown = render(missing.error());
  EXPECT_TRUE(shown.starts_with("error[export-missing]: ")) << shown;
  EXPECT_NE(shown.find("note: the component exports "), std::string::npos) << shown;
  EXPECT_NE(shown.find("help: the nearest is `add`\n"), std::string::npos) << shown;
  engine::Trap trap("stopped");
  trap.append({engine::Frame{.module = {}, .function = "f", .place = "f.c:1"}});
  EXPECT_EQ(render(trap), "error[trap]: the guest trapped: stopped\nnote: at f (f.c:1)\n");
}

TEST(HostPrograms, ADeadlineIsAlsoATimeFromNowOn) {
  const std::string path = file(calculator);
  Engine engine;
  const auto component = *Component::from_file(engine, path);
  std::filesystem::remove(path);
  Store store(engine);
  Linker linker(engine);
  const auto instance = *linker.instantiate(store, component);
  const auto add = *instance.get_typed_func<double(double, double)>(store, "add");
  store.set_deadline(std::chrono::milliseconds(-1));
  EXPECT_FALSE(add(1.0, 2.0));
  store.set_deadline(std::chrono::hours(1));
  EXPECT_TRUE(add(1.0, 2.0));
  store.set_deadline(std::chrono::hours::max());
  EXPECT_TRUE(add(1.0, 2.0)) << "later than the clock can tell is never";
  store.set_deadline(std::chrono::duration<double>(-5));
  EXPECT_FALSE(add(1.0, 2.0));
  store.set_deadline(std::nullopt);
  EXPECT_TRUE(add(1.0, 2.0));
}

// The second document's program.
TEST_F(HostProgram, ResizesAPictureWithoutCopyingIt) {
  const std::string path = file(image_processor);
  auto component = Component::from_file(engine, path);
  ASSERT_TRUE(component) << component.error().text();
  auto instance = linker.instantiate(store, *component);
  ASSERT_TRUE(instance) << words(instance.error());
  using Resize =
      std::expected<ImageView, ResizeError>(ImageToFill, std::uint32_t, std::uint32_t, Format);
  auto resize = instance->get_typed_func<Resize>(store, "resize");
  ASSERT_TRUE(resize) << words(resize.error());
  bool filled_in_guest = false;
  auto fill = [&](std::span<std::uint8_t> pixels) {
    filled_in_guest = in_guest(store, pixels) && pixels.size() == 1920U * 1080 * 3;
    for (std::size_t i = 0; i < pixels.size(); ++i)
      pixels[i] = static_cast<std::uint8_t>(i / 3 % 1920 / 8);
  };
  auto result = resize->call_view({1920, 1080, {1920U * 1080 * 3, fill}}, 640, 480, Format::png);
  ASSERT_TRUE(result) << result.error().message();
  const ImageView& image = ***result;

  EXPECT_EQ(image.width, 640U);
  EXPECT_EQ(image.height, 480U);
  ASSERT_EQ(image.data.size(), 640U * 480 * 3);
  EXPECT_EQ(image.data[300], 300 / 8) << "column 100 is column 300 of the source";
  EXPECT_TRUE(filled_in_guest);
  EXPECT_TRUE(in_guest(store, image.data));
  EXPECT_EQ(store.copied_bytes(), 0U);
  EXPECT_TRUE(result->finish());
  std::filesystem::remove(path);
}

TEST_F(HostProgram, CountsWhatIsCopied) {
  const auto i = instantiate(store, with_libc(R"(
    (core module $M (import "" "mem" (memory 1)) (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16)))
    (core instance $m (instantiate $M (with "" (instance $libc))))
    (func (export "echo") (param "v" string) (result string)
      (canon lift (core func $m "echo") (memory $mem) (realloc $realloc)))
    (func (export "list") (param "v" (list u32)) (result (list u32))
      (canon lift (core func $m "echo") (memory $mem) (realloc $realloc))))"));
  const auto echo = i.get_typed_func<std::string(std::string_view)>(store, "echo");
  EXPECT_EQ(*echo->call(store, "12345"), "12345");
  EXPECT_EQ(store.copied_bytes(), 10U);
  const auto list =
      i.get_typed_func<std::vector<std::uint32_t>(std::vector<std::uint32_t>)>(store, "list");
  EXPECT_EQ(list->call(store, {1, 2, 3})->size(), 3U);
  EXPECT_EQ(store.copied_bytes(), 34U);
  const auto view =
      i.get_typed_func<std::span<const std::uint32_t>(std::span<const std::uint32_t>)>(store,
                                                                                       "list");
  EXPECT_TRUE(view->call_view(std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(store.copied_bytes(), 42U) << "the result was only looked at";
  EXPECT_EQ(call(i, std::vector<Value>{Value::string("abc")}, "echo"), "\"abc\"");
  EXPECT_EQ(store.copied_bytes(), 48U);
}

TEST_F(HostProgram, AStringOfTheHostsThatIsNotUtf8IsRefused) {
  for (const auto* encoding : {"utf8", "utf16", "latin1+utf16"}) {
    const auto wat = with_libc(R"(
      (core module $M (func (export "f") (param i32 i32)))
      (core instance $m (instantiate $M))
      (func (export "f") (param "v" string)
        (canon lift (core func $m "f") (memory $mem) (realloc $realloc) string-encoding=)" +
                               std::string(encoding) + "))");
    for (const auto text :
         {std::string_view("ab\xC3"), std::string_view("\xF0"), std::string_view("\xED\xA0\x80")}) {
      const auto f = instantiate(store, wat).get_typed_func<void(std::string_view)>(store, "f");
      const auto outcome = f->call(store, text);
      ASSERT_FALSE(outcome) << encoding;
      EXPECT_NE(outcome.error().message().find("utf-8"), std::string_view::npos)
          << outcome.error().message();
    }
  }
}

TEST_F(HostProgram, ModulesAndComponentsAreImportedToo) {
  const auto user = compile(engine, R"((component
    (import "mod" (core module $Mod (export "twice" (func (param i32) (result i32)))))
    (import "comp" (component $Comp (export "y" (func (param "v" u32) (result u32)))))
    (core instance $m (instantiate $Mod))
    (func (export "twice") (param "v" u32) (result u32) (canon lift (core func $m "twice")))
    (instance $c (instantiate $Comp))
    (export "thrice" (func $c "y"))))");
  const auto inner = compile(engine, R"((component
    (core module $M (func (export "y") (param i32) (result i32) (i32.mul (i32.const 3) (local.get 0))))
    (core instance $m (instantiate $M))
    (func (export "y") (param "v" u32) (result u32) (canon lift (core func $m "y")))))");
  // (module (func (export "twice") (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1))))
  const auto module = Module::from_bytes(
      engine, {0,   'a',  's', 'm',  1, 0, 0, 0, 1,    6, 1,    0x60, 1,    0x7F,
               1,   0x7F, 3,   2,    1, 0, 7, 9, 1,    5, 't',  'w',  'i',  'c',
               'e', 0,    0,   0x0A, 9, 1, 7, 0, 0x20, 0, 0x41, 1,    0x74, 0x0B});
  ASSERT_TRUE(module) << words(module.error());
  ASSERT_TRUE(linker.root().module("mod", *module));
  ASSERT_TRUE(linker.root().component("comp", inner));
  const auto i = linker.instantiate(store, user);
  ASSERT_TRUE(i) << words(i.error());
  EXPECT_EQ(call(*i, std::vector<Value>{Value::u32(4)}, "twice"), "8");
  EXPECT_EQ(call(*i, std::vector<Value>{Value::u32(4)}, "thrice"), "12");
}

TEST_F(HostProgram, AFunctionThatCannotHaveASignatureIsRefusedByName) {
  const auto i = instantiate(store, R"((component
    (core module $M (memory (export "mem") i64 1) (func (export "f")))
    (core instance $m (instantiate $M))
    (func (export "f") (canon lift (core func $m "f") (memory (core memory $m "mem"))))))");
  const auto f = i.get_typed_func<void()>(store, "f");
  ASSERT_FALSE(f);
  EXPECT_EQ(f.error().rule(), runtime::rules::unsupported);
  EXPECT_EQ(f.error().detail(), "`f` has a 64-bit memory: call it with values");
}

TEST_F(HostProgram, ErrorsOfLinkingNameWhatMadeTheComponent) {
  const auto c = compile(engine, R"((component
    (import "f" (func))
    (@custom "producers" "\01\0cprocessed-by\02\05tenon\031.2\04else\049.10")))");
  const auto said = words(linker.instantiate(store, c).error());
  EXPECT_NE(said.find("the component was made by tenon 1.2, else 9.10"), std::string::npos) << said;
  // A section that is none says nothing.
  const auto broken =
      compile(engine, R"((component (import "f" (func)) (@custom "producers" "\09x")))");
  EXPECT_EQ(words(linker.instantiate(store, broken).error()).find("made by"), std::string::npos);
}

// The errors that a host can make, by their rules.
TEST_F(HostProgram, SlipsOfTheHostHaveRules) {
  namespace rules = runtime::rules;
  const auto i = instantiate(store, R"((component
    (core module $M (func (export "f") (param i32) (result i32) (local.get 0)))
    (core instance $m (instantiate $M))
    (func (export "f") (param "x" u8) (result u8) (canon lift (core func $m "f")))))");
  EXPECT_EQ(i.get_typed_func<double()>(store, "f").error().rule(), rules::func_type);
  const auto f = *i.get_func("f");
  for (const auto& args :
       {std::vector<Value>{}, {Value::string("x")}, {Value::u8(1), Value::u8(1)}}) {
    const auto outcome = f.call(args);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().message().find(rules::func_args.message), 0U)
        << outcome.error().message();
  }
  ASSERT_TRUE(linker.root().func_wrap("g", [] {}));
  EXPECT_EQ(linker.root().func_wrap("g", [] {}).error().rule(), rules::import_defined_twice);
  EXPECT_TRUE(runtime::check(Value::u8(1), f.type().param(0)));
  EXPECT_EQ(runtime::check(Value::u16(1), f.type().param(0)).error().rule(), rules::value_type);
  // A type that holds itself: no valid component has one.
  const component::DefValType endless = component::List{component::TypeIdx(0U), std::nullopt};
  const abi::Types types{&endless,
                         [](const void* self, component::TypeIdx) -> const component::DefValType& {
                           return *static_cast<const component::DefValType*>(self);
                         }};
  auto deep = Value::list({});
  for (int n = 0; n < 200; ++n) deep = Value::list({std::move(deep)});
  EXPECT_EQ(runtime::check(deep, {types, component::TypeIdx(0U)}).error().rule(),
            rules::value_depth);
}

}  // namespace
}  // namespace tenon
