// SPDX-License-Identifier: Apache-2.0
// Runs a component's initialisation. The function is an export of the component, called as any
// host calls one, or an export of one of the core modules inside, which nobody outside can name:
// `#[export_name = "…"]` in Rust, `__attribute__((export_name("…")))` in C. That one is entered as
// the instance's own start function would be.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <set>

#include "tenon/abi/mangle.h"
#include "tenon/base/safe_text.h"
#include "tenon/component/decode.h"
#include "tenon/component/info.h"
#include "tenon/component/validate.h"
#include "tenon/core/decode.h"
#include "tenon/core/decode_expr.h"
#include "tenon/preinit/component_tree.h"
#include "tenon/preinit/drop_imports.h"
#include "tenon/preinit/imports.h"
#include "tenon/preinit/liveness.h"
#include "tenon/preinit/marker.h"
#include "tenon/preinit/mocks.h"
#include "tenon/preinit/names.h"
#include "tenon/preinit/open_files.h"
#include "tenon/preinit/release_handles.h"
#include "tenon/preinit/rewrite_component.h"
#include "tenon/preinit/rewrite_module.h"
#include "tenon/preinit/rules.h"
#include "tenon/preinit/run.h"
#include "tenon/runtime/canon.h"
#include "tenon/runtime/linked_exports.h"
#include "tenon/runtime/linker.h"
#include "tenon/runtime/wave.h"

namespace tenon::preinit {

namespace {

using engine::FuncRef;
using runtime::Value;

/// A function of a core instance.
struct CoreFunc {
  std::size_t core = 0;
  std::string name;
  FuncRef* ref = nullptr;
};

std::string_view reactor_func() {
  return abi::initialize_name(abi::Mangling::legacy);
}

/// Whether a body calls one function.
struct FindsCall {
  std::uint32_t func;
  bool found = false;
  template <core::Op op>
  void on(const core::ImmOf<op>& imm, std::uint32_t /*offset*/) {
    if constexpr (op == core::Op::call || op == core::Op::return_call)
      found = found || imm.func.value == func;
  }
};

class ComponentRun {
 public:
  ComponentRun(ByteSpan input, const Options& options)
      : input_(input), options_(options), store_(engine_, limits(options)), linker_(engine_) {}

  /// Instantiates, initialises, and makes the first call.
  Result<void> start(bool initialise, const std::string& first, Times& times) {
    const auto begin = std::chrono::steady_clock::now();
    TENON_TRY(instantiate(initialise));
    if (initialise) TENON_TRY(choose());
    for (const Step& step : steps_) TENON_TRY(call(step));
    const auto ready = std::chrono::steady_clock::now();
    times.start = ready - begin;
    if (first.empty()) return {};
    steps_.clear();
    TENON_TRY(choose(first, {}));
    for (const Step& step : steps_) TENON_TRY(call(step));
    times.first_call = std::chrono::steady_clock::now() - ready;
    return {};
  }

  Result<Output> run() {
    TENON_TRY(instantiate(true));
    TENON_TRY(choose());
    if (steps_.empty()) return finish(input_, std::nullopt, options_, std::move(report_), {});
    for (const Step& step : steps_) TENON_TRY(call(step));
    TENON_TRY(mocks_.check());
    const Released released = TENON_TRY(release_handles(store_, tree_, files_));
    TENON_TRY(check_resources(released));
    note_folders(released);
    ComponentChanges changes;
    if (!options_.keep_init_func) {
      for (const Step& step : steps_) {
        if (!step.core) changes.removed_exports.push_back(step.name);
      }
    }
    TENON_TRY(plan(changes));
    changes.remove_imports = !options_.keep_imports;
    changes.dropped_imports.resize(tree_.cores.size());
    if (!options_.keep_imports) TENON_TRY(drop_unneeded(changes));
    auto bytes = TENON_TRY(rewrite_component(tree_, changes, options_.features));
    if (bytes) TENON_TRY(note_removed_imports(*bytes));
    std::vector<std::string> marks;
    for (const Step& step : steps_) marks.push_back(mark_of(step));
    return finish(input_, std::move(bytes), options_, std::move(report_), marks);
  }

 private:
  /// One function to run.
  struct Step {
    std::string name;
    std::optional<CoreFunc> core;
    std::optional<runtime::Func> func;
    std::vector<Value> args;
  };

  static runtime::StoreLimits limits(const Options& options) {
    runtime::StoreLimits limits;
    limits.core.limit_memory(options.max_memory);
    return limits;
  }

  Result<runtime::Component> compile(ByteSpan bytes, std::uint32_t source) {
    auto decoded = TENON_TRY(component::decode(Blob::borrow(bytes), options_.features, source));
    auto valid = TENON_TRY(component::validate(std::move(decoded), options_.features));
    return runtime::Component::compile(engine_, std::move(valid));
  }

  /// `initialise`: all mocks must have something to stand in for.
  Result<void> instantiate(bool initialise) {
    component_ = TENON_TRY(compile(input_, options_.source));
    store_.set_deadline(std::chrono::steady_clock::now() + options_.timeout);
    linker_.allow_shadowing(true);
    if (options_.allow_wasi) {
      TENON_TRY(grant_wasi(store_.emplace_extension<wasi::Context>(), options_, files_));
      TENON_TRY(wasi::add_to_linker(linker_));
    } else {
      TENON_TRY(define_defaults(linker_, *component_, wasi::Random::seeded(options_.random_seed)));
    }
    runtime::LinkedExports linked;
    for (const Link& link : options_.links) {
      const auto other = TENON_TRY(compile(link.bytes, link.source));
      TENON_TRY(linked.add(other.info(), link.file));
      const auto made = TENON_TRY(linker_.instantiate(store_, other));
      TENON_TRY(linker_.link(made));
    }
    TENON_TRY(linked.check(component_->info()));
    TENON_TRY(mocks_.define(linker_, *component_, options_.mocks, options_.allow_wasi, initialise));
    if (!component_->info().imports.empty()) store_.set_trace(noting_calls());
    TENON_TRY(linker_.define_unknown_imports_as_traps(*component_));
    const std::size_t states = store_.instances().size();
    const std::size_t cores = store_.core().instances().size();
    auto made = linker_.instantiate(store_, *component_);
    if (!made)
      return std::unexpected(helped(
          static_cast<const Error&>(made.error()),
          {.trap = made.error().trap(), .memory_refused = store_.core().context().growth_refused},
          options_));
    TENON_TRY(check_growth(store_.core(), options_, "the instantiation"));
    instance_.emplace(*std::move(made));
    tree_ = tree_of(store_, states, cores);
    report_.instances = static_cast<std::uint32_t>(tree_.cores.size());
    return {};
  }

  /// Counts the calls of what the component imports.
  runtime::TraceFn noting_calls() {
    std::map<std::string, std::string, std::less<>> names;
    for (const component::ImportInfo& import : component_->info().imports) {
      if (import.type.kind == component::ExternKind::func) {
        names.emplace(import.name->name, import.name->name);
      } else if (import.type.kind == component::ExternKind::instance) {
        const auto& instance = component_->info().instance_types[import.type.instance()];
        for (const component::NamedExtern& e : instance.exports) {
          const std::string full = fmt::format("{}#{}", import.name->name, e.name);
          if (e.type.kind != component::ExternKind::func) continue;
          names.emplace(full, full);
          names.emplace(e.name, full);
        }
      }
    }
    return [this, names = std::move(names)](const runtime::CallEvent& event) {
      if (event.kind != runtime::CallEvent::Kind::call || !event.import) return;
      if (const auto found = names.find(event.name); found != names.end())
        ++report_.calls[found->second];
    };
  }

  // The functions.

  Result<void> choose() {
    const std::vector<std::string> marker = read_marker(input_);
    std::vector<std::string> wanted = options_.funcs;
    if (wanted.empty()) {
      for (const std::string_view name : default_funcs) {
        if (!wanted.empty()) break;
        if (component_func(std::string(name)) || !core_funcs(name).empty() || has_run(marker, name))
          wanted.emplace_back(name);
      }
      if (wanted.empty()) {
        return std::unexpected(
            Error(rules::function, Span::none(),
                  "neither the component nor a core module in it exports `wizer-initialize`")
                .help(fmt::format("name a function with {}: {}", options_.wording.init_funcs,
                                  listed(callable()))));
      }
    }
    for (const std::string& text : wanted) TENON_TRY(choose(text, marker));
    return {};
  }

  Result<void> choose(const std::string& text, const std::vector<std::string>& marker) {
    const auto parsed = TENON_TRY(runtime::split_wave_call(text));
    if (auto func = component_func(parsed.name)) {
      const auto type = func->type();
      Step step{std::string(func->name()), {}, func, {}};
      auto args = runtime::parse_wave_args(parsed, type.types(), type.type->params);
      if (!args) {
        return std::unexpected(
            Error(rules::function, Span::none(),
                  fmt::format("`{}`: {}", visible(text), args.error().detail()))
                .help(fmt::format("`{}` is `{}`", visible(parsed.name), to_string(type))));
      }
      step.args = *std::move(args);
      if (std::ranges::find(marker, mark_of(step)) != marker.end()) {
        report_.done_before.push_back(parsed.name);
      } else {
        steps_.push_back(std::move(step));
      }
      return {};
    }
    if (has_run(marker, parsed.name)) {
      report_.done_before.push_back(parsed.name);
      return {};
    }
    const std::vector<CoreFunc> found = core_funcs(parsed.name);
    if (found.empty()) return std::unexpected(not_found(parsed.name, callable(), options_.wording));
    if (parsed.has_args) return std::unexpected(takes_nothing(text, parsed.name));
    if (found.size() > 1 && !options_.instance) return std::unexpected(ambiguous(found));
    const auto chosen = std::ranges::find_if(found, [&](const CoreFunc& f) {
      return !options_.instance || f.core == *options_.instance;
    });
    if (chosen == found.end()) return std::unexpected(ambiguous(found));
    const engine::RuntimeType& type = *chosen->ref->type;
    if (!type.params.empty() || !type.results.empty()) {
      return std::unexpected(
          Error(rules::function, Span::none(),
                fmt::format("`{}` of {} has parameters or results, and must have none",
                            visible(chosen->name), tree_.core_name(chosen->core))));
    }
    add_reactor(chosen->core);
    steps_.push_back({chosen->name, *chosen, {}, {}});
    return {};
  }

  /// What the name means among the component's exports; with a package or version left out the only
  /// one that it can mean.
  std::optional<runtime::Func> component_func(const std::string& name) const {
    if (auto func = instance_->get_func(name)) return *func;
    std::optional<std::string> found;
    for (const auto& f : instance_->funcs()) {
      if (!is_export(f.name, name)) continue;
      if (found) return std::nullopt;
      found = f.name;
    }
    if (!found) return std::nullopt;
    auto func = instance_->get_func(*found);
    if (!func) return std::nullopt;
    return *func;
  }

  /// The functions of core instances under this name, else under a spelling of it; each function
  /// once, by the first instance that exports it.
  [[nodiscard]] std::vector<CoreFunc> core_funcs(std::string_view name) {
    std::vector<CoreFunc> exact;
    std::vector<CoreFunc> spelled;
    for (std::size_t i = 0; i < tree_.cores.size(); ++i) {
      engine::Instance& instance = *tree_.cores[i].instance;
      for (const core::Export& e : instance.module().core().exports) {
        if (e.kind != core::ExternKind::func) continue;
        const bool same = e.name == name;
        if (!same && !is_spelling(e.name, name)) continue;
        FuncRef* ref = instance.func_ref(e.index);
        auto& list = same ? exact : spelled;
        if (std::ranges::find(list, ref, &CoreFunc::ref) != list.end()) continue;
        list.push_back({i, std::string(e.name), ref});
      }
    }
    return exact.empty() ? spelled : exact;
  }

  [[nodiscard]] std::vector<std::string> callable() const {
    std::set<std::string> names;
    for (const auto& f : instance_->funcs()) names.insert(f.name);
    for (const CoreNode& core : tree_.cores) {
      const core::Module& m = core.instance->module().core();
      for (const core::Export& e : m.exports) {
        if (e.kind != core::ExternKind::func || names.size() > 1000) continue;
        const core::FuncType& type = m.func_type(core::FuncIdx(e.index));
        const bool own = e.name != reactor_func() && abi::is_own_export(e.name);
        if (type.params.empty() && type.results.empty() && !own) names.emplace(e.name);
      }
    }
    return {names.begin(), names.end()};
  }

  Error ambiguous(const std::vector<CoreFunc>& found) const {
    std::string where;
    for (const CoreFunc& f : found)
      where += fmt::format("{}{}", where.empty() ? "" : ", ", tree_.core_name(f.core));
    const bool wrong = options_.instance && found.size() == 1;
    std::string choices;
    for (const CoreFunc& f : found)
      choices += fmt::format("{}`--instance {}`", choices.empty() ? "" : " or ", f.core);
    return Error(wrong ? rules::function : rules::ambiguous, Span::none(),
                 fmt::format(
                     "`{}` of {}{}", visible(found.front().name), where,
                     options_.instance
                         ? fmt::format(", and `--instance {}` is none of them", *options_.instance)
                         : std::string()))
        .help("choose one: " + choices);
  }

  /// The initialisation of a module whose constructors nobody has run yet comes first.
  void add_reactor(std::size_t core) {
    engine::Instance& instance = *tree_.cores[core].instance;
    const auto func = instance.func(reactor_func());
    if (!func || !func->type().params.empty() || !func->type().results.empty()) return;
    if (was_started(func->ref())) return;
    const bool planned = std::ranges::any_of(
        steps_, [&](const Step& s) { return s.core && s.core->ref == func->ref(); });
    if (!planned)
      steps_.push_back({std::string(reactor_func()),
                        CoreFunc{core, std::string(reactor_func()), func->ref()},
                        {},
                        {}});
  }
  /// Whether a start function is this one, or calls it.
  [[nodiscard]] bool was_started(const FuncRef* ref) const {
    return std::ranges::any_of(tree_.cores, [&](const CoreNode& node) {
      const core::Module& m = node.instance->module().core();
      if (!m.start) return false;
      FindsCall calls{0xFFFFFFFF};
      for (std::uint32_t i = 0; i < m.num_imported_funcs; ++i) {
        if (node.instance->vmctx()->imports[i] == ref) calls.func = i;
      }
      if (ref->vmctx == node.instance->vmctx()) calls.func = ref->func;
      if (m.start->value == calls.func) return true;
      if (m.is_imported(*m.start) || calls.func == 0xFFFFFFFF) return false;
      const auto& body = m.codes[m.start->value - m.num_imported_funcs].body;
      return core::decode_expr(m, body, calls).has_value() && calls.found;
    });
  }

  /// How the section `preinit` names what ran: of a function that stays, with which arguments.
  static std::string mark_of(const Step& step) {
    if (step.args.empty()) return step.name;
    std::string args;
    for (const Value& arg : step.args)
      args += fmt::format("{}{}", args.empty() ? "" : ", ", runtime::to_wave(arg, 400));
    return fmt::format("{}({})", step.name, args);
  }

  Result<void> call(const Step& step) {
    report_.funcs.push_back(step.name);
    if (step.core) {
      engine::ValueSlot slots[1] = {};
      const CoreFunc& func = *step.core;
      if (auto done = enter_core(store_, tree_.cores[func.core], func.ref, slots); !done)
        return std::unexpected(
            helped(done.error(), {.trap = &done.error(), .is_second = !read_marker(input_).empty()},
                   options_));
      return check_growth(store_.core(), options_, fmt::format("`{}`", visible(step.name)));
    }
    auto result = step.func->call(step.args);
    if (!result)
      return std::unexpected(helped(result.error(), {.trap = &result.error()}, options_));
    TENON_TRY(check_growth(store_.core(), options_, fmt::format("`{}`", visible(step.name))));
    if (*result && (*result)->kind() == runtime::ValueKind::result && !(*result)->is_ok()) {
      return std::unexpected(
          Error(rules::failed, Span::none(),
                fmt::format("`{}` gave {}", step.name, runtime::to_wave(**result, 400))));
    }
    return {};
  }
  /// Handles are state of the component instances, which no binary can hold.
  Result<void> check_resources(const Released& released) {
    if (!released.files.empty()) {
      std::string files;
      for (const Released::File& f : released.files)
        files += fmt::format("{}`{}` (file descriptor {})", files.empty() ? "" : ", ",
                             visible(f.path), f.fd);
      return std::unexpected(Error(rules::resource, Span::none(), "the open file " + files)
                                 .help("close it before the initialisation ends"));
    }
    std::set<std::string> names;
    const auto note = [&](const runtime::ResourceType* type) {
      names.insert(type == nullptr || type->name().empty() ? "a resource without a name"
                                                           : type->name());
    };
    for (const auto& state : store_.instances()) {
      runtime::Table& handles = state->inst->handles;
      for (std::uint32_t i = 1; handles.size() != 0 && i < handles.end(); ++i) {
        if (const auto* handle = handles.get(i)) note(handle->rt);
      }
    }
    for (const auto& entry : store_.host_handles().entries()) {
      if (entry.generation != 0) note(entry.rt);
    }
    if (names.empty()) return {};
    std::string all = listed(std::vector<std::string>(names.begin(), names.end()));
    if (const auto open = files_.paths(); !open.empty()) all += "; open files: " + listed(open);
    const bool of_libc =
        !released.any && (names.contains("descriptor") || names.contains("output-stream") ||
                          names.contains("input-stream"));
    return std::unexpected(
        Error(rules::resource, Span::none(), std::move(all))
            .help(of_libc
                      ? "drop it before the initialisation ends; if a C library holds it, build "
                        "for preview1: tenon's adapter lets go of what is not the program's"
                      : "drop it before the initialisation ends"));
  }

  /// A C library that has found no folders looks for none later.
  void note_folders(const Released& released) {
    if (!options_.dirs.empty() || (released.any && !released.folders_read)) return;
    const bool read = std::ranges::any_of(report_.calls, [](const auto& call) {
      return call.first.starts_with("wasi:filesystem/preopens@");
    });
    if (!read) return;
    const bool is_command = std::ranges::any_of(
        component_->info().exports,
        [](const component::ExportInfo& e) { return e.name->name.starts_with("wasi:cli/run@"); });
    report_.notes.push_back(no_folders(is_command, options_.wording));
  }

  // The state.

  Result<void> plan(ComponentChanges& changes) {
    std::vector<engine::Instance*> instances;
    for (const CoreNode& core : tree_.cores) instances.push_back(core.instance);
    const auto plans = TENON_TRY(plan_state(instances));
    for (std::size_t i = 0; i < plans.size(); ++i) {
      ExportChanges exports;
      for (const Step& step : steps_) {
        if (step.core && step.core->core == i && is_unused(tree_.cores[i], step.core->name) &&
            (!options_.keep_init_func || step.core->name == reactor_func()))
          exports.removed.push_back(step.core->name);
      }
      auto bytes = TENON_TRY(rewrite_module(plans[i], exports));
      if (bytes) ++report_.rewritten;
      count(report_, plans[i]);
      changes.modules.push_back(std::move(bytes));
    }
    return {};
  }

  // Imports that nothing needs any more.

  /// Where the host functions lead that canonical definitions are.
  class Sites {
   public:
    void add(const ComponentNode& node) {
      for (runtime::LowerSite& site : node.state->lower_sites) lowers_.emplace(&site);
      for (runtime::CanonSite& site : node.state->canon_sites) canons_.emplace(&site);
      for (const auto& child : node.children) add(*child);
    }
    using Then = std::function<void(const FuncRef*)>;
    bool follow(const FuncRef* ref, const Then& then) const {
      if (lowers_.contains(ref->env)) {
        const auto& site = *static_cast<const runtime::LowerSite*>(ref->env);
        follow(site.opts, then);
        follow(*site.callee, then);
        return true;
      }
      if (!canons_.contains(ref->env)) return false;
      follow(static_cast<const runtime::CanonSite*>(ref->env)->opts, then);
      return true;
    }
    static void follow(const runtime::FuncInst& func, const Then& then) {
      if (func.core != nullptr) then(func.core);
      follow(func.opts, then);
    }
    static void follow(const runtime::CanonicalOptions& opts, const Then& then) {
      for (const FuncRef* ref : {opts.realloc, opts.post_return, opts.callback}) {
        if (ref != nullptr) then(ref);
      }
    }
    /// Destructors, which whoever has a handle runs.
    void for_each_dtor(const Then& then) const {
      for (const void* at : canons_) {
        const auto* type = static_cast<const runtime::CanonSite*>(at)->rt;
        if (type != nullptr && type->dtor() != nullptr) then(type->dtor());
      }
    }

   private:
    std::set<const void*> lowers_;
    std::set<const void*> canons_;
  };

  Result<void> drop_unneeded(ComponentChanges& changes) {
    std::deque<core::Module> written;
    std::vector<LiveModule> modules;
    for (std::size_t i = 0; i < tree_.cores.size(); ++i) {
      engine::Instance* instance = tree_.cores[i].instance;
      const core::Module* module = &instance->module().core();
      if (const auto& bytes = changes.modules[i]) {
        auto decoded = TENON_TRY(core::decode(Blob::borrow(*bytes), options_.features));
        module = &written.emplace_back(std::move(decoded));
      }
      modules.push_back({instance, module});
    }
    const Liveness after = what_is_needed(modules, changes);
    std::vector<DroppedImports> dropped;
    std::map<const core::Module*, DroppedImports> shared;
    for (std::size_t i = 0; i < modules.size(); ++i) {
      const core::Module& original = modules[i].instance->module().core();
      dropped.push_back(droppable({modules[i].instance, &original}, *modules[i].module, i, after));
      // Instances of one module that need no copies get none for this.
      if (changes.modules[i]) continue;
      const auto [it, added] = shared.emplace(&original, dropped.back());
      if (!added) it->second.intersect(dropped.back());
    }
    std::vector<std::optional<std::vector<std::uint8_t>>> without(modules.size());
    for (std::size_t i = 0; i < modules.size(); ++i) {
      if (!changes.modules[i]) dropped[i] = shared.at(modules[i].module);
      if (!dropped[i].any()) continue;
      changes.dropped_imports[i] = names_of(*modules[i].module, dropped[i]);
      without[i] = drop_imports(*modules[i].module, dropped[i]);
    }
    for (std::size_t i = 0; i < modules.size(); ++i) {
      if (!without[i]) continue;
      if (!changes.modules[i]) ++report_.rewritten;
      changes.modules[i] = std::move(without[i]);
    }
    return {};
  }

  Liveness what_is_needed(std::span<const LiveModule> modules, const ComponentChanges& changes) {
    Sites sites;
    sites.add(*tree_.root);
    Liveness out(modules,
                 [sites](const FuncRef* ref, const auto& then) { return sites.follow(ref, then); });
    const auto root = [&out](const FuncRef* ref) { out.add_root(ref); };
    for (const runtime::ExportedFunc& e : instance_->funcs()) {
      if (std::ranges::find(changes.removed_exports, e.name) == changes.removed_exports.end())
        Sites::follow(*e.func, root);
    }
    sites.for_each_dtor(root);
    for (const Step& step : steps_) {
      if (step.core && options_.keep_init_func) root(step.core->ref);
    }
    if (std::ranges::any_of(tree_.cores, [](const CoreNode& core) {
          return calls_through_tables(*core.owner->compiled->def);
        }))
      out.add_tables();
    out.run();
    return out;
  }
  /// Whether canonical functions take what to run out of a table.
  static bool calls_through_tables(const component::Component& c) {
    return std::ranges::any_of(c.definitions, [](const component::Definition& d) {
      const auto* canon = std::get_if<component::Canon>(&d.def);
      return canon != nullptr &&
             std::visit([]<class Imm>(const Imm&) { return requires(Imm i) { i.table; }; },
                        canon->imm);
    });
  }

  Result<void> note_removed_imports(ByteSpan bytes) {
    const auto written = TENON_TRY(component::decode(Blob::borrow(bytes), options_.features));
    std::set<std::string, std::less<>> left;
    for (const component::Definition& d : written.definitions) {
      if (const auto* import = std::get_if<component::Import>(&d.def))
        left.emplace(import->name.name);
    }
    for (const component::ImportInfo& import : component_->info().imports) {
      if (!left.contains(import.name->name)) report_.removed_imports.push_back(import.name->name);
    }
    return {};
  }

  /// Whether nothing in the component takes this export of a core instance.
  static bool is_unused(const CoreNode& core, std::string_view name) {
    const auto& compiled = *core.owner->compiled;
    for (const auto& definition : compiled.def->definitions) {
      const auto& def = definition.def;
      if (const auto* alias = std::get_if<component::Alias>(&def)) {
        if (alias->target == component::Alias::Target::core_export &&
            alias->instance_or_count == core.index && alias->name == name)
          return false;
      } else if (const auto* instance = std::get_if<component::CoreInstance>(&def)) {
        if (instance->module && takes(*instance, core.index, name)) return false;
      }
    }
    return true;
  }
  /// An instantiation that is given the whole instance may take anything of it.
  static bool takes(const component::CoreInstance& instance, std::uint32_t index,
                    std::string_view /*name*/) {
    return std::ranges::any_of(instance.args,
                               [&](const auto& arg) { return arg.instance.value == index; });
  }

  ByteSpan input_;
  const Options& options_;
  Report report_;
  engine::Engine engine_;
  std::optional<runtime::Component> component_;
  Mocks mocks_;
  OpenFiles files_;
  runtime::Store store_;
  runtime::Linker linker_;
  std::optional<runtime::Instance> instance_;
  ComponentTree tree_;
  std::vector<Step> steps_;
};

}  // namespace

Result<void> start_component(ByteSpan input, const Options& options, bool initialise,
                             const std::string& first, Times& times) {
  return ComponentRun(input, options).start(initialise, first, times);
}

Result<Output> preinit_component(ByteSpan input, const Options& options) {
  return ComponentRun(input, options).run();
}

}  // namespace tenon::preinit
