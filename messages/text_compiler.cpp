// Reading a pattern: ICU's parser gives the parts, here they become nodes, and every mistake is collected.
#include "base/text/nearest.hpp"
#include "base/text/trim.hpp"
#include "messages/compiled_text.hpp"
#include "messages/segmentation.hpp"
#include "messages/typography.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unicode/messagepattern.h>
#include <unicode/uchar.h>

namespace dun::messages {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t pattern_bytes_max = 8000;  // far beyond any SMS; bounds how deep ICU's parser can go

constexpr int plural_offset_max = 99;

/// How to write an argument, for error messages.
std::string usage(const Argument& argument) {
  switch (argument.type) {
    case ArgumentType::text:
      return fmt::format("{{{0}}} or {{{0}, select, none {{...}} other {{...}}}}", argument.name);
    case ArgumentType::word:
      return fmt::format("{{{}, select, ... other {{...}}}}", argument.name);
    case ArgumentType::number:
      return fmt::format("{{{0}}} or {{{0}, plural, ... other {{...}}}}", argument.name);
    case ArgumentType::money:
      return fmt::format("{{{}, number, currency}}", argument.name);
    case ArgumentType::instant:
      return fmt::format("{{{}, date, ::MMMdHmm}}", argument.name);
  }
  DUN_ASSERT(false);
}

/// `{name}` or `{name, ...}` with a name of ours, somewhere in it.
bool looks_like_argument(std::string_view text) {
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    const std::size_t end = text.find_first_of(",{}", at + 1);
    if (end == std::string_view::npos || text[end] == '{') continue;
    if (const auto name = trimmed(text.substr(at + 1, end - at - 1));
        find_argument(name) != nullptr || (!name.empty() && !nearest(name, argument_names()).empty()))
      return true;
  }
  return false;
}

/// So much of it that one finds it in the file.
std::string beginning(std::string_view utf8) {
  constexpr int shown = 20;
  const auto text = icu::UnicodeString::fromUTF8(utf8);
  std::string result;
  text.tempSubString(0, text.moveIndex32(0, shown)).toUTF8String(result);
  return result.size() < utf8.size() ? result + "..." : result;
}

class Compiler {
 public:
  Compiler(const icu::MessagePattern& parts, Formats& formats) : parts_(parts), formats_(formats) {}

  Nodes compile() { return message(0); }
  std::vector<std::string> take_mistakes() { return std::move(mistakes_); }

 private:
  using Part = icu::MessagePattern::Part;

  /// The message whose MSG_START stands at `at`; `inside` is the plural whose number `#` means.
  Nodes message(int at, const Plural* inside = nullptr) {
    Nodes nodes;
    int done = parts_.getPart(at).getLimit();
    while (true) {
      const Part& part = parts_.getPart(++at);
      literal(nodes, done, part.getIndex());
      done = part.getLimit();
      if (part.getType() == UMSGPAT_PART_TYPE_MSG_LIMIT) return nodes;
      if (part.getType() == UMSGPAT_PART_TYPE_REPLACE_NUMBER) {
        DUN_ASSERT(inside != nullptr);
        nodes.push_back({Plain{.argument = inside->argument, .offset = inside->offset}});
      }
      if (part.getType() != UMSGPAT_PART_TYPE_ARG_START) continue;
      const int limit = parts_.getLimitPartIndex(at);
      if (auto node = argument(at)) nodes.push_back(std::move(*node));
      at = limit;
      done = parts_.getPart(limit).getLimit();
    }
  }

  void literal(Nodes& nodes, int begin, int end) {
    if (begin == end) return;
    std::string text;
    parts_.getPatternString().tempSubStringBetween(begin, end).toUTF8String(text);
    auto* const last = nodes.empty() ? nullptr : std::get_if<Literal>(&nodes.back().value);
    if (last != nullptr) {
      last->text += text;
    } else {
      nodes.push_back({Literal{std::move(text)}});
    }
  }

  /// `{name...}` whose ARG_START stands at `at`; nothing if it is wrong.
  std::optional<Node> argument(int at) {
    const UMessagePatternArgType form = parts_.getPart(at).getArgType();
    const int name_at = at + 1;
    const std::string name = text_of(name_at);
    const Argument* const argument = find_argument(name);
    if (argument == nullptr) {
      wrong(name_at, fmt::format("unknown argument '{}'", name), hint(name, argument_names()));
      return std::nullopt;
    }
    switch (form) {
      case UMSGPAT_ARG_TYPE_NONE:
        return plain(*argument, name_at);
      case UMSGPAT_ARG_TYPE_SIMPLE:
        return styled(*argument, name_at);
      case UMSGPAT_ARG_TYPE_SELECT:
        return select(*argument, name_at);
      case UMSGPAT_ARG_TYPE_PLURAL:
      case UMSGPAT_ARG_TYPE_SELECTORDINAL:
        return plural(*argument, name_at, form == UMSGPAT_ARG_TYPE_SELECTORDINAL);
      default:
        return unsuited(*argument, name_at);
    }
  }

  std::optional<Node> plain(const Argument& argument, int name_at) {
    if (argument.type != ArgumentType::text && argument.type != ArgumentType::number)
      return unsuited(argument, name_at);
    if (!is_there(argument, name_at)) return std::nullopt;
    return Node{Plain{.argument = &argument}};
  }

  std::optional<Node> styled(const Argument& argument, int name_at) {
    const std::string type = text_of(name_at + 1);
    const int style_at = name_at + 2;
    const bool has_style = parts_.getPartType(style_at) == UMSGPAT_PART_TYPE_ARG_STYLE;
    const std::string style_text = has_style ? text_of(style_at) : std::string();
    const std::string_view style = trimmed(style_text);
    if (argument.type == ArgumentType::instant && (type == "date" || type == "time")) {
      const auto made = formats_.date_style(type, style);
      if (!made) wrong(style_at, fmt::format("'{}' {}", style, made.error()));
      if (!is_there(argument, name_at) || !made) return std::nullopt;
      return Node{Date{.argument = &argument, .style = *made}};
    }
    if (argument.type == ArgumentType::money && type == "number" && has_style) {
      const auto known = money_style(style);
      if (!known) wrong(style_at, fmt::format("unknown style '{}'", style), hint(style, money_style_names()));
      if (!is_there(argument, name_at) || !known) return std::nullopt;
      return Node{Money{.argument = &argument, .style = *known}};
    }
    if (argument.type == ArgumentType::number && type == "number" && !has_style) return plain(argument, name_at);
    return unsuited(argument, name_at);
  }

  std::optional<Node> select(const Argument& argument, int name_at) {
    if (argument.type == ArgumentType::number) return unsuited(argument, name_at);
    Select select{.argument = &argument, .branches = {}};
    const auto keys = selectors(name_at + 1);
    const bool says_none = std::ranges::any_of(keys, [&](int key_at) { return text_of(key_at) == "none"; });
    for (const int key_at : keys) {
      std::string key = text_of(key_at);
      check_key(argument, key_at, key, select.branches);
      if (key == "other" && says_none && is_known_missing(argument))
        never(argument, key_at, key, "; a branch around it says that it is missing");
      const bool there = key == "other" ? says_none : key != "none";
      if (there) there_.push_back(&argument);
      if (key != "other") known_.emplace_back(&argument, key);
      Nodes nodes = message(key_at + 1);  // in a select inside a plural `#` is an ordinary character
      if (key != "other") known_.pop_back();
      if (there) there_.pop_back();
      select.branches.push_back({.key = std::move(key), .nodes = std::move(nodes)});
    }
    return Node{std::move(select)};
  }

  std::optional<Node> plural(const Argument& argument, int name_at, bool ordinal) {
    if (argument.type != ArgumentType::number) return unsuited(argument, name_at);
    if (!is_there(argument, name_at)) return std::nullopt;
    Plural plural{.argument = &argument, .ordinal = ordinal, .offset = 0, .branches = {}};
    const double offset = parts_.getPluralOffset(name_at + 1);
    if (offset >= 0 && offset <= plural_offset_max && offset == std::floor(offset)) {
      plural.offset = static_cast<std::int64_t>(offset);
    } else {
      wrong(name_at, fmt::format("the offset of a plural is a whole number up to {}", plural_offset_max));
    }
    const std::size_t before = mistakes_.size();
    const auto keys = selectors(name_at + 1);
    for (const int key_at : keys) {
      std::string key = text_of(key_at);
      check_plural_key(key_at, key, plural.branches);
      const bool exact = Part::hasNumericValue(parts_.getPartType(key_at + 1));  // `=2` brings its 2 along as a part
      Nodes nodes = message(key_at + (exact ? 2 : 1), &plural);
      plural.branches.push_back({.key = std::move(key), .nodes = std::move(nodes)});
    }
    if (mistakes_.size() == before) check_plural_reach(plural, keys);
    return Node{std::move(plural)};
  }

  /// Where the selectors of a complex argument stand, from behind its name to its ARG_LIMIT.
  std::vector<int> selectors(int at) {
    std::vector<int> found;
    for (; parts_.getPartType(at) != UMSGPAT_PART_TYPE_ARG_LIMIT; ++at) {
      if (parts_.getPartType(at) == UMSGPAT_PART_TYPE_ARG_SELECTOR) found.push_back(at);
      if (parts_.getPartType(at) == UMSGPAT_PART_TYPE_MSG_START) at = parts_.getLimitPartIndex(at);
    }
    return found;
  }

  /// A branch that is never taken was meant for something, and those it was meant for read another.
  void check_key(const Argument& argument, int key_at, std::string_view key, const std::vector<Branch>& branches) {
    check_repeat(key_at, key, branches);
    if (key == "other") return;
    if (argument.type == ArgumentType::word) {
      const auto words = argument.words();
      if (std::ranges::find(words, key) == words.end()) return never(argument, key_at, key, hint(key, words));
    } else if (argument.type == ArgumentType::text) {
      if (!check_text_key(argument, key_at, key)) return;
    } else {
      constexpr std::array keys = {"none"sv, "other"sv};
      if (key != "none")
        return wrong(key_at, fmt::format("'{}' cannot be told apart by '{}'", argument.name, key), hint(key, keys));
      if (!argument.optional) return never(argument, key_at, key, "; every message has it");
    }
    check_against_outer(argument, key_at, key);
  }

  /// A text can be anything, but a key that is `none` or `other` in all but case was meant to be that, and of
  /// currencies there is a list.
  bool check_text_key(const Argument& argument, int key_at, std::string_view key) {
    std::string lower(key);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (lower != key && (lower == "none" || lower == "other")) {
      never(argument, key_at, key, fmt::format("; did you mean \"{}\"?", lower));
      return false;
    }
    if (argument.name == "currency" && key != "none" && !Formats::is_known_currency(key)) {
      never(argument, key_at, key, "; expected an ISO 4217 code such as CNY");
      return false;
    }
    return true;
  }

  /// Inside a branch the argument is what the branch says.
  void check_against_outer(const Argument& argument, int key_at, std::string_view key) {
    if (key == "none" && is_vouched_for(argument))
      return never(argument, key_at, key, "; a branch around it says that it is there");
    for (const auto& [about, is] : known_)
      if (about == &argument && is != key)
        return never(argument, key_at, key, fmt::format("; a branch around it says that it is '{}'", is));
  }

  void never(const Argument& argument, int key_at, std::string_view key, std::string_view advice) {
    wrong(key_at, fmt::format("'{}' is never '{}'", argument.name, key), advice);
  }

  void check_plural_key(int key_at, std::string_view key, const std::vector<Branch>& branches) {
    check_repeat(key_at, key, branches);
    constexpr std::array categories = {"zero"sv, "one"sv, "two"sv, "few"sv, "many"sv, "other"sv};
    const bool whole = key.starts_with('=') && key.size() > 1 &&
                       key.find_first_not_of("0123456789", key.starts_with("=-") ? 2 : 1) == std::string_view::npos;
    if (!whole && std::ranges::find(categories, key) == categories.end())
      wrong(key_at, fmt::format("unknown plural category '{}'", key), hint(key, categories));
  }

  /// Which branches of a plural some number takes: `one` has no number in Chinese, and `=100` is no step.
  void check_plural_reach(const Plural& plural, const std::vector<int>& keys) {
    const Argument& argument = *plural.argument;
    std::set<std::string> taken = {"other"};
    std::vector<std::int64_t> numbers = {1'000'000};  // a category of its own in some languages
    for (std::int64_t n = std::max(argument.min, std::int64_t{-100}); n <= std::min(argument.max, std::int64_t{200});
         ++n)
      numbers.push_back(n);
    for (const std::int64_t number : numbers) {
      const std::string exact = fmt::format("={}", number);
      const bool listed = std::ranges::find(plural.branches, exact, &Branch::key) != plural.branches.end();
      if (number < argument.min || number > argument.max || listed) continue;
      taken.insert(formats_.plural_category(number - plural.offset, plural.ordinal));
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::string& key = plural.branches[i].key;
      if (!key.starts_with('=')) {
        if (!taken.contains(key))
          never(argument, keys[i], key, fmt::format("; in this language its numbers are {}", fmt::join(taken, ", ")));
        continue;
      }
      const double number = parts_.getNumericValue(parts_.getPart(keys[i] + 1));
      if (number < static_cast<double>(argument.min) || number > static_cast<double>(argument.max))
        never(argument, keys[i], key, fmt::format("; it is {} to {}", argument.min, argument.max));
    }
  }

  void check_repeat(int key_at, std::string_view key, const std::vector<Branch>& branches) {
    if (std::ranges::find(branches, key, &Branch::key) != branches.end())
      wrong(key_at, fmt::format("'{}' stands here twice", key));
  }

  bool is_vouched_for(const Argument& argument) const { return std::ranges::find(there_, &argument) != there_.end(); }

  bool is_known_missing(const Argument& argument) const {
    return std::ranges::find(known_, std::pair<const Argument*, std::string>(&argument, "none")) != known_.end();
  }

  bool is_there(const Argument& argument, int name_at) {
    if (!argument.optional || is_vouched_for(argument)) return true;
    wrong(name_at, fmt::format("'{}' may be missing", argument.name),
          fmt::format(": put it into the second branch of {{{}, select, none {{...}} other {{...}}}}", argument.name));
    return false;
  }

  std::nullopt_t unsuited(const Argument& argument, int name_at) {
    wrong(name_at, fmt::format("'{}' cannot be written like this", argument.name), "; write " + usage(argument));
    return std::nullopt;
  }

  std::string text_of(int at) const {
    std::string text;
    parts_.getSubstring(parts_.getPart(at)).toUTF8String(text);
    return text;
  }

  void wrong(int part_at, std::string what, std::string_view advice = {}) {
    const int place = parts_.getPatternString().countChar32(0, parts_.getPatternIndex(part_at)) + 1;
    mistakes_.push_back(fmt::format("{} (character {}){}", what, place, advice));
  }

  const icu::MessagePattern& parts_;
  Formats& formats_;
  std::vector<std::string> mistakes_;
  std::vector<const Argument*> there_;  ///< optional arguments that the selects around this place vouch for
  std::vector<std::pair<const Argument*, std::string>> known_;  ///< the branches around this place
};

/// Where the style of the argument that begins at `at` ends, as in `{due_at, date, d 'o''clock' H}`: apostrophes in
/// there are those of date patterns. `at` itself if it has none.
std::int32_t behind_style(const icu::UnicodeString& text, std::int32_t at) {
  const auto spaces = [&] {
    while (u_isUWhiteSpace(text.charAt(at)) != 0) ++at;
  };
  const auto word = [&] {
    spaces();
    const std::int32_t begin = at;
    while (u_isalnum(text.charAt(at)) != 0 || text.charAt(at) == u'_') ++at;
    const auto found = text.tempSubStringBetween(begin, at);
    spaces();
    return found;
  };
  const std::int32_t begin = at++;
  word();
  if (text.charAt(at++) != u',') return begin;
  const auto type = word();
  const bool styled = type == u"date" || type == u"time" || type == u"number";
  if (!styled || text.charAt(at) != u',') return begin;
  for (bool quoted = false; at < text.length() && (quoted || text[at] != u'}'); ++at)
    if (text[at] == u'\'') quoted = !quoted;
  return at;
}

/// An apostrophe in front of a brace begins quoted text, which reaches to the next apostrophe or to the end:
/// `l'{account}` shows the reader `l{account}`. Whoever quotes a whole argument, or never ends the quote, wanted an
/// apostrophe.
std::optional<std::string> quoting_mistake(const icu::UnicodeString& text) {
  for (std::int32_t at = 0; at < text.length(); ++at) {
    if (text[at] == u'{') at = behind_style(text, at);
    if (text.charAt(at) != u'\'') continue;
    const char16_t next = text.charAt(at + 1);
    if (next == u'\'') ++at;
    if (next != u'{' && next != u'}') continue;
    std::int32_t end = at + 1;
    while (end < text.length() && (text[end] != u'\'' || text.charAt(end + 1) == u'\''))
      end += text[end] == u'\'' ? 2 : 1;
    std::string quoted;
    text.tempSubStringBetween(at + 1, std::min(end, text.length())).toUTF8String(quoted);
    if (end >= text.length() || looks_like_argument(quoted))
      return fmt::format(
          "the apostrophe quotes what follows, and '{}' would be printed as it is (character {}); write '' "
          "for an apostrophe",
          beginning(quoted), text.countChar32(0, at) + 1);
    at = end;
  }
  return std::nullopt;
}

/// What ICU's parser says, in words; `offset` is where the smallest part begins that it could not read.
std::string syntax_mistake(const icu::UnicodeString& text, int offset, UErrorCode status) {
  const std::string_view what = status == U_UNMATCHED_BRACES          ? "a brace has no partner"
                                : status == U_DEFAULT_KEYWORD_MISSING ? "a select or plural lacks the branch 'other'"
                                : status == U_PATTERN_SYNTAX_ERROR    ? "no message pattern"
                                                                      : u_errorName(status);
  const int at = std::clamp(offset, 0, text.length());
  std::string rest;
  text.tempSubString(at, 20).toUTF8String(rest);
  return fmt::format("{} (from character {} on, '{}')", what, text.countChar32(0, at) + 1, rest);
}

}  // namespace

std::expected<CompiledText, std::vector<std::string>> CompiledText::compile(std::string_view utf8, Formats& formats) {
  const auto one = [](std::string mistake) { return std::unexpected(std::vector{std::move(mistake)}); };
  if (const auto counted = count(utf8); !counted) return one(counted.error());
  if (utf8.size() > pattern_bytes_max) return one(fmt::format("longer than {} bytes", pattern_bytes_max));
  const auto text = icu::UnicodeString::fromUTF8(utf8);
  if (auto mistake = quoting_mistake(text)) return one(*std::move(mistake));
  UErrorCode status = U_ZERO_ERROR;
  UParseError place{};
  const icu::MessagePattern parts(text, &place, status);
  if (U_FAILURE(status)) return one(syntax_mistake(text, place.offset, status));
  Compiler compiler(parts, formats);
  CompiledText pattern(compiler.compile());
  auto mistakes = compiler.take_mistakes();
  if (!mistakes.empty()) return std::unexpected(std::move(mistakes));
  return pattern;
}

}  // namespace dun::messages
