// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/source.h"
#include "tenon/builder/project.h"

namespace tenon::builder {

/// A file of a new project: path below its folder, and text.
struct NewFile {
  std::string path;
  std::string text;
};

/// The files of a project that builds and passes its tests: one interface, one function, two cases.
/// `name` is in kebab case; keywords of WIT and of the languages are escaped where they are.
[[nodiscard]] Result<std::vector<NewFile>> scaffold(const std::string& name, Lang lang);

/// The files of a command: a program with a `main` that prints and reads a file, without WIT.
[[nodiscard]] std::vector<NewFile> command_scaffold(const std::string& name, Lang lang);

/// The files of a CMake project whose program, in C++, calls a component that is built with it: the
/// same interface, cases for the guest and a test for both.
[[nodiscard]] Result<std::vector<NewFile>> host_scaffold(const std::string& name, Lang lang);

/// Writes them into a folder that is not there yet or empty.
[[nodiscard]] Result<void> write_project(const std::string& dir, const std::vector<NewFile>& files);

/// A project for a world that somebody wrote. `wit` is a file, a folder or a folder with `deps/`,
/// which is copied; each function that the world exports is a stub that traps. A package of
/// interfaces alone gets a world that exports them. `features` are the open features of the WIT,
/// which the project's manifest then names. Nothing is left in `dir` on an error.
[[nodiscard]] Result<void> write_stub_project(const std::string& dir, const std::string& name,
                                              Lang lang, const std::string& wit,
                                              const std::optional<std::string>& world,
                                              const std::vector<std::string>& features,
                                              SourceSet& sources, Diagnostics& diagnostics);

}  // namespace tenon::builder
