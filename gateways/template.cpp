#include "gateways/template.hpp"

#include "base/json/reader.hpp"
#include "base/text/setting.hpp"
#include "base/text/url_path.hpp"
#include "base/text/utf8.hpp"
#include "gateways/codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace dun::gateways {
namespace {

using Made = std::expected<std::string, std::string>;

template <Digest algorithm>
Made digest_filter(std::string_view input, std::string_view) {
  return digest(algorithm, input);
}

template <Digest algorithm>
Made hmac_filter(std::string_view input, std::string_view key) {
  return hmac(algorithm, key, input);
}

template <std::string (*change)(std::string_view)>
Made change_filter(std::string_view input, std::string_view) {
  return change(input);
}

Made utf16be_filter(std::string_view input, std::string_view) {
  auto units = utf16be(input);
  if (!units) return std::unexpected("utf16be: the value is not UTF-8");
  return *std::move(units);
}

Made number_filter(std::string_view input, std::string_view) {
  if (!json::is_number(input)) return std::unexpected(fmt::format("number: \"{}\" is not one", input));
  return std::string(input);
}

}  // namespace

/// One filter of the language. `then` and `else` look at whether there is a value and have no function.
struct TemplateFilter {
  enum class Takes : std::uint8_t { nothing, key, text };
  std::string_view name;
  Takes takes = Takes::nothing;
  Made (*apply)(std::string_view input, std::string_view key) = nullptr;
};

namespace {

using Takes = TemplateFilter::Takes;

constexpr std::array filters = {
    TemplateFilter{"md5", Takes::nothing, digest_filter<Digest::md5>},
    TemplateFilter{"sha1", Takes::nothing, digest_filter<Digest::sha1>},
    TemplateFilter{"sha256", Takes::nothing, digest_filter<Digest::sha256>},
    TemplateFilter{"sha512", Takes::nothing, digest_filter<Digest::sha512>},
    TemplateFilter{"hmac_md5", Takes::key, hmac_filter<Digest::md5>},
    TemplateFilter{"hmac_sha1", Takes::key, hmac_filter<Digest::sha1>},
    TemplateFilter{"hmac_sha256", Takes::key, hmac_filter<Digest::sha256>},
    TemplateFilter{"hmac_sha512", Takes::key, hmac_filter<Digest::sha512>},
    TemplateFilter{"hex", Takes::nothing, change_filter<hex>},
    TemplateFilter{"base64", Takes::nothing, change_filter<base64>},
    TemplateFilter{"base64url", Takes::nothing, change_filter<base64url>},
    TemplateFilter{"percent", Takes::nothing, change_filter<percent_encode>},
    TemplateFilter{"lower", Takes::nothing, change_filter<lower_case>},
    TemplateFilter{"upper", Takes::nothing, change_filter<upper_case>},
    TemplateFilter{"utf16be", Takes::nothing, utf16be_filter},
    TemplateFilter{"number", Takes::nothing, number_filter},
    TemplateFilter{"then", Takes::text},
    TemplateFilter{"else", Takes::text},
};

std::string filter_names() {
  std::string names;
  for (const TemplateFilter& filter : filters) names += (names.empty() ? "" : ", ") + std::string(filter.name);
  return names;
}

std::string xml_escape(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&apos;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

/// What a URL can begin with. What a message says never does: no account or number has a slash in it.
bool is_base(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

/// A value that fills a segment of the path must not lead out of it.
bool leads_elsewhere(std::string_view url) {
  const std::string_view before_query = url.substr(0, url.find('?'));
  const std::size_t scheme = before_query.find("://");
  return has_dot_segment(scheme == std::string_view::npos ? before_query : before_query.substr(scheme + 3));
}

std::string escaped(std::string value, Escape escape, bool first) {
  switch (escape) {
    case Escape::none:
      return value;
    case Escape::url:
      return first && is_base(value) ? value : percent_encode(value);
    case Escape::form:
      return percent_encode(value);
    case Escape::json:
      return json_escape(value);
    case Escape::xml:
      return xml_escape(value);
  }
  return value;
}

/// Of what came from outside of the configuration: editors and shells end a line that is none, and put a mark before
/// UTF-8. Anything else that has no place in a header, a URL or a body is refused now, for it would be refused in every
/// message.
std::expected<std::string, std::string> cleaned(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (!is_utf8(text)) return std::unexpected("is not UTF-8");
  const auto control = std::ranges::find_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (control != text.end())
    return std::unexpected(
        fmt::format("has a line break or another control character, at byte {}", control - text.begin() + 1));
  return std::string(text);
}

/// A value's name: letters, digits and underscores.
bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

std::string json_escape(std::string_view text) {
  std::string result;
  result.reserve(text.size() + 8);
  for (const char c : text) {
    switch (c) {
      case '"':
        result += "\\\"";
        break;
      case '\\':
        result += "\\\\";
        break;
      case '\n':
        result += "\\n";
        break;
      case '\r':
        result += "\\r";
        break;
      case '\t':
        result += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          result += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        else
          result += c;
    }
  }
  return result;
}

// --------------------------------------------------------------------------------------------------------- parsing

class TemplateParser {
 public:
  TemplateParser(std::string_view text, const Settings& settings) : text_(text), settings_(settings) {}

  std::expected<Template, TemplateError> parse() {
    result_.source_ = text_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if ((c == '{' || c == '}') && at_ + 1 < text_.size() && text_[at_ + 1] == c) {
        add_literal(c);
        at_ += 2;
      } else if (c == '}') {
        return failed(at_, "a } without its {; a brace as such is written }}");
      } else if (c == '{') {
        const std::size_t close = text_.find('}', at_);
        if (close == std::string_view::npos) return failed(at_, "a { without its }; a brace as such is written {{");
        if (const auto error = placeholder(text_.substr(at_ + 1, close - at_ - 1))) return std::unexpected(*error);
        at_ = close + 1;
      } else {
        add_literal(c);
        ++at_;
      }
    }
    return std::move(result_);
  }

 private:
  using Problem = std::optional<TemplateError>;

  static std::unexpected<TemplateError> failed(std::size_t offset, std::string message) {
    return std::unexpected(TemplateError{.offset = offset, .message = std::move(message)});
  }
  [[nodiscard]] Problem problem(std::string message) const {
    return TemplateError{.offset = at_, .message = std::move(message)};
  }

  void add_literal(char c) {
    if (result_.parts_.empty() || result_.parts_.back().kind != Template::Part::Kind::literal)
      result_.parts_.push_back({});
    result_.parts_.back().text += c;
  }

  /// `source|filter|filter(argument)`: what stands between the braces.
  Problem placeholder(std::string_view inner) {
    Template::Part part;
    const std::string_view source = take_until_bar(inner);
    if (auto found = read_source(source, part)) return found;
    while (!inner.empty()) {
      inner.remove_prefix(1);  // the bar
      if (auto found = read_filter(take_until_bar(inner), part)) return found;
    }
    result_.parts_.push_back(std::move(part));
    return {};
  }

  /// What stands before the next bar, which stays; a bar within parentheses is not one.
  static std::string_view take_until_bar(std::string_view& inner) {
    std::size_t end = 0;
    for (bool within = false; end < inner.size() && (within || inner[end] != '|'); ++end) {
      if (inner[end] == '(') within = true;
      if (inner[end] == ')') within = false;
    }
    const std::string_view taken = inner.substr(0, end);
    inner.remove_prefix(end);
    return taken;
  }

  Problem read_source(std::string_view source, Template::Part& part) {
    if (const auto setting = parse_setting(source))
      return setting->kind == Setting::Kind::file ? read_file(setting->name, part) : read_environment(*setting, part);
    const std::size_t colon = source.find(':');
    const std::string_view name = source.substr(0, colon);
    const std::string_view argument = colon == std::string_view::npos ? "" : source.substr(colon + 1);
    if (!is_name(name)) return problem(fmt::format("expected a name of letters, digits and _ in {{{}}}", source));
    part.kind = Template::Part::Kind::value;
    part.text = name;
    part.argument = argument;
    result_.references_.push_back({.name = part.text, .argument = part.argument, .offset = at_});
    return {};
  }

  Problem read_environment(const Setting& setting, Template::Part& part) {
    part.kind = Template::Part::Kind::setting;
    const std::string name(setting.name);
    if (!is_name(name)) return problem("expected the name of an environment variable, as in {env:NAME}");
    auto value = settings_.environment ? settings_.environment(name) : std::nullopt;
    if (value) {
      auto clean = cleaned(*value);
      if (!clean) return problem(fmt::format("the environment variable {} {}", name, clean.error()));
      value = *std::move(clean);
    }
    part.secret = value.has_value();
    if (!value && !setting.otherwise) value = settings_.missing;
    if (!value && !setting.otherwise)
      return problem(
          fmt::format("the environment variable {0} is not set, and {{env:{0}}} names no default "
                      "({{env:{0}:-default}}); `dun check --without-secrets` checks the rest",
                      name));
    part.text = value ? *std::move(value) : std::string(*setting.otherwise);
    return {};
  }

  Problem read_file(std::string_view path, Template::Part& part) {
    part.kind = Template::Part::Kind::setting;
    if (path.empty() || !settings_.file) return problem("expected the path of a file, as in {file:PATH}");
    auto contents = settings_.file(std::string(path));
    if (contents) {
      auto clean = cleaned(*contents);
      if (!clean) return problem(fmt::format("the file {} {}", path, clean.error()));
      contents = *std::move(clean);
    }
    part.secret = contents.has_value();
    if (!contents && settings_.missing) contents = *settings_.missing;
    if (!contents) return problem(contents.error());
    part.text = *std::move(contents);
    return {};
  }

  Problem read_filter(std::string_view text, Template::Part& part) {
    const std::size_t open = text.find('(');
    const std::string_view name = text.substr(0, open);
    const auto kind = std::ranges::find(filters, name, &TemplateFilter::name);
    if (kind == filters.end()) return problem(fmt::format("unknown filter \"{}\"; there are {}", name, filter_names()));
    const bool has_argument = open != std::string_view::npos;
    if (has_argument && !text.ends_with(')')) return problem(fmt::format("the filter {} lacks its closing )", name));
    if (has_argument != (kind->takes != Takes::nothing))
      return problem(has_argument ? fmt::format("the filter {} takes nothing in parentheses", name)
                                  : fmt::format("the filter {0} needs something in parentheses: {0}({1})", name,
                                                kind->takes == Takes::key ? "the name of the key's value" : "a text"));
    const std::string_view argument = has_argument ? text.substr(open + 1, text.size() - open - 2) : "";
    if (kind->takes == Takes::key) {
      if (!is_name(argument)) return problem(fmt::format("{}: expected the name of the value that is the key", name));
      result_.references_.push_back({.name = std::string(argument), .argument = "", .offset = at_});
    }
    part.filters.push_back({.kind = kind, .argument = std::string(argument)});
    return {};
  }

  std::string_view text_;
  const Settings& settings_;
  Template result_;
  std::size_t at_ = 0;
};

std::expected<Template, TemplateError> Template::parse(std::string_view text, const Settings& settings) {
  return TemplateParser(text, settings).parse();
}

// ------------------------------------------------------------------------------------------------------- rendering

bool Template::refers_to(std::string_view name) const {
  return std::ranges::find(references_, name, &Reference::name) != references_.end();
}

std::vector<std::string> Template::secrets(bool skip_base) const {
  std::vector<std::string> found;
  for (const Part& part : parts_)
    if (part.secret && !part.text.empty() && !(skip_base && &part == &parts_.front())) found.push_back(part.text);
  return found;
}

bool Template::is_number() const {
  return parts_.size() == 1 && !parts_.front().filters.empty() &&
         parts_.front().filters.back().kind->apply == number_filter;
}

std::string Template::constant_beginning(Escape escape) const {
  std::string text;
  for (const Part& part : parts_) {
    if (part.kind == Part::Kind::value) break;
    text += part.kind == Part::Kind::literal ? part.text : escaped(part.text, escape, &part == &parts_.front());
  }
  return text;
}

TemplateValue Template::apply(const Filter& filter, std::optional<std::string> input, TemplateValues& values) {
  if (filter.kind->takes == Takes::text) {
    if (filter.kind->name == "else") return input ? std::move(input) : std::optional(filter.argument);
    return input ? std::optional(filter.argument) : std::nullopt;
  }
  if (!input) return std::nullopt;
  std::string key;
  if (filter.kind->takes == Takes::key) {
    auto found = values.value(filter.argument, "");
    if (!found || !*found) return found;
    key = **std::move(found);
  }
  return filter.kind->apply(*input, key);
}

TemplateValue Template::render(TemplateValues& values, Escape escape) const {
  std::string text;
  for (const Part& part : parts_) {
    if (part.kind == Part::Kind::literal) {
      text += part.text;
      continue;
    }
    TemplateValue value =
        part.kind == Part::Kind::setting ? TemplateValue(part.text) : values.value(part.text, part.argument);
    for (const Filter& filter : part.filters) {
      if (!value) return value;
      value = apply(filter, *std::move(value), values);
    }
    if (!value || !*value) return value;
    const bool is_encoded = !part.filters.empty() && part.filters.back().kind->name == "percent";
    text +=
        escape == Escape::form && is_encoded ? **value : escaped(**std::move(value), escape, &part == &parts_.front());
  }
  if (escape == Escape::url && leads_elsewhere(text))
    return std::unexpected("a segment of the path would be \".\" or \"..\", which names another path");
  return text;
}

}  // namespace dun::gateways
