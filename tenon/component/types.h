// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/types/types.h"

namespace tenon::component {

// The type system is a room of its own, below `abi`. A component's definitions are made of it, so
// its names are names of this room as well: one by one, nothing more.
using types::Borrow;
using types::Case;
using types::ComponentIdx;
using types::CoreFuncIdx;
using types::CoreGlobalIdx;
using types::CoreInstanceIdx;
using types::CoreMemIdx;
using types::CoreModuleIdx;
using types::CoreTableIdx;
using types::CoreTagIdx;
using types::CoreTypeIdx;
using types::DefValType;
using types::Enum;
using types::Flags;
using types::FuncIdx;
using types::FuncType;
using types::Future;
using types::InstanceIdx;
using types::LabelValType;
using types::List;
using types::Map;
using types::Option;
using types::Own;
using types::PrimValType;
using types::Record;
using types::ResourceType;
using types::ResultType;
using types::Stream;
using types::to_string;
using types::Tuple;
using types::TypeIdx;
using types::ValType;
using types::ValueIdx;
using types::Variant;

}  // namespace tenon::component
