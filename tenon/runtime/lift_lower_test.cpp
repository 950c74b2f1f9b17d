// SPDX-License-Identifier: Apache-2.0
#include "tenon/runtime/lift_lower.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tenon/base/json.h"
#include "tenon/engine/engine.h"
#include "tenon/engine/type_registry.h"
#include "tenon/runtime/copy.h"
#include "tenon/runtime/json.h"
#include "tenon/runtime/store.h"
#include "tenon/runtime/string.h"
#include "tenon/runtime/wave.h"

// Lifting, lowering and copying against the specification's own definitions.py, driven by
// oracle.py.
namespace tenon::runtime {
namespace {

using component::DefValType;
using component::StringEncoding;
using component::TypeIdx;

/// Types as oracle.py spells them.
class TypeReader {
 public:
  ValType read(const Json& j) {
    if (j.is_string()) return prim(j.text());
    const auto& [kind, content] = j.members().front();
    return add(def(kind, content, j));
  }
  [[nodiscard]] abi::Types types() const {
    return {this, [](const void* self, TypeIdx i) -> const DefValType& {
              return *static_cast<const TypeReader*>(self)->defs_[i.value];
            }};
  }

 private:
  ValType add(DefValType def) {
    defs_.push_back(std::make_unique<DefValType>(std::move(def)));
    return TypeIdx(defs_.size() - 1);
  }
  static ValType prim(std::string_view name) {
#define TENON_PRIM(id, text, code, size, flat, ...) \
  if (name == text) return component::PrimValType::id;
#include "tenon/types/primvaltypes.def"
    ADD_FAILURE() << "no type " << name;
    return {};
  }
  std::optional<ValType> maybe(const Json& j) {
    return j.is_null() ? std::nullopt : std::optional(read(j));
  }
  static std::vector<std::string> labels(const Json& j) {
    std::vector<std::string> out;
    for (const auto& i : j.items()) out.push_back(i.text());
    return out;
  }
  DefValType def(const std::string& kind, const Json& content, const Json& whole) {
    if (kind == "list") {
      component::List list{read(content), std::nullopt};
      if (const auto* n = whole.find("length"))
        list.length = static_cast<std::uint32_t>(n->as_double());
      return list;
    }
    if (kind == "record") {
      component::Record record;
      for (const auto& f : content.items())
        record.fields.push_back({f.items()[0].text(), read(f.items()[1])});
      return record;
    }
    if (kind == "tuple") {
      component::Tuple tuple;
      for (const auto& t : content.items()) tuple.types.push_back(read(t));
      return tuple;
    }
    if (kind == "variant") {
      component::Variant variant;
      for (const auto& c : content.items())
        variant.cases.push_back({c.items()[0].text(), maybe(c.items()[1])});
      return variant;
    }
    if (kind == "enum") return component::Enum{labels(content)};
    if (kind == "flags") return component::Flags{labels(content)};
    if (kind == "option") return component::Option{read(content)};
    if (kind == "map") return component::Map{read(content.items()[0]), read(content.items()[1])};
    return component::ResultType{maybe(content.items()[0]), maybe(content.items()[1])};
  }
  std::vector<std::unique_ptr<DefValType>> defs_;
};

/// A guest that is only a memory and an allocator, the same as in oracle.py.
class Guest {
 public:
  Guest(Store& store, std::string_view encoding, abi::Ptr ptr = abi::Ptr::i32)
      : inst_(store, nullptr, 1000) {
    core::MemType type;
    type.limits.min = 4;
    if (ptr == abi::Ptr::i64) type.addr = core::AddrType::i64;
    opts_.memory = store.core().new_memory(type);
    const core::ValType word = ptr == abi::Ptr::i64 ? core::TypeCode::i64 : core::TypeCode::i32;
    const std::array<core::ValType, 4> params = {word, word, word, word};
    const std::array<core::ValType, 1> results = {word};
    const auto func_type = store.engine().types().host_type(params, results);
    opts_.realloc = store.core().host_func(func_type, &Guest::realloc, this).ref();
    opts_.string_encoding = encoding == "utf8"    ? StringEncoding::utf8
                            : encoding == "utf16" ? StringEncoding::utf16
                                                  : StringEncoding::latin1_utf16;
  }
  LiftLowerContext context() {
    LiftLowerContext cx;
    cx.opts = &opts_;
    cx.inst = &inst_;
    cx.task = &task_;
    cx.lenders = &lenders_;
    return cx;
  }
  /// Forgets what was allocated and written.
  void reset() {
    std::memset(opts_.memory->base(), 0, next_);
    next_ = 16;
    log_.clear();
  }
  void expect(const Json& state, std::span<const ValueSlot> flat, const std::string& what) {
    std::string hex;
    for (std::uint32_t i = 0; i < next_; ++i) {
      static constexpr std::string_view digits = "0123456789abcdef";
      hex += digits[opts_.memory->base()[i] >> 4U];
      hex += digits[opts_.memory->base()[i] & 15U];
    }
    EXPECT_EQ(state.find("mem")->text(), hex) << what;
    EXPECT_EQ(state.find("realloc")->dump(), "[" + log_ + "]") << what;
    const auto& wanted = state.find("flat")->items();
    for (std::size_t i = 0; i < wanted.size() && i < flat.size(); ++i) {
      const auto v = std::strtoull(wanted[i].text().c_str(), nullptr, 10);
      EXPECT_EQ(v, flat[i]) << what << " core value " << i;
    }
  }

 private:
  static engine::HostStatus realloc(void* env, engine::VMContext*, ValueSlot* slots) noexcept {
    auto& self = *static_cast<Guest*>(env);
    const auto arg = [&](std::size_t i) { return static_cast<std::uint32_t>(slots[i]); };
    const auto old = arg(0);
    auto ptr = old;
    if (old == 0 || arg(3) > arg(1)) {
      ptr = static_cast<std::uint32_t>(abi::align_to(self.next_, arg(2)));
      self.next_ = ptr + arg(3);
      std::memcpy(self.opts_.memory->base() + ptr, self.opts_.memory->base() + old, arg(1));
    }
    if (!self.log_.empty()) self.log_ += ", ";
    self.log_ += "[" + std::to_string(old) + ", " + std::to_string(arg(1)) + ", " +
                 std::to_string(arg(2)) + ", " + std::to_string(arg(3)) + ", " +
                 std::to_string(ptr) + "]";
    slots[0] = ptr;
    return engine::HostStatus::ok;
  }

  ComponentInstance inst_;
  CanonicalOptions opts_;
  Task task_;
  Lenders lenders_;
  std::uint32_t next_ = 16;
  std::string log_;
};

using Guests = std::map<std::string, std::array<std::unique_ptr<Guest>, 2>>;

void compare(const Json& line, Guests& guests, Store& store) {
  TypeReader reader;
  component::FuncType type;
  type.params.push_back({"v", reader.read(*line.find("type"))});
  Shapes narrow(reader.types(), abi::Ptr::i32);
  Shapes wide(reader.types(), abi::Ptr::i64);
  const TypeView view{reader.types(), type.params[0].type};
  const auto value = value_from_json(*line.find("value"), view);
  ASSERT_TRUE(value) << value.error().text() << line.find("value")->dump();
  ASSERT_TRUE(check(*value, view));
  const auto what = to_string(view) + " " + to_wave(*value);

  const auto is_wide = [&](const char* side) {
    return line.find(side)->find("ptr")->text() == "i64";
  };
  const auto guest = [&](const char* side, std::size_t i) -> Guest& {
    const auto encoding = line.find(side)->find("encoding")->text();
    auto& one = guests[std::string(encoding) + (is_wide(side) ? "64" : "32")][i];
    if (one == nullptr) {
      one = std::make_unique<Guest>(store, encoding, is_wide(side) ? abi::Ptr::i64 : abi::Ptr::i32);
    }
    one->reset();
    return *one;
  };
  const auto fa = func_shape(is_wide("a") ? wide : narrow, type);
  const auto fb = func_shape(is_wide("b") ? wide : narrow, type);
  auto& a = guest("a", 0);
  auto& b = guest("b", 1);
  auto from = a.context();
  auto to = b.context();
  HostScope scope;
  std::array<ValueSlot, abi::MAX_FLAT_PARAMS> flat_a{};
  std::array<ValueSlot, abi::MAX_FLAT_PARAMS> flat_b{};
  ASSERT_TRUE(ValueLowerer(from, scope).lower_flat_values(std::span(&*value, 1), fa, flat_a.data()))
      << what;
  a.expect(*line.find("a"), flat_a, "lowered: " + what);
  ASSERT_TRUE(Copier(from, to).params(fa, fb, flat_a.data(), flat_b.data())) << what;
  b.expect(*line.find("b"), flat_b, "copied: " + what);
  std::vector<Value> back;
  CoreValueIter vi(flat_b.data());
  ASSERT_TRUE(ValueLifter(to, scope).lift_flat_values(vi, fb, back)) << what;
  EXPECT_EQ(back[0], *value) << what << " became " << to_wave(back[0]);
}

/// Runs oracle.py and compares every case. Skips the test when there is no specification or no
/// Python; a specification that oracle.py cannot use is a failure.
void compare_all(const std::string& count, const std::string& more) {
  const auto* root = std::getenv("TENON_SPEC");
  std::filesystem::path spec = root != nullptr ? root : TENON_SOURCE_DIR "/../shared/spec";
  if (!std::filesystem::exists(spec)) spec = TENON_SOURCE_DIR "/../../shared/spec";
  const auto definitions = spec / "component-model/canonical-abi/definitions.py";
  if (!std::filesystem::exists(definitions)) GTEST_SKIP() << "no definitions.py: set TENON_SPEC";
  // NOLINTNEXTLINE(bugprone-command-processor): the words are the test's own
  if (std::system("command -v python3 >/dev/null") != 0) GTEST_SKIP() << "no python3";
  const auto* seed = std::getenv("TENON_ORACLE_SEED");
  const auto command = std::string("python3 " TENON_SOURCE_DIR "/tenon/runtime/oracle.py ") +
                       definitions.string() + " " + count + " " + (seed != nullptr ? seed : "1") +
                       more;
  // NOLINTNEXTLINE(bugprone-command-processor): the words are the test's own
  FILE* pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string out;
  std::array<char, 65536> buffer{};
  while (const auto n = std::fread(buffer.data(), 1, buffer.size(), pipe))
    out.append(buffer.data(), n);
  ASSERT_EQ(pclose(pipe), 0) << "oracle.py cannot use " << definitions;

  engine::Engine engine;
  Store store(engine);
  Guests guests;
  std::size_t cases = 0;
  for (std::size_t at = 0; at < out.size();) {
    const auto end = out.find('\n', at);
    const auto line = Json::parse(std::string_view(out).substr(at, end - at));
    ASSERT_TRUE(line) << line.error().text();
    compare(*line, guests, store);
    if (::testing::Test::HasFailure()) break;
    at = end + 1;
    ++cases;
  }
  EXPECT_EQ(std::to_string(cases), count);
}

/// Pairs of a type and a value in a run.
std::string oracle_cases() {
  const auto* count = std::getenv("TENON_ORACLE_CASES");
  return count != nullptr ? count : "10000";
}

TEST(LiftLower, DoesWhatDefinitionsPyDoes) {
  compare_all(oracle_cases(), "");
}
TEST(LiftLower, DoesWhatDefinitionsPyDoesWithMemory64OnEitherSide) {
  compare_all(oracle_cases(), " memory64");
}

// Item 26 of the list of what tenon must survive.
TEST(LiftLower, Item26StringsAtEveryBorderThroughAllNineTranscodings) {
  const auto times = [](std::size_t n, std::string_view text) {
    std::string out;
    for (; n-- > 0;) out += text;
    return out;
  };
  // U+FF is the last of latin1, U+100 the first beyond; three bytes of UTF-8 are the most for two
  // of UTF-16.
  const std::array<std::string, 12> texts = {"",
                                             "a",
                                             "\u00ff",
                                             "\u0100",
                                             "a\u00ff\u0100",
                                             times(60, "\u00ff") + "\u0100",
                                             "\u0100" + times(60, "\u00ff"),
                                             times(40, "\U0001F600"),
                                             times(30, "a") + "\u20ac",
                                             times(50, "\uffff") + "\U00010000\U0010ffff",
                                             "\ud7ff\ue000",
                                             times(300, "\u20ac")};
  engine::Engine engine;
  Store store(engine);
  for (const auto* first : {"utf8", "utf16", "latin1+utf16"}) {
    for (const auto* second : {"utf8", "utf16", "latin1+utf16"}) {
      Guest a(store, first);
      Guest b(store, second);
      for (const auto& text : texts) {
        a.reset();
        b.reset();
        auto from = a.context();
        auto to = b.context();
        std::uint64_t ptr = 0;
        std::uint64_t units = 0;
        StringView view;
        std::string back;
        ASSERT_TRUE(store_string_into_range(from, host_string(text), ptr, units));
        ASSERT_TRUE(load_string_from_range(from, ptr, units, view));
        ASSERT_TRUE(store_string_into_range(to, view, ptr, units))
            << first << " to " << second << ": " << text;
        ASSERT_TRUE(lift_string(to, ptr, units, back));
        EXPECT_EQ(back, text) << first << " to " << second;
      }
    }
  }
}

TEST(LiftLower, Item26LoneSurrogatesAndBrokenSequencesAreTraps) {
  engine::Engine engine;
  Store store(engine);
  Guest utf8(store, "utf8");
  Guest utf16(store, "utf16");
  Guest latin1(store, "latin1+utf16");
  const auto message = [&](Guest& guest, std::string_view bytes, std::uint64_t units) {
    auto cx = guest.context();
    std::memcpy(cx.mem() + 64, bytes.data(), bytes.size());
    std::string out;
    if (lift_string(cx, 64, units, out)) return std::string("lifted");
    return std::string(store.take_trap().message());
  };
  using std::string_view_literals::operator""sv;
  constexpr std::uint64_t tag = 1ULL << 31U;
  for (const auto bytes :
       {"\x00\xD8"sv, "\x00\xDC"sv, "a\0\x00\xDC"sv, "\x00\xD8\x00\xD8"sv, "\x00\xDC\x00\xD8"sv}) {
    EXPECT_EQ(message(utf16, bytes, bytes.size() / 2), "invalid utf-16 sequence in a string");
    EXPECT_EQ(message(latin1, bytes, (bytes.size() / 2) | tag),
              "invalid utf-16 sequence in a string");
    EXPECT_EQ(message(latin1, bytes, bytes.size()), "lifted")
        << "every byte is a character of latin1";
  }
  EXPECT_EQ(message(utf16, "\x3D\xD8\x00\xDE"sv, 2), "lifted");
  for (const auto bytes : {"\xED\xA0\x80"sv, "\xC0\x80"sv, "\xF4\x90\x80\x80"sv, "a\x80"sv}) {
    EXPECT_EQ(message(utf8, bytes, bytes.size()), "invalid utf-8 sequence in a string");
  }
  EXPECT_EQ(message(utf8, "\xF0\x9F\x98"sv, 3), "incomplete utf-8 byte sequence");
}

TEST(Table, GivesTheLastIndexFreedFirst) {
  Table table(4);
  Handle h;
  h.kind = Handle::Kind::own;
  EXPECT_EQ(table.add(h), 1U);
  EXPECT_EQ(table.add(h), 2U);
  EXPECT_EQ(table.add(h), 3U);
  table.remove(1);
  table.remove(3);
  EXPECT_EQ(table.get(3), nullptr);
  EXPECT_EQ(table.add(h), 3U);
  EXPECT_EQ(table.add(h), 1U);
  EXPECT_EQ(table.add(h), 4U);
  EXPECT_EQ(table.add(h), 0U) << "the limit is 4";
  EXPECT_EQ(table.get(0), nullptr);
  EXPECT_EQ(table.get(5), nullptr);
}

TEST(HostTable, TellsAStaleHandleFromItsSuccessor) {
  HostTable table;
  const auto a = table.add(nullptr, 7, true);
  table.remove(a);
  const auto b = table.add(nullptr, 8, true);
  EXPECT_EQ(a.index, b.index);
  EXPECT_EQ(table.get(a), nullptr);
  ASSERT_NE(table.get(b), nullptr);
  EXPECT_EQ(table.get(b)->rep, 8U);
}

}  // namespace
}  // namespace tenon::runtime
