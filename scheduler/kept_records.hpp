// Decoded records of accounts about which something is due or under way, kept from batch to batch by their single
// writer, so that a notice is not fetched and read again when its turn comes and when it is answered.
//
// Guarantee: what is kept is what the store has, as long as this partition is the only one that writes there. So
// nothing is kept beyond a commit whose fate is not known, or a takeover: recover() forgets all. Owner: one per
// partition.
#pragma once

#include "domain/account_record.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"

#include <cstddef>
#include <optional>
#include <unordered_map>

namespace dun::scheduler {

class KeptRecords {
 public:
  /// At most so many; those that came first stay, because their turn comes first.
  static constexpr std::size_t most = 1024;
  /// Of a notice that is due later than this from now the record is not kept.
  static constexpr Millis ahead = Seconds(10);

  /// Takes it out: until its batch is committed, the batch has it.
  [[nodiscard]] std::optional<AccountRecord> take(const AccountId& account);
  /// As it stands in the store after the commit at `now`. Not kept where nothing is due or under way, or there is no
  /// room.
  void keep(AccountId account, AccountRecord record, Instant now);
  void forget();
  [[nodiscard]] std::size_t size() const { return records_.size(); }

 private:
  std::unordered_map<AccountId, AccountRecord> records_;
};

}  // namespace dun::scheduler
