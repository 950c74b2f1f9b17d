// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "tenon/base/file.h"
#include "tenon/builder/compile.h"
#include "tenon/builder/process.h"
#include "tenon/builder/rules.h"

namespace tenon::builder {
namespace {

namespace fs = std::filesystem;

bool is_c(std::string_view source) {
  return source.ends_with(".c");
}

struct Job {
  std::string source;
  std::string key;
  std::string object;
  std::string depfile;
  Command command;
};

std::vector<std::string> target_flags(const Clang& clang) {
  std::vector<std::string> out = {"--target=" + clang.triple, "-Wno-deprecated"};
  if (!clang.sysroot.empty()) out.push_back("--sysroot=" + clang.sysroot);
  return out;
}

std::vector<std::string> compile_flags(const Project& project, const Profile& profile,
                                       const Places& places, const Clang& clang, bool c) {
  std::vector<std::string> flags = target_flags(clang);
  flags.push_back("-O" + profile.opt);
  if (profile.debug_info) flags.emplace_back("-g");
  // Each function in its own section, so that what nobody calls is dropped.
  flags.insert(flags.end(), {"-ffunction-sections", "-fdata-sections", "-fvisibility=hidden"});
  if (c) {
    flags.emplace_back("-std=gnu17");
  } else {
    flags.insert(flags.end(), {"-std=c++23", "-fno-exceptions", "-fno-rtti"});
  }
  // What the result says of these files does not depend on where the cache is.
  flags.push_back("-ffile-prefix-map=" + places.internal + "=.tenon");
  // A world may be called `time` or `stdint`: its header is found by `#include "time.h"`, and by
  // `<time.h>` the library's. What has no namesake is found in either form.
  flags.push_back("-iquote" + places.generated);
  flags.push_back("-idirafter" + places.generated);
  for (const std::string& dir : project.include_dirs) flags.push_back("-I" + dir);
  flags.insert(flags.end(), project.cflags.begin(), project.cflags.end());
  flags.insert(flags.end(), profile.cflags.begin(), profile.cflags.end());
  return flags;
}

/// The program marks its errors with paths as the user wrote them when it runs in the project's
/// folder.
Job make_job(const std::string& source, std::size_t number, const Project& project,
             const Profile& profile, const Places& places, const Clang& clang) {
  Job job;
  job.source = source;
  const bool c = is_c(source);
  const std::vector<std::string> flags = compile_flags(project, profile, places, clang, c);
  // Objects of all projects lie together, and a path means the same in one of them only.
  job.key = KeyBuilder()
                .add(places.project)
                .add(clang.version)
                .add(clang.cc)
                .add(source)
                .add(flags)
                .key();
  job.object = fmt::format("{}/{}.o", places.scratch, number);
  job.depfile = fmt::format("{}/{}.d", places.scratch, number);
  job.command.cwd = project.dir;
  job.command.argv = {c ? clang.cc : clang.cxx};
  job.command.argv.insert(job.command.argv.end(), flags.begin(), flags.end());
  job.command.argv.insert(job.command.argv.end(), {"-fcolor-diagnostics", "-MD", "-MF", job.depfile,
                                                   "-c", source, "-o", job.object});
  std::erase(job.command.argv, "-fcolor-diagnostics");
  return job;
}

/// Files that a compilation read, as paths that do not depend on the working folder. The compiler's
/// own headers count through its version.
std::vector<std::string> read_files(const Job& job, const Places& places) {
  std::vector<std::string> out;
  const auto text = read_text_file(job.depfile);
  if (!text) return out;
  for (const std::string& path : parse_depfile(*text)) {
    if (path.starts_with("/usr/")) continue;
    out.push_back((fs::path(places.project) / path).lexically_normal().string());
  }
  return out;
}

Command link_command(const Project& project, const Profile& profile, const Clang& clang,
                     const std::vector<std::string>& objects, const std::string& out) {
  Command link;
  link.cwd = project.dir;
  const bool all_c = std::all_of(project.sources.begin(), project.sources.end(), is_c);
  link.argv = {all_c ? clang.cc : clang.cxx};
  const std::vector<std::string> target = target_flags(clang);
  link.argv.insert(link.argv.end(), target.begin(), target.end());
  link.argv.insert(link.argv.end(), {"-mexec-model=reactor", "-O" + profile.opt,
                                     "-Wl,--gc-sections", "-Wl,--stack-first"});
  if (profile.strip) link.argv.emplace_back("-s");
  link.argv.insert(link.argv.end(), objects.begin(), objects.end());
  const auto is_link_flag = [](const std::string& flag) {
    return flag.starts_with("-Wl,") || flag.starts_with("-l") || flag.starts_with("-L") ||
           flag.starts_with("-m") || flag.starts_with("-f");
  };
  for (const auto* flags : {&project.cflags, &profile.cflags}) {
    std::copy_if(flags->begin(), flags->end(), std::back_inserter(link.argv), is_link_flag);
  }
  link.argv.insert(link.argv.end(), {"-o", out});
  return link;
}

/// Compiles what the cache does not have; returns the objects in the order of the jobs.
Result<std::vector<std::string>> objects_of(const Project& project, const std::vector<Job>& jobs,
                                            const Places& places, ObjectCache& cache,
                                            unsigned parallel, const Status& status,
                                            Compiled& out) {
  std::vector<std::string> objects(jobs.size());
  std::vector<Command> commands;
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (auto found = cache.find(jobs[i].key)) {
      objects[i] = std::move(*found);
      ++out.reused;
      continue;
    }
    commands.push_back(jobs[i].command);
    which.push_back(i);
  }
  if (!commands.empty())
    status(commands.size() == 1 ? "compiling " + jobs[which[0]].source
                                : fmt::format("compiling {} files", commands.size()));
  const std::vector<Outcome> outcomes = TENON_TRY(run_all(commands, parallel));
  std::string errors;
  for (const Outcome& outcome : outcomes) {
    if (outcome.status > 0) errors += outcome.output;
  }
  if (!errors.empty())
    return std::unexpected(compiler_error("clang", errors, {}, guest_names(project, places)));
  for (std::size_t k = 0; k < outcomes.size(); ++k) {
    if (!outcomes[k].ok())
      return std::unexpected(
          compiler_error("clang", fmt::format("it ended with status {}", outcomes[k].status), {}));
    const Job& job = jobs[which[k]];
    out.output += outcomes[k].output;
    objects[which[k]] = TENON_TRY(cache.store(job.key, read_files(job, places), job.object));
    ++out.compiled;
  }
  for (const Job& job : jobs) {
    const std::vector<std::string> files = read_files(job, places);
    out.read_files.insert(out.read_files.end(), files.begin(), files.end());
  }
  return objects;
}

}  // namespace

Result<Compiled> compile_clang(const Project& project, const Profile& profile, const Places& places,
                               const std::optional<Clang>& clang,
                               const std::vector<std::string>& generated_sources,
                               FileHashes& hashes, unsigned jobs, const Status& status) {
  const bool cpp = project.lang == Lang::cpp;
  if (!clang || !(cpp ? clang->can_cpp() : clang->can_c()))
    return std::unexpected(missing_clang(clang, cpp));
  std::vector<std::string> sources = project.sources;
  sources.insert(sources.end(), generated_sources.begin(), generated_sources.end());
  std::vector<Job> work;
  for (const std::string& source : sources)
    work.push_back(make_job(source, work.size(), project, profile, places, *clang));
  Compiled out;
  ObjectCache cache(places.objects, hashes);
  const std::vector<std::string> objects =
      TENON_TRY(objects_of(project, work, places, cache, jobs, status, out));
  out.core_module = places.scratch + "/linked.core";
  status("linking " + project.name);
  const Outcome linked =
      TENON_TRY(run(link_command(project, profile, *clang, objects, out.core_module)));
  if (!linked.ok()) {
    // The linker names objects of the cache; a person knows the sources.
    std::string output = linked.output;
    for (std::size_t i = 0; i < objects.size(); ++i) {
      for (auto at = output.find(objects[i]); at != std::string::npos;
           at = output.find(objects[i], at + sources[i].size()))
        output.replace(at, objects[i].size(), sources[i]);
    }
    return std::unexpected(compiler_error("wasm-ld", output, {}, guest_names(project, places)));
  }
  out.output += linked.output;
  return out;
}

}  // namespace tenon::builder
