// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"
#include "tenon/component/string_encoding.h"
#include "tenon/component/types.h"
#include "tenon/core/module.h"

namespace tenon::component {

// The definitions of a component in the order of the binary. Spec: Binary.md, section by section.

enum class CoreSort : std::uint8_t {
#define TENON_CORE_SORT(name, text, byte) name = byte,
#include "tenon/component/sorts.def"
};
enum class SortKind : std::uint8_t {
#define TENON_SORT(name, text, byte) name = byte,
#include "tenon/component/sorts.def"
};
/// `core module`, `func`, `type` …: `core_sort` counts only when `kind` is `core`.
struct Sort {
  SortKind kind = SortKind::func;
  CoreSort core_sort = CoreSort::func;
  friend constexpr bool operator==(const Sort& a, const Sort& b) {
    return a.kind == b.kind && (a.kind != SortKind::core || a.core_sort == b.core_sort);
  }
};
struct SortIdx {
  Sort sort;
  std::uint32_t idx = 0;
};
struct CoreSortIdx {
  CoreSort sort = CoreSort::func;
  std::uint32_t idx = 0;
};

/// What is said of a name, by its byte in the binary.
enum class AttributeKind : std::uint8_t { implements = 0, version_suffix = 1, external_id = 2 };
struct NameAttribute {
  AttributeKind kind = AttributeKind::implements;
  std::string value;
};

/// `nameattributes`: a name and what is said of it. Spec: Binary.md "Import and Export
/// Definitions".
struct ExternName {
  std::string name;
  /// In the order of the binary; doubles are kept for validation. Most names have none.
  std::vector<NameAttribute> attributes;
  Span span;
  /// The leading byte in the binary (0, 1 or 2), so that encoding gives the same bytes again.
  std::uint8_t form = 0;

  [[nodiscard]] const std::string* attribute(AttributeKind kind) const {
    for (const NameAttribute& a : attributes) {
      if (a.kind == kind) return &a.value;
    }
    return nullptr;
  }
  [[nodiscard]] const std::string* implements() const {
    return attribute(AttributeKind::implements);
  }
  [[nodiscard]] const std::string* version_suffix() const {
    return attribute(AttributeKind::version_suffix);
  }
  [[nodiscard]] const std::string* external_id() const {
    return attribute(AttributeKind::external_id);
  }
  void add(AttributeKind kind, std::string value) {
    attributes.push_back({kind, std::move(value)});
    form = 2;
  }
};

enum class TypeBoundKind : std::uint8_t { eq = 0, sub_resource = 1 };
enum class ExternKind : std::uint8_t {
  core_module = 0,
  func = 1,
  value = 2,
  type = 3,
  component = 4,
  instance = 5
};
/// The index space of what is imported or exported.
[[nodiscard]] Sort sort_of(ExternKind kind);

/// Spec: Binary.md "Type Definitions" (externtype).
struct ExternType {
  ExternKind kind = ExternKind::func;
  /// For `type`.
  TypeBoundKind bound = TypeBoundKind::eq;
  /// For `value`: either a type (`value t`) or, when `value_eq`, an earlier value.
  bool value_eq = false;
  ValType value_type;
  /// The type's index: a CoreTypeIdx for core_module, a TypeIdx for func, component, instance and
  /// for `type (eq i)`; the ValueIdx of `value (eq v)`.
  std::uint32_t idx = 0;
};

struct CoreInlineExport {
  std::string name;
  CoreSortIdx item;
};
struct CoreInstantiateArg {
  std::string name;
  CoreInstanceIdx instance;
};
/// `(core instance (instantiate m …))` or `(core instance (export …)*)`.
struct CoreInstance {
  std::optional<CoreModuleIdx> module;
  std::vector<CoreInstantiateArg> args;
  std::vector<CoreInlineExport> exports;
};

struct InlineExport {
  ExternName name;
  SortIdx item;
};
struct InstantiateArg {
  std::string name;
  SortIdx item;
};
struct Instance {
  std::optional<ComponentIdx> component;
  std::vector<InstantiateArg> args;
  std::vector<InlineExport> exports;
};

struct Alias {
  enum class Target : std::uint8_t { export_ = 0, core_export = 1, outer = 2 };
  Target target = Target::export_;
  Sort sort;
  /// InstanceIdx or CoreInstanceIdx for exports; the number of scopes outward for outer.
  std::uint32_t instance_or_count = 0;
  std::string name;       // exports
  std::uint32_t idx = 0;  // outer
};

// Core types of a component: rec groups, or module types with declarations of their own.
struct CoreImportDecl {
  std::string module;
  std::string name;
  core::ExternType type;
};
struct CoreExportDecl {
  std::string name;
  core::ExternType type;
};
struct CoreOuterAlias {
  std::uint32_t count = 0;
  std::uint32_t idx = 0;
};
struct CoreType;
using CoreModuleDecl = std::variant<CoreImportDecl, CoreType, CoreOuterAlias, CoreExportDecl>;
struct CoreModuleType {
  std::vector<CoreModuleDecl> decls;
};
/// A recursion group (one entry of the binary, one or more types) or a module type.
struct CoreType {
  std::vector<core::SubType> rec_group;
  std::unique_ptr<CoreModuleType> module_type;
};

// Component and instance types.
struct ImportDecl {
  ExternName name;
  ExternType type;
};
struct ExportDecl {
  ExternName name;
  ExternType type;
};
struct Decl;
struct InstanceType {
  std::vector<Decl> decls;
};
struct ComponentType {
  std::vector<Decl> decls;
};
/// A type definition. Spec: Binary.md "Type Definitions" (deftype).
struct Type {
  std::variant<DefValType, FuncType, ComponentType, InstanceType, ResourceType> def;
};
/// One declaration. Types are in it as they are: a large interface has very many.
struct Decl : std::variant<CoreType, Type, Alias, ImportDecl, ExportDecl> {
  using variant::variant;
};

/// Canonical options as written: order and doubles are kept for validation and encoding.
struct CanonOpt {
  enum class Kind : std::uint8_t {
    utf8 = 0,
    utf16 = 1,
    latin1_utf16 = 2,
    memory = 3,
    realloc = 4,
    post_return = 5,
    async = 6,
    callback = 7,
  };
  Kind kind = Kind::utf8;
  std::uint32_t idx = 0;
};
using CanonOpts = std::vector<CanonOpt>;

enum class CanonOp : std::uint8_t {
  lift = 0x00,
  lower = 0x01,
#define TENON_CANON(name, text, opcode, Imm, gate) name = opcode,
#include "tenon/component/canon.def"
#undef TENON_CANON
};

struct NoImm {};
struct LiftImm {
  CoreFuncIdx func;
  CanonOpts opts;
  TypeIdx type;
};
struct LowerImm {
  FuncIdx func;
  CanonOpts opts;
};
struct ResourceImm {
  TypeIdx type;
};
struct TypeImm {
  TypeIdx type;
};
struct TypeOptsImm {
  TypeIdx type;
  CanonOpts opts;
};
struct TypeAsyncImm {
  TypeIdx type;
  bool async_ = false;
};
struct AsyncImm {
  bool async_ = false;
};
/// In the binary a reserved byte, which is 0.
struct ReservedImm {};
/// The same, and a memory behind it.
struct MemImm {
  CoreMemIdx memory;
};
struct ContextImm {
  core::ValType type;
  std::uint32_t slot = 0;
};
struct TaskReturnImm {
  std::optional<ValType> result;
  CanonOpts opts;
};
struct OptsImm {
  CanonOpts opts;
};
struct IndirectImm {
  CoreTypeIdx type;
  CoreTableIdx table;
};
struct SharedTypeImm {
  bool shared = false;
  CoreTypeIdx type;
};
struct SharedIndirectImm {
  bool shared = false;
  CoreTypeIdx type;
  CoreTableIdx table;
};
struct SharedImm {
  bool shared = false;
};
using CanonImm =
    std::variant<NoImm, LiftImm, LowerImm, ResourceImm, TypeImm, TypeOptsImm, TypeAsyncImm,
                 AsyncImm, ReservedImm, MemImm, ContextImm, TaskReturnImm, OptsImm, IndirectImm,
                 SharedTypeImm, SharedIndirectImm, SharedImm>;

struct Canon {
  CanonOp op = CanonOp::lift;
  CanonImm imm;
};

struct Start {
  FuncIdx func;
  std::vector<ValueIdx> args;
  std::uint32_t results = 0;
};

struct Import {
  ExternName name;
  ExternType type;
};
struct Export {
  ExternName name;
  SortIdx item;
  std::optional<ExternType> ascribed;
};

/// A value definition: its type and its encoded bytes (checked by validation).
struct Value {
  ValType type;
  std::vector<std::uint8_t> bytes;
};

struct Custom {
  std::string name;
  std::vector<std::uint8_t> content;
};

struct Component;

using DefinitionKind = std::variant<Custom, std::unique_ptr<core::Module>, CoreInstance, CoreType,
                                    std::unique_ptr<Component>, Instance, Alias, Type, Canon, Start,
                                    Import, Export, Value>;
struct Definition {
  DefinitionKind def;
  Span span;
};

/// A run of definitions that stood in one section (`count` may be 0): encoding follows it, so that
/// a decoded component gives the same bytes. When empty, encoding groups neighbours by itself.
struct Section {
  std::uint8_t id = 0;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

struct ComponentInfo;
struct DeleteInfo {
  void operator()(ComponentInfo* info) const;
};

/// A component as it is in its binary. Core modules and nested components inside borrow from
/// `bytes` of the outermost one. Nothing here is checked beyond its form; `Validated<Component>`
/// is.
struct Component {
  Blob bytes;
  std::uint32_t source = 0;
  std::vector<Definition> definitions;
  std::vector<Section> sections;
  /// What validation found out (tenon/component/info.h); null before. Never null in a
  /// `core::Validated<Component>` and the components inside it. Validation moves the core modules
  /// of `definitions` there.
  std::unique_ptr<ComponentInfo, DeleteInfo> info;
};

}  // namespace tenon::component
