#include "domain/msisdn.hpp"

#include "base/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace dun {
namespace {

constexpr char separator = ' ';

/// What a character is in a number: a digit, `+`, `(`, `)` or a separator; nothing if it has no place there.
std::optional<char> piece_of(char32_t character) {
  if ((character >= U'0' && character <= U'9') || character == U'+' || character == U'(' || character == U')')
    return static_cast<char>(character);
  if (character == U' ' || character == U'-' || character == U'.' || character == U'/') return separator;
  if (character >= 0xff10 && character <= 0xff19) return static_cast<char>('0' + (character - 0xff10));  // full width
  if (character == 0xff0b) return '+';
  if (character == 0xff08 || character == 0xff09) return character == 0xff08 ? '(' : ')';
  const bool space = character == 0xa0 || (character >= 0x2000 && character <= 0x200b) || character == 0x202f ||
                     character == 0x205f || character == 0x3000;
  const bool dash = (character >= 0x2010 && character <= 0x2015) || character == 0x2212 || character == 0xff0d;
  if (space || dash || is_invisible(character)) return separator;
  return std::nullopt;
}

struct Trunk {
  std::string_view country, prefix;
};
// Trunk prefixes that are not a 0.
constexpr std::array trunks = {Trunk{"7", "8"}, Trunk{"370", "8"}, Trunk{"375", "8"}, Trunk{"993", "8"},
                               Trunk{"36", "06"}};
// Where national numbers begin with a 0 that is dialled from abroad too.
constexpr std::array<std::string_view, 6> zero_stays = {"39", "378", "379", "225", "241", "242"};

/// Takes the trunk prefix out of the bracket that begins at `open` and has just been closed. False if it cannot be told
/// whether the 0 in it is one.
bool drop_trunk(std::string& number, std::size_t open) {
  constexpr std::size_t country_most = 3;
  if (open < 2 || open > 1 + country_most) return true;  // only right behind the country code
  const std::string country = number.substr(1, open - 1);
  const std::string bracket = number.substr(open);
  const auto is_own = [&](const Trunk& trunk) { return trunk.country == country && trunk.prefix == bracket; };
  if (std::ranges::any_of(trunks, is_own)) {
    number.resize(open);
  } else if (std::ranges::find(zero_stays, country) != zero_stays.end()) {
    return bracket != "0";
  } else if (bracket.starts_with('0')) {
    number.erase(open, 1);
  }
  return true;
}

}  // namespace

std::expected<std::string, std::string> normalise_msisdn(std::string_view text) {
  const auto wrong = [] {
    return std::unexpected<std::string>(
        "expected an E.164 number such as +8613800138000: a plus, then 7 to 15 digits, the first not 0");
  };
  std::string number;
  std::optional<std::size_t> bracket;  // where it began
  while (!text.empty()) {
    const auto character = take_character(text);
    const auto piece = character ? piece_of(*character) : std::nullopt;
    if (!piece || (*piece == '+' && !number.empty())) return wrong();
    if (*piece == '(') {
      bracket = number.size();
    } else if (*piece == ')') {
      if (bracket && !drop_trunk(number, *bracket))
        return std::unexpected<std::string>(
            "expected an E.164 number without a trunk prefix: here a 0 in brackets may be part of the number or not");
      bracket.reset();
    } else if (*piece != separator) {
      number += *piece;
    }
  }
  if (number.size() < 8 || number.size() > 16 || number[0] != '+' || number[1] == '0') return wrong();
  return number;
}

}  // namespace dun
