// SPDX-License-Identifier: Apache-2.0
// Limits are checked again, because modules also come from text. Bodies do not depend on each other
// and are validated by several threads; the error of the lowest function is reported, so that the
// result is the same for any number of threads.
// Spec: core/valid/modules
#include "tenon/core/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "tenon/core/limits.h"
#include "tenon/core/module_validator.h"
#include "tenon/core/read_types.h"

namespace tenon::core {

namespace {

// Below this many bytes of code a thread costs more than it saves.
constexpr std::uint32_t bytes_per_thread = 1U << 20U;
constexpr std::uint32_t funcs_per_turn = 32;

/// Collects the functions that constant expressions name.
struct RefVisitor {
  std::vector<std::uint64_t>& declared;
  template <Op op>
  void on(const ImmOf<op>& imm, std::uint32_t /*offset*/) {
    if constexpr (op == Op::ref_func) {
      declared[imm.func.value / 64] |= std::uint64_t{1} << (imm.func.value % 64);
    }
  }
};

}  // namespace

ValidationContext::ValidationContext(const Module& module, const Features& features)
    : module_(&module),
      features_(features),
      registry_(std::make_unique<TypeRegistry>()),
      matcher_(module.types, *registry_),
      declared_(module.func_types.size() / 64 + 1) {}

ValidationContext::ValidationContext(const Validated<Module>& module)
    : ValidationContext(*module, Features::all()) {
  const Module& m = *module;
  // What is asked here of a valid module cannot fail.
  for (std::uint32_t i = 0; i < m.types.size(); i += m.types[TypeIdx(i)].rec_size) {
    static_cast<void>(matcher_.add_group(i, m.types[TypeIdx(i)].rec_size));
  }
  RefVisitor visitor{declared_};
  ExprScratch scratch;
  const auto walk = [&](const std::optional<Expr>& expr) {
    if (expr) static_cast<void>(decode_expr(m, *expr, visitor, scratch));
  };
  for (const Global& global : m.globals) walk(global.init);
  for (const Table& t : m.tables) walk(t.init);
  for (const Elem& elem : m.elems) {
    for (const FuncIdx f : elem.funcs) declare(f);
    for (const Expr expr : elem.exprs) walk(expr);
  }
  for (const Export& e : m.exports) {
    if (e.kind == ExternKind::func) declare(FuncIdx(e.index));
  }
}

Result<void> ModuleValidator::run(const ValidateOptions& options) {
  TENON_TRY(within_limits());
  TENON_TRY(types());
  TENON_TRY(imports());
  TENON_TRY(funcs());
  TENON_TRY(tables());
  TENON_TRY(mems());
  TENON_TRY(tags());
  TENON_TRY(globals());
  TENON_TRY(exports());
  TENON_TRY(start());
  TENON_TRY(elems());
  TENON_TRY(data_count());
  TENON_TRY(bodies(options));
  TENON_TRY(datas());
  return {};
}

// ---- Limits ----

namespace {

Result<void> at_most(std::size_t n, std::uint32_t limit, const char* what, Span span) {
  if (n <= limit) return {};
  return std::unexpected(
      Error(rules::implementation_limit, span, fmt::format("{} {}, at most {}", n, what, limit)));
}

}  // namespace

/// The decoder has refused more than these already; a module that was read from text or made by a
/// program comes here first, and what runs it counts on them. Spec: core/appendix/implementation.
Result<void> ModuleValidator::within_limits() {
  const struct {
    std::size_t n;
    const char* what;
    std::uint32_t limit;
    SectionId section;
  } counts[] = {
      {module_.types.size(), "types", limits::types, SectionId::type},
      {module_.imports.size(), "imports", limits::imports, SectionId::import_},
      {module_.func_types.size(), "functions", limits::funcs, SectionId::func},
      {module_.table_types.size(), "tables", limits::tables, SectionId::table},
      {module_.mem_types.size(), "memories", limits::mems, SectionId::mem},
      {module_.tag_types.size(), "tags", limits::tags, SectionId::tag},
      {module_.global_types.size(), "globals", limits::globals, SectionId::global},
      {module_.exports.size(), "exports", limits::exports, SectionId::export_},
      {module_.elems.size(), "element segments", limits::elems, SectionId::elem},
      {module_.datas.size(), "data segments", limits::datas, SectionId::data},
  };
  for (const auto& c : counts) TENON_TRY(at_most(c.n, c.limit, c.what, section_span(c.section)));
  for (std::uint32_t i = 0; i < module_.types.size(); ++i)
    TENON_TRY(type_within_limits(TypeIdx(i)));
  for (const Import& i : module_.imports) {
    TENON_TRY(at_most(i.module.size(), limits::name_bytes, "bytes of a name", i.span));
    TENON_TRY(at_most(i.name.size(), limits::name_bytes, "bytes of a name", i.span));
  }
  for (const Export& e : module_.exports)
    TENON_TRY(at_most(e.name.size(), limits::name_bytes, "bytes of a name", e.span));
  for (const Elem& e : module_.elems)
    TENON_TRY(at_most(e.size(), limits::table_entries, "elements", e.span));
  for (const Code& c : module_.codes)
    TENON_TRY(at_most(c.entry.size(), limits::body_bytes, "bytes of a body",
                      section_span(SectionId::code)));
  return {};
}

Result<void> ModuleValidator::type_within_limits(TypeIdx i) {
  const CompType& type = module_.types[i].type;
  const Span span = span_of(module_.spans.types, i.value, SectionId::type);
  TENON_TRY(at_most(type.func.params.size(), limits::params, "parameters", span));
  TENON_TRY(at_most(type.func.results.size(), limits::results, "results", span));
  return at_most(type.fields.size(), limits::struct_fields, "fields", span);
}

Span ModuleValidator::section_span(SectionId id) const {
  const auto it = std::ranges::find(module_.sections, id, &SectionRange::id);
  if (it != module_.sections.end()) return module_.span(it->content);
  return Span{module_.source, module_.base, module_.base};
}

// ---- Types ----

/// Spec: core/valid/types "Recursive Types". Group by group: a type sees those before it and its
/// own group.
Result<void> ModuleValidator::types() {
  const auto n = static_cast<std::uint32_t>(module_.types.size());
  if (!module_.empty_recs.empty()) {
    TENON_TRY(
        require(context_.features(), Gate::gc, section_span(SectionId::type), "recursion group"));
  }
  for (std::uint32_t i = 0; i < n;) {
    const std::uint32_t size = module_.types[TypeIdx(i)].rec_size;
    TENON_TRY(type_indices(i, size));
    TENON_TRY(context_.matcher_.add_group(i, size));
    for (std::uint32_t k = i; k < i + size; ++k) TENON_TRY(supertype(TypeIdx(k)));
    i += size;
  }
  return {};
}

namespace {

/// What the form of a type needs; the gates of the value types within are checked with these.
Result<void> type_gates(const Features& features, const SubType& type, Span span) {
  if (type.explicit_rec) TENON_TRY(require(features, Gate::gc, span, "recursion group"));
  if (!type.final_ || !type.supers.empty()) {
    TENON_TRY(require(features, Gate::gc, span, "subtype"));
  }
  if (type.type.kind == CompType::Kind::func) {
    if (type.type.func.results.size() <= 1) return {};
    return require(features, Gate::multi_value, span, "more than one result");
  }
  const std::string_view what =
      type.type.kind == CompType::Kind::struct_ ? "structure type" : "array type";
  TENON_TRY(require(features, Gate::gc, span, what));
  return require(features, Gate::gc_types, span, what);
}

}  // namespace

/// Every index that a group mentions must be below the group's end; without `gc` there are no
/// groups and a type sees those before it.
Result<void> ModuleValidator::type_indices(std::uint32_t begin, std::uint32_t size) {
  const std::uint32_t end = begin + size;
  for (std::uint32_t i = begin; i < end; ++i) {
    const Span span = span_of(module_.spans.types, i, SectionId::type);
    const SubType& type = module_.types[TypeIdx(i)];
    const std::uint32_t seen = context_.features().has(Gate::gc) ? end : i;
    for (const ValType t : type.type.func.params) TENON_TRY(val_type(t, span, seen));
    for (const ValType t : type.type.func.results) TENON_TRY(val_type(t, span, seen));
    for (const FieldType& f : type.type.fields) {
      if (!f.type.is_packed()) TENON_TRY(val_type(f.type, span, seen));
    }
    TENON_TRY(type_gates(context_.features(), type, span));
    if (type.supers.size() > 1) {
      return std::unexpected(
          Error(rules::sub_type, span,
                fmt::format("type {} has {} supertypes, at most 1", i, type.supers.size())));
    }
    // A later type of the same group exists but may not be a supertype.
    if (!type.supers.empty() && type.supers[0].value >= i) {
      return std::unexpected(
          Error(rules::unknown_type, span,
                fmt::format("type {} as the supertype of type {}", type.supers[0].value, i)));
    }
  }
  return {};
}

/// Spec: core/valid/types "Sub Types".
Result<void> ModuleValidator::supertype(TypeIdx i) {
  const SubType& type = module_.types[i];
  if (type.supers.empty()) return {};
  const Span span = span_of(module_.spans.types, i.value, SectionId::type);
  const SubType& super = module_.types[type.supers[0]];
  const TypeMatcher& matcher = context_.matcher();
  if (super.final_ || !matcher.matches(type.type, super.type)) {
    return std::unexpected(
        Error(rules::sub_type, span,
              fmt::format("type {} below type {}, which {}", i.value, type.supers[0].value,
                          super.final_ ? "is final" : "it does not match")));
  }
  if (context_.registry_->depth(matcher.canon(i)) > limits::subtyping_depth) {
    return std::unexpected(Error(
        rules::implementation_limit, span,
        fmt::format("more than {} supertypes above type {}", limits::subtyping_depth, i.value)));
  }
  return {};
}

Result<void> ModuleValidator::val_type(ValType type, Span span, std::uint32_t limit) {
  if (const auto gate = closed_gate(context_.features(), type)) {
    return require(context_.features(), *gate, span, fmt::format("`{}`", to_string(type)));
  }
  if (!type.is_ref() || !type.heap().is_defined() || type.heap().index().value < limit) return {};
  const TypeIdx index = type.heap().index();
  Error error(rules::unknown_type, span, fmt::format("type {}", index.value));
  if (module_.types.contains(index) && !context_.features().has(Gate::gc)) {
    error = std::move(error).help("a type that mentions itself or a later one needs `gc`");
  }
  return std::unexpected(std::move(error));
}

Result<void> ModuleValidator::func_type(TypeIdx type, Span span) {
  if (!module_.types.contains(type)) {
    return std::unexpected(Error(rules::unknown_type, span, fmt::format("type {}", type.value)));
  }
  if (module_.types[type].type.kind != CompType::Kind::func) {
    return std::unexpected(Error(rules::type_mismatch, span,
                                 fmt::format("type {} is not a function type", type.value)));
  }
  return {};
}

// ---- Bodies ----

namespace {

/// The error of the lowest function that has one, whichever thread finds which first.
class FirstError {
 public:
  /// Whether a function so far down still matters.
  [[nodiscard]] bool matters(std::uint32_t func) const {
    return func < func_.load(std::memory_order_relaxed);
  }
  void report(std::uint32_t func, Error error) {
    const std::lock_guard lock(mutex_);
    if (func >= func_.load(std::memory_order_relaxed)) return;
    func_.store(func, std::memory_order_relaxed);
    error_ = std::move(error);
  }
  [[nodiscard]] std::optional<Error>& error() { return error_; }

 private:
  std::atomic<std::uint32_t> func_{0xFFFFFFFF};
  std::mutex mutex_;
  std::optional<Error> error_;
};

void validate_bodies(const ValidationContext& context, std::atomic<std::uint32_t>& next,
                     FirstError& first) {
  const Module& module = context.module();
  const auto n = static_cast<std::uint32_t>(module.codes.size());
  NoObserver nobody;
  ExprValidator<> validator(context, nobody);
  for (;;) {
    const std::uint32_t begin = next.fetch_add(funcs_per_turn, std::memory_order_relaxed);
    if (begin >= n || !first.matters(begin)) return;
    for (std::uint32_t i = begin; i < std::min(begin + funcs_per_turn, n); ++i) {
      auto result = validator.run(FuncIdx(module.num_imported_funcs + i));
      if (!result) {
        first.report(i, std::move(result).error());
        break;
      }
    }
  }
}

}  // namespace

Result<void> ModuleValidator::bodies(const ValidateOptions& options) {
  std::uint64_t size = 0;
  for (const Code& code : module_.codes) size += code.entry.size();
  unsigned threads = options.threads;
  if (threads == 0) {
    threads = static_cast<unsigned>(std::clamp<std::uint64_t>(
        size / bytes_per_thread, 1, std::max(1U, std::thread::hardware_concurrency())));
  }
  std::atomic<std::uint32_t> next{0};
  FirstError first;
  {
    std::vector<std::jthread> pool;
    for (unsigned i = 1; i < threads; ++i) {
      pool.emplace_back([&] { validate_bodies(context_, next, first); });
    }
    validate_bodies(context_, next, first);
  }
  if (first.error()) return std::unexpected(std::move(*first.error()));
  return {};
}

Result<Validated<Module>> validate(Module module, const Features& features,
                                   const ValidateOptions& options) {
  TENON_TRY(ModuleValidator(module, features).run(options));
  return ValidatorKey<Module>::prove(std::move(module));
}

}  // namespace tenon::core
