// What a text may say to an account as it stands: nothing of a debt that is not there, each amount of its own position
// in its own currency, no day that is past.
#pragma once

#include "domain/account_record.hpp"
#include "tests/sim/account_model.hpp"
#include "tests/sim/shown_text.hpp"

#include <map>

namespace dun::test {

/// The events of an account, as a notice names them: ids are unique within a source alone.
class Facts {
 public:
  void add(const Fields& fields);
  /// Null where nothing is known of it.
  [[nodiscard]] const Fields* find(const std::string& id, Instant time) const;
  /// A payment was taken back: the thanks that waits for the same amount is not said any more (D7).
  void take_back(const Fields& reversal);
  void thanked(const std::string& id, Instant time, Instant claimed_at);
  [[nodiscard]] bool taken_back(const std::string& id, Instant time) const;

 private:
  using Name = std::pair<std::string, Instant>;
  std::map<Name, Fields> events_;
  std::map<Name, Instant> thanked_;  ///< when that was claimed
  std::set<Name> taken_back_;
};

/// What the claim of a notice says, and of what.
struct Saying {
  const PendingNotice& notice;
  ShownText text;
  Instant claimed_at{};
};

/// What is wrong with it, each beginning with the promise: accused, amount, time, past, threat, thanks.
[[nodiscard]] std::vector<std::string> wrong_in(const Saying& saying, const AccountModel& account, const Facts& facts);
/// The first day that is past at `now` among those that a notice of this kind names; empty if none is.
[[nodiscard]] std::string past_in(const ShownText& text, NoticeKind kind, const AccountModel& account, Instant now);

}  // namespace dun::test
