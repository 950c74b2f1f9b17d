// SPDX-License-Identifier: Apache-2.0
// Compares the state of two instantiations, for the tests: one that was initialised by running, one
// from the rewritten binary. Functions are compared by where they are defined, since removed
// imports shift indices.
#include "tenon/preinit/test_state.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "tenon/engine/const_expr.h"

namespace tenon::preinit {

namespace {

using engine::FuncRef;
using engine::Instance;
using engine::ValueSlot;

/// Names each function by the place where it is first: its number among the functions that are
/// defined there, or what it is imported as. An import that goes moves the indices behind it.
class Side {
 public:
  explicit Side(std::span<Instance* const> instances) {
    for (std::size_t i = 0; i < instances.size(); ++i) {
      by_context_.emplace(instances[i]->vmctx(), i);
      const auto& m = instances[i]->module().core();
      std::uint32_t k = 0;
      for (const core::Import& import : m.imports) {
        if (import.type.kind != core::ExternKind::func) continue;
        imports_.emplace(instances[i]->vmctx()->imports[k++],
                         fmt::format("{} import {} {}", i, import.module, import.name));
      }
    }
  }
  [[nodiscard]] bool is_imported(ValueSlot slot) const {
    return imports_.contains(std::bit_cast<const FuncRef*>(slot));
  }
  [[nodiscard]] std::string func(ValueSlot slot) const {
    if (slot == 0) return "null";
    const auto* ref = std::bit_cast<const FuncRef*>(slot);
    if (const auto it = by_context_.find(ref->vmctx); it != by_context_.end())
      return fmt::format("{} func {}", it->second, ref->code_index);
    const auto it = imports_.find(ref);
    return it == imports_.end() ? "?" : it->second;
  }

 private:
  std::unordered_map<const engine::VMContext*, std::size_t> by_context_;
  std::unordered_map<const FuncRef*, std::string> imports_;
};

bool is_func(const core::Module& m, core::ValType type) {
  const auto heap = type.heap();
  if (heap.is_defined()) return m.types[heap.index()].type.kind == core::CompType::Kind::func;
  return heap.code() == core::TypeCode::func || heap.code() == core::TypeCode::nofunc;
}

class Comparison {
 public:
  Comparison(std::span<Instance* const> a, std::span<Instance* const> b, bool less_imports)
      : a_(a), b_(b), side_a_(a), side_b_(b), less_imports_(less_imports) {}

  std::string run() {
    if (a_.size() != b_.size()) return fmt::format("{} and {} instances", a_.size(), b_.size());
    for (std::size_t i = 0; i < a_.size(); ++i) {
      const std::string found = instance(*a_[i], *b_[i]);
      if (!found.empty()) return fmt::format("instance {}: {}", i, found);
    }
    return {};
  }

 private:
  std::string value(const core::Module& m, core::ValType type, const ValueSlot* x,
                    const ValueSlot* y) const {
    if (type.is_ref()) {
      const std::string left = is_func(m, type) ? side_a_.func(*x) : fmt::format("{:x}", *x);
      const std::string right = is_func(m, type) ? side_b_.func(*y) : fmt::format("{:x}", *y);
      return left == right ? std::string() : fmt::format("{} and {}", left, right);
    }
    std::size_t size = 8;
    if (type.is_vec()) size = 16;
    if (type == core::ValType(core::TypeCode::i32) || type == core::ValType(core::TypeCode::f32))
      size = 4;
    return std::memcmp(x, y, size) == 0 ? std::string() : "another number";
  }

  std::string instance(Instance& x, Instance& y) const {
    const core::Module& m = x.module().core();
    for (std::uint32_t k = 0; k < m.mem_types.size(); ++k) {
      const auto left = x.vmctx()->mems[k]->memory->bytes();
      const auto right = y.vmctx()->mems[k]->memory->bytes();
      if (left.size() != right.size()) return fmt::format("size of memory {}", k);
      if (std::memcmp(left.data(), right.data(), left.size()) != 0)
        return fmt::format("memory {}", k);
    }
    for (std::uint32_t k = 0; k < m.table_types.size(); ++k) {
      const auto& left = *x.vmctx()->tables[k]->table;
      const auto& right = *y.vmctx()->tables[k]->table;
      if (left.size() != right.size()) return fmt::format("size of table {}", k);
      for (std::uint64_t n = 0; n < left.size(); ++n) {
        const ValueSlot l = left.get(n);
        const ValueSlot r = right.get(n);
        if (less_imports_ && r == 0 && is_func(m, m.table_types[k].elem) && side_a_.is_imported(l))
          continue;
        const std::string found = value(m, m.table_types[k].elem, &l, &r);
        if (!found.empty()) return fmt::format("table {}, element {}: {}", k, n, found);
      }
    }
    for (std::uint32_t k = 0; k < m.global_types.size(); ++k) {
      const std::string found =
          value(m, m.global_types[k].type, x.vmctx()->globals[k], y.vmctx()->globals[k]);
      if (!found.empty()) return fmt::format("global {}: {}", k, found);
    }
    return segments(x, y);
  }
  static std::string segments(Instance& x, Instance& y) {
    const core::Module& m = x.module().core();
    for (std::uint32_t k = 0; k < m.datas.size(); ++k) {
      const auto left = x.data(k);
      const auto right = y.data(k);
      if (left.size() != right.size() ||
          (!left.empty() && std::memcmp(left.data(), right.data(), left.size()) != 0))
        return fmt::format("data segment {}", k);
    }
    for (std::uint32_t k = 0; k < m.elems.size(); ++k) {
      if (x.elem_size(k) != y.elem_size(k)) return fmt::format("element segment {}", k);
    }
    return {};
  }

  std::span<Instance* const> a_;
  std::span<Instance* const> b_;
  Side side_a_;
  Side side_b_;
  bool less_imports_;
};

}  // namespace

namespace {

class FeatureCount {
 public:
  FeatureCount(Instance& instance, Features& features)
      : instance_(instance), m_(instance.module().core()), features_(features) {}

  void run() {
    note("several memories", m_.mem_types.size() > 1);
    note("several tables", m_.table_types.size() > 1);
    note("imported memory", m_.num_imported_mems != 0);
    note("imported table", m_.num_imported_tables != 0);
    note("start function", m_.start.has_value());
    memories();
    tables();
    globals();
    segments();
  }

 private:
  void note(std::string_view name, bool there = true) {
    if (there) ++features_[std::string(name)];
  }
  void memories() {
    for (std::uint32_t k = m_.num_imported_mems; k < m_.mem_types.size(); ++k) {
      const auto& memory = *instance_.vmctx()->mems[k]->memory;
      note("memory64", memory.is_64());
      note("grown memory", memory.pages() > m_.mem_types[k].limits.min);
    }
  }
  void tables() {
    for (std::uint32_t k = m_.num_imported_tables; k < m_.table_types.size(); ++k) {
      const auto& table = *instance_.vmctx()->tables[k]->table;
      note("grown table", table.size() > m_.table_types[k].limits.min);
      note("table with an initialiser", m_.tables[k - m_.num_imported_tables].init.has_value());
      for (std::uint64_t n = 0; n < table.size(); ++n) {
        const ValueSlot ref = table.get(n);
        if (ref == 0) continue;
        note(is_func(m_, m_.table_types[k].elem) ? "function in a table" : "i31 in a table");
      }
    }
  }
  void globals() {
    for (std::uint32_t k = m_.num_imported_globals; k < m_.global_types.size(); ++k) {
      if (!m_.global_types[k].mutable_) continue;
      const core::ValType type = m_.global_types[k].type;
      const ValueSlot* cell = instance_.vmctx()->globals[k];
      const auto began = engine::evaluate(instance_, m_.globals[k - m_.num_imported_globals].init);
      const bool same =
          began && (*began)[0] == cell[0] && (!type.is_vec() || (*began)[1] == cell[1]);
      if (same) {
        note("null kept in a global", type.is_ref() && cell[0] == 0);
        continue;
      }
      if (!type.is_ref()) {
        note(type.is_vec() ? "global of v128" : "global of a number");
      } else if (is_func(m_, type)) {
        note(cell[0] == 0 ? "global of a function, null" : "global of a function");
      } else {
        note("global of an i31");
      }
    }
  }
  void segments() {
    for (std::uint32_t k = 0; k < m_.datas.size(); ++k) {
      if (m_.datas[k].mode != core::Data::Mode::passive || m_.datas[k].bytes.size() == 0) continue;
      note(instance_.data(k).empty() ? "passive data, dropped" : "passive data, kept");
    }
    for (std::uint32_t k = 0; k < m_.elems.size(); ++k) {
      if (m_.elems[k].mode != core::Elem::Mode::passive || m_.elems[k].size() == 0) continue;
      note(instance_.elem_size(k) == 0 ? "passive elements, dropped" : "passive elements, kept");
    }
  }

  Instance& instance_;
  const core::Module& m_;
  Features& features_;
};

}  // namespace

void count_features(Instance& instance, Features& features) {
  FeatureCount(instance, features).run();
}

std::vector<std::string> all_features() {
  return {"several memories",
          "several tables",
          "start function",
          "memory64",
          "grown memory",
          "grown table",
          "table with an initialiser",
          "function in a table",
          "i31 in a table",
          "null kept in a global",
          "global of a number",
          "global of v128",
          "global of a function",
          "global of a function, null",
          "global of an i31",
          "passive data, kept",
          "passive data, dropped",
          "passive elements, kept",
          "passive elements, dropped"};
}

std::string state_difference(std::span<Instance* const> a, std::span<Instance* const> b,
                             bool less_imports) {
  return Comparison(a, b, less_imports).run();
}

}  // namespace tenon::preinit
