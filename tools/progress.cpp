#include "tools/progress.hpp"

#include "tools/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace dun::tools {

using Steady = std::chrono::steady_clock;

ProgressLine::ProgressLine(std::chrono::seconds elsewhere) : terminal_(isatty(STDERR_FILENO) != 0), every_(elsewhere) {
  if (terminal_) every_ = std::chrono::milliseconds(250);
}

void ProgressLine::wait() {
  next_ = Steady::now() + every_;
}

void ProgressLine::show(std::string_view text) {
  wait();
  start_progress_line();
  complain("{}", text);
  if (!terminal_) complain("\n");
  shown_ = true;
}

void ProgressLine::clear() {
  if (shown_) start_progress_line();
  shown_ = false;
}

Progress::Progress(std::string verb, std::string unit)
    : verb_(std::move(verb)), unit_(std::move(unit)), line_(std::chrono::seconds(10)), begun_(Steady::now()) {
  line_.wait();
}

void Progress::add(std::uint64_t count) {
  count_ += count;
  if ((count_ & 0xff) != 0 && count < 0x100) return;  // the clock is not asked for every single item
  if (line_.due()) show();
}

void Progress::show() {
  const double seconds = std::chrono::duration<double>(Steady::now() - begun_).count();
  line_.show(fmt::format("{} {} {}, {:.0f}/s{}", verb_, count_, unit_,
                         static_cast<double>(count_) / std::max(seconds, 1e-3), note_.empty() ? "" : ", " + note_));
}

}  // namespace dun::tools
