// The claims of a partition: which notice of each subject is in flight, which requests are out at a gateway, which
// answers wait for a commit, and in which order what comes back to its shelf was claimed.
//
// The way of a claim: claimed() while a batch is decided; committed() or dropped() with this batch; answered() by the
// gateway; settled() while a later batch is decided, whose committed() ends it. recovered() begins again from what the
// store holds.
//
// Guarantee: a claim in the store has exactly one answer, whatever became of commits. Owner: the partition.
#pragma once

#include "scheduler/ports/in_flight.hpp"
#include "scheduler/shelves.hpp"
#include "scheduler/verdict.hpp"

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace dun::scheduler {

/// The how manieth claim it was: what was claimed first stands first when it comes back.
enum class ClaimOrder : std::uint64_t {};

class Claims {
 public:
  // ------------------------------------------------------------------------------------------ while a batch is decided

  /// The subject's notice that is in flight; at most one.
  struct Flying {
    std::uint32_t ordinal = 0;
    std::string gateway;  ///< that it goes to
    ClaimOrder order{};
  };
  [[nodiscard]] const Flying* in_flight(const Subject& subject) const;
  /// It goes out with this batch. What had come back keeps the order of its first claim.
  void claimed(const ShelfKey& shelf, const ShelfEntry& entry, const std::string& gateway);
  /// Its answer is taken in: it is in flight no more.
  ClaimOrder settled(const InFlight& request);
  /// A settled one stands on its shelf again, because its paused gateway did not take it.
  void returned(const ShelfKey& shelf, const ShelfEntry& entry, ClaimOrder order);
  /// Of whatever stands on its shelf again; none if it was never claimed, or decided again since.
  [[nodiscard]] std::optional<ClaimOrder> order_of_returned(const ShelfKey& shelf, const ShelfEntry& entry) const;

  // ----------------------------------------------------------------------------------------- what becomes of a batch

  /// The batch is in the store: the answers it took in end, its claims may be handed to the gateway, and what left a
  /// shelf with it has no place there any more.
  void committed(const std::vector<NoticeId>& settled, const std::vector<InFlight>& claims,
                 const std::vector<Shelves::Place>& taken);
  /// It is not known whether it is; none of its claims is handed to a gateway. recovered() is next.
  void dropped(const std::vector<InFlight>& claims);

  using Resolve = std::function<Answer(const InFlight&)>;
  /// Begins again from the in-flight entries of the store. What is neither out nor answered is answered now: it is
  /// returned if it surely never left, or is a question, and else by what `lost` says.
  /// `nobody_between`: no other owner may have claimed or settled anything since.
  void recovered(const std::vector<InFlight>& stored, bool nobody_between, const Resolve& lost);

  // --------------------------------------------------------------------------------------------------------- answers

  /// What a gateway answered to a claim that is out. Ignored when it is no longer this owner's: another one had the
  /// partition in between and has resolved it.
  void answered(Answer answer);
  /// Those of which no commit is known, in the order in which they came.
  [[nodiscard]] const std::vector<Answer>& answers() const { return answers_; }

  [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }
  /// Nothing is in flight, and no answer waits.
  [[nodiscard]] bool idle() const { return answers_.empty() && in_flight_.empty(); }

 private:
  /// One claim of one notice. The same notice claimed again, by us or by another owner, is another one.
  struct Attempt {
    NoticeId notice;
    Instant claimed_at{};
    int number = 1;
    std::optional<int> question;  ///< which one about it; none: the message itself
    friend auto operator<=>(const Attempt&, const Attempt&) = default;
  };
  struct Place {
    ShelfKey shelf;
    Subject subject;
    std::uint32_t ordinal = 0;
    std::uint32_t generation = 0;  ///< decided again meanwhile, it is another entry
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  [[nodiscard]] static Attempt attempt_of(const InFlight& request);
  [[nodiscard]] static Place place_of(const ShelfKey& shelf, const ShelfEntry& entry);
  [[nodiscard]] std::optional<ClaimOrder> order_of_any_returned(const InFlight& request) const;
  [[nodiscard]] ClaimOrder next_order() { return last_ = ClaimOrder(static_cast<std::uint64_t>(last_) + 1); }

  std::unordered_map<Subject, Flying> in_flight_;
  std::vector<Answer> answers_;
  std::set<Attempt> out_;       ///< handed to dispatch and not answered
  std::set<Attempt> not_sent_;  ///< claimed in a batch whose commit is in doubt: surely not handed over
  /// Known until it is seen that it left the shelf, whatever becomes of a commit.
  std::map<Place, ClaimOrder> returned_;
  ClaimOrder last_{};
};

}  // namespace dun::scheduler
