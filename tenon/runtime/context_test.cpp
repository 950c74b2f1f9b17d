// SPDX-License-Identifier: Apache-2.0
// Hosts with a context: one linker and one `InstancePre` for any number of stores, each with
// objects of its own; objects that hold each other; host functions that end a program or wait.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <limits>
#include <thread>

#include "tenon/main.h"
#include "tenon/runtime/bindings.h"
#include "tenon/runtime/embed_test.h"
#include "tenon/runtime/rules.h"

namespace hosts {
// In a namespace with a name, which compilers spell alike.
struct Counter {  // NOLINT(misc-use-internal-linkage)
  std::uint32_t value = 0;
};
}  // namespace hosts

namespace tenon {
namespace {

using hosts::Counter;
struct Label {
  std::string text;
};

class Context : public Embed {};

// Its symbols have the version, so that headers and library of different ones do not link.
static_assert(std::same_as<Engine, engine::v0_1::Engine>);

TEST_F(Context, AStoreHasOneExtensionOfEachType) {
  EXPECT_EQ(store.extension<Counter>(), nullptr);
  auto& counter = store.emplace_extension<Counter>(7U);
  store.emplace_extension<Label>("seven");
  EXPECT_EQ(store.extension<Counter>(), &counter);
  EXPECT_EQ(store.extension<Counter>()->value, 7U);
  EXPECT_EQ(store.extension<Label>()->text, "seven");
  EXPECT_EQ(store.extension<std::string>(), nullptr);
  const Store other(engine);
  EXPECT_EQ(other.extension<Counter>(), nullptr) << "another store has its own";
}

template <int N>
struct Numbered {
  explicit Numbered(std::vector<int>& out) : log(out) {}
  Numbered(const Numbered&) = delete;
  Numbered& operator=(const Numbered&) = delete;
  ~Numbered() { log.push_back(N); }
  std::vector<int>& log;
};
template <int... N>
void make_numbered(Store& store, std::vector<int>& log, std::integer_sequence<int, N...>) {
  (store.emplace_extension<Numbered<N>>(log), ...);
  EXPECT_TRUE(((&store.extension<Numbered<N>>()->log == &log) && ...));
}

TEST_F(Context, ExtensionsEndInTheReverseOrderOfMaking) {
  std::vector<int> log;
  {
    Store closing(engine);
    make_numbered(closing, log, std::make_integer_sequence<int, 40>());
  }
  ASSERT_EQ(log.size(), 40U);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(log[static_cast<std::size_t>(i)], 39 - i);
}

TEST_F(Context, AnExtensionMadeAgainReplacesTheFirst) {
  std::vector<int> log;
  Store own(engine);
  own.emplace_extension<Numbered<1>>(log);
  auto& second = own.emplace_extension<Numbered<1>>(log);
  EXPECT_EQ(log, std::vector({1}));
  EXPECT_EQ(own.extension<Numbered<1>>(), &second);
}

/// Looks at the store in its destructor, and makes another.
struct LooksBack {
  explicit LooksBack(Store& s) : store(s) {}
  LooksBack(const LooksBack&) = delete;
  LooksBack& operator=(const LooksBack&) = delete;
  ~LooksBack() {
    EXPECT_EQ(store.extension<LooksBack>(), nullptr);
    EXPECT_EQ(store.extension<Label>()->text, "first");
    store.emplace_extension<Counter>();
  }
  Store& store;
};

TEST_F(Context, AnExtensionThatEndsFindsThoseThatWereThereBefore) {
  Store closing(engine);
  closing.emplace_extension<Label>("first");
  closing.emplace_extension<LooksBack>(closing);
}

/// A guest with a resource whose destructor tells the host.
const std::string tells = R"((component
  (import "told" (func $told (param "x" u32)))
  (core func $told (canon lower (func $told)))
  (core module $D (import "" "told" (func $told (param i32)))
    (func (export "dtor") (param i32) (call $told (local.get 0))))
  (core instance $d (instantiate $D (with "" (instance (export "told" (func $told))))))
  (alias core export $d "dtor" (core func $dtor))
  (type $r' (resource (rep i32) (dtor (core func $dtor))))
  (export $r "r" (type $r'))
  (core func $new (canon resource.new $r'))
  (core module $M (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0))))
  (core instance $m (instantiate $M (with "" (instance (export "new" (func $new))))))
  (func (export "make") (param "x" u32) (result (own $r)) (canon lift (core func $m "make")))))";

/// Calls a guest when it goes, after what the guest's imports need.
struct CallsLast {
  explicit CallsLast(std::string& out) : said(&out) {}
  CallsLast(const CallsLast&) = delete;
  CallsLast& operator=(const CallsLast&) = delete;
  ~CallsLast() {
    const auto out = f(1);
    *said = out ? "called" : out.error().message();
  }
  std::string* said;
  TypedFunc<void(std::uint32_t)> f;
};

TEST_F(Context, AGuestThatIsCalledAfterAnExtensionIsGoneTraps) {
  ASSERT_TRUE(linker.root().func_wrap(
      "told", [](Store& s, std::uint32_t x) { s.extension<Counter>()->value += x; },
      &runtime::extension_type<Counter>));
  std::string said;
  {
    Store closing(engine);
    auto& last = closing.emplace_extension<CallsLast>(said);
    closing.emplace_extension<Counter>(7U);
    last.f = *instantiate(closing, R"((component
      (import "told" (func $told (param "x" u32)))
      (core func $told' (canon lower (func $told)))
      (core module $M (import "" "told" (func $told (param i32)))
        (func (export "f") (param i32) (call $told (local.get 0))))
      (core instance $m (instantiate $M (with "" (instance (export "told" (func $told'))))))
      (func (export "f") (param "x" u32) (canon lift (core func $m "f")))))")
                  .get_typed_func<void(std::uint32_t)>(closing, "f");
    EXPECT_TRUE(last.f(1));
    EXPECT_EQ(closing.extension<Counter>()->value, 8U);
  }
  EXPECT_NE(said.find("Counter` any more, which the host function needs"), std::string::npos)
      << said;
}

struct Holder {
  std::vector<std::uint32_t> told;
  std::vector<std::uint32_t>* at_the_end = nullptr;
  Own<> own;
  ~Holder() { *at_the_end = told; }
};

TEST_F(Context, ExtensionsLiveUntilTheDestructorsOfGuestsHaveRun) {
  ASSERT_TRUE(linker.root().func_wrap(
      "told", [](Store& s, std::uint32_t x) { s.extension<Holder>()->told.push_back(x); }));
  std::vector<std::uint32_t> told;
  {
    Store closing(engine);
    auto& holder = closing.emplace_extension<Holder>();
    holder.at_the_end = &told;
    const auto i = instantiate(closing, tells);
    const auto make = *i.get_typed_func<Own<>(std::uint32_t)>(closing, "make");
    holder.own = *make(5);
    (void)make(6)->release();
  }
  EXPECT_EQ(told, (std::vector<std::uint32_t>{5, 6})) << "also of a resource that it owns itself";
}

// Many stores.

constexpr std::string_view counts = R"((component
  (import "host:api/counter" (instance $c
    (export "add" (func (param "x" u32) (result u32)))))
  (core func $add (canon lower (func $c "add")))
  (core module $M (import "" "add" (func $add (param i32) (result i32)))
    (func (export "f") (param i32) (result i32) (call $add (local.get 0))))
  (core instance $m (instantiate $M (with "" (instance (export "add" (func $add))))))
  (func (export "f") (param "x" u32) (result u32) (canon lift (core func $m "f")))))";

TEST_F(Context, OneInstancePreServesAThousandStoresOnFourThreads) {
  ASSERT_TRUE(linker.instance("host:api/counter").func_wrap("add", [](Store& s, std::uint32_t x) {
    return s.extension<Counter>()->value += x;
  }));
  const auto component = compile(engine, counts);
  const auto pre = *linker.instantiate_pre(component);
  std::atomic<std::uint32_t> right = 0;
  const auto serve = [&](std::uint32_t first) {
    for (std::uint32_t n = first; n < 1000; n += 4) {
      Store own(engine);
      own.emplace_extension<Counter>(n);
      const auto i = pre.instantiate(own);
      const auto f = *i->get_typed_func<std::uint32_t(std::uint32_t)>(own, "f");
      if (f(1).value() == n + 1 && f(2).value() == n + 3) ++right;
    }
  };
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < 4; ++t) threads.emplace_back(serve, t);
  for (auto& t : threads) t.join();
  EXPECT_EQ(right, 1000U);
}

TEST_F(Context, AMissingExtensionIsFoundAtInstantiation) {
  ASSERT_TRUE(linker.instance("host:api/counter")
                  .func_wrap(
                      "add",
                      [](Store& s, std::uint32_t x) { return s.extension<Counter>()->value += x; },
                      &runtime::extension_type<Counter>));
  const auto component = compile(engine, counts);
  const auto pre = *linker.instantiate_pre(component);
  const auto none = pre.instantiate(store);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().rule(), runtime::rules::no_extension);
  EXPECT_EQ(words(none.error()),
            "a store lacks what functions of the host need: the store has no "
            "`hosts::Counter`, which the import `host:api/counter#add` needs\n"
            "call `store.emplace_extension<hosts::Counter>(…)` first");
  store.emplace_extension<Counter>(1U);
  EXPECT_EQ(call(*pre.instantiate(store), std::array{Value::u32(4)}), "5");
}

// What generated bindings do with a host.

struct Api {
  Label label;
  Counter counter;
};

TEST_F(Context, BindingsFindTheirHostInEachWay) {
  using namespace bindings;
  Api api{.label = {"one"}, .counter = {1}};
  store.emplace_extension<Api>().counter.value = 2;
  const auto one = host_of(api);
  static_assert(std::same_as<HostOf<decltype(one)>, Api>);
  EXPECT_EQ(one(store).counter.value, 1U);
  const auto find = host_of([](Store& s) -> Api& { return *s.extension<Api>(); });
  EXPECT_EQ(find(store).counter.value, 2U);
  Api& (*const pointer)(Store&) = [](Store& s) -> Api& { return *s.extension<Api>(); };
  const auto by_pointer = host_of(pointer);
  EXPECT_EQ(by_pointer(store).counter.value, 2U);
  const auto pick = [](Api& host) -> auto& { return host.counter; };
  EXPECT_EQ(part_of(one, pick)(store).value, 1U);
  EXPECT_EQ(part_of(by_pointer, pick)(store).value, 2U);
  const auto part = part_of(ExtensionHost<Api>(), pick);
  EXPECT_EQ(part(store).value, 2U);
  static_assert(decltype(part)::needs == &runtime::extension_type<Api>);
}

// The very type that a list is read as was no argument for one.
static_assert(std::is_convertible_v<std::span<const std::uint8_t>, ListView<std::uint8_t>>);
static_assert(std::is_convertible_v<std::span<std::uint8_t>, ListView<std::uint8_t>>);
static_assert(std::is_convertible_v<std::vector<std::uint8_t>, ListView<std::uint8_t>>);

// A null function was kept, and called when the guest first asked for its host.
TEST_F(Context, BindingsTakeNoFunctionThatIsNull) {
  using namespace bindings;
  Api& (*const pointer)(Store&) = nullptr;
  const std::function<Api&(Store&)> empty;
  const auto pick = [](Api& host) -> auto& { return host.counter; };
  const auto refused = [&](const auto& find) {
    const auto done = Definer(linker.root(), find).done();
    return done ? "" : std::string(done.error().rule().id);
  };
  EXPECT_EQ(refused(host_of(pointer)), "no-function");
  EXPECT_EQ(refused(host_of(empty)), "no-function");
  EXPECT_EQ(refused(part_of(pointer, pick)), "no-function");
  EXPECT_EQ(refused(part_of(empty, pick)), "no-function");
  Api api;
  EXPECT_EQ(refused(host_of(api)), "");
  EXPECT_EQ(refused(part_of(host_of(api), pick)), "");
  EXPECT_EQ(refused(host_of([&](Store&) -> Api& { return api; })), "");
  EXPECT_EQ(refused(ExtensionHost<Api>()), "");
}

// Objects that hold each other.

struct Log {
  std::vector<std::string> lines;
};
struct Dir : std::enable_shared_from_this<Dir> {
  explicit Dir(Log& l) : log(l) {}
  Dir(const Dir&) = delete;
  Dir& operator=(const Dir&) = delete;
  ~Dir() { log.lines.emplace_back("~dir"); }
  Log& log;
};
struct File {
  explicit File(std::shared_ptr<Dir> p) : parent(std::move(p)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { parent->log.lines.emplace_back("~file"); }
  std::shared_ptr<Dir> parent;
};

/// Opens a directory and a file in it, and drops them in an order that is its argument.
const std::string drops = R"((component
  (import "fs" (instance $fs
    (export "dir" (type $dir (sub resource)))
    (export "file" (type $file (sub resource)))
    (export "root" (func (result (own $dir))))
    (export "open" (func (param "d" (borrow $dir)) (result (own $file))))
    (export "close" (func (param "d" (own $dir))))))
  (alias export $fs "dir" (type $dir)) (alias export $fs "file" (type $file))
  (core func $root (canon lower (func $fs "root")))
  (core func $open (canon lower (func $fs "open")))
  (core func $close (canon lower (func $fs "close")))
  (core func $drop-dir (canon resource.drop $dir))
  (core func $drop-file (canon resource.drop $file))
  (core module $M
    (import "" "root" (func $root (result i32)))
    (import "" "open" (func $open (param i32) (result i32)))
    (import "" "close" (func $close (param i32)))
    (import "" "drop-dir" (func $drop-dir (param i32)))
    (import "" "drop-file" (func $drop-file (param i32)))
    (func (export "f") (param $how i32)
      (local $d i32) (local $f i32)
      (local.set $d (call $root))
      (local.set $f (call $open (local.get $d)))
      (if (i32.eq (local.get $how) (i32.const 0))
        (then (call $drop-file (local.get $f)) (call $drop-dir (local.get $d))))
      (if (i32.eq (local.get $how) (i32.const 1))
        (then (call $drop-dir (local.get $d)) (call $drop-file (local.get $f))))
      (if (i32.eq (local.get $how) (i32.const 2))
        (then (call $close (local.get $d))))
      (if (i32.eq (local.get $how) (i32.const 3))
        (then (call $drop-file (local.get $f)) (call $close (local.get $d))))))
  (core instance $m (instantiate $M (with "" (instance
    (export "root" (func $root)) (export "open" (func $open)) (export "close" (func $close))
    (export "drop-dir" (func $drop-dir)) (export "drop-file" (func $drop-file))))))
  (func (export "f") (param "how" u32) (canon lift (core func $m "f")))))";

class Parents : public Embed {
 protected:
  /// The directory is given to the guest as `Given`, and taken back as `Taken`.
  template <class Given, class Taken>
  std::vector<std::string> run(std::uint32_t how) {
    Log log;
    Linker own(engine);
    auto fs = own.instance("fs");
    EXPECT_TRUE(fs.resource<Dir>("dir"));
    EXPECT_TRUE(fs.resource<File>("file"));
    EXPECT_TRUE(fs.func_wrap("root", [&] { return Given(new Dir(log)); }));
    EXPECT_TRUE(fs.func_wrap(
        "open", [](Dir& dir) { return std::make_unique<File>(dir.shared_from_this()); }));
    EXPECT_TRUE(fs.func_wrap("close", [&](const Taken&) { log.lines.emplace_back("close"); }));
    {
      Store closing(engine);
      const auto i = *own.instantiate(closing, compile(engine, drops));
      const auto f = *i.get_typed_func<void(std::uint32_t)>(closing, "f");
      if (const auto done = f(how); !done) log.lines.emplace_back(done.error().message());
      if (how != 2) EXPECT_EQ(closing.host_objects().size(), 0U);
      log.lines.emplace_back("end");
    }
    return log.lines;
  }
  using Lines = std::vector<std::string>;
};

TEST_F(Parents, LiveAsLongAsTheirChildren) {
  const auto check = [&]<class Given>(std::type_identity<Given>) {
    EXPECT_EQ((run<Given, std::shared_ptr<Dir>>(0)), (Lines{"~file", "~dir", "end"}));
    EXPECT_EQ((run<Given, std::shared_ptr<Dir>>(1)), (Lines{"~file", "~dir", "end"}))
        << "dropped before its child";
    EXPECT_EQ((run<Given, std::shared_ptr<Dir>>(2)), (Lines{"close", "end", "~file", "~dir"}))
        << "given back before its child is dropped, which the end of the store does";
    EXPECT_EQ((run<Given, std::shared_ptr<Dir>>(3)), (Lines{"~file", "close", "~dir", "end"}));
  };
  check(std::type_identity<std::unique_ptr<Dir>>());
  check(std::type_identity<std::shared_ptr<Dir>>());
}

TEST_F(Parents, AreGivenBackAloneOnceTheyHaveNoChildren) {
  EXPECT_EQ((run<std::unique_ptr<Dir>, std::unique_ptr<Dir>>(3)),
            (Lines{"~file", "close", "~dir", "end"}));
  const auto lines = run<std::unique_ptr<Dir>, std::unique_ptr<Dir>>(2);
  EXPECT_EQ(lines.front(), "the host's object is still held by others, such as its children");
}

struct Plain {
  explicit Plain(int& n) : alive(n) { ++alive; }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;
  ~Plain() { --alive; }
  int& alive;
};

TEST_F(Parents, OfAnyClassAreSharedWhenAHostFunctionAsks) {
  int alive = 0;
  std::vector<std::shared_ptr<Plain>> kept;
  auto fs = linker.instance("fs");
  ASSERT_TRUE(fs.resource<Plain>("dir"));
  ASSERT_TRUE(fs.resource<File>("file"));
  ASSERT_TRUE(fs.func_wrap("root", [&] { return std::make_unique<Plain>(alive); }));
  Log log;
  ASSERT_TRUE(fs.func_wrap("open", [&](const std::shared_ptr<Plain>& dir) {
    kept.push_back(dir);
    return std::make_unique<File>(std::make_shared<Dir>(log));
  }));
  ASSERT_TRUE(fs.func_wrap("close", [](std::unique_ptr<Plain>) {}));
  Store own(engine);  // It goes before what its objects refer to.
  const auto i = instantiate(own, drops);
  const auto f = *i.get_typed_func<void(std::uint32_t)>(own, "f");
  ASSERT_TRUE(f(1));
  EXPECT_EQ(alive, 1) << "the host holds it yet";
  EXPECT_EQ(kept.front().use_count(), 1);
  kept.clear();
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(f(3).error().message(),
            "the host's object is still held by others, such as its children");
}

// Exits.

const std::string exits = R"((component
  (import "exit" (func $exit (param "code" s32)))
  (core func $exit (canon lower (func $exit)))
  (core module $M (import "" "exit" (func $exit (param i32)))
    (func (export "f") (param i32) (call $exit (local.get 0))))
  (core instance $m (instantiate $M (with "" (instance (export "exit" (func $exit))))))
  (func (export "f") (param "code" s32) (canon lift (core func $m "f")))))";

TEST_F(Context, AnExitLeavesACallWithItsCode) {
  ASSERT_TRUE(linker.root().func_wrap(
      "exit", [](std::int32_t code) -> Outcome<void> { return std::unexpected(Exit{code}); }));
  const auto given = instantiate(store, exits);
  Linker throws(engine);
  ASSERT_TRUE(throws.root().func_wrap("exit", [](std::int32_t code) { throw Exit{code}; }));
  const auto thrown = *throws.instantiate(store, compile(engine, exits));
  for (const auto& i : {given, thrown}) {
    const auto done = (*i.get_typed_func<void(std::int32_t)>(store, "f"))(17);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().exit_code(), 17);
    EXPECT_EQ(done.error().code(), engine::TrapCode::exit);
  }
}

// The system keeps eight bits of a code: 256 was a success to whoever ended with it.
TEST_F(Context, AnExitThatIsNoSuccessNeverLooksLikeOne) {
  ASSERT_TRUE(linker.root().func_wrap("exit", [](std::int32_t code) { throw Exit{code}; }));
  const auto ended = [&](std::int32_t code) {
    const auto i = instantiate(store, exits);
    return (*i.get_typed_func<void(std::int32_t)>(store, "f"))(code).error().exit_status();
  };
  EXPECT_EQ(ended(0), 0);
  EXPECT_EQ(ended(255), 255);
  EXPECT_EQ(ended(256), 1);
  EXPECT_EQ(ended(300), 44);
  EXPECT_EQ(ended(-1), 255);
  EXPECT_EQ(ended(std::numeric_limits<std::int32_t>::min()), 1);
}

TEST_F(Context, AnExitPassesGuestsAndHostFunctionsOnItsWay) {
  ASSERT_TRUE(linker.root().func_wrap("exit", [](std::int32_t code) { throw Exit{code}; }));
  const auto inner = instantiate(store, exits);
  Linker outer(engine);
  // By the host, and from guest to guest.
  const auto f = *inner.get_typed_func<void(std::int32_t)>(store, "f");
  ASSERT_TRUE(outer.root().func_wrap("exit", [&](std::int32_t code) { return f(code); }));
  const auto i = *outer.instantiate(store, compile(engine, exits));
  EXPECT_EQ((*i.get_typed_func<void(std::int32_t)>(store, "f"))(5).error().exit_code(), 5);
  const auto fresh = instantiate(store, exits);
  Linker direct(engine);
  ASSERT_TRUE(direct.root().item("exit", store, *fresh.find("f")));
  const auto guest = *direct.instantiate(store, compile(engine, exits));
  EXPECT_EQ((*guest.get_typed_func<void(std::int32_t)>(store, "f"))(6).error().exit_code(), 6);
}

// `value()` throws what it holds: it is the trap of the inner guest that goes on, not its text.
TEST_F(Context, AnExitPassesAHostFunctionThatAsksForTheValue) {
  ASSERT_TRUE(linker.root().func_wrap("exit", [](std::int32_t code) { throw Exit{code}; }));
  const auto inner = instantiate(store, exits);
  const auto f = *inner.get_typed_func<void(std::int32_t)>(store, "f");
  Linker outer(engine);
  ASSERT_TRUE(outer.root().func_wrap("exit", [&](std::int32_t code) { f(code).value(); }));
  const auto i = *outer.instantiate(store, compile(engine, exits));
  const auto done = (*i.get_typed_func<void(std::int32_t)>(store, "f"))(5);
  EXPECT_EQ(done.error().exit_code(), 5);
  const Made<Instance> failed = std::unexpected(runtime::Failure(done.error()));
  Linker made(engine);
  ASSERT_TRUE(made.root().func_wrap("exit", [&](std::int32_t) { (void)failed.value(); }));
  const auto j = *made.instantiate(store, compile(engine, exits));
  EXPECT_EQ((*j.get_typed_func<void(std::int32_t)>(store, "f"))(6).error().exit_code(), 5);
}

TEST_F(Context, AnExitInACoreStartFunctionLeavesTheInstantiation) {
  ASSERT_TRUE(linker.root().func_wrap("exit", [] { throw Exit{9}; }));
  const auto component = compile(engine, R"((component
    (import "exit" (func $exit))
    (core func $exit (canon lower (func $exit)))
    (core module $M (import "" "exit" (func $exit)) (start $exit))
    (core instance (instantiate $M (with "" (instance (export "exit" (func $exit))))))))");
  const auto made = linker.instantiate(store, component);
  ASSERT_FALSE(made);
  ASSERT_NE(made.error().trap(), nullptr);
  EXPECT_EQ(made.error().exit_code(), 9);
}

TEST_F(Context, OrExitEndsTheProgramAsTheGuestAsked) {
  ASSERT_TRUE(linker.root().func_wrap("exit", [](std::int32_t code) -> Outcome<void> {
    if (code == 1) return std::unexpected(Trap("no such thing"));
    return std::unexpected(Exit{code});
  }));
  // Not in the child, where the engine does not go on.
  const auto outcome = [&](std::int32_t code) {
    const auto i = or_exit(linker.instantiate(store, compile(engine, exits)));
    return or_exit(i.get_typed_func<void(std::int32_t)>(store, "f"))(code);
  };
  const auto exited = outcome(21);
  const auto trapped = outcome(1);
  EXPECT_EXIT(or_exit(exited), ::testing::ExitedWithCode(21), "^$");
  EXPECT_EXIT(or_exit(trapped), ::testing::ExitedWithCode(134), "^error: no such thing\n  at ");
  // A guest that trapped while it was made, and a call that is the host's own mistake.
  const auto made = linker.instantiate(store, compile(engine, R"((component
    (core module $M (func $f unreachable) (start $f)) (core instance (instantiate $M))))"));
  EXPECT_EXIT(or_exit(made), ::testing::ExitedWithCode(134), "^error: .*unreachable");
  const auto i = instantiate(store, exits);
  const auto refused = i.get_func("f")->call(std::vector<Value>{Value::string("x")});
  EXPECT_EXIT(or_exit(refused), ::testing::ExitedWithCode(1), "^error\\[[a-z-]+\\]: .*argument");
}

TEST_F(Context, ATrapCopiesAndIsTheTextOfWhatValueThrows) {
  static_assert(sizeof(Trap) == sizeof(void*));
  static_assert(std::is_nothrow_copy_constructible_v<Trap>);
  const auto i = instantiate(store, R"((component
    (core module $M (func (export "f") unreachable))
    (core instance $m (instantiate $M))
    (func (export "f") (canon lift (core func $m "f")))))");
  const auto f = *i.get_typed_func<void()>(store, "f");
  const auto done = f();
  ASSERT_FALSE(done);
  const Trap copy = done.error();  // NOLINT(performance-unnecessary-copy-initialization)
  EXPECT_EQ(&copy.backtrace(), &done.error().backtrace());
  try {
    done.value();
    FAIL();
  } catch (const std::exception& e) {
    EXPECT_EQ(e.what(), copy.text());
    EXPECT_NE(std::string_view(e.what()).find("unreachable\n  at "), std::string_view::npos);
  }
  const auto missing = linker.instantiate(store, compile(engine, exits));
  try {
    (void)missing.value();
    FAIL();
  } catch (const std::exception& e) {
    EXPECT_NE(std::string_view(e.what()).find("`exit`"), std::string_view::npos) << e.what();
  }
}

// Waits.

TEST_F(Context, AHostFunctionThatWaitsEndsAtTheDeadline) {
  ASSERT_TRUE(linker.root().func_wrap("exit", [](Store& s, std::int32_t) -> Outcome<void> {
    if (auto waited = s.wait({}); !waited) return std::unexpected(std::move(waited).error());
    return {};
  }));
  const auto i = instantiate(store, exits);
  const auto f = *i.get_typed_func<void(std::int32_t)>(store, "f");
  store.set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(3));
  EXPECT_EQ(f(0).error().code(), engine::TrapCode::interrupted);
  store.set_deadline(std::nullopt);
}

// No time at all was a deadline that never came.
TEST_F(Context, ADeadlineThatIsNoNumberHasPassed) {
  ASSERT_TRUE(linker.root().func_wrap("exit", [](Store& s, std::int32_t) -> Outcome<void> {
    if (auto waited = s.wait({}); !waited) return std::unexpected(std::move(waited).error());
    return {};
  }));
  const auto i = instantiate(store, exits);
  const auto f = *i.get_typed_func<void(std::int32_t)>(store, "f");
  store.set_deadline(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_EQ(f(0).error().code(), engine::TrapCode::interrupted);
  store.set_deadline(std::nullopt);
}

TEST_F(Context, AHostFunctionAsksTheWaiterOfItsStore) {
  struct Never final : Waiter {
    Outcome<void> wait(std::span<WaitEvent> events, Time) override {
      ++waits;
      for (auto& event : events) event.ready = true;
      return {};
    }
    void wake() noexcept override {}
    int waits = 0;
  };
  const auto waiter = std::make_shared<Never>();
  store.set_waiter(waiter);
  ASSERT_TRUE(linker.root().func_wrap("exit", [](Store& s, std::int32_t fd) -> Outcome<void> {
    std::array events{WaitEvent{.fd = fd, .read = true}};
    EXPECT_EQ(s.wait(events).value_or(0), 1U);
    return {};
  }));
  const auto i = instantiate(store, exits);
  EXPECT_TRUE((*i.get_typed_func<void(std::int32_t)>(store, "f"))(0));
  EXPECT_EQ(waiter->waits, 1);
}

}  // namespace
}  // namespace tenon
