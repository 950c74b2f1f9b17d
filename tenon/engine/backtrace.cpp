// SPDX-License-Identifier: Apache-2.0
// Backtraces, and the traps that they belong to. Frames are walked first, with a cycle that comes
// again and again kept once; then each function is described once for all of its frames, because
// finding the operator of a place means to translate the function again.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "tenon/base/narrow.h"
#include "tenon/core/limits.h"
#include "tenon/engine/code.h"
#include "tenon/engine/code_cache.h"
#include "tenon/engine/demangle.h"
#include "tenon/engine/source_lines.h"
#include "tenon/engine/store.h"
#include "tenon/engine/trap_cause.h"

namespace tenon::engine {

namespace {

/// A backtrace keeps so many frames; a stack overflow has thousands alike.
constexpr std::size_t max_frames = 100;
/// Bytes of function bodies that one backtrace translates again to find the places of its frames.
/// No function alone has more (`core::limits::body_bytes`), so the innermost frame's is exact.
constexpr std::uint64_t max_translated_bytes = 8U << 20U;
static_assert(max_translated_bytes >= core::limits::body_bytes);

/// A frame of a backtrace before its names and its place are known.
struct FramePlace {
  const Module* module;
  CodeSite site;
  /// How often the `cycle` frames that end with this one are there in a row.
  std::uint32_t repeats = 1;
  std::uint32_t cycle = 1;

  [[nodiscard]] bool is_like(const FramePlace& other) const {
    return site.code == other.site.code && site.index == other.site.index;
  }
};

/// Frames as they are walked, where a cycle of frames that comes again and again is kept once.
class FoldedFrames {
 public:
  [[nodiscard]] bool full() const {
    return places_.size() >= max_frames || walked_ >= max_walked_frames;
  }
  void add(const FramePlace& place) {
    ++walked_;
    if (cycle_ != 0 && place.is_like(places_[places_.size() - cycle_ + at_in_cycle_])) {
      if (++at_in_cycle_ < cycle_) return;
      at_in_cycle_ = 0;
      ++places_.back().repeats;
      return;
    }
    end_cycle();
    places_.push_back(place);
    for (std::size_t cycle = 1; cycle <= longest_cycle; ++cycle) {
      if (!repeats_last(cycle)) continue;
      places_.resize(places_.size() - cycle);
      places_.back().repeats = 2;
      places_.back().cycle = narrow<std::uint32_t>(cycle);
      cycle_ = cycle;
      return;
    }
  }
  std::vector<FramePlace> take() {
    end_cycle();
    return std::move(places_);
  }

 private:
  static constexpr std::size_t longest_cycle = 8;
  static constexpr std::size_t max_walked_frames = 1U << 20U;

  /// Whether the last `cycle` frames are those before them, which belong to no other cycle.
  [[nodiscard]] bool repeats_last(std::size_t cycle) const {
    if (places_.size() < 2 * cycle) return false;
    for (std::size_t i = places_.size() - cycle; i < places_.size(); ++i) {
      const FramePlace& before = places_[i - cycle];
      if (!places_[i].is_like(before) || before.repeats != 1 || places_[i].repeats != 1)
        return false;
    }
    return true;
  }
  /// What had begun another round stands for itself.
  void end_cycle() {
    const std::size_t first = places_.size() - cycle_;
    for (std::size_t i = 0; cycle_ != 0 && i < at_in_cycle_; ++i) {
      FramePlace place = places_[first + i];
      place.repeats = place.cycle = 1;
      places_.push_back(place);
    }
    cycle_ = at_in_cycle_ = 0;
  }

  std::vector<FramePlace> places_;
  std::size_t walked_ = 0;
  /// The length of the cycle that the last frames are, and how far the next round of it is.
  std::size_t cycle_ = 0;
  std::size_t at_in_cycle_ = 0;
};

/// The frames of an activation that is at this instruction and of those outside of it,
/// innermost first, `max_frames` at most.
std::vector<FramePlace> walk_activations(const void* pc, ValueSlot* fp, VMContext* vm,
                                         const Activation* activation) {
  FoldedFrames places;
  while (true) {
    FrameWalk walk(pc, fp, vm);
    while (pc != nullptr && !places.full()) {
      const FrameView* f = walk.next();
      if (f == nullptr) break;
      places.add({f->vm->module, f->site});
    }
    // Through the host function to the guest that called it.
    activation = activation == nullptr ? nullptr : activation->outer;
    if (activation == nullptr || activation->call_pc == nullptr || places.full())
      return places.take();
    pc = activation->call_pc;
    fp = activation->call_fp;
    vm = activation->call_vm;
  }
}

/// Bytes in the largest unit that they are whole in.
std::string size_text(std::uint64_t bytes) {
  constexpr std::array units = {"bytes", "KiB", "MiB", "GiB"};
  std::size_t unit = 0;
  for (; unit + 1 < units.size() && bytes != 0 && bytes % 1024 == 0; ++unit) bytes /= 1024;
  return fmt::format("{} {}", bytes, units[unit]);
}

/// The frames of one function: its names are made and its body is translated once for all of them.
void describe(std::span<const FramePlace> places, std::size_t first, std::vector<Frame>& frames,
              std::vector<bool>& done, std::uint64_t& budget) {
  const Module& module = *places[first].module;
  const FuncCode& code = *places[first].site.code;
  const std::uint32_t func = code.func + module.core().num_imported_funcs;
  const auto body = module.core().codes[code.func].body;
  std::vector<std::uint32_t> offsets;
  // Beyond the budget the function's place must do.
  const std::uint64_t bytes = body.end - body.begin;
  if (bytes <= budget) {
    budget -= bytes;
    offsets = module.code().offsets(code);
  }
  Frame frame;
  frame.module = demangle(module.name());
  frame.function = module.func_name(func);
  // A guest's name is to be read as no remark.
  if (frame.function.starts_with("…")) frame.function.insert(0, fmt::format("func[{}] ", func));
  frame.func_index = func;
  frame.offset = body.begin;
  for (std::size_t i = first; i < places.size(); ++i) {
    if (places[i].site.code != &code) continue;
    done[i] = true;
    frames[i] = frame;
    const std::uint32_t at = places[i].site.index;
    if (at < offsets.size()) frames[i].offset = offsets[at];
  }
}

/// A count as people read it: `1,234`.
std::string grouped(std::uint32_t count) {
  std::string out = std::to_string(count);
  for (auto at = out.size(); at > 3;) {
    at -= 3;
    out.insert(at, ",");
  }
  return out;
}

/// With a remark behind each cycle that says how often it is there.
std::vector<Frame> with_remarks(std::span<const FramePlace> places, std::vector<Frame> frames) {
  std::vector<Frame> out;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    out.push_back(std::move(frames[i]));
    if (places[i].repeats < 2) continue;
    const std::string times = grouped(places[i].repeats);
    out.push_back(remark(places[i].cycle == 1
                             ? fmt::format("repeated {} times", times)
                             : fmt::format("these {} repeated {} times", places[i].cycle, times)));
  }
  return out;
}

/// Lines of the source, module by module, where debug information tells them.
void add_lines(std::span<const FramePlace> places, std::vector<Frame>& frames) {
  std::vector<bool> done(places.size());
  for (std::size_t first = 0; first < places.size(); ++first) {
    if (done[first]) continue;
    std::vector<std::size_t> own;
    std::vector<std::uint32_t> offsets;
    for (std::size_t i = first; i < places.size(); ++i) {
      if (places[i].module != places[first].module) continue;
      done[i] = true;
      own.push_back(i);
      offsets.push_back(frames[i].offset);
    }
    std::vector<std::string> lines = source_lines(places[first].module->core(), offsets);
    for (std::size_t i = 0; i < own.size(); ++i) {
      frames[own[i]].place = std::move(lines[i]);
    }
  }
}

}  // namespace

Frame remark(std::string_view text) {
  Frame out;
  out.function = fmt::format("… {}", text);
  out.is_remark = true;
  return out;
}

std::vector<Frame> backtrace(const void* pc, ValueSlot* fp, VMContext* vm,
                             const Activation* activation) {
  const std::vector<FramePlace> places = walk_activations(pc, fp, vm, activation);
  std::vector<Frame> frames(places.size());
  std::vector<bool> done(places.size());
  std::uint64_t budget = max_translated_bytes;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!done[i]) describe(places, i, frames, done, budget);
  }
  add_lines(places, frames);
  return with_remarks(places, std::move(frames));
}

std::vector<Frame> Store::backtrace() const {
  const Activation* act = context_.activation;
  if (act == nullptr || act->call_pc == nullptr) return {};
  return engine::backtrace(act->call_pc, act->call_fp, act->call_vm, act);
}

void Store::note_exit(const Activation& activation) noexcept try {
  std::optional<Trap>& trap = context_.trap;
  const auto frames = [&] {
    return engine::backtrace(context_.exit_pc, context_.exit_fp, context_.exit_vm, &activation);
  };
  switch (static_cast<ExitStatus>(context_.exit_status)) {
    case ExitStatus::returned:
    case ExitStatus::refused:
      break;
    case ExitStatus::trapped:
      trap.emplace(context_.exit_code,
                   context_.exit_code == TrapCode::uninitialized_element
                       ? fmt::format("uninitialized element {}", context_.exit_detail)
                       : std::string());
      if (context_.growth_refused && context_.exit_code == TrapCode::unreachable) {
        std::vector<Frame> why;
        why.push_back(remark(fmt::format("memory.grow was refused: {} (memory_bytes)",
                                         size_text(limits_.memory_bytes))));
        trap->append(std::move(why));
        trap = std::move(*trap).of_limit("memory_bytes");
      }
      context_.growth_refused = false;
      if (auto cause = cause_of(context_.exit_code, context_.exit_vm, context_))
        trap->append({*std::move(cause)});
      trap->append(frames());
      break;
    case ExitStatus::exception:
      trap.emplace(TrapCode::uncaught_exception);
      trap->append(frames());
      break;
    case ExitStatus::trap_pending:
      // A remark says why it was refused; where, the frames say.
      if (trap && std::ranges::all_of(trap->backtrace(), &Frame::is_remark)) trap->append(frames());
      break;
  }
} catch (const std::bad_alloc&) {
  // The trap stays as far as it came: its code, or that memory ran out.
  if (!context_.trap) context_.trap = Trap::out_of_memory();
}

}  // namespace tenon::engine
