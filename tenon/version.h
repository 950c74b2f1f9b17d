// SPDX-License-Identifier: Apache-2.0
#pragma once

// The version of tenon that a program is compiled with; docs/stability.md says what it promises.
#define TENON_VERSION_MAJOR 0
#define TENON_VERSION_MINOR 1
#define TENON_VERSION_PATCH 0
/// The inline namespace of what every program constructs: a program and a library of different
/// minor versions do not link. Nobody writes it: `tenon::Engine` is its name.
#define TENON_ABI v0_1
/// "0.1.0"
#define TENON_VERSION_STRING "0.1.0"
/// To compare: `#if TENON_VERSION_NUMBER >= 200` is 0.2.0 or later.
#define TENON_VERSION_NUMBER \
  (TENON_VERSION_MAJOR * 10000 + TENON_VERSION_MINOR * 100 + TENON_VERSION_PATCH)
