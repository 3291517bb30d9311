#include "tests/policies/story_checker.hpp"
#include "policies/calendar.hpp"

#include "tests/policies/wall_clock.hpp"

#include <algorithm>
#include <sstream>

namespace dun::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const std::vector<policies::QuietWindow> night{{.name = "night", .from = hours(22), .until = hours(7)}};

std::string value_of(const Fields& fields, std::string_view name) {
  const auto at = std::ranges::find(fields, name, &Field::first);
  return at == fields.end() ? std::string() : at->second;
}

bool has(const Fields& fields, std::string_view name) {
  return std::ranges::find(fields, name, &Field::first) != fields.end();
}

std::optional<Instant> instant_of(const Fields& fields, std::string_view name) {
  const auto instant = parse_rfc3339(value_of(fields, name));
  return instant ? std::optional(*instant) : std::nullopt;
}

std::set<std::string> list_of(const std::string& text) {
  std::set<std::string> names;
  std::istringstream stream(text);
  for (std::string name; std::getline(stream, name, ',');) names.insert(name);
  return names;
}

const date::time_zone& zone_of(const std::string& name) {
  for (const auto& zone : date::get_tzdb().zones)
    if (zone.name() == name) return zone;
  return *date::locate_zone("Asia/Shanghai");
}

bool is_zone(const std::string& name) {
  const auto& zones = date::get_tzdb().zones;
  return std::ranges::any_of(zones, [&](const auto& zone) { return zone.name() == name; });
}

date::local_days day_of(Instant instant, const date::time_zone& zone) {
  return date::floor<date::days>(zone.to_local(instant));
}

bool reminds_of_debt(NoticeKind kind) {
  return kind == NoticeKind::dunning || kind == NoticeKind::suspension_warning || kind == NoticeKind::manager_task ||
         kind == NoticeKind::manager_update;
}

bool keeps_quiet(NoticeKind kind) {
  return list_of("early_reminder,dunning,suspension_warning,suspended,refund,charge")
      .contains(std::string(to_text(kind)));
}

bool goes_ahead(NoticeKind kind) {
  return kind == NoticeKind::resumed || kind == NoticeKind::manager_task || kind == NoticeKind::manager_update;
}

/// What is too little to be paid in the currencies of the stories.
bool below_a_cent(Amount amount) {
  return std::abs(amount.micros()) < 10'000;
}

std::string content_of(Fields fields) {
  std::erase_if(fields, [](const Field& field) {
    return field.first == "id" || field.first == "seq" || field.first == "source" || field.second.empty();
  });
  std::ranges::sort(fields);
  std::string content;
  for (const auto& [name, value] : fields) content += name + "=" + value + ";";
  return content;
}

}  // namespace

StoryChecker::StoryChecker(const std::vector<Publication>& published) {
  for (const Publication& each : published) {
    published_[value_of(each.fields, "id")].push_back(&each);
    // The only thing that is wrong with some events of a story.
    if (*instant_of(each.fields, "time") > each.arrival + minutes(10)) ++should_reject_;
  }
}

void StoryChecker::breach(const Outcome& outcome, const std::string& sentence) {
  if (broken_) return;
  broken_ = sentence + " (" + outcome.account.str() + ", " + std::string(to_text(outcome.type));
  if (outcome.kind) *broken_ += " " + std::string(to_text(*outcome.kind)) + " " + std::to_string(outcome.step);
  *broken_ += " at " + to_rfc3339(outcome.at) + ", cause " + outcome.cause.str() + ")";
}

void StoryChecker::take(const Outcome& outcome) {
  if (outcome.at < last_at_) breach(outcome, "outcomes come in the order of time");
  last_at_ = outcome.at;
  Account& account = accounts_[outcome.account.str()];
  if (!outcome.notice.empty()) known(outcome);
  switch (outcome.type) {
    case OutcomeType::event_applied:
      return applied(outcome, account);
    case OutcomeType::event_rejected:
      ++rejected_;
      if (outcome.field != "time") breach(outcome, "what is right is not rejected");
      return;
    case OutcomeType::suspension_at_risk:
      account.at_risk_for = account.suspend_at;
      return;
    case OutcomeType::notice_sent:
      return sent(outcome, account);
    default:
      return;
  }
}

void StoryChecker::known(const Outcome& outcome) {
  const auto [at, first] = notices_.try_emplace(outcome.notice.str(), Notice{*outcome.kind, outcome.step, 0});
  Notice& notice = at->second;
  if (!first && (notice.kind != *outcome.kind || notice.step != outcome.step))
    breach(outcome, "a notice id stands for one notice");
  switch (outcome.type) {
    case OutcomeType::notice_sent:
    case OutcomeType::notice_cancelled:
    case OutcomeType::notice_suppressed:
    case OutcomeType::notice_expired:
    case OutcomeType::notice_unreachable:
    case OutcomeType::notice_failed:
      if (++notice.ends > 1) breach(outcome, "a notice has one end");
      return;
    default:
      return;
  }
}

void StoryChecker::applied(const Outcome& outcome, Account& account) {
  const auto at = published_.find(outcome.cause.str());
  if (at == published_.end()) return breach(outcome, "nothing is applied that was not published");
  if (!applied_.insert(outcome.cause.str()).second) return breach(outcome, "an event is applied once");
  const Fields& fields = at->second.front()->fields;
  const std::string type = value_of(fields, "type");
  const bool states =
      list_of("credit.changed,suspension.scheduled,suspension.cancelled,account.updated").contains(type);
  if (!account.contents.insert(content_of(fields)).second && states)
    return breach(outcome, "the same position under another id is the same position");
  if (type == "account.closed") account.closed = true;
  take_profile(fields, account);
  take_position(fields, account);
  if (type == "dispute.opened") account.disputed_until = instant_of(fields, "until");
  if (type == "dispute.closed") account.disputed_until.reset();
  if (type == "promise.made") account.promised_until = instant_of(fields, "until");
  if (type == "promise.withdrawn") account.promised_until.reset();
  // A hold restarts the ladder; where an episode ends is told by `owes` and, with room for doubt, by these.
  const bool may_end = type == "suspension.cancelled" || type == "service.resumed";
  if (may_end) account.suspend_at.reset();
  if (may_end || type.starts_with("dispute.") || type.starts_with("promise.")) account.told.clear();
}

void StoryChecker::take_profile(const Fields& fields, Account& account) {
  // E13, for the profile by itself: `seq`, else `time` never goes back.
  const Instant time = *instant_of(fields, "time");
  const bool in_sequence = has(fields, "seq") && account.sequenced;
  account.sequenced = account.sequenced || has(fields, "seq");
  const bool carries = std::ranges::any_of(fields, [](const Field& field) {
    return list_of("msisdn,zone,credit_level,opt_in,opt_out,manager,segment").contains(field.first) &&
           (!field.second.empty() || field.first.starts_with("opt_"));
  });
  if (!carries || (!in_sequence && time < account.profile_time)) return;
  account.profile_time = std::max(account.profile_time, time);
  if (const std::string zone = value_of(fields, "zone"); is_zone(zone)) account.zone = zone;  // else as it was (S20)
  if (const std::string level = value_of(fields, "credit_level"); !level.empty()) account.level = std::stoi(level);
  if (has(fields, "opt_in")) account.opt_in = list_of(value_of(fields, "opt_in"));
  if (has(fields, "opt_out")) account.opt_out = list_of(value_of(fields, "opt_out"));
}

void StoryChecker::take_position(const Fields& fields, Account& account) {
  const std::string type = value_of(fields, "type");
  const std::string state = value_of(fields, "state");
  const auto amount = [&](std::string_view name) {
    return has(fields, name) ? std::optional(*Amount::parse(value_of(fields, name))) : std::nullopt;
  };
  const bool nothing = amount("amount") && below_a_cent(*amount("amount"));
  if (type == "credit.changed" || (type == "payment.received" && has(fields, "balance"))) {
    // One position is one value: what a stated one leaves out is not known.
    const bool same_currency = value_of(fields, "currency") == account.currency;
    if (!same_currency || !state.empty() || has(fields, "credit_limit")) account.credit_limit = amount("credit_limit");
    account.balance = amount("balance");
    account.currency = value_of(fields, "currency");
  }
  const Amount available = account.balance.value_or(Amount()).plus(account.credit_limit.value_or(Amount()));
  const bool covered = account.balance && (!available.negative() || below_a_cent(available));
  if (type == "credit.changed") {
    const bool good = state.empty() ? covered : state == "clear" || state == "low";
    if (!state.empty() || has(fields, "suspend_at")) account.suspend_at = instant_of(fields, "suspend_at");
    if (good) account.suspend_at.reset();
    if (good && state != "low") account.told.clear();
    account.in_debt = !good;
  } else if (type == "payment.received" && !nothing) {
    if (!has(fields, "balance")) account.balance.reset();
    if (!has(fields, "balance") || covered) {
      account.in_debt = false;
      account.suspend_at.reset();
      account.told.clear();
    }
  } else if (type == "suspension.scheduled") {
    account.in_debt = true;
    account.suspend_at = instant_of(fields, "suspend_at");
  } else if (type == "service.suspended") {
    account.in_debt = account.in_debt || !account.balance;
    account.told.erase({NoticeKind::suspension_warning, 0});  // the next one is another suspension
    account.suspend_at.reset();
  } else if (type == "suspension.cancelled") {
    account.suspend_at.reset();
  }
  const bool in_credit = account.balance && (!account.balance->negative() || below_a_cent(*account.balance));
  account.owes = account.in_debt && !in_credit;
}

void StoryChecker::sent(const Outcome& outcome, Account& account) {
  const NoticeKind kind = *outcome.kind;
  const date::time_zone& zone = zone_of(account.zone);
  if (account.closed) breach(outcome, "a closed account is told nothing");
  if (keeps_quiet(kind) && reads_as_quiet(night, zone.to_local(*outcome.sent_at)))
    breach(outcome, "nothing of these kinds is sent in quiet hours");
  if (reminds_of_debt(kind) && !account.owes) breach(outcome, "nobody who has paid is told that they owe");
  const bool to_customer = kind == NoticeKind::dunning || kind == NoticeKind::suspension_warning;
  if (to_customer && account.level == 7) breach(outcome, "a customer of level 7 gets nothing");
  if ((kind == NoticeKind::manager_task || kind == NoticeKind::manager_update) && outcome.to != "+8613900000001" &&
      outcome.to != "+8613900000002")
    breach(outcome, "a task goes to a manager");
  check_text_kinds(outcome, account);
  const bool once = to_customer || kind == NoticeKind::early_reminder;
  const auto date = kind == NoticeKind::suspension_warning ? account.suspend_at : std::nullopt;
  const auto [told, news] = account.told.try_emplace({kind, outcome.step}, date);
  // Another date of suspension is another warning.
  if (once && !news && told->second == date)
    breach(outcome, "each kind and step is sent once per episode, and each date");
  told->second = date;
  if (kind == NoticeKind::dunning) {
    const bool held = (account.disputed_until && *account.disputed_until > *outcome.sent_at) ||
                      (account.promised_until && *account.promised_until > *outcome.sent_at);
    if (held) breach(outcome, "a dispute or promise holds dunning");
    check_caps(outcome, account);
  }
  if (kind == NoticeKind::suspension_warning && account.suspend_at &&
      *outcome.sent_at > *account.suspend_at - hours(24) && account.at_risk_for != account.suspend_at)
    breach(outcome, "a warning less than 24 hours ahead puts suspension.at_risk out");
  check_order(outcome, account);
}

void StoryChecker::check_text_kinds(const Outcome& outcome, const Account& account) {
  const std::string kind(to_text(*outcome.kind));
  const bool asked = list_of("early_reminder,refund,charge").contains(kind);
  if (asked && !account.opt_in.contains(kind)) breach(outcome, "only for accounts that opted in");
  const bool customer = outcome.to == "+8613900000001" || outcome.to == "+8613900000002";
  if (!customer && account.opt_out.contains(kind)) breach(outcome, "not to those who opted out");
  if (outcome.to.empty()) breach(outcome, "what is sent has a receiver");
  if (!outcome.client_ref.starts_with(outcome.notice.str() + "~"))
    breach(outcome, "client_ref is the same for every attempt");
}

void StoryChecker::check_caps(const Outcome& outcome, Account& account) {
  const date::time_zone& zone = zone_of(account.zone);
  const auto today = day_of(*outcome.sent_at, zone);
  const auto since = [&](date::local_days first) {
    return std::ranges::count_if(account.dunned, [&](Instant told) { return day_of(told, zone) >= first; });
  };
  if (since(today) >= 1) breach(outcome, "not more than one dunning a day");
  if (since(today - date::days(6)) >= 3) breach(outcome, "not more than three dunnings a week");
  account.dunned.push_back(*outcome.sent_at);
}

void StoryChecker::check_order(const Outcome& outcome, Account& account) {
  const SentNotice now{*outcome.kind, *outcome.decided_at, *outcome.due_at, *outcome.sent_at};
  for (const SentNotice& earlier : account.sent) {
    if (goes_ahead(earlier.kind) != goes_ahead(now.kind)) continue;
    if (now.decided_at < earlier.decided_at && now.due_at <= earlier.sent_at && earlier.sent_at < now.sent_at)
      breach(outcome, "a notice that was decided and due is not overtaken by a newer one");
  }
  account.sent.push_back(now);
}

void StoryChecker::finish() {
  for (const auto& [id, notice] : notices_)
    if (notice.ends != 1 && !broken_)
      broken_ = "every notice ends: " + id + " (" + std::string(to_text(notice.kind)) + ") has " +
                std::to_string(notice.ends) + " ends";
  if (rejected_ != should_reject_ && !broken_)
    broken_ = std::to_string(rejected_) + " events were rejected in place of " + std::to_string(should_reject_);
}

}  // namespace dun::test
