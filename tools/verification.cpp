#include "tools/verification.hpp"

#include "domain/zones.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace dun::tools {
namespace {

const std::string* field(const Fields& fields, std::string_view name) {
  const auto at = std::ranges::find(fields, name, &Field::first);
  return at == fields.end() || at->second.empty() ? nullptr : &at->second;
}

bool keeps_quiet(NoticeKind kind) {
  using enum NoticeKind;
  return kind == early_reminder || kind == dunning || kind == suspension_warning || kind == suspended ||
         kind == refund || kind == charge;
}

bool reminds_of_debt(NoticeKind kind) {
  return kind == NoticeKind::dunning || kind == NoticeKind::suspension_warning;
}

bool goes_ahead(NoticeKind kind) {
  using enum NoticeKind;
  return kind == resumed || kind == manager_task || kind == manager_update || kind == escalation || kind == ops_alert;
}

/// What an event says of the debt, by the words of the contract.
enum class Debt : std::uint8_t { unsaid, none, some };
Debt debt(const Fields& fields) {
  const std::string* type = field(fields, "type");
  if (type == nullptr) return Debt::unsaid;
  const std::string* state = field(fields, "state");
  const std::string* balance = field(fields, "balance");
  // Perhaps within the credit limit: then nothing is said against it, and nothing is checked.
  const bool negative = balance != nullptr && balance->starts_with('-');
  if (*type == "payment.received") return negative ? Debt::some : Debt::none;
  if (*type == "payment.reversed") return Debt::some;
  if (*type != "credit.changed")
    return *type == "suspension.scheduled" || *type == "service.suspended" ? Debt::some : Debt::unsaid;
  if (state != nullptr) return *state == "clear" || *state == "low" ? Debt::none : Debt::some;
  return negative ? Debt::some : Debt::none;
}

/// In so many words: the account is in arrears or about to be suspended.
bool owes(const Fields& fields) {
  const std::string* type = field(fields, "type");
  const std::string* state = field(fields, "state");
  if (type == nullptr) return false;
  return *type == "suspension.scheduled" ||
         (*type == "credit.changed" && state != nullptr && (*state == "arrears" || *state == "suspension_due"));
}

/// One account as its events were applied, in that order.
struct Known {
  std::string zone, segment;
  int level = 0;
  std::optional<Instant> cleared;  ///< published: since then nothing is owed
  bool owing_vip = false, task = false;
  struct Sent {
    Instant decided, due, sent;
    std::string notice;
  };
  std::array<std::vector<Sent>, 2> sent;  ///< by whether the kind goes ahead of others
};

class Verifier {
 public:
  Verifier(const std::vector<PublishedEvent>& events, const DayPromise& quiet) : promise_(quiet) {
    result_.published = events.size();
    for (const PublishedEvent& event : events)
      if (const std::string* id = field(event.fields, "id")) events_.try_emplace(*id, &event);
  }

  void take(const Outcome& outcome) {
    ++result_.outcomes[std::string(to_text(outcome.type))];
    Known& account = accounts_[outcome.account.str()];
    switch (outcome.type) {
      case OutcomeType::event_applied:
        return applied(outcome, account);
      case OutcomeType::event_duplicate:
        ++result_.duplicates;
        return;
      case OutcomeType::event_superseded:
        ++result_.superseded;
        return;
      case OutcomeType::event_rejected:
        ++result_.rejected;
        return;
      case OutcomeType::task_opened:
        ++result_.tasks_opened;
        account.task = true;
        return;
      case OutcomeType::task_closed:
        ++result_.tasks_closed;
        return;
      case OutcomeType::notice_unknown:
        unknown_.insert(reference(outcome));
        return;
      case OutcomeType::notice_sent:
        return sent(outcome, account);
      default:
        return;
    }
  }

  Verification finish(const std::vector<std::string>& at_gateway) {
    for (const auto& [name, account] : accounts_) {
      if (account.owing_vip && !account.task)
        breach(result_.vip_without_task, "an account of level 7 owes and has no task: " + name);
      for (const auto& list : account.sent) count_inversions(name, list);
    }
    compare_with_gateway(at_gateway);
    return std::move(result_);
  }

 private:
  void breach(std::uint64_t& count, const std::string& what) {
    if (count++ == 0) result_.broken.push_back(what);
  }

  void applied(const Outcome& outcome, Known& account) {
    ++result_.applied;
    if (!applied_.insert(outcome.cause.str()).second)
      breach(result_.applied_twice, "an event was applied twice: " + outcome.cause.str());
    const auto found = events_.find(outcome.cause.str());
    if (found == events_.end())
      return breach(result_.applied_twice, "an event was applied that nobody published: " + outcome.cause.str());
    const PublishedEvent& event = *found->second;
    if (const std::string* zone = field(event.fields, "zone")) account.zone = *zone;
    if (const std::string* level = field(event.fields, "credit_level")) account.level = std::atoi(level->c_str());
    if (const std::string* segment = field(event.fields, "segment")) account.segment = *segment;
    const Debt said = debt(event.fields);
    if (account.level == 7 && owes(event.fields) && !promise_.excluded_segments.contains(account.segment))
      account.owing_vip = true;
    if (said == Debt::none) account.cleared = event.published;
    if (said == Debt::some) account.cleared.reset();
  }

  void sent(const Outcome& outcome, Known& account) {
    if (!outcome.kind || !outcome.sent_at || !outcome.decided_at || !outcome.due_at)
      return breach(result_.missing_at_gateway, "a sent notice lacks its kind or its times: " + outcome.notice.str());
    ++result_.sent[std::string(to_text(*outcome.kind))];
    const NoticeKind kind = *outcome.kind;
    if (!sent_.insert(reference(outcome)).second)
      breach(result_.sent_twice, "a notice was sent twice: " + outcome.notice.str());
    if (keeps_quiet(kind) && quiet_at(*outcome.sent_at, account.zone))
      breach(result_.in_quiet_hours, fmt::format("{} sent in quiet hours: {} at {}", to_text(kind),
                                                 outcome.notice.str(), to_rfc3339(*outcome.sent_at)));
    if (reminds_of_debt(kind) && account.cleared && *account.cleared < *outcome.sent_at)
      breach(result_.after_payment,
             fmt::format("{} sent after the debt was paid: {}, paid {}, sent {}", to_text(kind), outcome.notice.str(),
                         to_rfc3339(*account.cleared), to_rfc3339(*outcome.sent_at)));
    if (reminds_of_debt(kind) && account.level == 7)
      breach(result_.vip_dunned, "a customer of level 7 was sent " + outcome.notice.str());
    account.sent.at(goes_ahead(kind) ? 1 : 0)
        .push_back({.decided = *outcome.decided_at,
                    .due = *outcome.due_at,
                    .sent = *outcome.sent_at,
                    .notice = outcome.notice.str()});
  }

  /// What the gateway knows the notice by.
  static const std::string& reference(const Outcome& outcome) {
    return outcome.client_ref.empty() ? outcome.notice.str() : outcome.client_ref;
  }

  [[nodiscard]] bool quiet_at(Instant instant, const std::string& zone_name) const {
    const date::time_zone* zone = zone_data().find(zone_name);
    if (zone == nullptr) zone = &zone_data().get(promise_.default_zone);
    const Instant local = instant + zone_data().offset(*zone, instant);  // as if it were UTC
    const auto time = local - date::floor<date::days>(local);
    return promise_.from < promise_.until ? time >= promise_.from && time < promise_.until
                                          : time >= promise_.from || time < promise_.until;
  }

  /// Of two notices that went the same way, the one decided first and due no later must be sent first.
  void count_inversions(const std::string& name, const std::vector<Known::Sent>& list) {
    for (std::size_t i = 0; i < list.size(); ++i)
      for (std::size_t j = i + 1; j < list.size(); ++j) {
        const auto& [first, second] =
            list[i].decided <= list[j].decided ? std::tie(list[i], list[j]) : std::tie(list[j], list[i]);
        if (first.decided < second.decided && first.due <= second.due && second.sent < first.sent)
          breach(result_.inversions, fmt::format("account {}: {} overtook {}", name, second.notice, first.notice));
      }
  }

  void compare_with_gateway(const std::vector<std::string>& at_gateway) {
    std::set<std::string> there;
    for (const std::string& ref : at_gateway)
      if (!there.insert(ref).second) breach(result_.sent_twice, "the gateway delivered a notice twice: " + ref);
    result_.at_gateway = there.size();
    for (const std::string& ref : sent_)
      if (!there.contains(ref)) breach(result_.missing_at_gateway, "sent, but the gateway never had it: " + ref);
    for (const std::string& ref : there)
      if (!sent_.contains(ref) && !unknown_.contains(ref))
        breach(result_.unexplained_at_gateway,
               "the gateway had it, but it is recorded neither as sent nor as unknown: " + ref);
  }

  const DayPromise& promise_;
  Verification result_;
  std::unordered_map<std::string, const PublishedEvent*> events_;
  std::unordered_map<std::string, Known> accounts_;
  std::set<std::string> applied_, sent_;
  std::set<std::string> unknown_;  ///< reported as perhaps sent
};

}  // namespace

Verification verify(const std::vector<PublishedEvent>& events, const std::vector<Outcome>& outcomes,
                    const std::vector<std::string>& at_gateway, const DayPromise& quiet) {
  Verifier verifier(events, quiet);
  for (const Outcome& outcome : outcomes) verifier.take(outcome);
  return verifier.finish(at_gateway);
}

}  // namespace dun::tools
