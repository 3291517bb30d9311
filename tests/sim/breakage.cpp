#include "tests/sim/breakage.hpp"

#include "tests/support/rules.hpp"

#include <array>

namespace dun::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

RuleBook make(int edition, Break broken) {
  RuleBook book{.rules = {}, .nights = {Night()}};
  if (edition == 1) book.nights.front().until = hours(8);
  if (edition == 2) book.nights.push_back({.from = hours(12), .until = hours(14)});
  auto set = policies_with_people();
  set.quiet_hours.windows.clear();
  for (const Night& night : book.nights) {
    policies::QuietWindow window{.name = "night", .from = night.from, .until = night.until};
    if (broken == Break::morning) window.until += minutes(1);
    if (broken == Break::evening) window.from += minutes(1);
    set.quiet_hours.windows.push_back(std::move(window));
  }
  set.hash = broken == Break::review ? "unknown" : "edition " + std::to_string(edition);
  book.rules = rules(std::move(set));
  return book;
}

}  // namespace

RuleBook rule_book(int edition, Break broken) {
  // Compiling a catalogue takes longer than many runs do.
  static std::map<std::pair<int, Break>, RuleBook> books;
  const auto [at, is_new] = books.try_emplace({edition, broken});
  if (is_new) at->second = make(edition, broken);
  return at->second;
}

void break_reply(Break broken, scheduler::ReadReply& reply) {
  if (broken == Break::barrier) reply.at_end = true;
}

void break_batch(Break broken, int process, scheduler::Partition::Batch& batch) {
  if (broken != Break::random_ids) return;
  const auto salted = [&](const NoticeId& id) {
    return id.empty() || id.str().find('!') != std::string::npos ? id
                                                                 : NoticeId(id.str() + "!" + std::to_string(process));
  };
  for (scheduler::InFlight& claim : batch.claims) claim.notice = salted(claim.notice);
  for (scheduler::InFlight& claim : batch.commit.claims) claim.notice = salted(claim.notice);
  for (Outcome& outcome : batch.commit.journal) outcome.notice = salted(outcome.notice);
}

void break_commit(Break broken, scheduler::Commit& commit) {
  if (broken == Break::in_flight) commit.claims.clear();
}

void break_answer(Break broken, scheduler::Answer& answer, Instant now) {
  if (broken != Break::retry_tail || !std::holds_alternative<scheduler::Returned>(answer.verdict)) return;
  const scheduler::InFlight& request = answer.request;
  answer.verdict = policies::Settled{.ordinal = request.ordinal,
                                     .result = policies::Settled::Result::retry,
                                     .claimed_at = request.claimed_at,
                                     .again_at = now,
                                     .attempt = request.attempt,
                                     .gateway = request.gateway,
                                     .to = request.to,
                                     .text = request.text};
}

}  // namespace dun::test
