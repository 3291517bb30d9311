#include "config/toml_reader.hpp"

#include "messages/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <variant>

// toml++ 3.3 takes for granted, in a release build as optimisation hints, what a malformed file can make untrue.
// Without those its own checks behind them are reached and say what is wrong.
#undef NDEBUG
#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>

namespace dun::config {

/// Our own copy of the parsed file: in file order, with a place for everything, and toml++ stays in this file.
struct TomlNode {
  struct Other {};  // a date or a time: nothing in Dun's configuration
  using List = std::vector<TomlNode>;
  struct Member;
  using Table = std::vector<Member>;

  Place place;
  std::variant<std::string, bool, std::int64_t, double, Other, List, Table> value;
};
struct TomlNode::Member {
  std::string key;
  Place key_place;
  TomlNode node;
};

struct TomlState {
  std::string file;
  Mistakes* mistakes;
  std::optional<TomlNode> root;
  /// Which keys each table was asked for, and how the file names it.
  std::map<const TomlNode*, std::set<std::string, std::less<>>> asked;
};

namespace {

constexpr std::size_t file_size_max = 4 << 20;

Place to_place(const toml::source_position& position) {
  return {.line = std::max(1, static_cast<int>(position.line)),
          .column = std::max(1, static_cast<int>(position.column))};
}

TomlNode convert(const toml::node& node) {
  TomlNode result{.place = to_place(node.source().begin), .value = TomlNode::Other{}};
  if (const auto* text = node.as_string()) {
    result.value = text->get();
  } else if (const auto* flag = node.as_boolean()) {
    result.value = flag->get();
  } else if (const auto* integer = node.as_integer()) {
    result.value = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    result.value = number->get();
  } else if (const auto* array = node.as_array()) {
    TomlNode::List list;
    for (const toml::node& element : *array) list.push_back(convert(element));
    result.value = std::move(list);
  } else if (const auto* table = node.as_table()) {
    TomlNode::Table members;
    for (const auto& [key, value] : *table)
      members.push_back(
          {.key = std::string(key.str()), .key_place = to_place(key.source().begin), .node = convert(value)});
    std::ranges::sort(members, {}, &TomlNode::Member::key_place);
    result.value = std::move(members);
  }
  return result;
}

std::optional<TomlNode> parse(std::string_view text, const std::string& file, Mistakes& mistakes) {
  try {
    return convert(toml::parse(text));
  } catch (const toml::parse_error& error) {
    const Place place = to_place(error.source().begin);
    mistakes.push_back(
        {.file = file, .line = place.line, .column = place.column, .message = std::string(error.description())});
    return std::nullopt;
  }
}

/// What an operator called it, for messages.
std::string_view kind_of(const TomlNode& node) {
  static constexpr std::array<std::string_view, 7> names = {
      "a text", "true or false", "a whole number", "a number", "a date or time", "a list", "a table"};
  return names.at(node.value.index());
}

std::optional<int> two_digits(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != 2 || !digit(text[0]) || !digit(text[1])) return std::nullopt;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

std::expected<std::string, std::string> read_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::unexpected(fmt::format("the environment variable {} is not set", name));
  return value;
}

std::expected<std::string, std::string> read_secret_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    return std::unexpected(fmt::format("cannot read the secret: {} is not a file", path.string()));
  std::ifstream in(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in) return std::unexpected(fmt::format("cannot read the secret from {}", path.string()));
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

/// Each value with its type and length in front, keys in order, so that different contents are different texts.
std::string canonical_of(const TomlNode& node) {
  const auto tagged = [&](std::string_view text) {
    return fmt::format("{}:{}:{}", node.value.index(), text.size(), text);
  };
  if (const auto* text = std::get_if<std::string>(&node.value)) return tagged(*text);
  if (const auto* flag = std::get_if<bool>(&node.value)) return tagged(*flag ? "1" : "0");
  if (const auto* integer = std::get_if<std::int64_t>(&node.value)) return tagged(std::to_string(*integer));
  if (const auto* number = std::get_if<double>(&node.value)) return tagged(fmt::format("{}", *number));
  std::string contents;
  if (const auto* list = std::get_if<TomlNode::List>(&node.value)) {
    for (const TomlNode& element : *list) contents += canonical_of(element);
  } else if (const auto* table = std::get_if<TomlNode::Table>(&node.value)) {
    std::map<std::string_view, const TomlNode*> members;
    for (const TomlNode::Member& member : *table) members.emplace(member.key, &member.node);
    for (const auto& [key, member] : members) contents += fmt::format("{}={}", key, canonical_of(*member));
  }
  return tagged(contents);
}

std::string join_path(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

}  // namespace

// -------------------------------------------------------------------------------------------------------- Document

Document::Document(std::unique_ptr<TomlState> state) : state_(std::move(state)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Document::Document(std::string_view text, std::string name, Mistakes& mistakes)
    : state_(std::make_unique<TomlState>(
          TomlState{.file = std::move(name), .mistakes = &mistakes, .root = std::nullopt, .asked = {}})) {
  state_->root = parse(text, state_->file, mistakes);
}

Document Document::open(const std::filesystem::path& path, Mistakes& mistakes) {
  const auto refuse = [&](std::string why) {
    mistakes.push_back({.file = path.string(), .message = std::move(why)});
    return Document(std::make_unique<TomlState>(
        TomlState{.file = path.string(), .mistakes = &mistakes, .root = std::nullopt, .asked = {}}));
  };
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) return refuse("there is no such file");
  if (!std::filesystem::is_regular_file(status)) return refuse("is not a file");
  if (std::filesystem::file_size(path, error) > file_size_max)
    return refuse("is larger than 4 MiB; is it the right file?");
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in) return refuse("cannot be read; check its permissions");
  return Document(text, path.string(), mistakes);
}

Section Document::root() const {
  return {state_.get(), state_->root ? &*state_->root : nullptr, std::string()};
}

void Document::finish() const {
  for (const auto& [node, asked] : state_->asked) {
    const std::vector<std::string_view> names(asked.begin(), asked.end());
    for (const TomlNode::Member& member : std::get<TomlNode::Table>(node->value))
      if (!asked.contains(member.key))
        state_->mistakes->push_back(
            {.file = state_->file,
             .line = member.key_place.line,
             .column = member.key_place.column,
             .message = fmt::format("unknown key \"{}\"{}", member.key, suggestion(member.key, names))});
  }
}

std::string Document::canonical() const {
  return state_->root ? canonical_of(*state_->root) : std::string();
}

// --------------------------------------------------------------------------------------------------------- Section

const std::string& Section::file() const {
  return state_->file;
}

Place Section::place() const {
  return node_ == nullptr ? Place() : node_->place;
}

Place Section::place(std::string_view key) const {
  const TomlNode* node = find(key);
  return node == nullptr ? place() : node->place;
}

const TomlNode* Section::find(std::string_view key) const {
  if (node_ == nullptr) return nullptr;
  state_->asked[node_].emplace(key);
  const auto& table = std::get<TomlNode::Table>(node_->value);
  const auto member = std::ranges::find(table, key, &TomlNode::Member::key);
  return member == table.end() ? nullptr : &member->node;
}

bool Section::has(std::string_view key) const {
  return find(key) != nullptr;
}

Form Section::form(std::string_view key) const {
  static constexpr std::array<Form, 7> forms = {Form::text,  Form::flag, Form::integer, Form::number,
                                                Form::other, Form::list, Form::table};
  const TomlNode* node = find(key);
  return node == nullptr ? Form::absent : forms.at(node->value.index());
}

std::vector<Word> Section::keys() const {
  std::vector<Word> result;
  if (node_ == nullptr) return result;
  for (const TomlNode::Member& member : std::get<TomlNode::Table>(node_->value)) {
    state_->asked[node_].insert(member.key);
    result.push_back({.text = member.key, .place = member.key_place});
  }
  return result;
}

void Section::mistake(Place place, std::string message) const {
  state_->mistakes->push_back(
      {.file = state_->file, .line = place.line, .column = place.column, .message = std::move(message)});
}

bool Section::expected(const TomlNode& node, std::string_view key, std::string_view what) const {
  mistake(node.place, fmt::format("{}: expected {}, found {}", key, what, kind_of(node)));
  return false;
}

bool Section::require(std::string_view key, std::string_view what_it_is) const {
  if (node_ == nullptr || has(key)) return node_ != nullptr;
  const std::string where = path_.empty() ? std::string("this file") : fmt::format("[{}]", path_);
  mistake(place(), fmt::format("{} lacks \"{}\": {}", where, key, what_it_is));
  return false;
}

bool Section::read_text(std::string_view key, std::string& target) const {
  const TomlNode* node = find(key);
  if (node == nullptr) return false;
  const auto* text = std::get_if<std::string>(&node->value);
  if (text == nullptr) return expected(*node, key, "a text in quotes");
  target = *text;
  return true;
}

bool Section::read_bool(std::string_view key, bool& target) const {
  const TomlNode* node = find(key);
  if (node == nullptr) return false;
  const auto* flag = std::get_if<bool>(&node->value);
  if (flag == nullptr) return expected(*node, key, "true or false");
  target = *flag;
  return true;
}

bool Section::read_int(std::string_view key, int& target, int min, int max) const {
  const TomlNode* node = find(key);
  if (node == nullptr) return false;
  const auto* integer = std::get_if<std::int64_t>(&node->value);
  if (integer == nullptr) return expected(*node, key, "a whole number");
  if (*integer < min || *integer > max) {
    mistake(node->place, fmt::format("{}: expected a whole number from {} to {}, found {}", key, min, max, *integer));
    return false;
  }
  target = static_cast<int>(*integer);
  return true;
}

bool Section::read_number(std::string_view key, double& target, double min, double max) const {
  const TomlNode* node = find(key);
  if (node == nullptr) return false;
  double value = 0;
  if (const auto* integer = std::get_if<std::int64_t>(&node->value)) {
    value = static_cast<double>(*integer);
  } else if (const auto* number = std::get_if<double>(&node->value)) {
    value = *number;
  } else {
    return expected(*node, key, "a number");
  }
  if (!std::isfinite(value) || value < min || value > max) {
    mistake(node->place, fmt::format("{}: expected a number from {} to {}, found {}", key, min, max, value));
    return false;
  }
  target = value;
  return true;
}

bool Section::read_span(std::string_view key, Millis& target, Millis min, Millis max) const {
  const TomlNode* node = find(key);
  if (node == nullptr) return false;
  const auto* text = std::get_if<std::string>(&node->value);
  if (text == nullptr) return expected(*node, key, "a span of time in quotes such as \"10m\"");
  const auto span = parse_span(*text);
  if (!span) {
    mistake(node->place, fmt::format("{}: {}, found \"{}\"", key, span.error(), *text));
    return false;
  }
  if (*span < min || *span > max) {
    const std::string bounds = max == Millis::max() ? fmt::format("{} or more", dun::to_text(min))
                                                    : fmt::format("{} to {}", dun::to_text(min), dun::to_text(max));
    mistake(node->place, fmt::format("{}: expected a span of {}, found \"{}\"", key, bounds, *text));
    return false;
  }
  target = *span;
  return true;
}

bool Section::read_wall_time(std::string_view key, std::chrono::minutes& target) const {
  const TomlNode* node = find(key);
  if (node == nullptr) return false;
  const auto* text = std::get_if<std::string>(&node->value);
  if (text == nullptr) return expected(*node, key, "a time of day in quotes such as \"22:00\"");
  const std::string_view view = *text;
  const auto hours = view.size() == 5 && view[2] == ':' ? two_digits(view.substr(0, 2)) : std::nullopt;
  const auto minutes = hours ? two_digits(view.substr(3)) : std::nullopt;
  if (!minutes || *hours > 23 || *minutes > 59) {
    mistake(node->place,
            fmt::format("{}: expected a time of day from \"00:00\" to \"23:59\", found \"{}\"", key, *text));
    return false;
  }
  target = std::chrono::minutes(*hours * 60 + *minutes);
  return true;
}

bool Section::read_secret(std::string_view key, Secrets secrets, std::string& target) const {
  std::string text;
  if (!read_text(key, text)) return false;
  auto expanded = expand_secrets(text, secrets, std::filesystem::path(state_->file).parent_path());
  if (!expanded) {
    mistake(key, fmt::format("{}: {}", key, expanded.error()));
    return false;
  }
  target = *std::move(expanded);
  return true;
}

const std::vector<TomlNode>* Section::find_list(std::string_view key, std::string_view what) const {
  const TomlNode* node = find(key);
  if (node == nullptr) return nullptr;
  const auto* list = std::get_if<TomlNode::List>(&node->value);
  if (list == nullptr) expected(*node, key, what);
  return list;
}

bool Section::read_texts(std::string_view key, std::vector<std::string>& target) const {
  static constexpr std::string_view what = "a list of texts such as [\"a\", \"b\"]";
  const auto* list = find_list(key, what);
  if (list == nullptr) return false;
  std::vector<std::string> texts;
  for (const TomlNode& node : *list) {
    const auto* text = std::get_if<std::string>(&node.value);
    if (text == nullptr) return expected(node, key, what);
    texts.push_back(*text);
  }
  target = std::move(texts);
  return true;
}

bool Section::read_ints(std::string_view key, std::vector<int>& target, int min, int max) const {
  const std::string what = fmt::format("a list of whole numbers from {} to {}", min, max);
  const auto* list = find_list(key, what);
  if (list == nullptr) return false;
  std::vector<int> integers;
  for (const TomlNode& node : *list) {
    const auto* integer = std::get_if<std::int64_t>(&node.value);
    if (integer == nullptr) return expected(node, key, what);
    if (*integer < min || *integer > max) {
      mistake(node.place, fmt::format("{}: expected {}, found {}", key, what, *integer));
      return false;
    }
    integers.push_back(static_cast<int>(*integer));
  }
  target = std::move(integers);
  return true;
}

bool Section::read_words(std::string_view key, std::vector<Word>& target) const {
  const TomlNode* node = find(key);
  if (node == nullptr) return false;
  const auto* list = std::get_if<TomlNode::List>(&node->value);
  const std::span<const TomlNode> nodes = list == nullptr ? std::span(node, 1) : std::span(*list);
  std::vector<Word> words;
  for (const TomlNode& each : nodes) {
    if (const auto* text = std::get_if<std::string>(&each.value)) {
      words.push_back({.text = *text, .place = each.place});
    } else if (const auto* integer = std::get_if<std::int64_t>(&each.value)) {
      words.push_back({.text = std::to_string(*integer), .place = each.place});
    } else {
      return expected(each, key, "a text or a whole number, or a list of them");
    }
  }
  target = std::move(words);
  return true;
}

bool Section::choose(const TomlNode& node, std::string_view key, std::size_t& target,
                     std::span<const std::string_view> names) const {
  const auto* text = std::get_if<std::string>(&node.value);
  if (text == nullptr) return expected(node, key, fmt::format("one of {}", fmt::join(names, ", ")));
  const auto at = std::ranges::find(names, std::string_view(*text));
  if (at == names.end()) {
    mistake(node.place, fmt::format("{}: \"{}\" is none of {}", key, *text, fmt::join(names, ", ")));
    return false;
  }
  target = static_cast<std::size_t>(at - names.begin());
  return true;
}

bool Section::read_index(std::string_view key, std::size_t& target, std::span<const std::string_view> names) const {
  const TomlNode* node = find(key);
  return node != nullptr && choose(*node, key, target, names);
}

bool Section::read_indices(std::string_view key, std::vector<std::size_t>& target,
                           std::span<const std::string_view> names) const {
  const auto* list = find_list(key, fmt::format("a list of {}", fmt::join(names, ", ")));
  if (list == nullptr) return false;
  std::vector<std::size_t> indices;
  bool right = true;
  for (const TomlNode& node : *list) {
    std::size_t index = 0;
    if (!choose(node, key, index, names)) {
      right = false;
    } else if (std::ranges::find(indices, index) != indices.end()) {
      mistake(node.place, fmt::format("{}: \"{}\" is listed twice", key, names[index]));
      right = false;
    } else {
      indices.push_back(index);
    }
  }
  if (right) target = std::move(indices);
  return right;
}

Section Section::section(std::string_view key) const {
  const TomlNode* node = find(key);
  if (node != nullptr && !std::holds_alternative<TomlNode::Table>(node->value)) {
    expected(*node, key, fmt::format("a table, [{}]", join_path(path_, key)));
    node = nullptr;
  }
  if (node != nullptr) state_->asked[node];
  return {state_, node, join_path(path_, key)};
}

std::vector<Section> Section::sections(std::string_view key) const {
  std::vector<Section> result;
  const std::string what = fmt::format("tables, each under [[{}]]", join_path(path_, key));
  const auto* list = find_list(key, what);
  if (list == nullptr) return result;
  for (const TomlNode& node : *list) {
    if (!std::holds_alternative<TomlNode::Table>(node.value)) {
      expected(node, key, what);
      continue;
    }
    state_->asked[&node];
    result.push_back(Section(state_, &node, join_path(path_, key)));
  }
  return result;
}

// ----------------------------------------------------------------------------------------------------------- words

std::expected<std::string, std::string> expand_secrets(std::string_view text, Secrets secrets,
                                                       const std::filesystem::path& directory) {
  std::string result;
  while (!text.empty()) {
    const std::size_t open = std::min(text.find("{env:"), text.find("{file:"));
    result += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open + 1);
    const std::size_t close = text.find('}');
    if (close == std::string_view::npos)
      return std::unexpected<std::string>("a {env:NAME} or {file:PATH} lacks its closing brace");
    const bool variable = text.starts_with("env:");
    std::string_view inside = text.substr(0, close);
    inside.remove_prefix(inside.find(':') + 1);
    const std::size_t otherwise = variable ? inside.find(":-") : std::string_view::npos;
    const std::string name(inside.substr(0, otherwise));
    if (name.empty() || name.find('\0') != std::string::npos)
      return std::unexpected<std::string>("expected a name in {env:NAME} or {file:PATH}");
    auto value = variable ? read_variable(name) : read_secret_file(directory / name);
    if (!value && otherwise != std::string_view::npos) value = inside.substr(otherwise + 2);
    if (!value && secrets == Secrets::required) return value;
    result += value.value_or("secret");
    text.remove_prefix(close + 1);
  }
  return result;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> names) {
  if (names.empty()) return {};
  const std::string_view near = messages::nearest(word, names);
  return near.empty() ? fmt::format("; expected one of: {}", fmt::join(names, ", "))
                      : fmt::format("; did you mean \"{}\"?", near);
}

}  // namespace dun::config
