#include "tests/sim/account_model.hpp"

#include "tests/sim/billing.hpp"

#include <algorithm>
#include <sstream>

namespace dun::test {
namespace {

using std::chrono::hours;

// The shipped bound on what an account remembers; no story repeats anything older.
constexpr std::size_t remembered = 12;
// A ladder step is planned to the second; engines may have stood still or their clocks may have differed for a while.
constexpr Millis ladder_slack = hours(8);

std::set<std::string> list_of(const std::string& text) {
  std::set<std::string> names;
  std::istringstream stream(text);
  for (std::string name; std::getline(stream, name, ',');) names.insert(name);
  return names;
}

bool has(const Fields& fields, std::string_view name) {
  return std::ranges::find(fields, name, &Field::first) != fields.end();
}

std::optional<Instant> instant_of(const Fields& fields, std::string_view name) {
  const auto instant = parse_rfc3339(value_of(fields, name));
  return instant ? std::optional(*instant) : std::nullopt;
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

bool is_hold(const std::string& type) {
  return type.starts_with("dispute.") || type.starts_with("promise.");
}

std::string source_of(const Fields& fields) {
  return value_of(fields, "source");
}

std::string identity_of(const Fields& fields) {
  return source_of(fields) + " " + value_of(fields, "id");
}

bool states_position(const std::string& type) {
  return type == "credit.changed" || type == "suspension.scheduled" || type == "suspension.cancelled" ||
         type == "account.updated";
}

/// An amount of nothing, or less than the smallest unit of its currency (D8).
bool of_nothing(const Fields& fields) {
  const auto amount = Amount::parse(value_of(fields, "amount"));
  return amount && whole_units(*amount, value_of(fields, "currency")) == 0;
}

bool is_payment(const Fields& fields) {
  return value_of(fields, "type") == "payment.received" && !of_nothing(fields);
}

bool is_single(const std::string& type) {
  return type == "refund.credited" || type == "charge.upcoming" || type == "complaint.filed" ||
         type == "resume.ordered";
}

bool keeps_quiet(NoticeKind kind) {
  static const auto names = list_of("early_reminder,dunning,suspension_warning,suspended,refund,charge");
  return names.contains(std::string(to_text(kind)));
}

bool to_customer_only(NoticeKind kind) {
  return kind == NoticeKind::dunning || kind == NoticeKind::suspension_warning;
}

bool to_manager(NoticeKind kind) {
  return kind == NoticeKind::manager_task || kind == NoticeKind::manager_update;
}

/// What somebody reads off the wall.
bool reads_as_quiet(date::local_time<Millis> wall, const Nights& nights) {
  const auto of_day = wall - date::floor<date::days>(wall);
  return std::ranges::any_of(nights, [&](const Night& night) {
    if (night.from < night.until) return night.from <= of_day && of_day < night.until;
    return night.from <= of_day || of_day < night.until;
  });
}

/// However it is written (D26); null for one that is unknown.
const date::time_zone* find_zone(const std::string& name) {
  const auto small = [](std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    return text;
  };
  const auto& zones = date::get_tzdb().zones;
  const auto at = std::ranges::find(zones, small(name), [&](const auto& zone) { return small(zone.name()); });
  return at == zones.end() ? nullptr : &*at;
}

/// Of a level billing says nothing but numbers that makes sense (S20).
std::optional<int> level_of(const Fields& fields) {
  const std::string level = value_of(fields, "credit_level");
  return level.empty() || level == "gold" ? std::nullopt : std::optional(std::stoi(level));
}

/// What cannot be read says nothing of it.
bool carries_profile(const Fields& fields) {
  return has(fields, "opt_in") || has(fields, "opt_out") || level_of(fields) ||
         find_zone(value_of(fields, "zone")) != nullptr || !value_of(fields, "msisdn").empty() ||
         !value_of(fields, "manager").empty();
}

}  // namespace

OutcomeType AccountModel::take(const Fields& fields, Instant now, OutcomeType said) {
  const OutcomeType taken = intake(fields, said);
  // That the position did not wait for it does not make a payment less of one (D20).
  if (taken == OutcomeType::event_superseded && value_of(fields, "type") == "payment.received") {
    remember(fields);
    if (is_payment(fields) && !closed_) owe(fields, NoticeKind::payment_received);
  }
  if (taken != OutcomeType::event_applied) return taken;
  remember(fields);
  const bool fresh = position_.certainly_clear();
  const std::string service = service_;
  const bool was_closed = closed_;
  const std::string type = value_of(fields, "type");
  if (is_hold(type))
    take_hold(fields);
  else
    take_fact(fields);
  if (!is_single(type)) ladder_.reset();
  demand(fields, fresh, service, now);
  if (was_closed && !closed_ && position_.in_arrears() && !held() && !vip()) {
    owe(fields, NoticeKind::dunning, 1);
    owed_.back().decided_from = now - hours(4);
  }
  return taken;
}

OutcomeType AccountModel::intake(const Fields& fields, OutcomeType said) {
  const std::string content = content_of(fields);
  const std::string type = value_of(fields, "type");
  if (const auto same = std::ranges::find(seen_, identity_of(fields), &Seen::identity); same != seen_.end())
    return same->content == content ? OutcomeType::event_duplicate : OutcomeType::event_conflict;
  if (std::ranges::any_of(seen_, [&](const Seen& seen) { return seen.states_position && seen.content == content; }))
    return OutcomeType::event_duplicate;
  if (superseded(fields).value_or(said == OutcomeType::event_superseded)) return OutcomeType::event_superseded;
  const Instant time = *instant_of(fields, "time");
  const auto known = seq_.find(source_of(fields));
  const bool has_seq = has(fields, "seq");
  // A profile that is older than what is known is left out alone.
  if (carries_profile(fields) && (in_sequence(fields) || time >= profile_time_)) take_profile(fields);
  if (has_seq) {
    const std::int64_t seq = std::stoll(value_of(fields, "seq"));
    seq_[source_of(fields)] = known == seq_.end() ? seq : std::max(known->second, seq);
  }
  Instant& newest = is_hold(type) ? hold_time_ : position_time_;
  if (!is_single(type) && type != "account.updated") newest = std::max(newest, time);
  if (!is_single(type) && type != "account.updated" && !is_hold(type))
    numbered_by_ = has_seq ? source_of(fields) : std::string();
  return OutcomeType::event_applied;
}

/// It is numbered by who numbered what it follows: then time says nothing.
bool AccountModel::in_sequence(const Fields& fields) const {
  const std::string type = value_of(fields, "type");
  if (!has(fields, "seq") || !seq_.contains(source_of(fields))) return false;
  return is_single(type) || is_hold(type) || type == "account.updated" || numbered_by_ == source_of(fields);
}

/// What one source counts says nothing of what another one does (D19): between two of them, and between what is
/// numbered and what is not, it is the contract's time or the number, as the engine likes.
std::optional<bool> AccountModel::superseded(const Fields& fields) const {
  const std::string type = value_of(fields, "type");
  const Instant newest = type == "account.updated" ? profile_time_ : is_hold(type) ? hold_time_ : position_time_;
  const bool older = !is_single(type) && *instant_of(fields, "time") < newest;
  const auto known = seq_.find(source_of(fields));
  if (!has(fields, "seq") || known == seq_.end()) return older;
  if (std::stoll(value_of(fields, "seq")) < known->second) return true;
  return older && !in_sequence(fields) ? std::nullopt : std::optional(false);
}

void AccountModel::remember(const Fields& fields) {
  seen_.push_back({.identity = identity_of(fields),
                   .content = content_of(fields),
                   .states_position = states_position(value_of(fields, "type"))});
  while (seen_.size() > remembered) seen_.pop_front();
}

void AccountModel::take_profile(const Fields& fields) {
  profile_time_ = std::max(profile_time_, *instant_of(fields, "time"));
  // What cannot be read is left as it was.
  if (const auto* zone = find_zone(value_of(fields, "zone")); zone != nullptr) zone_ = zone;
  level_ = level_of(fields).value_or(level_);
  if (has(fields, "opt_in")) opt_in_ = list_of(value_of(fields, "opt_in"));
  if (has(fields, "opt_out")) opt_out_ = list_of(value_of(fields, "opt_out"));
  ladder_.reset();
}

void AccountModel::take_hold(const Fields& fields) {
  const std::string type = value_of(fields, "type");
  ++holds_moved_;
  if (type == "dispute.opened") disputed_until_ = instant_of(fields, "until");
  if (type == "dispute.closed") disputed_until_.reset();
  if (type == "promise.made")
    promised_until_ = instant_of(fields, "until").value_or(*instant_of(fields, "time") + hours(72));
  if (type == "promise.withdrawn") promised_until_.reset();
}

void AccountModel::take_fact(const Fields& fields) {
  const std::string type = value_of(fields, "type");
  position_.take(fields);
  if (type == "account.closed") closed_ = true;
  if (type == "account.reopened") {
    holds_moved_ += closed_ ? 1 : 0;
    closed_ = false;
  }
  if (type == "service.suspended" || type == "service.resumed") service_ = type;
  if (is_single(type) || type == "account.updated") return;
  first_heard_of_ = !known_ && type == "credit.changed" && position_.in_arrears();
  known_ = true;
}

void AccountModel::owe(const Fields& fields, NoticeKind kind, std::optional<int> step) {
  owed_.push_back(
      {.kind = kind, .step = step, .event_time = *instant_of(fields, "time"), .cause = value_of(fields, "id")});
}

void AccountModel::demand(const Fields& fields, bool fresh, const std::string& service, Instant now) {
  if (closed_) return;
  const std::string type = value_of(fields, "type");
  const std::string state = value_of(fields, "state");
  const Instant time = *instant_of(fields, "time");
  const bool owing = position_.owing() == Owing::yes;
  if (is_payment(fields)) owe(fields, NoticeKind::payment_received);
  if (type == "refund.credited") owe(fields, NoticeKind::refund);
  if (type == "charge.upcoming") owe(fields, NoticeKind::charge);
  // The same said twice may be no news, and what it means after a return to clear is the policy's. To somebody who owes
  // nothing there may be nothing to say of a debt.
  const std::string reason = value_of(fields, "reason");
  const bool for_debt = reason.empty() || reason == "debt";
  if (type == "service.suspended" && (service.empty() || service == "service.resumed") && (owing || !for_debt))
    owe(fields, NoticeKind::suspended);
  if (type == "service.resumed" && service != "service.resumed") owe(fields, NoticeKind::resumed);
  if (!fresh || held()) return;
  const auto coming = [&](const std::optional<Instant>& at) { return !at || *at > now + hours(6); };
  if (type == "suspension.scheduled" && owing && for_debt && coming(position_.suspension().at))
    owe(fields, vip() ? NoticeKind::manager_task : NoticeKind::suspension_warning);
  if (type == "credit.changed" && state == "low" && coming(position_.exhausts_at()))
    owe(fields, NoticeKind::early_reminder);
  if (type != "credit.changed" || state != "arrears" || !owing) return;
  if (vip()) return owe(fields, NoticeKind::manager_task);
  // Of an old event a later step may be the one that is due, but not of the first that is heard of an account.
  owe(fields, NoticeKind::dunning, first_heard_of_ ? std::optional(1) : std::nullopt);
  if (now - time > hours(1)) return;
  ladder_ = owed_.back();
  ladder_from_ = time;
}

std::optional<Announced> AccountModel::announced() const {
  const auto& suspension = position_.suspension();
  const bool stands = suspension.at && suspension.sure && !closed_ && position_.owing() == Owing::yes &&
                      !position_.suspended() && service_ != "service.suspended";
  return stands ? std::optional(Announced{.suspend_at = *suspension.at, .cause = suspension.by}) : std::nullopt;
}

std::vector<Owed> AccountModel::ladder_owed(Instant now) const {
  std::vector<Owed> owed;
  for (const auto& [step, days] : {std::pair(2, 3), std::pair(3, 7)}) {
    if (!ladder_ || now < ladder_from_ + date::days(days) + ladder_slack) continue;
    owed.push_back(*ladder_);
    owed.back().step = step;
  }
  return owed;
}

std::string AccountModel::forbids(NoticeKind kind, Instant now, const Nights& nights) const {
  if (quiet(kind, now, nights)) return "quiet";
  if (closed_) return "void: the account is closed";
  if ((to_customer_only(kind) || to_manager(kind)) && position_.owing() == Owing::no) return "void: nothing is owed";
  const auto& suspension = position_.suspension();
  if (kind == NoticeKind::suspension_warning && position_.suspended()) return "threat: the service is stopped already";
  if (kind == NoticeKind::suspension_warning && suspension.sure && suspension.at && *suspension.at <= now)
    return "past: the day of the suspension";
  if (kind == NoticeKind::early_reminder && position_.exhausts_at() && *position_.exhausts_at() <= now)
    return "past: the balance is used up";
  if (to_customer_only(kind) && vip()) return "void: a customer of level 7 gets nothing";
  if (kind == NoticeKind::dunning && disputed_until_ && *disputed_until_ > now) return "void: disputed";
  if (kind == NoticeKind::dunning && promised_until_ && *promised_until_ > now) return "void: promised";
  if (kind == NoticeKind::early_reminder && position_.certainly_clear()) return "void: nothing is owed";
  const std::string name(to_text(kind));
  const bool asked = kind == NoticeKind::early_reminder || kind == NoticeKind::refund || kind == NoticeKind::charge;
  if (asked && !opt_in_.contains(name)) return "void: not opted in";
  if (!to_manager(kind) && opt_out_.contains(name)) return "void: opted out";
  return {};
}

bool AccountModel::quiet(NoticeKind kind, Instant now, const Nights& nights) const {
  return keeps_quiet(kind) && reads_as_quiet(zone_->to_local(now), nights);
}

bool AccountModel::night_ends_at(NoticeKind kind, Instant instant, const Nights& nights) const {
  return !quiet(kind, instant, nights) && quiet(kind, instant - Millis(1), nights);
}

Instant AccountModel::read_off(date::local_time<Millis> wall) const {
  return zone_->to_sys(wall, date::choose::latest);
}

date::local_days AccountModel::day_of(Instant instant) const {
  return date::floor<date::days>(zone_->to_local(instant));
}

}  // namespace dun::test
