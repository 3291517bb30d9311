// What commands print. Output that is closed or full never ends a command half way: it is remembered, and `finish`
// turns it into an exit code. Foreign text among the arguments is made visible here, so that no command can forget to.
#pragma once

#include "base/text/visible.hpp"

#include <fmt/format.h>
#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <type_traits>

namespace dun::tools {

namespace output {

template <typename T>
inline constexpr bool is_text = std::is_convertible_v<const T&, std::string_view>;
template <typename T>
using Shown = std::conditional_t<is_text<T>, std::string, T>;

template <typename T>
decltype(auto) shown(const T& value) {
  if constexpr (is_text<T>)
    return to_visible(value);
  else
    return (value);
}

/// To standard error.
void write_error(std::string_view text);

}  // namespace output

/// To standard output, as it is. False when the output takes nothing more: what runs on should end then.
bool write(std::string_view text);
/// One line: the value, with what cannot be seen escaped. Bytes that are not UTF-8 become U+FFFD.
bool write_json(const nlohmann::ordered_json& value);

/// What was printed so far goes out now, for whoever waits for it. False as above.
bool flush();

/// A sentence to standard output; texts among the arguments are made visible.
template <typename... Args>
bool say(fmt::format_string<output::Shown<Args>...> format, const Args&... args) {
  return write(fmt::format(fmt::runtime(static_cast<fmt::string_view>(format)), output::shown(args)...));
}

/// The same to standard error.
template <typename... Args>
void complain(fmt::format_string<output::Shown<Args>...> format, const Args&... args) {
  output::write_error(fmt::format(fmt::runtime(static_cast<fmt::string_view>(format)), output::shown(args)...));
}

/// Where standard error is a terminal: clears the line that shows how far something is, for the next one.
void start_progress_line();

/// Before anything else in a program: a standard descriptor that is closed is opened on nothing, so that no connection
/// gets its number and the program's messages with it. Reading and printing there fail; complaints are lost.
void open_standard_files();

/// At the end of a program: the exit code, which is 1 in place of 0 when output was lost. Says why, except to a reader
/// that went away, who does not want to know.
[[nodiscard]] int finish_output(int exit_code);

}  // namespace dun::tools
