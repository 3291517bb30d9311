// Text from outside, shown to people: the one place where what cannot be seen becomes something that can.
#pragma once

#include <string>
#include <string_view>

namespace dun {

/// Foreign text for a terminal, a log or a line of a report. Nothing in it can end the line, move the cursor, change
/// the direction of what follows or hide: control characters (C0, DEL, C1), line and paragraph separators, format
/// characters such as bidirectional marks and zero-width spaces, and code points that mean nothing become `\n`, `\t`
/// or `\u{202E}`; a byte that is not UTF-8 becomes `\xE9`. A backslash stays one: patterns and paths are to be read as
/// they are written. The zero-width joiner and non-joiner stay too: words and emoji are written with them.
[[nodiscard]] std::string to_visible(std::string_view foreign);

/// The same for JSON text that has been written already: what cannot be seen becomes `\u202e`, so that the JSON says
/// what it said and a terminal is safe from it. The text must be UTF-8, as nlohmann's `dump` makes it.
[[nodiscard]] std::string to_visible_json(std::string_view json);

}  // namespace dun
