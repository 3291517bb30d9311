// What a file is that was to be TOML: saved in another encoding, or typed with characters that only look right.
#pragma once

#include <string>
#include <string_view>

namespace dun::config {

/// What else than UTF-8 the file is in, by what editors write, and the remedy; empty if it is UTF-8.
[[nodiscard]] std::string other_encoding(std::string_view text);

/// The line of the first byte that is not UTF-8.
[[nodiscard]] int line_outside_utf8(std::string_view text);

/// What stands outside the quotes of that line and only looks like TOML; empty if nothing does.
[[nodiscard]] std::string lookalike_in(std::string_view text, int line);

}  // namespace dun::config
