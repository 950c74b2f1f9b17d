// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "tenon/abi/layout.h"
#include "tenon/wit/elaborate.h"
#include "tenon/wit/mend.h"
#include "tenon/wit/name_table.h"
#include "tenon/wit/resolve.h"

namespace tenon::wit {

/// A name that is there already, for a message: what it is the same as, but for case and hyphens.
[[nodiscard]] std::string same_as(std::string_view name, std::string_view other);
/// More of something than the binary format takes.
[[nodiscard]] Error too_many(Span where, std::string_view of, std::size_t found, std::size_t most,
                             std::string_view what);

struct UnitIdx : Index<UnitIdx> {
  using Index::Index;
};
struct ScopeIdx : Index<ScopeIdx> {
  using Index::Index;
};

/// The state of one resolution. Spec: WIT.md "Name resolution".
class Resolver {
 public:
  Resolver(const ResolveOptions& options, Diagnostics& diagnostics)
      : options_(options), diagnostics_(diagnostics) {}

  Resolved run(const std::vector<PackageSource>& sources);

 private:
  enum class State : std::uint8_t { untouched, active, done, failed };

  /// An interface or world before and after it is resolved.
  struct Item {
    std::variant<const ast::Interface*, const ast::World*> ast;
    ScopeIdx scope;
    State state = State::untouched;
    InterfaceIdx interface;
    WorldIdx world;
    [[nodiscard]] bool is_interface() const { return ast.index() == 0; }
    [[nodiscard]] const ast::Name& name() const {
      return std::visit([](const auto* item) -> const ast::Name& { return item->name; }, ast);
    }
  };

  /// One package: its items by name, in the order of the files.
  struct Unit {
    PackageName name;
    Span span = Span::none();
    ItemInfo info;
    bool root = false;
    /// Every feature is on in it.
    bool open = false;
    /// Its gates are taken as they are.
    bool fixed_gates = false;
    /// Errors cost some of its items: what is not found may be one of them.
    bool partial = false;
    /// The last `@since` that was looked at and is no later than the package.
    SharedText good_since;
    /// The items and, by the same numbers, their names.
    std::vector<Item> items;
    NameTable names;
    /// Items behind a feature that is off, to that feature.
    std::map<std::string, std::string, std::less<>> excluded;
    std::vector<UnitIdx> needs;
    PackageIdx package;
    std::uint8_t visit = 0;
  };

  /// What the top-level `use`s of one file bring.
  struct Scope {
    UnitIdx unit;
    std::map<std::string_view, const ast::TopUse*> uses;
    /// Those of them that lead nowhere, which is reported.
    std::set<std::string_view> broken;
    const std::vector<ast::PackageItem>* items = nullptr;
  };

  /// Names of one interface or world while its types are resolved.
  struct TypeScope {
    struct Entry {
      std::variant<const ast::TypeDecl*, const ast::UseName*> ast;
      const ast::Use* use = nullptr;
      Span span;
      State state = State::untouched;
      TypeIdx type;
    };
    ScopeIdx scope;
    TypeOwner owner;
    /// Errors cost some of its items.
    bool partial = false;
    /// What is declared and, by the same numbers, its names.
    std::vector<Entry> entries;
    NameTable names;
    std::map<std::string, std::string, std::less<>> excluded;
    /// Where finished types are noted, in the order of completion.
    std::vector<std::pair<std::string, TypeIdx>>* types = nullptr;
  };

  /// A world under way, with the places of its items by their keys of uniqueness.
  struct WorldBuild {
    World world;
    std::unordered_map<std::string, std::size_t> imports;
    std::unordered_map<std::string, std::size_t> exports;
  };

  // resolve.cpp: packages, gates, paths.
  void resolve_all(const std::vector<PackageSource>& sources);
  void refer(Span from, Span target);
  bool collect(const std::vector<PackageSource>& sources);
  void collect_source(const PackageSource& source);
  void collect_nested(const PackageSource& source);
  UnitIdx unit_of(const PackageName& name, Span span, bool root);
  void collect_items(UnitIdx unit, const std::vector<ast::PackageItem>& items);
  void add_item(UnitIdx unit, ScopeIdx scope,
                std::variant<const ast::Interface*, const ast::World*> item);
  void collect_needs(UnitIdx unit, const std::vector<ast::PackageItem>& items);
  void need(UnitIdx unit, const ast::UsePath& path);
  bool order_packages(std::vector<UnitIdx>& order);
  bool visit_package(UnitIdx unit, std::vector<UnitIdx>& order, std::vector<UnitIdx>& chain);
  void check_nested(const ast::PackageDecl& decl, bool from_binary);
  /// Whether a gate of the specification's drafts (`cm-accessors`) is open.
  [[nodiscard]] bool gate_is_open(std::string_view gate) const;
  void check_top_uses(ScopeIdx idx);
  std::optional<UnitIdx> find_unit(const PackageName& name) const;
  std::string nearest_package(const PackageName& name, std::vector<std::string> there) const;
  Error package_not_found(const PackageName& name, Span span) const;
  /// Whether the item stays: its gates are open. Reports broken gates.
  bool keep(const ast::Attributes& attributes, UnitIdx unit);
  bool keep(const ast::Attributes& attributes, TypeScope& scope, std::string_view name);
  /// Resolves items in an order in which each comes after those that it names; circles are
  /// reported.
  void resolve_items(UnitIdx unit);
  Item* peek_item(UnitIdx unit, ScopeIdx scope, const ast::UsePath& path, const ast::UsePath** via);
  void report_cycle(const std::vector<std::pair<Item*, const ast::UsePath*>>& chain,
                    std::size_t from, const ast::UsePath& closing);
  struct Found {
    UnitIdx unit;
    Item* item;
  };
  std::optional<Found> find(ScopeIdx scope, const ast::UsePath& path, int depth = 0);
  std::optional<InterfaceIdx> find_interface(ScopeIdx scope, const ast::UsePath& path);
  bool resolve_item(UnitIdx unit, Item& item);
  bool enter(Item& item);

  // resolve_gates.cpp
  /// The package of an item and what the item is in.
  struct GateCheck {
    UnitIdx unit;
    const ItemInfo* outer = nullptr;
  };
  void check_gates(UnitIdx unit, const Interface& interface);
  void check_gates(UnitIdx unit, const ItemInfo& world, const WorldItem& item);
  void check_gates(const GateCheck& check, const Function& f);
  bool check_contained(const GateCheck& check, const ItemInfo& inner, std::string_view name,
                       bool inherits);
  void check_refers(const GateCheck& check, const ItemInfo& from, std::string_view name,
                    ValType type);
  void check_refers(const GateCheck& check, const ItemInfo& from, std::string_view name,
                    const ItemInfo& to, std::string_view to_name);
  void check_function(const GateCheck& check, const Function& f);
  void check_type(const GateCheck& check, const TypeDef& def);
  void report_gate(UnitIdx unit, Error error);
  /// An included item is there from when what includes it is.
  static void adopt_gate(ItemInfo& item, const Stability& outer, bool inherits);
  [[nodiscard]] std::optional<Fix> gate_fix(Span name, std::string_view gate);

  // resolve_accessors.cpp
  bool check_accessor(const TypeScope& scope, const Function& func, const ast::Func& ast);
  /// Each setter has a getter, which then is before it. `whole`: none was lost to an error.
  bool pair_accessors(std::vector<Function>& functions, bool whole);
  bool pair_accessors(std::vector<WorldItem>& items, bool whole);
  template <class Entry>
  bool pair(std::vector<Entry>& items, bool whole);
  bool check_pair(const Function& set, const Function& get);
  [[nodiscard]] const component::ResultType* as_result(ValType type) const;
  /// Structural equality, as validation of a component has it.
  [[nodiscard]] bool same_type(ValType a, ValType b) const;

  // resolve_sizes.cpp
  /// What the validation of components limits. Spec: docs/wit.md "Limits".
  struct Measure {
    abi::Layout layout{1, 1};
    std::uint32_t size = 1;
    std::uint32_t depth = 1;
  };
  Measure measure(ValType type);
  Measure measure(const DefValType& def);
  void add(Measure& to, ValType part);
  bool fits(const Measure& measure, Span where, std::string_view name);
  bool check_size(const Function& func, const ast::Func& ast);

  // resolve_functions.cpp and resolve_types.cpp
  std::optional<InterfaceIdx> resolve_interface(UnitIdx unit, ScopeIdx scope,
                                                const ast::Interface& ast,
                                                std::optional<std::string> name);
  static void reserve(const ast::Interface& ast, TypeScope& scope, Interface& out);
  bool declare(TypeScope& scope, std::string_view name, TypeScope::Entry entry);
  bool declare_use(TypeScope& scope, const ast::Use& use);
  void resolve_types(TypeScope& scope);
  std::vector<std::uint32_t> order_types(TypeScope& scope);
  void report_type_cycle(TypeScope& scope, const std::vector<std::uint32_t>& chain,
                         const ast::Name& closing);
  Error undefined_type(const TypeScope& scope, const ast::Name& name) const;
  void report_missing_type(const ast::Name& name, InterfaceIdx interface);
  std::optional<TypeIdx> exported_type(InterfaceIdx interface, std::string_view name);
  /// The name that was meant, while errors are still shown and there are not too many to compare.
  [[nodiscard]] std::string_view near(std::string_view name,
                                      const std::vector<std::string_view>& names) const;
  std::optional<TypeIdx> type_named(TypeScope& scope, const ast::Name& name);
  std::optional<TypeIdx> type_at(TypeScope& scope, std::uint32_t number, const ast::Name& name);
  std::optional<TypeIdx> define_type(TypeScope& scope, const ast::TypeDecl& decl);
  std::optional<TypeIdx> use_type(TypeScope& scope, const TypeScope::Entry& entry);
  std::optional<DefValType> structure(TypeScope& scope, const ast::TypeDecl& decl);
  bool unique_members(const std::vector<ast::Member>& members);
  std::optional<ValType> val_type(TypeScope& scope, const ast::Type& type);
  std::optional<ValType> compound_type(TypeScope& scope, const ast::Type& type);
  std::optional<TypeIdx> resource_named(TypeScope& scope, const ast::Name& name);
  ValType anonymous(DefValType def);
  ValType own_of(TypeIdx resource);
  std::optional<Function> function(TypeScope& scope, const ast::Func& ast,
                                   std::optional<TypeIdx> resource, std::string_view resource_name);
  bool unique_params(const ast::Func& ast, bool method);
  bool check_constructor(const Function& func, const ast::Func& ast, TypeIdx resource);
  void methods(TypeScope& scope, const ast::TypeDecl& decl, std::vector<Function>& out);
  bool contains_borrow(ValType type);
  bool check_element(ValType element, const ast::Type& type, bool is_stream);

  // resolve_worlds.cpp
  bool resolve_world(UnitIdx unit, Item& item);
  bool world_extern(UnitIdx unit, TypeScope& scope, const ast::Extern& ast, WorldBuild& out);
  bool add_world_item(WorldBuild& out, WorldItem item, bool is_import);
  bool unique_imports(const World& world);
  bool include(WorldIdx to, ScopeIdx scope, const ast::Include& ast, WorldBuild& out);
  /// The new names of an `include`, and which of them were found.
  struct Renames {
    std::unordered_map<std::string_view, std::size_t> by_name;
    std::vector<bool> used;
  };
  bool include_items(const std::vector<WorldItem>& from, const ast::Include& ast, Renames& renames,
                     WorldBuild& to, bool is_import);
  void adopt_types(WorldIdx from, WorldIdx to, World& items);
  [[nodiscard]] std::vector<std::uint32_t> types_of_world(WorldIdx world, const World& items) const;
  /// Counts what worlds get that nobody wrote for them; too much of it is reported.
  bool charge(std::size_t items, Span where);
  /// What is charged for one of them more.
  [[nodiscard]] std::size_t weight_of(WorldIdx world) const;
  [[nodiscard]] std::size_t weight_of(InterfaceIdx interface) const;
  [[nodiscard]] std::size_t weight_of(TypeIdx type) const;
  void keep_gates(UnitIdx unit, const ast::Include& ast, const ItemInfo& world, World& items);
  void adopt_gates(ScopeIdx scope, const ast::Include& ast, World& items);

  const ResolveOptions& options_;
  Diagnostics& diagnostics_;
  Packages out_;
  std::vector<Reference> references_;
  /// Made with the first fix of a gate: it cuts files into tokens once.
  std::optional<Mender> mender_;
  IndexVector<UnitIdx, Unit> units_;
  IndexVector<ScopeIdx, Scope> scopes_;
  std::vector<const Item*> active_;
  std::map<PackageName, UnitIdx> unit_by_name_;
  /// Types that an interface would have if their feature were on: (interface, name) to the feature.
  std::map<std::pair<std::uint32_t, std::string>, std::string> excluded_types_;
  /// Interfaces and worlds that errors cost some of their items.
  std::set<std::uint32_t> partial_interfaces_;
  std::set<std::uint32_t> partial_worlds_;
  /// Types of interfaces that have many, by name.
  std::unordered_map<std::uint32_t, std::unordered_map<std::string_view, TypeIdx>> type_index_;
  struct PendingNeeds {
    UnitIdx unit;
    const std::vector<ast::PackageItem>* items;
  };
  std::vector<PendingNeeds> pending_needs_;
  /// By type: whether it contains a `borrow`. As long as was asked for.
  std::vector<bool> borrows_;
  /// By type. As long as was asked for.
  std::vector<Measure> measures_;
  /// How `unit` would be fixed where it is.
  std::map<std::pair<std::uint32_t, std::uint32_t>, Fix> old_mends_;
  /// Types under way, one inside the other.
  int depth_ = 0;
  InterfaceNeeds interface_needs_;
  /// What worlds have got without its being written for them.
  std::size_t charged_ = 0;
};

}  // namespace tenon::wit
