// Characters that look alike and cost differently: what a text may be written with so that it fits the GSM 7-bit
// alphabet, and how a character is named to somebody who cannot see it.
#pragma once

#include <string>
#include <string_view>

namespace dun::messages {

/// As it is sent: composed (NFC: an e and an accent are one character), and with plain quotes, hyphens and spaces in
/// place of typographic ones, and without characters that show nothing, where that lets it stay in the GSM 7-bit
/// alphabet. A text that needs UCS-2 all the same keeps its typography. What is not UTF-8 stays as it is.
[[nodiscard]] std::string as_sent(std::string text);

/// `'û' (U+00FB LATIN SMALL LETTER U WITH CIRCUMFLEX)`, and only the part in brackets for what cannot be seen.
/// `utf8` begins with the character.
[[nodiscard]] std::string named_character(std::string_view utf8);

}  // namespace dun::messages
