#include "config/not_toml.hpp"

#include "base/text/utf8.hpp"
#include "messages/typography.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace dun::config {
namespace {

/// A character that an editor or a Chinese keyboard puts where TOML wants another.
struct Lookalike {
  std::string_view typed, wanted;
};
constexpr std::array lookalikes = {
    Lookalike{"“", "\""},  Lookalike{"”", "\""}, Lookalike{"„", "\""},     Lookalike{"‟", "\""},
    Lookalike{"＂", "\""}, Lookalike{"«", "\""}, Lookalike{"»", "\""},     Lookalike{"‘", "'"},
    Lookalike{"’", "'"},   Lookalike{"＇", "'"}, Lookalike{"＝", "="},     Lookalike{"［", "["},
    Lookalike{"］", "]"},  Lookalike{"【", "["}, Lookalike{"】", "]"},     Lookalike{"，", ","},
    Lookalike{"．", "."},  Lookalike{"＃", "#"}, Lookalike{"\u00a0", " "}, Lookalike{"\u3000", " "}};

}  // namespace

std::string lookalike_in(std::string_view text, int line) {
  for (; line > 1 && text.contains('\n'); --line) text.remove_prefix(text.find('\n') + 1);
  text = text.substr(0, text.find('\n'));
  const std::string_view whole = text.substr(0, text.find_last_not_of(" \t\r") + 1);
  text = text.substr(0, text.find_first_of("\"'#"));
  const Lookalike* first = nullptr;
  std::size_t first_at = text.size();
  for (const Lookalike& lookalike : lookalikes) {
    const std::size_t at = text.find(lookalike.typed);
    if (at < first_at) first = &lookalike;
    first_at = std::min(at, first_at);
    if (first == nullptr && lookalike.wanted == "\"" && whole.ends_with(lookalike.typed)) first = &lookalike;
  }
  if (first == nullptr) return {};
  return fmt::format("{} stands where {} is wanted", messages::named_character(first->typed),
                     messages::named_character(first->wanted));
}

std::string other_encoding(std::string_view text) {
  const bool wide = text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
  const bool zeros = text.substr(0, 64).contains('\0');
  if (wide || zeros) return "is in UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)";
  if (is_utf8(text)) return {};
  const auto is_high = [&](std::size_t at) { return at < text.size() && static_cast<unsigned char>(text[at]) >= 0x80; };
  std::size_t high = 0, alone = 0;  // in GBK such bytes come in pairs, in Latin-1 there are ASCII letters around most
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_high(at)) continue;
    ++high;
    if ((at == 0 || !is_high(at - 1)) && !is_high(at + 1)) ++alone;
  }
  const bool is_chinese = alone * 2 < high;
  return is_chinese ? "is not in UTF-8, but probably in GBK; save it as UTF-8 (iconv -f GB18030 -t UTF-8)"
                    : "is not in UTF-8, but probably in Latin-1; save it as UTF-8 (iconv -f WINDOWS-1252 -t UTF-8)";
}

int line_outside_utf8(std::string_view text) {
  if (text.contains('\0')) return 1;
  int line = 1;
  while (true) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || !is_utf8(text.substr(0, end))) return line;
    text.remove_prefix(end + 1);
    ++line;
  }
}

}  // namespace dun::config
