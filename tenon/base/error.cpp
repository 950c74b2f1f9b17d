// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/error.h"

namespace tenon {

Error::Error(const Rule& rule, Span span, std::string detail)
    : data_(Data{rule, span, Severity::error, std::move(detail), {}, {}, {}}) {}

Error&& Error::note(Span span, std::string text) && {
  data_.write().notes.push_back(Note{span, std::move(text)});
  return std::move(*this);
}

Error&& Error::note(std::string text) && {
  data_.write().notes.push_back(Note{std::nullopt, std::move(text)});
  return std::move(*this);
}

Error&& Error::help(std::string text) && {
  data_.write().help = std::move(text);
  return std::move(*this);
}

Error&& Error::fix(Span span, std::string text) && {
  data_.write().fixes.push_back(Fix{span, std::move(text)});
  return std::move(*this);
}

Error&& Error::as_warning() && {
  data_.write().severity = Severity::warning;
  return std::move(*this);
}

void Error::set_source(std::uint32_t source) {
  auto& data = data_.write();
  data.span.source = source;
  for (auto& note : data.notes) {
    if (note.span) note.span->source = source;
  }
  for (auto& fix : data.fixes) fix.span.source = source;
}

std::string Error::text() const {
  std::string out(data_->rule.message);
  if (!data_->detail.empty()) {
    out += ": ";
    out += data_->detail;
  }
  return out;
}

void Diagnostics::report(Error error) {
  const bool is_error = error.severity() == Severity::error;
  if (is_error) ++errors_;
  if (all_.size() >= limit_) {
    ++dropped_;
    return;
  }
  all_.push_back(std::move(error));
}

}  // namespace tenon
