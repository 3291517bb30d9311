// What a partition's owner knows of its shelves without asking: which there are, how many entries each holds, and the
// first entries of those that are open. It is exact because nobody else writes them.
#pragma once

#include "domain/enum_index.hpp"
#include "scheduler/ports/look.hpp"
#include "scheduler/ports/shelf.hpp"

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace dun::scheduler {

/// The second of the shelf for a notice that may go from `due` on, when it is `now`: those that may go at once join the
/// shelf of the present second, later ones the first whole second at which they may.
[[nodiscard]] ShelfSecond shelf_second(Instant due, Instant now);
/// Whether its notices may go.
[[nodiscard]] bool is_open(const ShelfKey& shelf, Instant now);

class Shelves {
 public:
  void clear();
  void recover(const std::vector<Recovery::Shelf>& shelves);

  /// What to read so that up to `most` entries of each lane's open shelves are at hand.
  [[nodiscard]] std::vector<ReadRequest::Shelf> wanted(Instant now, std::size_t most) const;
  /// Takes in what was read in answer to `wanted`.
  void fetched(const ReadRequest::Shelf& asked, std::vector<ShelfEntry> entries);

  /// An entry at hand and where it stands.
  struct Place {
    ShelfKey shelf;
    ShelfEntry entry;
  };
  /// The first entries of the lane's open shelves, as far as they are at hand, in the order of their turns.
  [[nodiscard]] std::vector<Place> turns(Lane lane, Instant now, std::size_t most) const;

  /// The first entries of a shelf, as far as they are at hand.
  [[nodiscard]] const std::deque<ShelfEntry>& head(const ShelfKey& shelf) { return at(shelf).head; }
  /// Removes the first entry of the shelf, which is at hand.
  void take(const ShelfKey& shelf);
  void append(const ShelfKey& shelf, const ShelfEntry& entry);
  /// Back to the head, the first of these first.
  void put_back(const ShelfKey& shelf, const std::vector<ShelfEntry>& entries);

  /// Entries in all, or none left: the shelf has ended.
  [[nodiscard]] std::uint64_t size(const ShelfKey& shelf) const;
  [[nodiscard]] std::uint64_t total() const { return total_; }
  /// Since when the oldest open shelf of the lane is open; none if nothing is due.
  [[nodiscard]] std::optional<Instant> oldest_open(Lane lane, Instant now) const;
  /// All that there are, those that open first in front.
  [[nodiscard]] std::vector<Recovery::Shelf> all() const;
  /// When the first of the shelves opens that are not open yet.
  [[nodiscard]] std::optional<Instant> next_open(Instant now) const;
  /// True if an open shelf of the lane has entries of which none is at hand.
  [[nodiscard]] bool must_fetch(Instant now) const;

 private:
  struct Shelf {
    std::uint64_t entries = 0;
    std::deque<ShelfEntry> head;  ///< the first of them
  };
  using Lanes = std::array<std::map<ShelfSecond, Shelf>, all_lanes.size()>;
  [[nodiscard]] Shelf& at(const ShelfKey& key) { return lanes_.at(enum_index(key.lane))[key.at]; }
  Lanes lanes_;
  std::uint64_t total_ = 0;
};

}  // namespace dun::scheduler
