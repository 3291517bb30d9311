#include "redis/keys.hpp"

#include "redis/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace dun::redis {

PartitionKeys::PartitionKeys(std::string_view prefix, int partition)
    : base_(fmt::format("{}:{{{}}}:", prefix, partition)) {}

std::string PartitionKeys::bucket(std::uint32_t number) const {
  return fmt::format("{}acct:{}", base_, number);
}

std::string PartitionKeys::lane(const scheduler::ShelfKey& shelf) const {
  return fmt::format("{}lane:{}", base_, due_member(shelf));
}

std::string PartitionKeys::timers(scheduler::TimerMinute minute) const {
  return base_ + due_member(minute);
}

std::string Keyspace::beside_door(std::string_view name) const {
  return fmt::format("{}:{{{}}}:{}", prefix_, front_door(), name);
}

bool is_key_prefix(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("._:-").find(c) != std::string_view::npos;
  });
}

std::uint32_t bucket_of(const AccountId& account, std::uint32_t buckets) {
  return static_cast<std::uint32_t>(hash128(account.str()).low % buckets);
}

std::string due_member(const scheduler::ShelfKey& shelf) {
  return fmt::format("{}:{}", to_text(shelf.lane), shelf.at.time_since_epoch().count());
}

std::string due_member(scheduler::TimerMinute minute) {
  return fmt::format("timers:{}", minute.time_since_epoch().count());
}

std::optional<DueMember> parse_due_member(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(colon + 1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (text.substr(0, colon) == "timers")
    return DueMember{.shelf = {}, .minute = scheduler::TimerMinute(std::chrono::minutes(number))};
  const auto found = lane(text.substr(0, colon));
  if (!found) return std::nullopt;
  return DueMember{.shelf = scheduler::ShelfKey{.lane = *found, .at = scheduler::ShelfSecond(Seconds(number))},
                   .minute = {}};
}

}  // namespace dun::redis
