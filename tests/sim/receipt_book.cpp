#include "tests/sim/receipt_book.hpp"

#include <algorithm>

namespace dun::test {
namespace {

// An account keeps so many for their receipts, and of those that were refused none beyond that.
constexpr std::size_t kept_most = 4;

std::string account_of(const std::string& id) {
  return std::string(account_part(id));
}

}  // namespace

void ReceiptBook::read(const std::string& id) {
  if (read_.insert(id).second) first_.insert(id);
}

void ReceiptBook::weigh(const std::string& id, bool delivered) {
  const bool first = first_.erase(id) > 0;
  if (!claimed_.contains(id) || !delivered) return;
  arrived_.insert(id);
  const auto& ended = ended_[account_of(id)];
  const auto at = std::ranges::find(ended, id, &Ended::id);
  const bool known = at != ended.end() && (!at->refused || ended.size() < kept_most - 1);
  const bool kept = known || !ever_ended_.contains(id);
  // Of receipts that contradict one another the first counts.
  if (first && kept) awaited_.insert(id);
}

void ReceiptBook::forget(const std::string& id) {
  std::erase_if(ended_[account_of(id)], [&](const Ended& ended) { return ended.id == id; });
}

void ReceiptBook::end(const std::string& id, bool refused) {
  if (!claimed_.contains(id)) return;
  ever_ended_.insert(id);
  forget(id);
  auto& ended = ended_[account_of(id)];
  ended.push_back({.id = id, .refused = refused && (doubts_end_ || !doubted_.contains(id))});
  if (ended.size() <= kept_most) return;
  const auto least = std::ranges::find(ended, true, &Ended::refused);
  ended.erase(least == ended.end() ? ended.begin() : least);
}

void ReceiptBook::take(const Outcome& outcome, std::vector<std::string>& out) {
  const std::string id = outcome.notice.str();
  switch (outcome.type) {
    case OutcomeType::notice_delivered:
      if (!read_.contains(id)) out.push_back("receipt: " + id + " is called delivered, and no receipt says so");
      delivered_.insert(id);
      return forget(id);
    case OutcomeType::notice_unknown:
      doubted_.insert(id);
      return end(id, false);
    case OutcomeType::notice_sent:
      return end(id, false);
    case OutcomeType::notice_failed:
      ever_ended_.insert(id);
      return read_.contains(id) ? forget(id) : end(id, true);
    case OutcomeType::notice_cancelled:
    case OutcomeType::notice_expired:
      // Of what a paused gateway did not take nothing is remembered.
      ever_ended_.insert(id);
      return forget(id);
    default:
      return;
  }
}

void ReceiptBook::finish(const std::set<std::string>& excused, std::vector<std::string>& out) const {
  for (const std::string& id : awaited_)
    if (!delivered_.contains(id) && !excused.contains(id))
      out.push_back("receipt: " + id + " has arrived, and is not called delivered");
}

}  // namespace dun::test
