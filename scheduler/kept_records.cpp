#include "scheduler/kept_records.hpp"

#include <algorithm>
#include <utility>

namespace dun::scheduler {

std::optional<AccountRecord> KeptRecords::take(const AccountId& account) {
  const auto found = records_.find(account);
  if (found == records_.end()) return std::nullopt;
  std::optional record = std::move(found->second);
  records_.erase(found);
  return record;
}

void KeptRecords::keep(AccountId account, AccountRecord record, Instant now) {
  const auto soon = [&](const PendingNotice& notice) { return due_at(notice) <= now + ahead; };
  if (records_.size() >= most || std::ranges::none_of(record.pending, soon)) return;
  records_.insert_or_assign(std::move(account), std::move(record));
}

void KeptRecords::forget() {
  records_.clear();
}

}  // namespace dun::scheduler
