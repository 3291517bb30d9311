#include "tests/sim/shown_text.hpp"

#include "messages/arguments.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace dun::test {
namespace {

constexpr const char* wall_form = "%Y%m%d %H%M";

/// `NAME=VALUE|`, and nothing where the message does not have it.
std::string shown(const std::string& name) {
  const messages::Argument* argument = messages::find_argument(name);
  if (argument == nullptr) throw std::runtime_error("no text can show " + name);
  std::string value = "{" + name + "}";
  if (argument->type == messages::ArgumentType::instant) value = "{" + name + ", date, yyyyMMdd HHmm}";
  if (argument->type == messages::ArgumentType::money) value = "{" + name + ", number, ::unit-width-iso-code}";
  const std::string whole = name + "=" + value + "|";
  return argument->optional ? "{" + name + ", select, none {} other {" + whole + "}}" : whole;
}

std::string chosen(const std::string& name, const std::vector<std::string>& words) {
  std::string choice = name + "={" + name + ", select,";
  for (const std::string& word : words) choice += " " + word + " {" + word + "}";
  return choice + "}|";
}

std::string telling_pattern() {
  std::string pattern = "account={account}|";
  for (const std::string name :
       {"event_time", "as_of", "owed", "balance", "credit_limit", "amount", "suspend_at", "charge_at", "exhausts_at"})
    pattern += shown(name);
  return pattern + chosen("state", {"clear", "low", "arrears", "suspension_due", "suspended", "other"}) +
         chosen("reason", {"debt", "fraud", "own_wish", "other"});
}

}  // namespace

messages::Catalogue telling_catalogue() {
  messages::CatalogueOptions options{.default_lang = "en"};
  messages::LanguageSource english{.lang = "en", .file = "telling"};
  english.texts.push_back({.kind = "held", .pattern = "held=yes|", .file = "telling"});
  for (const std::string_view kind : notice_kind_names())
    english.texts.push_back({.kind = std::string(kind), .pattern = telling_pattern(), .file = "telling"});
  options.languages.push_back(std::move(english));
  auto catalogue = messages::Catalogue::compile(options);
  if (!catalogue) throw std::runtime_error(catalogue.error().front().message);
  return *std::move(catalogue);
}

ShownText::ShownText(const std::string& text) {
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, '|');)
    if (const auto equals = part.find('='); equals != std::string::npos)
      values_[part.substr(0, equals)] = part.substr(equals + 1);
}

std::string ShownText::word(const std::string& name) const {
  const auto at = values_.find(name);
  return at == values_.end() ? std::string() : at->second;
}

std::optional<ShownMoney> ShownText::money(const std::string& name) const {
  const std::string text = word(name);
  if (text.empty()) return std::nullopt;
  ShownMoney shown;
  std::string digits;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') shown.currency += c;
    if ((c >= '0' && c <= '9') || c == '.' || c == '-') digits += c;
  }
  shown.amount = Amount::parse(digits).value();
  return shown;
}

std::optional<date::local_time<std::chrono::minutes>> ShownText::time(const std::string& name) const {
  std::istringstream stream(word(name));
  date::local_time<std::chrono::minutes> wall;
  stream >> date::parse(wall_form, wall);
  return stream.fail() ? std::nullopt : std::optional(wall);
}

}  // namespace dun::test
