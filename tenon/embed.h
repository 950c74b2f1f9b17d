// SPDX-License-Identifier: Apache-2.0
#pragma once

// The C++ API: what a host program includes.
#include "tenon/runtime/embed.h"  // IWYU pragma: export
