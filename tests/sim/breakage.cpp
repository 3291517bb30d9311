#include "tests/sim/breakage.hpp"

#include "tests/sim/billing.hpp"
#include "tests/sim/shown_text.hpp"
#include "tests/support/rules.hpp"

#include <algorithm>
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
  book.rules = std::make_shared<const scheduler::Rules>(
      scheduler::Rules{.policies = std::move(set), .catalogue = telling_catalogue()});
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

namespace {

void set(Fields& fields, const std::string& name, std::string value) {
  std::erase_if(fields, [&](const Field& field) { return field.first == name; });
  if (!value.empty()) fields.emplace_back(name, std::move(value));
}

/// Instants of days that are told, a week later than they are.
void put_off(Fields& fields, const std::string& name) {
  if (const auto at = parse_rfc3339(value_of(fields, name))) set(fields, name, to_rfc3339(*at + date::days(7)));
}

/// The text says `value` where it shows anything of this name.
void reword(std::string& text, const std::string& name, const std::string& value) {
  const auto from = text.find(name + "=");
  if (from == std::string::npos) return;
  const auto to = text.find('|', from);
  text.replace(from, to - from, name + "=" + value);
}

void salt(int process, scheduler::Partition::Batch& batch) {
  const auto salted = [&](const NoticeId& id) {
    return id.empty() || id.str().find('!') != std::string::npos ? id
                                                                 : NoticeId(id.str() + "!" + std::to_string(process));
  };
  for (scheduler::InFlight& claim : batch.claims) claim.notice = salted(claim.notice);
  for (scheduler::InFlight& claim : batch.commit.claims) claim.notice = salted(claim.notice);
  for (Outcome& outcome : batch.commit.journal) outcome.notice = salted(outcome.notice);
}

bool erases(Break broken, const Outcome& outcome) {
  return (broken == Break::last_word && outcome.type == OutcomeType::notice_delivered) ||
         (broken == Break::at_risk && outcome.type == OutcomeType::suspension_at_risk);
}

}  // namespace

void Saboteur::reply(scheduler::ReadReply& reply) {
  if (broken_ == Break::barrier) reply.at_end = true;
  for (scheduler::StreamEntry& entry : reply.events) event(entry.fields);
}

/// As an engine reads it that has not learnt a rule.
void Saboteur::event(Fields& fields) {
  const std::string type = value_of(fields, "type");
  const std::string account = value_of(fields, "account");
  const bool payment = type == "payment.received";
  switch (broken_) {
    case Break::one_date:
      if (!value_of(fields, "suspend_at").empty())
        set(fields, "suspend_at", days_.try_emplace(account, value_of(fields, "suspend_at")).first->second);
      break;
    case Break::amounts: {
      if (type != "credit.changed") break;
      Fields& before = stated_[account];
      for (const std::string name : {"balance", "currency"})
        set(fields, name, value_of(fields, name).empty() ? value_of(before, name) : value_of(fields, name));
      before = fields;
      break;
    }
    case Break::past_days:
      for (const std::string name : {"suspend_at", "charge_at", "exhausts_at"}) put_off(fields, name);
      break;
    case Break::reversals:
      if (type == "payment.reversed") set(fields, "type", "payment.received");
      break;
    case Break::zeros:
      if (payment && value_of(fields, "amount") == "0.00") set(fields, "amount", "1");
      break;
    case Break::identity:
      set(fields, "source", {});
      break;
    case Break::contents:
      if (payment) {
        const auto said = value_of(fields, "time") + account + value_of(fields, "amount");
        set(fields, "id", paid_.try_emplace(said, value_of(fields, "id")).first->second);
      }
      break;
    case Break::counters:
      if (!value_of(fields, "seq").empty()) set(fields, "source", "all");
      break;
    case Break::late_thanks: {
      const auto time = parse_rfc3339(value_of(fields, "time"));
      if (!time) break;
      const bool late = *time < newest_[account];
      const auto name = value_of(fields, "source") + " " + value_of(fields, "id");
      if (payment && late_.try_emplace(name, late).first->second) set(fields, "amount", "0.00");
      newest_[account] = std::max(newest_[account], *time);
      break;
    }
    case Break::reopening:
      if (type == "account.reopened") set(fields, "type", "account.closed");
      break;
    case Break::limits:
      set(fields, "credit_limit", {});
      break;
    case Break::arrivals:
      if (type != "dun.receipt") break;
      set(fields, "status", "pending");
      set(fields, "mac", {});
      scheduler::Seal().sign(fields);
      break;
    default:
      break;
  }
}

void Saboteur::records(int process, const std::vector<AccountId>& accounts,
                       std::vector<std::optional<AccountRecord>>& records) const {
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (!records[i]) continue;
    if (const auto kept = kept_.find({process, accounts.at(i)}); kept != kept_.end()) records[i] = kept->second;
    record(*records[i]);
  }
}

void Saboteur::record(AccountRecord& record) const {
  const bool in_doubt =
      std::ranges::any_of(record.pending, [](const PendingNotice& notice) { return notice.tried.perhaps_taken; });
  if (broken_ == Break::doubts && in_doubt) record.dunned.clear();
  if (broken_ == Break::currencies && !record.credit.currency.empty())
    record.credit.currency = record.credit.currency == "EUR" ? "USD" : "EUR";
}

void Saboteur::batch(int process, scheduler::Partition::Batch& batch) {
  if (broken_ == Break::kept)
    for (const scheduler::Commit::Record& record : batch.commit.records)
      if (record.value) kept_.insert_or_assign({process, record.account}, *record.value);
  if (broken_ == Break::random_ids) salt(process, batch);
  for (auto* claims : {&batch.claims, &batch.commit.claims})
    for (scheduler::InFlight& claim : *claims) {
      if (auto* message = std::get_if<Submission>(&claim.errand); message != nullptr) {
        if (broken_ == Break::accusation) reword(message->text, "reason", "debt");
        if (broken_ == Break::threat) reword(message->text, "state", "arrears");
        if (broken_ == Break::times) reword(message->text, "event_time", "20260301 1000");
      }
      if (broken_ == Break::last_stage && claim.kind == NoticeKind::dunning) claim.step = 3;
    }
}

void Saboteur::commit(scheduler::Commit& commit) const {
  if (broken_ == Break::in_flight) commit.claims.clear();
  std::erase_if(commit.cases, [&](const scheduler::Commit::Case& each) {
    return broken_ == (account_of_task(each.id) ? Break::tasks : Break::cases);
  });
  std::erase_if(commit.journal, [&](const Outcome& outcome) { return erases(broken_, outcome); });
}

void Saboteur::answer(scheduler::Answer& answer, Instant now) const {
  if (broken_ != Break::retry_tail || !std::holds_alternative<scheduler::Returned>(answer.verdict)) return;
  const scheduler::InFlight& request = answer.request;
  answer.verdict = policies::Settled{.attempt = {.ordinal = request.ordinal,
                                                 .claimed_at = request.claimed_at,
                                                 .number = request.attempt,
                                                 .gateway = request.gateway,
                                                 .to = request.to},
                                     .errand = request.errand,
                                     .verdict = policies::ToRepeat{.at = now}};
}

}  // namespace dun::test
