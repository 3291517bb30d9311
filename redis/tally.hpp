// Whether everything that was ever added to a stream has been read: entries can be removed unread, and a stream can be
// deleted and begun anew.
#pragma once

#include "redis/renewal.hpp"

#include <cstdint>
#include <optional>

namespace dun::redis {

/// Redis counts what was ever added to a stream, and its reader what it has read. The two differ by `missed`: by what
/// was lost and has been told, and by what a stream counted before it was begun anew. Pure; its owner, who keeps
/// `missed` beside the cursor, looks about once a second.
class Tally {
 public:
  /// `missed`: as kept; none where nothing was kept yet.
  explicit Tally(std::optional<std::int64_t> missed = {}) : missed_(missed) {}

  struct Look {
    StreamFacts facts;         ///< from before the entries were read
    StreamId cursor;           ///< behind which they were read
    std::uint64_t before = 0;  ///< entries read up to the cursor
    std::uint64_t now = 0;     ///< entries read behind it
    bool to_end = false;       ///< nothing is left behind those
  };
  struct Finding {
    bool begun_anew = false;  ///< the stream is another one; where its ids lie below the cursor it is to be read anew
    std::uint64_t lost = 0;   ///< entries that were removed before they were read, as far as can be known
  };
  Finding look(const Look& look);
  /// The stream is another one, known as such by its mark, and is read from its start; `before`: entries read so far.
  Finding replaced(std::uint64_t before);

  [[nodiscard]] std::optional<std::int64_t> missed() const { return missed_; }

 private:
  std::optional<std::int64_t> missed_;
  std::int64_t added_ = 0;  ///< as of the last look
};

}  // namespace dun::redis
