// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tenon/core/module.h"
#include "tenon/engine/instance.h"

namespace tenon::preinit {

/// An instance, and the module that is written for it, whose indices are those of the instance's.
struct LiveModule {
  engine::Instance* instance = nullptr;
  const core::Module* module = nullptr;
};

/// Finds the functions of linked core instances that can still run. What is imported is followed to
/// where it is defined; a table counts as a whole, or element by element where code calls through
/// constant indices alone, as the shims of components do. Functions in globals and in initialisers
/// of tables are taken to be reached. O(code + elements).
class Liveness {
 public:
  /// Where a function of the host's leads: it calls the second argument for each. False: nobody
  /// knows, then everything is reached.
  using Host = std::function<bool(const engine::FuncRef*,
                                  const std::function<void(const engine::FuncRef*)>&)>;

  Liveness(std::span<const LiveModule> modules, Host host);
  void add_root(const engine::FuncRef* ref);
  void add_root(std::size_t instance, std::uint32_t func);
  /// Everything that the module exports, its imported tables, its start function.
  void add_exports(std::size_t instance);
  /// All elements of all tables.
  void add_tables();
  void run();
  [[nodiscard]] bool is_live(std::size_t instance, std::uint32_t func) const {
    return everything_ || funcs_[instance][func];
  }

 private:
  struct Segment {
    std::size_t instance = 0;
    std::uint32_t index = 0;
    /// Nothing: not a constant.
    std::optional<std::uint64_t> at;
  };
  struct Table {
    std::vector<Segment> segments;
    bool all = false;
    bool some = false;
    /// Made when the first element is asked for: segment and item by element.
    std::unordered_multimap<std::uint64_t, std::pair<std::uint32_t, std::uint32_t>> items;
  };
  struct Body;

  Table& table(std::size_t instance, std::uint32_t index);
  void mark_element(std::size_t instance, std::uint32_t table, std::optional<std::uint64_t> at);
  void mark_all(Table& table);
  void mark_segment(std::size_t instance, std::uint32_t index);
  void mark_item(std::size_t instance, std::uint32_t index, std::uint32_t item);
  void mark_expr(std::size_t instance, core::Expr expr);
  void mark_func(std::size_t instance, std::uint32_t func);

  std::vector<LiveModule> modules_;
  Host host_;
  std::unordered_map<const engine::VMContext*, std::size_t> by_context_;
  std::unordered_map<const engine::Table*, Table> tables_;
  std::vector<std::vector<bool>> funcs_;
  std::vector<std::vector<bool>> segments_;
  std::vector<std::pair<std::size_t, std::uint32_t>> todo_;
  bool everything_ = false;
};

/// The functions that an expression names, by `f(index, place of the operator)`.
void for_each_func(const core::Module& module, core::Expr expr,
                   const std::function<void(std::uint32_t, std::uint32_t)>& f);

}  // namespace tenon::preinit
