#include "operations/outcomes.hpp"

#include <utility>

namespace dun::operations {
namespace {

constexpr Millis wait_at_most = std::chrono::seconds(5);

}  // namespace

std::expected<JournalQuery, std::string> to_query(const OutcomesAsked& asked) {
  JournalQuery query{.types = asked.types};
  if (asked.account.empty()) return query;
  if (!is_account_id(asked.account)) return std::unexpected(asked.account + " is not an account");
  query.account = AccountId(asked.account);
  return query;
}

Awaitable<StoreResult<std::optional<JournalPage>>> Outcomes::next() {
  if (at_end_ && !follow_) co_return std::optional<JournalPage>();
  if (at_end_)
    if (const auto waited = co_await journal_.wait(wait_at_most); !waited) co_return std::unexpected(waited.error());
  auto page = co_await journal_.next();
  if (!page) co_return std::unexpected(page.error());
  at_end_ = page->at_end;
  co_return std::optional(*std::move(page));
}

}  // namespace dun::operations
