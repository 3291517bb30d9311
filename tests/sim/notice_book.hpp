// Every notice that a partition has spoken of, what became of it, and what is owed: for the question at the end whether
// each one that is owed was sent once or is accounted for.
#pragma once

#include "tests/sim/account_model.hpp"

#include <map>
#include <set>

namespace dun::test {

using Violations = std::vector<std::string>;

class NoticeBook {
 public:
  /// Takes an outcome that names a notice. `holds_moved`: of its account, see AccountModel.
  void take(const Outcome& outcome, int holds_moved, Violations& out);
  /// How often holds of an account had moved when a notice was decided: before the commit that did so, and after it.
  struct HoldsMoved {
    int before = 0, after = 0;
  };
  /// A commit wrote it, which may be long before an outcome names it.
  void decided(const std::string& id, HoldsMoved holds) { decided_.try_emplace(id, holds); }
  void owe(const std::string& account, Owed owed) { owed_.emplace_back(account, std::move(owed)); }
  [[nodiscard]] bool knows(const std::string& account, const Owed& owed) const;

  /// `taken`: what a gateway has. `excused`: taken in a time that the store has forgotten.
  void finish(const std::set<std::string>& taken, const std::set<std::string>& excused, Violations& out) const;
  /// Whether each was sent or was not is known in the end.
  void expect_no_doubt(Violations& out) const;
  /// Notices that had not ended by what `earlier` knows.
  [[nodiscard]] std::set<std::string> unended_in(const NoticeBook& earlier) const;

 private:
  /// What a notice says: the same is not said twice. Ids of events are unique within a source alone; of what a single
  /// fact says, its time tells two of them apart.
  struct Content {
    std::string account;
    NoticeKind kind{};
    int step = 0;
    std::string cause;
    Instant fact_time{};
    friend auto operator<=>(const Content&, const Content&) = default;
  };
  struct Notice {
    Content content;
    Instant event_time{}, decided_at{};
    bool cause_known = true;  ///< what is cancelled names the event that did so
    HoldsMoved holds;
    int sent = 0, delivered = 0, undelivered = 0, unknown = 0;
    int unsent = 0;  ///< ended otherwise
  };
  void said(const Outcome& outcome, int holds_moved, Violations& out);

  std::map<std::string, Notice> notices_;
  std::map<std::string, HoldsMoved> decided_;
  std::map<Content, std::string> latest_;  ///< the last id under which it was said
  std::multimap<std::string, std::string> of_account_;
  std::vector<std::pair<std::string, Owed>> owed_;
};

}  // namespace dun::test
