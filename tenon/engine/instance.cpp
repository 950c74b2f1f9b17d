// SPDX-License-Identifier: Apache-2.0
// Instantiation follows the order of the specification. Up to the initialisers a failure destroys
// the instance; after that it stays in the store, because imported tables may refer to its
// functions. Interruptions are looked for between steps, since a module can have any number of
// initialisers.
// Spec: core/exec/modules "Instantiation"
#include "tenon/engine/instance.h"

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "tenon/base/narrow.h"
#include "tenon/engine/code_cache.h"
#include "tenon/engine/const_expr.h"
#include "tenon/engine/gc.h"
#include "tenon/engine/guest_bytes.h"
#include "tenon/engine/rules.h"
#include "tenon/engine/shared_memory.h"

namespace tenon::engine {

namespace {

using core::ExternKind;

template <class T>
T* array_at(VMContext* vm, std::uint32_t offset) {
  return reinterpret_cast<T*>(reinterpret_cast<std::uint8_t*>(vm) + offset);
}

/// Spec: core/valid/matching "Limits".
bool limits_match(const core::Limits& have, const core::Limits& want) {
  if (have.min < want.min) return false;
  return !want.max || (have.max && *have.max <= *want.max);
}

std::string_view kind_name(ExternKind kind) {
  switch (kind) {
    case ExternKind::func:
      return "function";
    case ExternKind::table:
      return "table";
    case ExternKind::mem:
      return "memory";
    case ExternKind::global:
      return "global";
    case ExternKind::tag:
      return "tag";
  }
  return {};
}

std::string describe(const core::Limits& l) {
  return l.max ? fmt::format("{}..{}", l.min, *l.max) : fmt::format("{}..", l.min);
}

}  // namespace

std::string text(const Failure& failure) {
  return std::visit([](const auto& f) { return f.text(); }, failure);
}

/// One instantiation under way. Spec: core/exec/modules "Instantiation".
class Instantiation {
 public:
  Instantiation(Store& store, std::shared_ptr<const Module> module, std::span<const Extern> imports)
      : store_(store),
        module_(*module),
        m_(module->core()),
        types_(store.engine().types()),
        imports_(imports) {
    owned_.reset(new Instance(store, std::move(module)));
    instance_ = owned_.get();
  }
  std::expected<Instance*, Failure> run();

 private:
  std::expected<void, Failure> check_imports();
  Result<void> check_import(std::size_t i);
  /// Empty: it fits; otherwise what was found and wanted.
  std::string mismatch(const core::Import& want, const Extern& have) const;
  /// Bytes of the host's that the instance takes, without its memories and tables.
  std::uint64_t host_bytes() const;
  std::expected<void, Failure> allocate();
  void link_imports();
  std::expected<void, Failure> define_memories();
  std::expected<void, Failure> define_tables();
  std::optional<TrapCode> init_globals();
  std::optional<TrapCode> init_tables();
  std::optional<TrapCode> init_elems();
  std::optional<TrapCode> init_data();
  core::ValType runtime(core::ValType t) const { return to_runtime(t, module_.types()); }
  static Failure trapped(TrapCode code) { return Trap(code); }

  Store& store_;
  const Module& module_;
  const core::Module& m_;
  TypeRegistry& types_;
  std::span<const Extern> imports_;
  std::unique_ptr<Instance> owned_;
  Instance* instance_ = nullptr;
};

std::string Instantiation::mismatch(const core::Import& want, const Extern& have) const {
  if (kind_of(have) != want.type.kind)
    return fmt::format("found a {}, wanted a {}", kind_name(kind_of(have)),
                       kind_name(want.type.kind));
  switch (want.type.kind) {
    case ExternKind::func:
      return std::get<Func>(have).type().is_subtype_of(module_.types()[want.type.func.value])
                 ? std::string()
                 : "the function has another type";
    case ExternKind::table: {
      const core::TableType t = std::get<Table*>(have)->type();
      const core::ValType elem = runtime(want.type.table.elem);
      if (t.addr != want.type.table.addr) return "the table has another index type";
      if (!types_.matches(t.elem, elem) || !types_.matches(elem, t.elem))
        return "the table has another element type";
      if (!limits_match(t.limits, want.type.table.limits))
        return fmt::format("found limits {}, wanted {}", describe(t.limits),
                           describe(want.type.table.limits));
      return {};
    }
    case ExternKind::mem: {
      const core::MemType t = std::get<Memory*>(have)->type();
      if (t.addr != want.type.mem.addr) return "the memory has another index type";
      if (t.page_log2() != want.type.mem.page_log2()) return "the memory has another page size";
      if (t.shared != want.type.mem.shared) return "one memory is shared, the other is not";
      if (!limits_match(t.limits, want.type.mem.limits))
        return fmt::format("found limits {}, wanted {} (pages)", describe(t.limits),
                           describe(want.type.mem.limits));
      return {};
    }
    case ExternKind::global: {
      const core::GlobalType& t = std::get<Global>(have).type;
      const core::ValType type = runtime(want.type.global.type);
      if (t.mutable_ != want.type.global.mutable_) return "one global is mutable, the other is not";
      if (!types_.matches(t.type, type) || (t.mutable_ && !types_.matches(type, t.type)))
        return "the global has another type";
      return {};
    }
    case ExternKind::tag:
      return std::get<Tag*>(have)->type() == module_.types()[want.type.tag.type.value]
                 ? std::string()
                 : "the tag has another type";
  }
  return {};
}

Result<void> Instantiation::check_import(std::size_t i) {
  const core::Import& want = m_.imports[i];
  const Extern& have = imports_[i];
  if (std::visit(overloaded{[](const Func& f) { return f.ref() == nullptr; },
                            [](const Global& g) { return g.cell == nullptr; },
                            [](const auto* p) { return p == nullptr; }},
                 have)) {
    return std::unexpected(Error(rules::import_type, want.span,
                                 fmt::format("`{}` `{}`: found a {} that is null", want.module,
                                             want.name, kind_name(kind_of(have)))));
  }
  // Null for a shared memory: every store of its engine may have a view of it.
  const Store* of = std::visit(
      overloaded{
          [](const Func& f) -> const Store* { return f.ref()->store; },
          [](const Memory* m) -> const Store* { return m->is_shared() ? nullptr : &m->store(); },
          [](const Global& g) -> const Store* { return g.store; },
          [](const auto* p) -> const Store* { return &p->store(); }},
      have);
  const Engine& engine = of == nullptr ? std::get<Memory*>(have)->engine() : of->engine();
  const bool far = &engine != &store_.engine();
  if (far || (of != nullptr && of != &store_)) {
    return std::unexpected(Error(far ? rules::other_engine : rules::import_store, want.span,
                                 fmt::format("`{}` `{}`", want.module, want.name)));
  }
  std::string why = mismatch(want, have);
  if (why.empty()) [[likely]]
    return {};
  return std::unexpected(Error(rules::import_type, want.span,
                               fmt::format("`{}` `{}`: {}", want.module, want.name, why)));
}

std::expected<void, Failure> Instantiation::check_imports() {
  if (module_.engine_id() != store_.engine().id()) {
    return std::unexpected(
        Error(rules::other_engine, Span::none(), "the module was compiled by another engine"));
  }
  if (imports_.size() != m_.imports.size()) {
    return std::unexpected(
        Error(rules::import_count, Span::none(),
              fmt::format("found {}, wanted {}", imports_.size(), m_.imports.size())));
  }
  for (std::size_t i = 0; i < imports_.size(); ++i) {
    if (store_.interrupted()) return std::unexpected(trapped(TrapCode::interrupted));
    TENON_TRY(check_import(i));
    Memory* const* memory = std::get_if<Memory*>(&imports_[i]);
    if (memory != nullptr && (*memory)->is_shared() &&
        store_.import_memory((*memory)->shared()) == nullptr) {
      return std::unexpected(
          Error(rules::engine_limit, m_.imports[i].span, "no room for a shared memory"));
    }
  }
  return {};
}

std::uint64_t Instantiation::host_bytes() const {
  std::uint64_t bytes = sizeof(Instance) + module_.offsets().size;
  bytes += (m_.tag_types.size() - m_.num_imported_tags) * sizeof(Tag);
  bytes += m_.datas.size() + m_.elems.size();
  bool values = false;
  for (const core::Elem& e : m_.elems) {
    bytes += e.exprs.size() * sizeof(ValueSlot);
    values = values || !e.exprs.empty();
  }
  if (values) bytes += m_.elems.size() * sizeof(std::vector<ValueSlot>);
  return bytes;
}

std::expected<void, Failure> Instantiation::allocate() {
  if (store_.engine().forked()) {
    return std::unexpected(
        Error(rules::engine_forked, Span::none(), "execute a program, or make another engine"));
  }
  if (store_.instances().size() >= store_.limits().instances) {
    return std::unexpected(Error(rules::engine_limit, Span::none(),
                                 fmt::format("{} instances", store_.limits().instances)));
  }
  const std::uint64_t bytes = host_bytes();
  if (!store_.charge_host(bytes)) {
    return std::unexpected(Error(
        rules::engine_limit, Span::none(),
        fmt::format("found an instance of {} bytes, wanted at most {} of {} (`host_bytes`)", bytes,
                    store_.limits().host_bytes - store_.host_bytes(), store_.limits().host_bytes)));
  }
  instance_->charged_ = bytes;
  const VMOffsets& at = module_.offsets();
  void* memory = std::calloc(1, at.size);
  if (memory == nullptr)
    return std::unexpected(Error(rules::engine_limit, Span::none(), "no memory for an instance"));
  auto* vm = new (memory) VMContext();
  vm->store = &store_.context();
  vm->codes = module_.code().table();
  vm->mems = array_at<VMMemory*>(vm, at.mems);
  vm->tables = array_at<VMTable*>(vm, at.tables);
  vm->globals = array_at<ValueSlot*>(vm, at.global_cells);
  vm->imports = array_at<FuncRef*>(vm, at.imports);
  vm->funcrefs = array_at<FuncRef>(vm, at.funcrefs);
  vm->tags = array_at<Tag*>(vm, at.tags);
  vm->types = module_.types().data();
  vm->instance = instance_;
  vm->module = &module_;
  instance_->vmctx_ = vm;
  for (std::size_t i = 0; i < m_.globals.size(); ++i)
    vm->globals[m_.num_imported_globals + i] = array_at<ValueSlot>(vm, at.globals) + 2 * i;
  return {};
}

void Instantiation::link_imports() {
  VMContext* vm = instance_->vmctx_;
  std::size_t func = 0;
  std::size_t table = 0;
  std::size_t memory = 0;
  std::size_t global = 0;
  std::size_t tag = 0;
  for (const Extern& e : imports_) {
    std::visit(overloaded{[&](const Func& f) { vm->imports[func++] = f.ref(); },
                          [&](Table* t) { vm->tables[table++] = t->vm(); },
                          [&](Memory* m) { vm->mems[memory++] = m->vm(); },
                          [&](const Global& g) { vm->globals[global++] = g.cell; },
                          [&](Tag* t) { vm->tags[tag++] = t; }},
               e);
  }
  for (const core::TagType& t : std::span(m_.tag_types).subspan(m_.num_imported_tags))
    vm->tags[tag++] = store_.new_tag(module_.types()[t.type.value]);
}

std::expected<void, Failure> Instantiation::define_memories() {
  VMContext* vm = instance_->vmctx_;
  for (std::size_t i = 0; i < m_.mems.size(); ++i) {
    const bool image = i == 0 && module_.has_image() && module_.image_file() != nullptr;
    Memory* memory = store_.new_memory(m_.mems[i], image ? module_.image_file() : nullptr);
    if (memory == nullptr) {
      return std::unexpected(
          Error(rules::engine_limit, Span::none(),
                fmt::format("no room for a memory of {} pages", m_.mems[i].limits.min)));
    }
    vm->mems[m_.num_imported_mems + i] = memory->vm();
    if (i == 0 && !module_.image().empty())
      std::memcpy(memory->base(), module_.image().data(), module_.image().size());
  }
  if (!m_.mem_types.empty()) {
    vm->mem0 = vm->mems[0];
    vm->mem0_base = vm->mems[0]->base;
  }
  return {};
}

std::expected<void, Failure> Instantiation::define_tables() {
  VMContext* vm = instance_->vmctx_;
  for (std::size_t i = 0; i < m_.tables.size(); ++i) {
    core::TableType type = m_.tables[i].type;
    type.elem = runtime(type.elem);
    Table* table = store_.new_table(type);
    if (table == nullptr) {
      return std::unexpected(
          Error(rules::engine_limit, Span::none(),
                fmt::format("no room for a table of {} elements", type.limits.min)));
    }
    vm->tables[m_.num_imported_tables + i] = table->vm();
  }
  return {};
}

std::optional<TrapCode> Instantiation::init_globals() {
  VMContext* vm = instance_->vmctx_;
  for (std::size_t i = 0; i < m_.globals.size(); ++i) {
    if (store_.interrupted()) return TrapCode::interrupted;
    const auto value = evaluate(*instance_, m_.globals[i].init);
    if (!value) return TrapCode::out_of_memory;
    ValueSlot* cell = vm->globals[m_.num_imported_globals + i];
    cell[0] = (*value)[0];
    cell[1] = (*value)[1];
  }
  return std::nullopt;
}

std::optional<TrapCode> Instantiation::init_tables() {
  for (std::size_t i = 0; i < m_.tables.size(); ++i) {
    if (!m_.tables[i].init) continue;
    if (store_.interrupted()) return TrapCode::interrupted;
    const auto value = evaluate(*instance_, *m_.tables[i].init);
    if (!value) return TrapCode::out_of_memory;
    Table& table = *instance_->vmctx_->tables[m_.num_imported_tables + i]->table;
    if ((*value)[0] == 0) continue;
    for (std::uint64_t k = 0; k < table.size(); ++k) table.set(k, (*value)[0]);
  }
  return std::nullopt;
}

std::optional<TrapCode> Instantiation::init_elems() {
  // The values of all segments come first: they may have effects on identity only, and a trap below
  // must find them evaluated.
  for (std::size_t i = 0; i < m_.elems.size(); ++i) {
    const core::Elem& e = m_.elems[i];
    if (e.exprs.empty()) continue;
    if (instance_->elem_values_.empty()) instance_->elem_values_.resize(m_.elems.size());
    auto& values = instance_->elem_values_[i];
    values.reserve(e.exprs.size());
    for (const core::Expr& x : e.exprs) {
      if (store_.interrupted()) return TrapCode::interrupted;
      const auto value = evaluate(*instance_, x);
      if (!value) return TrapCode::out_of_memory;
      values.push_back((*value)[0]);
    }
  }
  for (std::size_t i = 0; i < m_.elems.size(); ++i) {
    const core::Elem& e = m_.elems[i];
    const auto segment = narrow<std::uint32_t>(i);
    if (e.mode == core::Elem::Mode::passive) continue;
    if (e.mode == core::Elem::Mode::active) {
      if (store_.interrupted()) return TrapCode::interrupted;
      const auto at = evaluate(*instance_, *e.offset);
      if (!at) return TrapCode::out_of_memory;
      Table& table = *instance_->vmctx_->tables[e.table.value]->table;
      const std::uint64_t dst = table.is_64() ? (*at)[0] : low_bits<std::uint32_t>((*at)[0]);
      if (!instance_->init_table(table, segment, dst, 0, e.size()))
        return TrapCode::out_of_bounds_table;
    }
    instance_->drop_elem(segment);
  }
  return std::nullopt;
}

std::optional<TrapCode> Instantiation::init_data() {
  if (module_.has_image()) return std::nullopt;
  for (const core::Data& d : m_.datas) {
    if (d.mode != core::Data::Mode::active) continue;
    if (store_.interrupted()) return TrapCode::interrupted;
    const auto at = evaluate(*instance_, *d.offset);
    if (!at) return TrapCode::out_of_memory;
    const Memory& memory = *instance_->vmctx_->mems[d.mem.value]->memory;
    const std::uint64_t dst = memory.is_64() ? (*at)[0] : low_bits<std::uint32_t>((*at)[0]);
    const ByteSpan bytes = d.bytes.in(m_.bytes.view());
    const std::uint64_t have = memory.size();
    if (dst > have || bytes.size() > have - dst) return TrapCode::out_of_bounds_memory;
    guest_copy(memory.base() + dst, bytes.data(), bytes.size());
  }
  return std::nullopt;
}

std::expected<Instance*, Failure> Instantiation::run() {
  for (const auto step : {&Instantiation::check_imports, &Instantiation::allocate}) {
    if (auto ok = (this->*step)(); !ok) return std::unexpected(std::move(ok).error());
  }
  link_imports();
  for (const auto step : {&Instantiation::define_memories, &Instantiation::define_tables}) {
    if (auto ok = (this->*step)(); !ok) return std::unexpected(std::move(ok).error());
  }
  // From here on the instance stays, whatever happens: what it put into imported tables refers to
  // it.
  store_.instances().push_back(std::move(owned_));
  for (const auto step : {&Instantiation::init_globals, &Instantiation::init_tables,
                          &Instantiation::init_elems, &Instantiation::init_data}) {
    if (const auto code = (this->*step)()) return std::unexpected(trapped(*code));
  }
  for (std::size_t i = 0; i < m_.datas.size(); ++i) {
    if (m_.datas[i].mode == core::Data::Mode::active)
      instance_->drop_data(narrow<std::uint32_t>(i));
  }
  if (m_.start) {
    const Func start(instance_->func_ref(m_.start->value));
    if (auto done = start.call({}); !done) return std::unexpected(std::move(done).error());
  }
  return instance_;
}

Instance::Instance(Store& store, std::shared_ptr<const Module> module)
    : store_(store), module_(std::move(module)) {
  const core::Module& m = module_->core();
  dropped_.resize(m.datas.size() + m.elems.size());
}

Instance::~Instance() {
  store_.release_host(charged_);
  std::free(vmctx_);
}

std::expected<Instance*, Failure> Instance::create(Store& store,
                                                   std::shared_ptr<const Module> module,
                                                   std::span<const Extern> imports) try {
  return Instantiation(store, std::move(module), imports).run();
} catch (const std::bad_alloc&) {
  return std::unexpected(Error(rules::engine_limit, Span::none(), "no memory for an instance"));
}

FuncRef* Instance::func_ref(std::uint32_t func) {
  const core::Module& m = module_->core();
  if (func < m.num_imported_funcs) return vmctx_->imports[func];
  const std::uint32_t escape = module_->escape_index(func);
  assert(escape != Module::no_escape && "validation: only declared functions become references");
  FuncRef* ref = &vmctx_->funcrefs[escape];
  if (ref->type == nullptr) {
    ref->vmctx = vmctx_;
    ref->type = module_->func_type(core::FuncIdx(func));
    ref->store = &store_;
    ref->func = func;
    ref->code_index = func - m.num_imported_funcs;
  }
  return ref;
}

Global Instance::global(std::uint32_t index) {
  core::GlobalType type = module_->core().global_types[index];
  type.type = to_runtime(type.type, module_->types());
  return {type, vmctx_->globals[index], &store_};
}

Extern Instance::get(std::uint32_t export_index) {
  const core::Export& e = module_->core().exports[export_index];
  switch (e.kind) {
    case ExternKind::func:
      return Func(func_ref(e.index));
    case ExternKind::table:
      return vmctx_->tables[e.index]->table;
    case ExternKind::mem: {
      Memory* memory = vmctx_->mems[e.index]->memory;
      // The store has its own view since the instance was linked.
      return memory->is_shared() ? store_.import_memory(memory->shared()) : memory;
    }
    case ExternKind::global:
      return global(e.index);
    case ExternKind::tag:
      break;
  }
  return vmctx_->tags[e.index];
}

std::optional<Extern> Instance::find(std::string_view name) {
  const auto index = module_->find_export(name);
  if (!index) return std::nullopt;
  return get(*index);
}

std::optional<Func> Instance::func(std::string_view name) {
  const auto e = find(name);
  if (!e || !std::holds_alternative<Func>(*e)) return std::nullopt;
  return std::get<Func>(*e);
}

Memory* Instance::memory(std::string_view name) {
  const auto e = find(name);
  return e && std::holds_alternative<Memory*>(*e) ? std::get<Memory*>(*e) : nullptr;
}

ByteSpan Instance::data(std::uint32_t segment) const {
  const core::Module& m = module_->core();
  if (dropped_[segment] != 0) return {};
  return m.datas[segment].bytes.in(m.bytes.view());
}

void Instance::drop_data(std::uint32_t segment) {
  dropped_[segment] = 1;
}

std::uint64_t Instance::elem_size(std::uint32_t segment) const {
  const core::Module& m = module_->core();
  return dropped_[m.datas.size() + segment] != 0 ? 0 : m.elems[segment].size();
}

ValueSlot Instance::elem(std::uint32_t segment, std::uint32_t at) {
  const core::Elem& e = module_->core().elems[segment];
  if (!e.funcs.empty()) return std::bit_cast<ValueSlot>(func_ref(e.funcs[at].value));
  return elem_values_[segment][at];
}

void Instance::drop_elem(std::uint32_t segment) {
  dropped_[module_->core().datas.size() + segment] = 1;
  if (segment < elem_values_.size()) std::vector<ValueSlot>().swap(elem_values_[segment]);
}

bool Instance::init_table(Table& table, std::uint32_t segment, std::uint64_t dst, std::uint64_t src,
                          std::uint64_t n) {
  const std::uint64_t have = elem_size(segment);
  if (src > have || n > have - src || dst > table.size() || n > table.size() - dst) return false;
  for (std::uint64_t i = 0; i < n; ++i)
    table.set(dst + i, elem(segment, narrow<std::uint32_t>(src + i)));
  return true;
}

void Instance::mark_roots(GcHeap& heap) const {
  const core::Module& m = module_->core();
  for (std::size_t i = m.num_imported_globals; i < m.global_types.size(); ++i) {
    if (m.global_types[i].type.is_ref()) heap.mark(*vmctx_->globals[i]);
  }
  for (const auto& values : elem_values_)
    heap.mark_range(values.data(), values.data() + values.size());
}

}  // namespace tenon::engine
