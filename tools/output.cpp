#include "tools/output.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace dun::tools {
namespace {

// Standard output is one for the whole process, and so is what became of it.
int first_failure = 0;

void put(std::FILE* file, std::string_view text) {
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), file) == text.size()) return;
  if (file == stdout && first_failure == 0) first_failure = errno != 0 ? errno : EIO;
}

/// Opens /dev/null in place of a descriptor that is closed; the lowest free number is taken, which is this one.
void open_if_closed(int descriptor, int mode) {
  if (fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) return;
  const int opened = open("/dev/null", mode);
  if (opened >= 0 && opened != descriptor) close(opened);
}

}  // namespace

void output::write_error(std::string_view text) {
  put(stderr, text);
}

bool write(std::string_view text) {
  put(stdout, text);
  return first_failure == 0;
}

bool flush() {
  errno = 0;
  if (std::fflush(stdout) != 0 && first_failure == 0) first_failure = errno != 0 ? errno : EIO;
  return first_failure == 0;
}

bool write_json(const nlohmann::ordered_json& value) {
  using Handler = nlohmann::ordered_json::error_handler_t;
  return write(to_visible_json(value.dump(-1, ' ', false, Handler::replace)) + "\n");
}

void start_progress_line() {
  if (isatty(STDERR_FILENO) != 0) output::write_error("\r\x1b[K");
}

void open_standard_files() {
  open_if_closed(STDIN_FILENO, O_WRONLY);
  open_if_closed(STDOUT_FILENO, O_RDONLY);
  open_if_closed(STDERR_FILENO, O_WRONLY);
}

int finish_output(int exit_code) {
  flush();
  // What is written past this file leaves the mark of its failure.
  if (std::ferror(stdout) != 0 && first_failure == 0) first_failure = EIO;
  if (first_failure == 0) return exit_code;
  if (first_failure != EPIPE) complain("dun: the output could not be written: {}\n", std::strerror(first_failure));
  return exit_code == 0 ? 1 : exit_code;
}

}  // namespace dun::tools
