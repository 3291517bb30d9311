#include "tests/sim/partition_book.hpp"

namespace dun::test {

const dun::NoticeBook* book_of(const scheduler::MemoryPartition& state, const Subject& subject) {
  if (subject.is_case()) {
    const auto at = state.cases.find(subject.case_id());
    return at == state.cases.end() ? nullptr : std::get_if<TaskCase>(&at->second);
  }
  const auto at = state.records.find(AccountId(subject.str()));
  return at == state.records.end() ? nullptr : &at->second;
}

Books books_of(const scheduler::MemoryPartition& state) {
  Books books;
  for (const auto& [account, record] : state.records) books.emplace_back(account, &record);
  for (const auto& [id, record] : state.cases)
    if (const auto* task = std::get_if<TaskCase>(&record)) books.emplace_back(id, task);
  return books;
}

Books books_of(const scheduler::Commit& commit) {
  Books books;
  for (const scheduler::Commit::Record& each : commit.records) books.emplace_back(each.account, &*each.value);
  for (const scheduler::Commit::Case& each : commit.cases)
    if (const auto* task = each.value ? std::get_if<TaskCase>(&*each.value) : nullptr)
      books.emplace_back(each.id, task);
  return books;
}

std::string account_name(const Subject& subject) {
  return account_of(subject).value().str();
}

}  // namespace dun::test
