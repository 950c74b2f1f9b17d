// SPDX-License-Identifier: Apache-2.0
// Decoding and validating one component: bench_component COMPONENT.wasm [PEER], where PEER is a
// wasm-tools program to set beside it. Without a component a generated one is taken. A component is
// made by bench_component new MODULE.wasm [NAME=ADAPTER.wasm [PEER]], of a module that has its
// world.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "bench/report.h"
#include "tenon/base/file.h"
#include "tenon/builder/componentize.h"
#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/component/validate.h"

namespace {

using tenon::bench::report;
namespace cm = tenon::component;

/// Many instance types with functions over records, each imported and aliased.
std::vector<std::uint8_t> generated() {
  cm::Component c;
  const auto add = [&](cm::DefinitionKind def) { c.definitions.push_back({std::move(def), {}}); };
  for (std::uint32_t i = 0; i < 900; ++i) {
    cm::InstanceType it;
    const auto type = [&](decltype(cm::Type::def) def) {
      it.decls.emplace_back(cm::Type{std::move(def)});
    };
    const auto named = [&](std::string name, cm::ExternKind kind, std::uint32_t idx) {
      cm::ExportDecl d;
      d.name.name = std::move(name);
      d.type.kind = kind;
      d.type.idx = idx;
      it.decls.emplace_back(std::move(d));
    };
    type(cm::Record{{{"a", cm::PrimValType::string}, {"b", cm::PrimValType::u32}}});
    named("point", cm::ExternKind::type, 0);
    for (std::uint32_t f = 0; f < 100; ++f) {
      const std::uint32_t base = 2 + 2 * f;
      type(cm::List{tenon::component::TypeIdx(1U), {}});
      type(cm::FuncType{
          false, {{"x", tenon::component::TypeIdx(base)}}, tenon::component::TypeIdx(1U)});
      named("f" + std::to_string(f), cm::ExternKind::func, base + 1);
    }
    cm::Type t;
    t.def = std::move(it);
    add(std::move(t));
    cm::Import import;
    import.name.name = "ns:pkg/i" + std::to_string(i) + "@1.0.0";
    import.type.kind = cm::ExternKind::instance;
    import.type.idx = i;
    add(std::move(import));
  }
  return cm::encode(c);
}

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

/// CPU seconds of a program; it must succeed.
double cpu_of(std::vector<const char*> words) {
  words.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::execv(words[0], const_cast<char**>(words.data()));
    ::_exit(127);
  }
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  return status == 0 ? seconds(usage.ru_utime) + seconds(usage.ru_stime) : -1;
}

/// bench_component new …
int bench_new(int argc, char** argv) {
  const char* const path = argc > 2 ? argv[2] : "";
  const auto module = tenon::read_file(path);
  if (!module) {
    std::fprintf(stderr, "%s\n", module.error().text().c_str());
    return 1;
  }
  tenon::builder::ComponentizeOptions options;
  if (argc > 3) {
    const std::string_view adapter = argv[3];
    auto bytes = tenon::read_file(std::string(adapter.substr(adapter.find('=') + 1)));
    if (!bytes) {
      std::fprintf(stderr, "%s\n", bytes.error().text().c_str());
      return 1;
    }
    options.adapters.push_back(
        {std::string(adapter.substr(0, adapter.find('='))), std::move(*bytes)});
  }
  for (const bool validate : {false, true}) {
    options.validate = validate;
    double least = 1e300;
    for (int i = 0; i < 7; ++i) {
      const double begin = tenon::bench::cpu_seconds();
      const auto made = tenon::builder::componentize(*module, options);
      if (!made) {
        std::fprintf(stderr, "%s\n", made.error().text().c_str());
        return 1;
      }
      least = std::min(least, tenon::bench::cpu_seconds() - begin);
    }
    report(validate ? "component.new.cpu_s" : "component.new.unvalidated.cpu_s", least);
  }
  if (argc > 4) {
    double least = 1e300;
    for (int i = 0; i < 7; ++i) {
      least = std::min(least, cpu_of({argv[4], "component", "new", path, "--adapt", argv[3], "-o",
                                      "/dev/null"}));
    }
    report("component.new.peer.cpu_s", least);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "new") return bench_new(argc, argv);
  std::vector<std::uint8_t> bytes;
  const double begin = tenon::bench::cpu_seconds();
  if (argc > 1) {
    auto read = tenon::read_file(argv[1]);
    if (!read) {
      std::fprintf(stderr, "%s\n", read.error().text().c_str());
      return 1;
    }
    bytes = *std::move(read);
  } else {
    bytes = generated();
  }
  const double mb = static_cast<double>(bytes.size()) * 1e-6;
  const double read_cpu = tenon::bench::cpu_seconds() - begin;
  double decode = 1e300;
  double validate = 1e300;
  for (int i = 0; i < 7; ++i) {
    const double a = tenon::bench::cpu_seconds();
    auto component = cm::decode(tenon::Blob::borrow(bytes));
    const double b = tenon::bench::cpu_seconds();
    if (!component) {
      std::fprintf(stderr, "%s\n", component.error().text().c_str());
      return 1;
    }
    const auto valid = cm::validate(std::move(*component));
    if (!valid) {
      std::fprintf(stderr, "%s\n", valid.error().text().c_str());
      return 1;
    }
    decode = std::min(decode, b - a);
    validate = std::min(validate, tenon::bench::cpu_seconds() - b);
  }
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  report("component.mb", mb);
  report("component.decode.cpu_s", decode);
  report("component.validate.cpu_s", validate);
  report("component.all.cpu_s", read_cpu + decode + validate);
  report("component.peak_memory.times_file", static_cast<double>(usage.ru_maxrss) * 1024e-6 / mb);
  if (argc > 2) {
    double least = 1e300;
    for (int i = 0; i < 7; ++i) least = std::min(least, cpu_of({argv[2], "validate", argv[1]}));
    report("component.peer.all.cpu_s", least);
  }
  return 0;
}
