#include "base/json/reader.hpp"

#include "base/json/as_string.hpp"
#include "base/text/utf8.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <ranges>
#include <utility>

namespace dun::json {
namespace {

std::string not_json(std::size_t offset) {
  return fmt::format("not JSON from byte {} on", offset + 1);
}

bool is_number_character(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/// A surrogate: the value of the `\uXXXX` that `text` begins with, if it is one.
std::optional<unsigned> surrogate(std::string_view text) {
  if (text.size() < 6 || !text.starts_with("\\u")) return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, value, 16);
  if (error != std::errc() || end != text.data() + 6 || value < 0xD800 || value > 0xDFFF) return std::nullopt;
  return value;
}

/// The same JSON, such that a strict parser takes it, with the bounds kept. Numbers are taken out of the parser's
/// sight: it would round them, and refuse a whole document for one that no `double` can hold.
class Mender {
 public:
  /// `double_byte`: a backslash behind a byte that is not UTF-8 is the second half of its character.
  Mender(std::string_view bytes, const Limits& limits, bool double_byte)
      : bytes_(bytes), limits_(limits), double_byte_(double_byte) {
    if (bytes.size() > limits.size) refuse(limits.size, fmt::format("longer than {} bytes", limits.size));
    mended_.reserve(bytes.size());
    while (!error_ && at_ < bytes_.size()) within_string_ ? mend_in_string() : mend_outside();
  }

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  [[nodiscard]] const std::string& text() const { return mended_; }
  /// In the order in which they stand.
  [[nodiscard]] std::vector<std::string>& numbers() { return numbers_; }
  [[nodiscard]] bool well_formed() const { return well_formed_; }

  /// Where in the bytes as they came a place in the mended ones stands.
  [[nodiscard]] std::size_t origin(std::size_t offset) const {
    const auto next = std::ranges::upper_bound(shifts_, offset, {}, &Shift::from);
    return next == shifts_.begin() ? offset : offset - std::prev(next)->ahead;
  }

 private:
  struct Shift {
    std::size_t from = 0;   ///< from here on in the mended text ...
    std::size_t ahead = 0;  ///< ... it is ahead by so much; modulo the size of the type where it is behind
  };

  void refuse(std::size_t offset, std::string message) {
    if (!error_) error_ = {.offset = offset, .message = std::move(message)};
  }

  void refuse_json(std::size_t offset) { refuse(offset, not_json(offset)); }

  void mend_outside() {
    const char c = bytes_[at_];
    if (is_number_character(c)) return mend_number();
    // The parser takes a zero for the end.
    if (c == '\0') return refuse_json(at_);
    if (c == '"') within_string_ = true;
    if (c == '[' || c == '{') ++depth_;
    if (c == ']' || c == '}') depth_ -= depth_ > 0 ? 1 : 0;
    if (c == '[' || c == '{' || c == ',') ++values_;
    if (depth_ > limits_.depth)
      return refuse(at_, fmt::format("nested more than {} deep at byte {}", limits_.depth, at_ + 1));
    if (values_ > limits_.values)
      return refuse(at_, fmt::format("more than {} values before byte {}", limits_.values, at_ + 1));
    replace(1, bytes_.substr(at_, 1));
  }

  /// An `e` may also be the end of a word; what else is no number would be several to the parser.
  void mend_number() {
    std::size_t end = at_;
    while (end < bytes_.size() && is_number_character(bytes_[end])) ++end;
    const std::string_view token = bytes_.substr(at_, end - at_);
    if (!is_number(token) && !token.starts_with('e')) return refuse_json(at_);
    if (!is_number(token)) return replace(token.size(), token);
    numbers_.emplace_back(token);
    replace(token.size(), "0" + std::string(token.size() - 1, ' '));
  }

  void mend_in_string() {
    const auto c = static_cast<unsigned char>(bytes_[at_]);
    if (c == '\\') return mend_escape(bytes_.substr(at_));
    if (c >= 0x80) return mend_character();
    if (c < 0x20) return replace(1, fmt::format("\\u{:04x}", c));
    within_string_ = c != '"';
    replace(1, bytes_.substr(at_, 1));
  }

  void mend_escape(std::string_view rest) {
    const auto first = surrogate(rest);
    if (!first) return replace(std::min<std::size_t>(rest.size(), 2), rest.substr(0, 2));
    const auto second = surrogate(rest.substr(6));
    const bool pair = *first < 0xDC00 && second && *second >= 0xDC00;
    pair ? replace(12, rest.substr(0, 12)) : replace(6, "\\ufffd");
  }

  void mend_character() {
    std::size_t end = at_;
    const bool is_character = next_character(bytes_, end);
    const std::string_view part = bytes_.substr(at_, end - at_);
    if (is_character) return replace(part.size(), part);
    well_formed_ = false;
    const bool second_half = double_byte_ && bytes_.substr(end).starts_with('\\');
    replace(part.size() + (second_half ? 1 : 0), to_utf8(part));
  }

  void replace(std::size_t size, std::string_view by) {
    at_ += size;
    mended_ += by;
    if (size != by.size()) shifts_.push_back({.from = mended_.size(), .ahead = mended_.size() - at_});
  }

  std::string_view bytes_;
  const Limits& limits_;
  bool double_byte_;
  std::size_t at_ = 0, depth_ = 0, values_ = 0;
  bool within_string_ = false, well_formed_ = true;
  std::string mended_;
  std::vector<std::string> numbers_;
  std::vector<Shift> shifts_;
  std::optional<Error> error_;
};

/// Takes the parser's events in. What is open is on `open_`; nothing moves beneath it, for only the innermost grows.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(Mender& mended) : mended_(mended) { open_.push_back(&document_); }

  bool null() override { return scalar(Value::Kind::null, "null"); }
  bool boolean(bool value) override { return scalar(Value::Kind::boolean, value ? "true" : "false"); }
  bool number_integer(number_integer_t) override { return number(); }
  bool number_unsigned(number_unsigned_t) override { return number(); }
  bool number_float(number_float_t, const string_t&) override { return number(); }
  bool string(string_t& value) override { return scalar(Value::Kind::string, std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return start(Value::Kind::object); }
  bool end_object() override { return end(); }
  bool start_array(std::size_t) override { return start(Value::Kind::array); }
  bool end_array() override { return end(); }
  bool key(string_t& name) override {
    open_.back()->members.push_back({.name = std::move(name), .value = {}});
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
    const std::size_t offset = mended_.origin(position == 0 ? 0 : position - 1);
    error_ = {.offset = offset, .message = not_json(offset)};
    return false;
  }

  [[nodiscard]] Value& document() { return document_; }
  [[nodiscard]] Error& error() { return error_; }

 private:
  Value& place() {
    Value& parent = *open_.back();
    if (parent.kind == Value::Kind::object) return parent.members.back().value;
    if (parent.kind == Value::Kind::array) return parent.elements.emplace_back();
    return document_;
  }
  bool scalar(Value::Kind kind, std::string text) {
    Value& value = place();
    value.kind = kind;
    value.text = std::move(text);
    return true;
  }
  bool number() { return scalar(Value::Kind::number, std::move(mended_.numbers().at(numbers_++))); }
  bool start(Value::Kind kind) {
    Value& value = place();
    value.kind = kind;
    open_.push_back(&value);
    return true;
  }
  bool end() {
    open_.pop_back();
    return true;
  }

  Mender& mended_;
  std::size_t numbers_ = 0;
  Value document_;
  std::vector<Value*> open_;
  Error error_;
};

std::expected<Value, Error> parse(Mender& mended) {
  if (mended.error()) return std::unexpected(*mended.error());
  Builder builder(mended);
  if (!nlohmann::json::sax_parse(mended.text(), &builder)) return std::unexpected(std::move(builder.error()));
  return std::move(builder.document());
}

void write(const Value& value, std::string& out) {
  std::string_view separator;
  switch (value.kind) {
    case Value::Kind::string:
      out += as_string(value.text);
      return;
    case Value::Kind::array:
      out += '[';
      for (const Value& element : value.elements) {
        out += std::exchange(separator, ",");
        write(element, out);
      }
      out += ']';
      return;
    case Value::Kind::object:
      out += '{';
      for (const auto& [name, member] : value.members) {
        out += std::exchange(separator, ",");
        out += as_string(name);
        out += ':';
        write(member, out);
      }
      out += '}';
      return;
    case Value::Kind::null:
    case Value::Kind::boolean:
    case Value::Kind::number:
      out += value.text;
      return;
  }
}

}  // namespace

bool is_number(std::string_view text) {
  const auto take_digits = [&] {
    const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count > 0;
  };
  const auto take = [&](std::string_view any) {
    const bool there = !text.empty() && any.contains(text.front());
    if (there) text.remove_prefix(1);
    return there;
  };
  take("-");
  if (!take("0") && !take_digits()) return false;
  if (take(".") && !take_digits()) return false;
  if (take("eE") && (take("+-"), !take_digits())) return false;
  return text.empty();
}

const Value* Value::find(std::string_view name) const {
  for (const auto& [given, value] : std::views::reverse(members))
    if (given == name) return &value;
  return nullptr;
}

std::expected<Value, Error> read(std::string_view bytes, const Limits& limits) {
  Mender mended(bytes, limits, false);
  auto value = parse(mended);
  if (value || mended.well_formed()) return value;
  // Big5 writes the last character of "success", U+529F, with a backslash for its second byte.
  Mender again(bytes, limits, true);
  auto other = parse(again);
  return other ? std::move(other) : std::move(value);
}

std::string write(const Value& value) {
  std::string out;
  write(value, out);
  return out;
}

std::string text_of(const Value& value) {
  return value.kind == Value::Kind::string ? value.text : write(value);
}

}  // namespace dun::json
