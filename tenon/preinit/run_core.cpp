// SPDX-License-Identifier: Apache-2.0
// A reactor's `_initialize` runs first and is removed afterwards, like the functions asked for,
// because running them again would repeat their effects. Imports are dropped only if neither code
// nor tables that remain refer to them.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "tenon/abi/mangle.h"
#include "tenon/base/safe_text.h"
#include "tenon/core/decode.h"
#include "tenon/core/validate.h"
#include "tenon/preinit/drop_imports.h"
#include "tenon/preinit/imports.h"
#include "tenon/preinit/marker.h"
#include "tenon/preinit/names.h"
#include "tenon/preinit/rewrite_module.h"
#include "tenon/preinit/rules.h"
#include "tenon/preinit/run.h"

namespace tenon::preinit {

namespace {

std::string_view reactor_func() {
  return abi::initialize_name(abi::Mangling::legacy);
}

template <class T>
bool read_number(std::string_view text, engine::ValueSlot& slot) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  engine::SlotOf<T>::store(&slot, value);
  return true;
}
bool read_number(std::string_view text, core::ValType type, engine::ValueSlot& slot) {
  if (type == core::ValType(core::TypeCode::i32))
    return read_number<std::int32_t>(text, slot) || read_number<std::uint32_t>(text, slot);
  if (type == core::ValType(core::TypeCode::i64))
    return read_number<std::int64_t>(text, slot) || read_number<std::uint64_t>(text, slot);
  if (type == core::ValType(core::TypeCode::f32)) return read_number<float>(text, slot);
  return type == core::ValType(core::TypeCode::f64) && read_number<double>(text, slot);
}

std::string_view trimmed(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(' '), text.size());
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

/// The arguments `(1, 2.5)` of a core function; of one without parameters also nothing.
Result<void> read_numbers(std::string_view text, const engine::RuntimeType& type,
                          std::span<engine::ValueSlot> slots) {
  std::vector<std::string_view> words;
  std::string_view rest = trimmed(text);
  const bool closed = rest.empty() || (rest.starts_with('(') && rest.ends_with(')'));
  if (closed && !rest.empty()) rest = trimmed(rest.substr(1, rest.size() - 2));
  while (closed && !rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    words.push_back(trimmed(rest.substr(0, comma)));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  bool good = closed && words.size() == type.params.size();
  for (std::size_t i = 0; good && i < words.size(); ++i)
    good = read_number(words[i], type.params[i], slots[i]);
  if (good) return {};
  return std::unexpected(
      Error(rules::function, Span::none(),
            fmt::format("the arguments `{}` are not what the function takes", visible(text)))
          .help(
              fmt::format("it takes {} numbers: `--first-call 'f(1, 2.5)'`", type.params.size())));
}

/// One core module under pre-initialisation.
class CoreRun {
 public:
  CoreRun(ByteSpan input, const Options& options)
      : input_(input), options_(options), store_(engine_, limits(options)) {}

  /// Instantiates, initialises where there is something to run, and makes the first call.
  Result<void> start(bool initialise, const std::string& first, Times& times) {
    const auto begin = std::chrono::steady_clock::now();
    TENON_TRY(instantiate());
    if (initialise) {
      TENON_TRY(choose());
      TENON_TRY(call());
    }
    const auto ready = std::chrono::steady_clock::now();
    times.start = ready - begin;
    if (first.empty()) return {};
    TENON_TRY(call_first(first));
    times.first_call = std::chrono::steady_clock::now() - ready;
    return {};
  }

  Result<Output> run() {
    TENON_TRY(instantiate());
    TENON_TRY(choose());
    if (chosen_.empty()) return finish(input_, std::nullopt, options_, std::move(report_), {});
    TENON_TRY(imports_->check_links(module()));
    TENON_TRY(call());
    TENON_TRY(imports_->check_files());
    note_folders();
    engine::Instance* const instances[] = {instance_};
    const auto plans = TENON_TRY(plan_state(instances));
    const ExportChanges changes = TENON_TRY(changes_of());
    auto bytes = TENON_TRY(rewrite_module(plans[0], changes));
    if (!options_.keep_imports) TENON_TRY(drop_unneeded(bytes));
    count(report_, plans[0]);
    report_.instances = 1;
    report_.rewritten = bytes ? 1 : 0;
    const std::vector<std::string> marks = report_.funcs;
    return finish(input_, std::move(bytes), options_, std::move(report_), marks);
  }

 private:
  static engine::StoreLimits limits(const Options& options) {
    engine::StoreLimits limits;
    limits.limit_memory(options.max_memory);
    return limits;
  }
  [[nodiscard]] const core::Module& module() const { return instance_->module().core(); }

  [[nodiscard]] Error failed(const engine::Failure& failure, bool is_second = false) const {
    const auto* trap = std::get_if<engine::Trap>(&failure);
    return helped(trap != nullptr ? static_cast<Error>(*trap) : std::get<Error>(failure),
                  {.trap = trap,
                   .memory_refused = store_.context().growth_refused,
                   .of_module = true,
                   .is_second = is_second},
                  options_);
  }

  Result<void> instantiate() {
    auto decoded =
        TENON_TRY(core::decode(Blob::borrow(input_), options_.features, options_.source));
    auto valid = TENON_TRY(core::validate(std::move(decoded), options_.features));
    auto made = TENON_TRY(engine::Module::create(engine_, std::move(valid)));
    store_.set_deadline(std::chrono::steady_clock::now() + options_.timeout);
    imports_.emplace(store_, options_, report_);
    TENON_TRY(imports_->link());
    const auto imports = TENON_TRY(imports_->resolve(*made));
    auto instance = engine::Instance::create(store_, made, imports);
    if (!instance) return std::unexpected(failed(std::move(instance).error()));
    instance_ = *instance;
    return check_growth(store_, options_, "the instantiation");
  }

  /// A C library that has found no folders looks for none later.
  void note_folders() {
    if (options_.dirs.empty() && report_.calls.contains("wasi_snapshot_preview1#fd_prestat_get"))
      report_.notes.push_back(no_folders(instance_->func("_start").has_value(), options_.wording));
  }

  /// The functions that run.
  Result<void> choose() {
    std::vector<std::string> wanted = options_.funcs;
    const std::vector<std::string> marker = read_marker(input_);
    if (wanted.empty()) {
      const auto found = std::ranges::find_if(default_funcs, [&](std::string_view name) {
        return instance_->func(name).has_value() || has_run(marker, name);
      });
      if (found == std::end(default_funcs)) return std::unexpected(none_given());
      wanted.emplace_back(*found);
    }
    for (const std::string& asked : wanted) {
      if (has_run(marker, asked)) {
        report_.done_before.push_back(asked);
        continue;
      }
      const std::string name = TENON_TRY(exported(asked));
      const auto func = instance_->func(name);
      if (!func->type().params.empty() || !func->type().results.empty()) {
        return std::unexpected(
            Error(rules::function, Span::none(),
                  fmt::format("`{}` has parameters or results, and must have none", name)));
      }
      chosen_.push_back(name);
    }
    return {};
  }
  /// The export that is meant: of that name, else the only one of which it is a spelling.
  [[nodiscard]] Result<std::string> exported(const std::string& asked) const {
    if (instance_->func(asked)) return asked;
    std::vector<std::string> found;
    for (const core::Export& e : module().exports) {
      if (e.kind == core::ExternKind::func && is_spelling(e.name, asked))
        found.emplace_back(e.name);
    }
    if (found.size() == 1) return found.front();
    const std::string name = asked.substr(0, asked.find('('));
    if (found.empty() && name != asked && instance_->func(name))
      return std::unexpected(takes_nothing(asked, name));
    return std::unexpected(not_found(asked, found.empty() ? callable() : found, options_.wording));
  }
  [[nodiscard]] std::vector<std::string> callable() const {
    std::vector<std::string> out;
    for (const core::Export& e : module().exports) {
      if (e.kind != core::ExternKind::func) continue;
      const core::FuncType& type = module().func_type(core::FuncIdx(e.index));
      if (type.params.empty() && type.results.empty()) out.emplace_back(e.name);
    }
    return out;
  }
  [[nodiscard]] Error none_given() const {
    Error error(rules::function, Span::none(),
                "the module exports neither `wizer-initialize` nor `wizer.initialize`");
    const std::vector<std::string> names = callable();
    if (names.empty()) return error;
    return std::move(error).help(fmt::format("name one of its functions with {}: {}",
                                             options_.wording.init_funcs, listed(names)));
  }

  Result<void> call() {
    const auto reactor = instance_->func(reactor_func());
    const bool first = reactor && reactor->type().params.empty() &&
                       reactor->type().results.empty() &&
                       std::ranges::find(chosen_, reactor_func()) == chosen_.end();
    if (first) TENON_TRY(call(*reactor, std::string(reactor_func())));
    for (const std::string& name : chosen_) TENON_TRY(call(*instance_->func(name), name));
    return {};
  }
  Result<void> call(const engine::Func& func, const std::string& name) {
    if (const auto done = func.call({}); !done)
      return std::unexpected(failed(done.error(), !read_marker(input_).empty()));
    report_.funcs.push_back(name);
    return check_growth(store_, options_, fmt::format("`{}`", visible(name)));
  }

  /// `name`, or a call with numbers.
  Result<void> call_first(const std::string& text) {
    const std::string name = text.substr(0, text.find('('));
    const auto func = instance_->func(name);
    if (!func) return std::unexpected(not_found(name, callable(), options_.wording));
    std::vector<engine::ValueSlot> slots(func->slots() + 1);
    TENON_TRY(read_numbers(std::string_view(text).substr(name.size()), func->type(), slots));
    if (const auto done = func->call(slots); !done) return std::unexpected(failed(done.error()));
    return {};
  }

  /// Takes imports out that only the initialisation needed.
  Result<void> drop_unneeded(std::optional<std::vector<std::uint8_t>>& bytes) {
    const core::Module written = TENON_TRY(core::decode(
        bytes ? Blob::borrow(*bytes) : Blob::borrow(input_), options_.features, options_.source));
    const LiveModule modules[] = {{instance_, &written}};
    Liveness after(modules, [](const engine::FuncRef*, const auto&) { return true; });
    after.add_exports(0);
    after.run();
    const auto dropped = droppable({instance_, &module()}, written, 0, after);
    if (!dropped.any()) return {};
    for (const auto& [from, name] : names_of(written, dropped))
      report_.removed_imports.push_back(fmt::format("{}#{}", from, name));
    auto without = drop_imports(written, dropped);
    bytes = std::move(without);
    return {};
  }

  Result<ExportChanges> changes_of() const {
    ExportChanges changes;
    if (!options_.keep_init_func) changes.removed = chosen_;
    if (std::ranges::find(report_.funcs, reactor_func()) != report_.funcs.end())
      changes.removed.emplace_back(reactor_func());
    for (const auto& [to, from] : options_.renames) {
      if (!instance_->find(from)) {
        return std::unexpected(
            Error(rules::function, Span::none(),
                  fmt::format("`--rename-func {}={}`: there is no export `{}`", to, from, from)));
      }
      changes.renamed.emplace_back(to, from);
    }
    return changes;
  }

  ByteSpan input_;
  const Options& options_;
  Report report_;
  engine::Engine engine_;
  engine::Store store_;
  std::optional<CoreImports> imports_;
  engine::Instance* instance_ = nullptr;
  std::vector<std::string> chosen_;
};

}  // namespace

Result<void> start_module(ByteSpan input, const Options& options, bool initialise,
                          const std::string& first, Times& times) {
  return CoreRun(input, options).start(initialise, first, times);
}

Result<Output> preinit_module(ByteSpan input, const Options& options) {
  return CoreRun(input, options).run();
}

}  // namespace tenon::preinit
