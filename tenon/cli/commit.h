// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tenon::cli {

/// The first digits of the commit that the program was built from, `+` behind them when tracked
/// files had changes; empty outside of a repository. Written at each build by commit.cmake.
extern const char* const build_commit;
/// "Release", "Debug"; empty when CMake was given none.
extern const char* const build_type;

}  // namespace tenon::cli
