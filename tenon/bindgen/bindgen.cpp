// SPDX-License-Identifier: Apache-2.0
#include "tenon/bindgen/bindgen.h"

#include "tenon/bindgen/c_guest.h"
#include "tenon/bindgen/cpp_guest.h"
#include "tenon/bindgen/cpp_host.h"
#include "tenon/bindgen/markdown.h"
#include "tenon/bindgen/plan.h"
#include "tenon/bindgen/rules.h"
#include "tenon/bindgen/rust_guest.h"

namespace tenon::bindgen {

Result<std::vector<File>> generate(const wit::Packages& packages, wit::WorldIdx world,
                                   const Options& options) {
  if (options.string_encoding != component::StringEncoding::utf8 &&
      options.generator != Generator::c) {
    return std::unexpected(
        Error(rules::encoding, Span::none(), "found another string encoding, wanted utf8")
            .help("write `tenon bindgen c --string-encoding utf16`"));
  }
  const WorldPlan plan = TENON_TRY(plan_world(packages, world));
  switch (options.generator) {
    case Generator::cpp:
      return generate_cpp_guest(plan, options);
    case Generator::rust:
      return generate_rust_guest(plan, options);
    case Generator::c:
      return generate_c_guest(plan, options);
    case Generator::cpp_host:
      return generate_cpp_host(plan, options);
    case Generator::markdown:
      return generate_markdown(plan, options);
  }
  return std::vector<File>{};
}

Result<File> generate_stubs(const wit::Packages& packages, wit::WorldIdx world,
                            const Options& options) {
  const WorldPlan plan = TENON_TRY(plan_world(packages, world));
  switch (options.generator) {
    case Generator::rust:
      return stub_rust_guest(plan, options);
    case Generator::c:
      return stub_c_guest(plan, options);
    case Generator::cpp:
    case Generator::cpp_host:
    case Generator::markdown:
      break;
  }
  return stub_cpp_guest(plan, options);
}

Result<GuestNames> guest_names(const wit::Packages& packages, wit::WorldIdx world,
                               const Options& options) {
  const WorldPlan plan = TENON_TRY(plan_world(packages, world));
  switch (options.generator) {
    case Generator::rust:
      return names_of_rust_guest(plan, options);
    case Generator::c:
      return names_of_c_guest(plan, options);
    case Generator::cpp:
    case Generator::cpp_host:
    case Generator::markdown:
      break;
  }
  return names_of_cpp_guest(plan, options);
}

}  // namespace tenon::bindgen
