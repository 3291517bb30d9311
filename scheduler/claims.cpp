#include "scheduler/claims.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace dun::scheduler {

const Claims::Flying* Claims::in_flight(const Subject& subject) const {
  const auto flying = in_flight_.find(subject);
  return flying == in_flight_.end() ? nullptr : &flying->second;
}

void Claims::claimed(const ShelfKey& shelf, const ShelfEntry& entry, const std::string& gateway) {
  const auto order = order_of_returned(shelf, entry);
  in_flight_[entry.subject] = {.ordinal = entry.ordinal, .gateway = gateway, .order = order ? *order : next_order()};
}

ClaimOrder Claims::settled(const InFlight& request) {
  const auto flying = in_flight_.find(request.subject);
  if (flying == in_flight_.end() || flying->second.ordinal != request.ordinal) return {};
  const ClaimOrder order = flying->second.order;
  in_flight_.erase(flying);
  return order;
}

void Claims::returned(const ShelfKey& shelf, const ShelfEntry& entry, ClaimOrder order) {
  returned_[place_of(shelf, entry)] = order;
}

std::optional<ClaimOrder> Claims::order_of_returned(const ShelfKey& shelf, const ShelfEntry& entry) const {
  const auto at = returned_.find(place_of(shelf, entry));
  return at == returned_.end() ? std::nullopt : std::optional(at->second);
}

void Claims::committed(const std::vector<NoticeId>& settled, const std::vector<InFlight>& claims,
                       const std::vector<Shelves::Place>& taken) {
  const std::unordered_set<NoticeId> ended(settled.begin(), settled.end());
  std::erase_if(answers_, [&](const Answer& answer) { return ended.contains(answer.request.notice); });
  for (const InFlight& claim : claims) out_.insert(attempt_of(claim));
  for (const Shelves::Place& place : taken) returned_.erase(place_of(place.shelf, place.entry));
}

void Claims::dropped(const std::vector<InFlight>& claims) {
  for (const InFlight& claim : claims) not_sent_.insert(attempt_of(claim));
}

void Claims::recovered(const std::vector<InFlight>& stored, bool nobody_between, const Resolve& lost) {
  if (!nobody_between) {
    returned_.clear();
    // What another owner claimed since may look like a claim of ours that never left, to the millisecond.
    not_sent_.clear();
  }
  std::set<Attempt> answered;
  for (const Answer& answer : answers_) answered.insert(attempt_of(answer.request));
  std::set<Attempt> known;
  const auto before = std::exchange(in_flight_, {});
  for (const InFlight& request : stored) {
    const Attempt attempt = attempt_of(request);
    known.insert(attempt);
    const auto flying = before.find(request.subject);
    const auto back = order_of_any_returned(request);
    in_flight_[request.subject] = {.ordinal = request.ordinal,
                                   .gateway = request.gateway,
                                   .order = flying != before.end() ? flying->second.order
                                            : back                 ? *back
                                                                   : next_order()};
    if (out_.contains(attempt) || answered.contains(attempt)) continue;
    if (not_sent_.contains(attempt) || std::holds_alternative<Question>(request.errand)) {
      answers_.push_back({.request = request, .verdict = Returned{}});
    } else {
      answers_.push_back(lost(request));
    }
  }
  not_sent_.clear();
  // What is in the store already needs no second commit; what another owner has resolved is not ours to answer.
  const auto gone = [&](const Attempt& attempt) { return !known.contains(attempt); };
  std::erase_if(answers_, [&](const Answer& answer) { return gone(attempt_of(answer.request)); });
  std::erase_if(out_, gone);
}

void Claims::answered(Answer answer) {
  if (out_.erase(attempt_of(answer.request)) == 0) return;
  answers_.push_back(std::move(answer));
}

Claims::Attempt Claims::attempt_of(const InFlight& request) {
  const auto* question = std::get_if<Question>(&request.errand);
  return {.notice = request.notice,
          .claimed_at = request.claimed_at,
          .number = request.attempt,
          .question = question != nullptr ? std::optional(question->number) : std::nullopt};
}

Claims::Place Claims::place_of(const ShelfKey& shelf, const ShelfEntry& entry) {
  return {.shelf = shelf, .subject = entry.subject, .ordinal = entry.ordinal, .generation = entry.generation};
}

/// A claim does not say in which generation it stood on its shelf.
std::optional<ClaimOrder> Claims::order_of_any_returned(const InFlight& request) const {
  const auto back = returned_.lower_bound(
      {.shelf = request.shelf, .subject = request.subject, .ordinal = request.ordinal, .generation = 0});
  if (back == returned_.end()) return std::nullopt;
  const Place& place = back->first;
  const bool same =
      std::tie(place.shelf, place.subject, place.ordinal) == std::tie(request.shelf, request.subject, request.ordinal);
  return same ? std::optional(back->second) : std::nullopt;
}

}  // namespace dun::scheduler
