#include "scheduler/shelves.hpp"

#include "base/assert.hpp"
#include "domain/enum_index.hpp"

#include <algorithm>

namespace dun::scheduler {
namespace {

// Further entries of a shelf are read again when their turn comes near; this bounds what is kept at hand of each.
constexpr std::size_t head_max = 1024;

ShelfSecond second_of(Instant instant) {
  return date::floor<Seconds>(instant);
}

}  // namespace

ShelfSecond shelf_second(Instant due, Instant now) {
  if (due <= now) return second_of(now);
  return date::ceil<Seconds>(due);
}

bool is_open(const ShelfKey& shelf, Instant now) {
  return shelf.at <= second_of(now);
}

void Shelves::clear() {
  for (auto& lane : lanes_) lane.clear();
  total_ = 0;
}

void Shelves::recover(const std::vector<Recovery::Shelf>& shelves) {
  clear();
  for (const Recovery::Shelf& shelf : shelves) {
    if (shelf.entries == 0) continue;
    at(shelf.key).entries = shelf.entries;
    total_ += shelf.entries;
  }
}

std::vector<ReadRequest::Shelf> Shelves::wanted(Instant now, std::size_t most) const {
  std::vector<ReadRequest::Shelf> requests;
  for (const Lane lane : all_lanes) {
    std::size_t at_hand = 0;
    for (const auto& [second, shelf] : lanes_.at(enum_index(lane))) {
      if (second > second_of(now) || at_hand >= most) break;
      at_hand += shelf.head.size();
      if (shelf.head.size() == shelf.entries || at_hand >= most) continue;
      requests.push_back({.key = {.lane = lane, .at = second}, .skip = shelf.head.size(), .count = most - at_hand});
      at_hand = most;
    }
  }
  return requests;
}

void Shelves::fetched(const ReadRequest::Shelf& asked, std::vector<ShelfEntry> entries) {
  Shelf& shelf = at(asked.key);
  if (shelf.head.size() != asked.skip) return;  // it has moved since; what is at hand is right, this is not
  for (ShelfEntry& entry : entries)
    if (shelf.head.size() < shelf.entries) shelf.head.push_back(std::move(entry));
}

std::vector<Shelves::Place> Shelves::turns(Lane lane, Instant now, std::size_t most) const {
  std::vector<Place> turns;
  for (const auto& [second, shelf] : lanes_.at(enum_index(lane))) {
    if (second > second_of(now)) break;
    for (const ShelfEntry& entry : shelf.head) {
      if (turns.size() == most) return turns;
      turns.push_back({.shelf = {.lane = lane, .at = second}, .entry = entry});
    }
    if (shelf.head.size() < shelf.entries) break;
  }
  return turns;
}

void Shelves::take(const ShelfKey& key) {
  Shelf& shelf = at(key);
  DUN_ASSERT(!shelf.head.empty() && shelf.entries > 0);
  shelf.head.pop_front();
  --shelf.entries;
  --total_;
  if (shelf.entries == 0) lanes_.at(enum_index(key.lane)).erase(key.at);
}

void Shelves::append(const ShelfKey& key, const ShelfEntry& entry) {
  Shelf& shelf = at(key);
  if (shelf.head.size() == shelf.entries && shelf.head.size() < head_max) shelf.head.push_back(entry);
  ++shelf.entries;
  ++total_;
}

void Shelves::put_back(const ShelfKey& key, const std::vector<ShelfEntry>& entries) {
  Shelf& shelf = at(key);
  shelf.head.insert(shelf.head.begin(), entries.begin(), entries.end());
  shelf.entries += entries.size();
  total_ += entries.size();
}

std::uint64_t Shelves::size(const ShelfKey& key) const {
  const auto& shelves = lanes_.at(enum_index(key.lane));
  const auto shelf = shelves.find(key.at);
  return shelf == shelves.end() ? 0 : shelf->second.entries;
}

std::optional<Instant> Shelves::oldest_open(Lane lane, Instant now) const {
  for (const auto& [second, shelf] : lanes_.at(enum_index(lane))) {
    if (second > second_of(now)) break;
    if (shelf.entries > 0) return second;
  }
  return std::nullopt;
}

std::vector<Recovery::Shelf> Shelves::all() const {
  std::vector<Recovery::Shelf> all;
  for (const Lane lane : all_lanes)
    for (const auto& [second, shelf] : lanes_.at(enum_index(lane)))
      all.push_back({.key = {.lane = lane, .at = second}, .entries = shelf.entries});
  std::ranges::sort(all, {}, [](const Recovery::Shelf& shelf) { return std::pair(shelf.key.at, shelf.key.lane); });
  return all;
}

std::optional<Instant> Shelves::next_open(Instant now) const {
  std::optional<Instant> next;
  for (const auto& shelves : lanes_) {
    const auto closed = shelves.upper_bound(second_of(now));
    if (closed == shelves.end()) continue;
    if (!next || closed->first < *next) next = closed->first;
  }
  return next;
}

bool Shelves::must_fetch(Instant now) const {
  return std::ranges::any_of(lanes_, [&](const auto& shelves) {
    return !shelves.empty() && shelves.begin()->first <= second_of(now) && shelves.begin()->second.head.empty();
  });
}

}  // namespace dun::scheduler
