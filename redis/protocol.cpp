#include "redis/protocol.hpp"

#include "base/assert.hpp"

#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace dun::redis {
namespace {

// A line of RESP is a number, a status or an error.
constexpr std::size_t line_max = 65'536;
// Redis nests a reply to EXEC with entries of streams six deep.
constexpr std::size_t depth_max = 16;
// No id of an entry is longer.
constexpr std::size_t id_max = 64;
// Read bytes are let go in pieces of this size.
constexpr std::size_t compact_at = 65'536;

std::optional<std::int64_t> to_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::uint64_t bytes_of(const Value& value) {
  std::uint64_t bytes = value.text.size() + value.cut;
  for (const Value& item : value.items) bytes += bytes_of(item);
  return bytes;
}

}  // namespace

void append_command(std::string& out, const Command& command) {
  std::vector<const char*> arguments;
  std::vector<std::size_t> sizes;
  arguments.reserve(command.size());
  sizes.reserve(command.size());
  for (const std::string& argument : command) {
    arguments.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  sds formatted = nullptr;
  const int size =
      redisFormatSdsCommandArgv(&formatted, static_cast<int>(arguments.size()), arguments.data(), sizes.data());
  DUN_ASSERT(size > 0);
  out.append(formatted, static_cast<std::size_t>(size));
  redisFreeSdsCommand(formatted);
}

void ReplyReader::feed(std::string_view bytes) {
  buffer_.append(bytes);
}

std::expected<std::optional<Value>, std::string> ReplyReader::next() {
  while (true) {
    Value value;
    const auto found = step(value);
    if (!found) return std::unexpected(found.error());
    if (at_ >= compact_at || at_ == buffer_.size()) {
      buffer_.erase(0, at_);
      at_ = 0;
    }
    if (*found == Step::starved) return std::optional<Value>();
    if (*found == Step::begun) continue;
    if (auto whole = place(std::move(value))) {
      kept_ = 0;
      return whole;
    }
  }
}

std::optional<Value> ReplyReader::place(Value value) {
  // A value that completes its array completes that too.
  while (!open_.empty()) {
    put(std::move(value));
    if (open_.back().left > 0) return std::nullopt;
    value = std::move(open_.back().array);
    open_.pop_back();
  }
  return value;
}

void ReplyReader::put(Value value) {
  Open& open = open_.back();
  --open.left;
  if (is_limited() && open.array.items.size() >= limits_.items)
    open.array.cut += bytes_of(value);
  else
    open.array.items.push_back(std::move(value));
}

std::expected<ReplyReader::Step, std::string> ReplyReader::step(Value& value) {
  return in_text_ ? read_text(value) : read_line(value);
}

std::expected<ReplyReader::Step, std::string> ReplyReader::read_line(Value& value) {
  if (at_ == buffer_.size()) return Step::starved;
  const char type = buffer_[at_];
  if (std::string_view("+-:$*").find(type) == std::string_view::npos)
    return std::unexpected(fmt::format("a reply that begins with byte {}", static_cast<unsigned char>(type)));
  const std::size_t end = buffer_.find("\r\n", at_);
  if (end == std::string::npos) {
    if (buffer_.size() - at_ > line_max) return std::unexpected<std::string>("a line without end");
    return Step::starved;
  }
  const std::string_view line = std::string_view(buffer_).substr(at_ + 1, end - at_ - 1);
  at_ = end + 2;
  if (type == '+' || type == '-') {
    value = type == '+' ? text_value(std::string(line)) : error_value(std::string(line));
    return Step::whole;
  }
  const auto number = to_integer(line);
  if (!number || (type != ':' && *number < -1)) return std::unexpected(fmt::format("\"{}\" is not a number", line));
  if (type == ':') {
    value = integer_value(*number);
    return Step::whole;
  }
  if (*number == -1) return Step::whole;
  if (type == '$') {
    begin_text(*number);
    return Step::begun;
  }
  value = array_value({});
  if (*number == 0) return Step::whole;
  if (open_.size() == depth_max) return std::unexpected<std::string>("arrays nested too deep");
  open_.push_back({.array = std::move(value), .left = *number});
  return Step::begun;
}

void ReplyReader::begin_text(std::int64_t size) {
  in_text_ = true;
  text_ = text_value({});
  text_left_ = text_kept_ = static_cast<std::uint64_t>(size);
  if (!is_limited()) return;
  const bool dropped = open_.back().array.items.size() >= limits_.items;
  const std::size_t room = limits_.total - std::min(kept_, limits_.total);
  // Ids of entries stand among the texts and are kept.
  if (text_left_ > id_max) text_kept_ = std::min<std::uint64_t>({text_left_, limits_.text, room});
  if (dropped) text_kept_ = 0;
  kept_ += text_kept_;
}

std::expected<ReplyReader::Step, std::string> ReplyReader::read_text(Value& value) {
  const std::string_view arrived = std::string_view(buffer_).substr(
      at_, static_cast<std::size_t>(std::min<std::uint64_t>(text_left_, buffer_.size())));
  const std::string_view kept = arrived.substr(0, static_cast<std::size_t>(text_kept_));
  text_.text.append(kept);
  text_.cut += arrived.size() - kept.size();
  text_kept_ -= kept.size();
  text_left_ -= arrived.size();
  at_ += arrived.size();
  if (text_left_ > 0 || buffer_.size() - at_ < 2) return Step::starved;
  if (!std::string_view(buffer_).substr(at_).starts_with("\r\n"))
    return std::unexpected<std::string>("a text that is longer than announced");
  at_ += 2;
  in_text_ = false;
  value = std::move(text_);
  return Step::whole;
}

}  // namespace dun::redis
