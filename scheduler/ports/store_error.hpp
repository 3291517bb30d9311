#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace dun::scheduler {

/// Why a store operation did not do what it was asked.
struct StoreError {
  enum class Kind : std::uint8_t {
    unavailable,  ///< no connection, or no answer in time: whether a commit was applied is not known
    owned,        ///< another owner holds the lease that acquire() asked for: the usual case among several processes
    fenced,       ///< another owner holds the lease, or it ran out: the engine must stop at once
    refused,      ///< the server will not do it (full, read-only, no permission): nothing was applied
    corrupt,      ///< what is stored cannot be read: a bug or a foreign hand; the message names the key
  };
  Kind kind = Kind::unavailable;
  std::string message;
};
template <typename T>
using StoreResult = std::expected<T, StoreError>;

}  // namespace dun::scheduler
