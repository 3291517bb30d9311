// One batch in the making: the records it touches and the commit that grows. Internal to the partition.
#pragma once

#include "messages/segmentation.hpp"
#include "scheduler/partition.hpp"

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace dun::scheduler {

class Partition::Stepper {
 public:
  Stepper(Partition& partition, Inputs& inputs, std::vector<std::optional<AccountRecord>> records, Instant now);

  void answer(const Answer& answer);
  void event(const Inputs::Event& event);
  void timer(const TimerEntry& timer);
  void wake(const CaseId& id);
  void review(const Review::Found& found);
  /// True if the notice was claimed.
  bool turn(const Shelves::Place& place, Instant when);
  /// Something goes back to the head of a shelf of this lane: what is behind it must not be claimed ahead of it.
  [[nodiscard]] bool returns(Lane lane) const;
  Batch finish(StreamId cursor);

 private:
  struct Work {
    AccountRecord record;
    bool changed = false;
  };

  [[nodiscard]] const policies::PolicySet& policies() const { return self_.rules_->policies; }
  [[nodiscard]] const Route& route_of(Lane lane) const { return self_.dispatch_.routes.of(lane); }
  /// The notices of a subject; none where a case is not there any more.
  [[nodiscard]] NoticeBook* book_of(const Subject& subject);
  [[nodiscard]] PendingNotice* find_pending(const Subject& subject, std::uint32_t ordinal);

  template <typename What>
  [[nodiscard]] policies::Effects decide(const Subject& subject, const What& what, Instant when);
  template <typename What>
  void step(const Subject& subject, const What& what, Instant when);
  void step_account(const AccountId& account, const policies::Input& input, Instant when);
  void take_in(const Subject& subject, policies::Effects effects, Instant when);
  void keep_places(const Subject& subject, const policies::Effects& effects);
  void begin(const AccountId& account, std::optional<AccountRecord> record);
  void take_over(const AccountId& account, Work& work);

  void apply(const CaseEvent& report);
  void apply(const CreditEvent& credit);
  void count(policies::Taken taken);
  void count(policies::Taken taken, const CreditEvent& event, bool in_vain);
  [[nodiscard]] std::string unmet_wishes(const CreditEvent& event) const;

  void take(const ShelfKey& shelf);
  bool put_under_way(const Shelves::Place& place, policies::Claim claim, Instant when);
  bool put_under_way(const Shelves::Place& place, policies::Ask ask, Instant when);
  void put_in_flight(const Shelves::Place& place, const std::string& gateway);
  void put_back_returned();
  [[nodiscard]] std::string name_of_text(const MessageContext& message) const;
  [[nodiscard]] messages::SegmentCount cost_of(const Rendered& message, const std::string& gateway_name) const;

  Partition& self_;
  Instant now_;
  std::unordered_map<AccountId, Work> work_;
  Commit commit_;
  std::vector<InFlight> claims_;
  std::map<ShelfKey, Commit::ShelfChange> shelf_changes_;
  std::vector<Shelves::Place> taken_;
  std::map<ShelfKey, std::vector<ShelfEntry>> back_;
  std::map<TimerMinute, std::vector<TimerEntry>> armed_;
  SourceCounts sources_;
};

}  // namespace dun::scheduler
