// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "tenon/base/json.h"
#include "tenon/base/safe_text.h"

namespace tenon::testing {
namespace {

std::string_view to_string(Status status) {
  switch (status) {
    case Status::passed:
      return "passed";
    case Status::failed:
      return "failed";
    case Status::skipped:
      return "skipped";
  }
  std::unreachable();
}

/// Every line of a text behind `lead`.
std::string indented(std::string_view whole, std::string_view lead) {
  std::string out;
  const std::string shown = visible_lines(whole);
  std::string_view text = shown;
  while (!text.empty()) {
    const auto end = text.find('\n');
    out += fmt::format("{}{}\n", lead, text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : visible_lines(text)) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      case '\t':
        out += c;
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace

std::size_t Report::count(Status status) const {
  return static_cast<std::size_t>(std::count_if(
      verdicts.begin(), verdicts.end(), [status](const Verdict& v) { return v.status == status; }));
}

std::string Report::totals() const {
  const std::size_t skipped = count(Status::skipped);
  std::string out =
      fmt::format("{} passed, {} failed", count(Status::passed), count(Status::failed));
  if (skipped != 0) out += fmt::format(", {} skipped", skipped);
  return out;
}

std::string report_text(const Report& report, bool all, bool color) {
  const auto paint = [color](const char* code, std::string_view text) {
    return color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
  };
  std::string out;
  for (const Verdict& verdict : report.verdicts) {
    switch (verdict.status) {
      case Status::passed:
        if (all)
          out += fmt::format("{} {} ({:.1f} ms)\n", paint("32", "pass"), visible(verdict.name),
                             verdict.milliseconds) +
                 indented(verdict.output, "     ");
        break;
      case Status::failed:
        out += fmt::format("{} {}\n", paint("31;1", "FAIL"), visible(verdict.name)) +
               indented(verdict.message, "     ") + indented(verdict.output, "     ");
        break;
      case Status::skipped:
        if (all)
          out += fmt::format("{} {}: {}\n", paint("33", "skip"), visible(verdict.name),
                             visible(verdict.message));
        break;
    }
  }
  return out + report.totals() + "\n";
}

std::string report_tap(const Report& report) {
  std::string out = fmt::format("TAP version 14\n1..{}\n", report.verdicts.size());
  std::size_t number = 0;
  for (const Verdict& verdict : report.verdicts) {
    ++number;
    std::string name = visible(verdict.name);
    std::replace(name.begin(), name.end(), '#', ' ');
    out +=
        fmt::format("{}ok {} - {}", verdict.status == Status::failed ? "not " : "", number, name);
    if (verdict.status == Status::skipped)
      out += fmt::format(" # SKIP {}", visible(verdict.message));
    out += '\n';
    if (verdict.status == Status::failed) {
      out += "  ---\n  message: |\n" + indented(verdict.message, "    ") +
             indented(verdict.output, "    ") + "  ...\n";
    }
  }
  return out;
}

std::string report_junit(const Report& report) {
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites tests=\"{0}\" failures=\"{1}\" skipped=\"{2}\" time=\"{3:.3f}\">\n"
      "  <testsuite name=\"tenon\" tests=\"{0}\" failures=\"{1}\" skipped=\"{2}\" "
      "time=\"{3:.3f}\">\n",
      report.verdicts.size(), report.count(Status::failed), report.count(Status::skipped),
      report.milliseconds / 1000);
  for (const Verdict& verdict : report.verdicts) {
    out += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"",
                       xml_text(verdict.file), xml_text(verdict.name), verdict.milliseconds / 1000);
    const std::string system_out =
        verdict.output.empty()
            ? std::string()
            : fmt::format("<system-out>{}</system-out>", xml_text(verdict.output));
    switch (verdict.status) {
      case Status::passed:
        out += system_out.empty() ? "/>\n" : ">" + system_out + "</testcase>\n";
        break;
      case Status::failed:
        out += fmt::format("><failure message=\"{0}\">{0}</failure>{1}</testcase>\n",
                           xml_text(verdict.message), system_out);
        break;
      case Status::skipped:
        out += fmt::format("><skipped message=\"{}\"/></testcase>\n", xml_text(verdict.message));
        break;
    }
  }
  return out + "  </testsuite>\n</testsuites>\n";
}

std::string report_json(const Report& report) {
  std::vector<Json> cases;
  for (const Verdict& verdict : report.verdicts) {
    std::vector<Json::Member> row = {
        {"file", Json::string(verdict.file)},
        {"name", Json::string(verdict.name)},
        {"status", Json::string(std::string(to_string(verdict.status)))},
        {"milliseconds", Json::number(fmt::format("{:.3f}", verdict.milliseconds))}};
    if (!verdict.message.empty()) row.emplace_back("message", Json::string(verdict.message));
    if (!verdict.output.empty()) row.emplace_back("output", Json::string(verdict.output));
    cases.push_back(Json::object(std::move(row)));
  }
  const auto number = [&](Status status) {
    return Json::number(static_cast<std::int64_t>(report.count(status)));
  };
  return Json::object({{"passed", number(Status::passed)},
                       {"failed", number(Status::failed)},
                       {"skipped", number(Status::skipped)},
                       {"milliseconds", Json::number(fmt::format("{:.3f}", report.milliseconds))},
                       {"cases", Json::array(std::move(cases))}})
             .dump(2) +
         "\n";
}

}  // namespace tenon::testing
