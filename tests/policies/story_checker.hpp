// Holds a story's outcomes to the sentences of the contract: written from docs/contract.md alone, with a plain model of
// each account and nothing of policies/.
#pragma once

#include "domain/outcome.hpp"
#include "policies/gates/quiet_hours.hpp"
#include "tests/policies/random_story.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace dun::test {

class StoryChecker {
 public:
  explicit StoryChecker(const std::vector<Publication>& published);

  /// Takes the outcomes in their order.
  void take(const Outcome& outcome);
  /// After the last one.
  void finish();
  /// The sentence that was broken first, and where; nothing if none was.
  [[nodiscard]] const std::optional<std::string>& broken() const { return broken_; }

 private:
  struct SentNotice {
    NoticeKind kind{};
    Instant decided_at{}, due_at{}, sent_at{};
  };
  /// What the contract's words make of the events applied so far.
  struct Account {
    std::string zone;
    int level = 0;
    std::set<std::string> opt_in, opt_out;
    bool in_debt = false, owes = false, closed = false, sequenced = false;
    Instant profile_time{};
    std::optional<Amount> balance, credit_limit;
    std::string currency;
    std::optional<Instant> suspend_at, at_risk_for, disputed_until, promised_until;
    std::map<std::pair<NoticeKind, int>, std::optional<Instant>> told;  ///< in this episode, and of which date
    std::vector<Instant> dunned;
    std::vector<SentNotice> sent;
    std::set<std::string> contents;
  };
  struct Notice {
    NoticeKind kind{};
    int step = 0;
    int ends = 0;
  };

  void applied(const Outcome& outcome, Account& account);
  void take_position(const Fields& fields, Account& account);
  void take_profile(const Fields& fields, Account& account);
  void sent(const Outcome& outcome, Account& account);
  void check_text_kinds(const Outcome& outcome, const Account& account);
  void check_caps(const Outcome& outcome, Account& account);
  void check_order(const Outcome& outcome, Account& account);
  void known(const Outcome& outcome);
  void breach(const Outcome& outcome, const std::string& sentence);

  std::map<std::string, std::vector<const Publication*>> published_;  ///< by event id
  std::map<std::string, Account> accounts_;
  std::map<std::string, Notice> notices_;
  std::set<std::string> applied_;
  std::size_t rejected_ = 0, should_reject_ = 0;
  Instant last_at_{};
  std::optional<std::string> broken_;
};

}  // namespace dun::test
