// SPDX-License-Identifier: Apache-2.0
// Compilations are keyed by flags and sources, so objects are shared between projects. The guest
// header is precompiled; if clang refuses it, everything is compiled again without. A module that
// prints is linked a second time without buffering, because a component does not exit as a program
// does and buffered output would be lost.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "tenon/base/file.h"
#include "tenon/base/json.h"
#include "tenon/builder/compile.h"
#include "tenon/builder/language.h"
#include "tenon/builder/precompiled.h"
#include "tenon/builder/process.h"
#include "tenon/builder/rules.h"

namespace tenon::builder {
namespace {

namespace fs = std::filesystem;

/// Behind the folder of the user's cache, in the flag that keeps it out of results.
constexpr std::string_view internal_place = "=.tenon";

bool is_c(std::string_view source) {
  return source.ends_with(".c");
}

struct Job {
  std::string source;
  std::string key;
  std::string object;
  std::string depfile;
  Command command;
  /// It takes the precompiled guest header.
  bool precompiled = false;
};

std::vector<std::string> target_flags(const Clang& clang) {
  std::vector<std::string> out = {"--target=" + clang.triple, "-Wno-deprecated"};
  if (!clang.sysroot.empty()) out.push_back("--sysroot=" + clang.sysroot);
  return out;
}

/// What is the same for every project.
std::vector<std::string> base_flags(const Profile& profile, const Clang& clang, bool c) {
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
  return flags;
}

std::vector<std::string> user_flags(const Project& project, const Profile& profile) {
  std::vector<std::string> flags = project.cflags;
  flags.insert(flags.end(), profile.cflags.begin(), profile.cflags.end());
  return flags;
}

std::vector<std::string> compile_flags(const Project& project, const Profile& profile,
                                       const Places& places, const Clang& clang, bool c) {
  std::vector<std::string> flags = base_flags(profile, clang, c);
  // What the result says of these files does not depend on where the cache is.
  flags.push_back("-ffile-prefix-map=" + places.internal + std::string(internal_place));
  // A world may be called `time` or `stdint`: its header is found by `#include "time.h"`, and by
  // `<time.h>` the library's. What has no namesake is found in either form.
  flags.push_back("-iquote" + places.generated);
  flags.push_back("-idirafter" + places.generated);
  for (const std::string& dir : project.include_dirs) flags.push_back("-I" + dir);
  const std::vector<std::string> own = user_flags(project, profile);
  flags.insert(flags.end(), own.begin(), own.end());
  return flags;
}

/// The guest header for the flags of the project's C++ sources.
PrecompiledGuest precompiled_guest(const Project& project, const Profile& profile,
                                   const Places& places, const Clang& clang) {
  std::vector<std::string> flags = base_flags(profile, clang, false);
  const std::vector<std::string> own = user_flags(project, profile);
  flags.insert(flags.end(), own.begin(), own.end());
  return {places, clang, std::move(flags), !own.empty()};
}

/// The program marks its errors with paths as the user wrote them when it runs in the project's
/// folder.
Job make_job(const std::string& source, std::size_t number, const Project& project,
             const Profile& profile, const Places& places, const Clang& clang,
             const PrecompiledGuest& guest) {
  Job job;
  job.source = source;
  const bool c = is_c(source);
  const std::vector<std::string> flags = compile_flags(project, profile, places, clang, c);
  if (!c && !guest.key().empty()) {
    const auto text = read_text_file((fs::path(project.dir) / source).string());
    job.precompiled = text && guest.fits(*text);
  }
  // Objects of all projects lie together, and a path means the same in one of them only.
  job.key = KeyBuilder()
                .add(places.project)
                .add(clang.version)
                .add(clang.cc)
                .add(source)
                .add(flags)
                .add(job.precompiled ? guest.key() : "")
                .key();
  job.object = fmt::format("{}/{}.o", places.scratch, number);
  job.depfile = fmt::format("{}/{}.d", places.scratch, number);
  job.command.cwd = project.dir;
  job.command.argv = {c ? clang.cc : clang.cxx};
  job.command.argv.insert(job.command.argv.end(), flags.begin(), flags.end());
  job.command.argv.insert(job.command.argv.end(),
                          {"-MD", "-MF", job.depfile, "-c", source, "-o", job.object});
  return job;
}

/// Files that a compilation read, as paths that do not depend on the working folder. The compiler's
/// own headers count through its version.
std::vector<std::string> read_files(const Job& job, const Places& places) {
  std::vector<std::string> out;
  const auto text = read_text_file(job.depfile);
  if (!text) return out;
  for (const std::string& path : parse_depfile(*text)) {
    if (path.starts_with("/usr/") || path.starts_with(places.headers)) continue;
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
  if (!project.command) link.argv.emplace_back("-mexec-model=reactor");
  link.argv.insert(link.argv.end(), {"-O" + profile.opt, "-Wl,--gc-sections", "-Wl,--stack-first"});
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

/// Runs the compilations. What fails for the precompiled header's sake is done again without it.
Result<std::vector<Outcome>> run_jobs(const std::vector<const Job*>& jobs, PrecompiledGuest& guest,
                                      unsigned parallel, const Speech& speech) {
  const bool wanted =
      std::any_of(jobs.begin(), jobs.end(), [](const Job* job) { return job->precompiled; });
  const bool precompiled = wanted && guest.ready(speech);
  speech.status(jobs.size() == 1 ? "compiling " + jobs.front()->source
                                 : fmt::format("compiling {} files", jobs.size()));
  const auto commands_of = [&](bool with_guest) {
    std::vector<Command> commands;
    for (const Job* job : jobs) {
      Command& command = commands.emplace_back(job->command);
      if (speech.color) command.argv.emplace_back("-fcolor-diagnostics");
      if (!with_guest || !job->precompiled) continue;
      const std::vector<std::string> use = guest.use();
      command.argv.insert(command.argv.end(), use.begin(), use.end());
    }
    return commands;
  };
  std::vector<Command> commands = commands_of(precompiled);
  for (const Command& command : commands) speech.command(command);
  std::vector<Outcome> outcomes = TENON_TRY(run_all(commands, parallel));
  const bool refused =
      precompiled && std::any_of(outcomes.begin(), outcomes.end(), [&](const Outcome& outcome) {
        return outcome.status > 0 && guest.refused(outcome.output);
      });
  if (!refused) return outcomes;
  guest.remove();
  commands = commands_of(false);
  for (const Command& command : commands) speech.command(command);
  return run_all(commands, parallel);
}

/// Compiles what the cache does not have; returns the objects in the order of the jobs.
Result<std::vector<std::string>> objects_of(const Project& project, const std::vector<Job>& jobs,
                                            const Places& places, ObjectCache& cache,
                                            PrecompiledGuest& guest, unsigned parallel,
                                            const Speech& speech, Compiled& out) {
  std::vector<std::string> objects(jobs.size());
  std::vector<const Job*> missing;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (auto found = cache.find(jobs[i].key)) {
      objects[i] = std::move(*found);
      ++out.reused;
      continue;
    }
    missing.push_back(&jobs[i]);
  }
  std::vector<Outcome> outcomes;
  if (!missing.empty()) outcomes = TENON_TRY(run_jobs(missing, guest, parallel, speech));
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
    const Job& job = *missing[k];
    out.output += outcomes[k].output;
    const auto at = static_cast<std::size_t>(&job - jobs.data());
    objects[at] = TENON_TRY(cache.store(job.key, read_files(job, places), job.object));
    ++out.compiled;
  }
  for (const Job& job : jobs) {
    const std::vector<std::string> files = read_files(job, places);
    out.read_files.insert(out.read_files.end(), files.begin(), files.end());
  }
  return objects;
}

/// Whether a linked module writes to a stream: it imports `fd_write` of preview1.
bool writes(const std::string& module) {
  constexpr std::string_view import =
      "\x16wasi_snapshot_preview1\x08"
      "fd_write";
  const auto bytes = read_file(module);
  return bytes && as_text(*bytes).contains(import);
}

/// A component that exports functions does not end as a program does, and nothing flushes its
/// stdio: a line without its end would stay in the buffer and never be seen.
constexpr std::string_view unbuffered_source =
    "#include <stdio.h>\n"
    "__attribute__((constructor(101))) static void tenon_unbuffered(void) {\n"
    "  setvbuf(stdout, NULL, _IONBF, 0);\n"
    "}\n";

/// Links once more, with what keeps stdio from holding back the end of what a component prints.
/// Which module prints is known only when it is linked; one that does not is left as it is.
Result<void> link_unbuffered(const Profile& profile, const Places& places, const Clang& clang,
                             Command link, const std::string& module, const Speech& speech) {
  if (!writes(module)) return {};
  const std::string source = places.scratch + "/unbuffered.c";
  const std::string object = places.scratch + "/unbuffered.o";
  TENON_TRY(write_file(source, unbuffered_source));
  Command compile;
  compile.cwd = link.cwd;
  compile.argv = {clang.cc};
  const std::vector<std::string> flags = base_flags(profile, clang, true);
  compile.argv.insert(compile.argv.end(), flags.begin(), flags.end());
  compile.argv.insert(compile.argv.end(), {"-c", source, "-o", object});
  const Outcome compiled = TENON_TRY(run(compile, speech));
  if (!compiled.ok()) return std::unexpected(compiler_error("clang", compiled.output, {}));
  link.argv.push_back(object);
  const Outcome linked = TENON_TRY(run(link, speech));
  if (!linked.ok()) return std::unexpected(compiler_error("wasm-ld", linked.output, {}));
  return {};
}

/// A text as a string of JSON.
std::string json_text(std::string_view text) {
  return Json::string(std::string(text)).dump();
}

}  // namespace

Result<Compiled> compile_clang(const Project& project, const Profile& profile, const Places& places,
                               const std::optional<Clang>& clang,
                               const std::vector<std::string>& generated_sources,
                               FileHashes& hashes, unsigned jobs, const Speech& speech) {
  const bool cpp = language(project.lang).wants_libcxx;
  if (!clang || !(cpp ? clang->can_cpp() : clang->can_c()))
    return std::unexpected(missing_clang(clang, cpp));
  std::vector<std::string> sources = project.sources;
  sources.insert(sources.end(), generated_sources.begin(), generated_sources.end());
  std::vector<Job> work;
  PrecompiledGuest guest = precompiled_guest(project, profile, places, *clang);
  for (const std::string& source : sources)
    work.push_back(make_job(source, work.size(), project, profile, places, *clang, guest));
  Compiled out;
  ObjectCache cache(places.objects, hashes);
  const std::vector<std::string> objects =
      TENON_TRY(objects_of(project, work, places, cache, guest, jobs, speech, out));
  out.core_module = places.scratch + "/linked.core";
  speech.status("linking " + project.name);
  const Command link = link_command(project, profile, *clang, objects, out.core_module);
  const Outcome linked = TENON_TRY(run(link, speech));
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
  if (!project.command)
    TENON_TRY(link_unbuffered(profile, places, *clang, link, out.core_module, speech));
  return out;
}

std::string compile_commands(const Project& project, const Profile& profile, const Places& places,
                             const Clang& clang,
                             const std::vector<std::string>& generated_sources) {
  std::vector<std::string> sources = project.sources;
  sources.insert(sources.end(), generated_sources.begin(), generated_sources.end());
  std::string out = "[";
  for (const std::string& source : sources) {
    const bool c = is_c(source);
    out += fmt::format("{}\n  {{ \"directory\": {}, \"file\": {},\n    \"arguments\": [{}",
                       out.size() == 1 ? "" : ",", json_text(places.project), json_text(source),
                       json_text(c ? clang.cc : clang.cxx));
    for (const std::string& flag : compile_flags(project, profile, places, clang, c))
      out += ", " + json_text(flag);
    out += fmt::format(", \"-c\", {}] }}", json_text(source));
  }
  return out + "\n]\n";
}

bool is_compile_commands(std::string_view text) {
  const auto flag = text.find("\"-ffile-prefix-map=");
  return flag != std::string_view::npos &&
         text.substr(flag, text.find('"', flag + 1) - flag).ends_with(internal_place);
}

}  // namespace tenon::builder
