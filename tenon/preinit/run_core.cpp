// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "tenon/core/decode.h"
#include "tenon/core/validate.h"
#include "tenon/preinit/drop_imports.h"
#include "tenon/preinit/imports.h"
#include "tenon/preinit/marker.h"
#include "tenon/preinit/rewrite_module.h"
#include "tenon/preinit/rules.h"
#include "tenon/preinit/run.h"

namespace tenon::preinit {

namespace {

constexpr std::string_view reactor_func = "_initialize";

/// One core module under pre-initialisation.
class CoreRun {
 public:
  CoreRun(ByteSpan input, const Options& options)
      : input_(input), options_(options), store_(engine_, limits(options)) {}

  /// Instantiates, initialises where there is something to run, and makes the first call.
  Result<void> start(const std::string& first, Times& times) {
    const auto begin = std::chrono::steady_clock::now();
    TENON_TRY(instantiate());
    if (!options_.funcs.empty()) {
      TENON_TRY(choose());
      TENON_TRY(call());
    }
    const auto ready = std::chrono::steady_clock::now();
    times.start = ready - begin;
    if (first.empty()) return {};
    const auto func = instance_->func(first);
    if (!func || !func->type().params.empty()) return std::unexpected(not_found(first, callable()));
    std::vector<engine::ValueSlot> slots(func->slots() + 1);
    if (const auto done = func->call(slots); !done)
      return std::unexpected(static_cast<Error>(done.error()));
    times.first_call = std::chrono::steady_clock::now() - ready;
    return {};
  }

  Result<Output> run() {
    TENON_TRY(instantiate());
    TENON_TRY(choose());
    if (chosen_.empty()) return finish(input_, std::nullopt, options_, std::move(report_));
    TENON_TRY(call());
    engine::Instance* const instances[] = {instance_};
    const auto plans = TENON_TRY(plan_state(instances));
    const ExportChanges changes = TENON_TRY(changes_of());
    auto bytes = TENON_TRY(rewrite_module(plans[0], changes));
    if (!options_.keep_imports) TENON_TRY(drop_unneeded(bytes));
    count(report_, plans[0]);
    report_.instances = 1;
    report_.rewritten = bytes ? 1 : 0;
    return finish(input_, std::move(bytes), options_, std::move(report_));
  }

 private:
  static engine::StoreLimits limits(const Options& options) {
    engine::StoreLimits limits;
    limits.limit_memory(options.max_memory);
    return limits;
  }
  [[nodiscard]] const core::Module& module() const { return instance_->module().core(); }

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
    if (!instance) return std::unexpected(as_error(std::move(instance).error()));
    instance_ = *instance;
    return {};
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
    for (const std::string& name : wanted) {
      const auto func = instance_->func(name);
      if (!func) {
        if (!has_run(marker, name)) return std::unexpected(not_found(name, callable()));
        report_.done_before.push_back(name);
        continue;
      }
      if (!func->type().params.empty() || !func->type().results.empty()) {
        return std::unexpected(
            Error(rules::function, Span::none(),
                  fmt::format("`{}` has parameters or results, and must have none", name)));
      }
      chosen_.push_back(name);
    }
    return {};
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
    return std::move(error).help("name one of its functions with `--init-func`: " + listed(names));
  }

  Result<void> call() {
    const auto reactor = instance_->func(reactor_func);
    const bool first = reactor && reactor->type().params.empty() &&
                       reactor->type().results.empty() &&
                       std::ranges::find(chosen_, reactor_func) == chosen_.end();
    if (first) TENON_TRY(call(*reactor, std::string(reactor_func)));
    for (const std::string& name : chosen_) TENON_TRY(call(*instance_->func(name), name));
    return {};
  }
  Result<void> call(const engine::Func& func, const std::string& name) {
    if (const auto done = func.call({}); !done)
      return std::unexpected(static_cast<Error>(done.error()));
    report_.funcs.push_back(name);
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
    if (std::ranges::find(report_.funcs, reactor_func) != report_.funcs.end())
      changes.removed.emplace_back(reactor_func);
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

Result<void> start_module(ByteSpan input, const Options& options, const std::string& first,
                          Times& times) {
  return CoreRun(input, options).start(first, times);
}

Result<Output> preinit_module(ByteSpan input, const Options& options) {
  return CoreRun(input, options).run();
}

}  // namespace tenon::preinit
