#include "tools/progress.hpp"

#include "tools/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace dun::tools {

using Steady = std::chrono::steady_clock;

Progress::Progress(std::string verb, std::string unit)
    : verb_(std::move(verb)), unit_(std::move(unit)), terminal_(isatty(STDERR_FILENO) != 0), begun_(Steady::now()) {
  next_ = begun_ + (terminal_ ? std::chrono::milliseconds(250) : std::chrono::seconds(10));
}

void Progress::add(std::uint64_t count) {
  count_ += count;
  if ((count_ & 0xff) != 0 && count < 0x100) return;  // the clock is not asked for every single item
  const auto now = Steady::now();
  if (now >= next_) show(now);
}

void Progress::show(Steady::time_point now) {
  next_ = now + (terminal_ ? std::chrono::milliseconds(250) : std::chrono::seconds(10));
  const double seconds = std::chrono::duration<double>(now - begun_).count();
  start_progress_line();
  complain("{} {} {}, {:.0f}/s{}", verb_, count_, unit_, static_cast<double>(count_) / std::max(seconds, 1e-3),
           note_.empty() ? "" : ", " + note_);
  if (!terminal_) complain("\n");
  shown_ = true;
}

void Progress::finish() {
  if (shown_) start_progress_line();
  shown_ = false;
}

}  // namespace dun::tools
