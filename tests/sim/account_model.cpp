#include "tests/sim/account_model.hpp"

#include "tests/sim/billing.hpp"

#include <algorithm>
#include <sstream>

namespace dun::test {
namespace {

using std::chrono::hours;

// CONTRACT section 6 says "not more than ids_remembered"; the shipped bound, an id and a content for each event.
constexpr std::size_t remembered = 24;
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

bool is_single(const std::string& type) {
  return type == "refund.credited" || type == "charge.upcoming" || type == "complaint.filed" ||
         type == "resume.ordered";
}

bool carries_profile(const Fields& fields) {
  static const auto names = list_of("msisdn,zone,credit_level,opt_in,opt_out,manager");
  return std::ranges::any_of(fields, [](const Field& field) {
    return names.contains(field.first) && (!field.second.empty() || field.first.starts_with("opt_"));
  });
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

/// Nothing for a zone that is not known: it is left as it was (S20), at first the configured one (E3).
const date::time_zone* find_zone(const std::string& name) {
  const auto& zones = date::get_tzdb().zones;
  const auto at = std::ranges::find(zones, name, [](const auto& zone) { return zone.name(); });
  return at == zones.end() ? nullptr : &*at;
}

}  // namespace

OutcomeType AccountModel::take(const Fields& fields, Instant now) {
  const OutcomeType taken = intake(fields);
  if (taken != OutcomeType::event_applied) return taken;
  const bool fresh = fresh_;
  const std::string service = service_;
  const std::string type = value_of(fields, "type");
  if (is_hold(type))
    take_hold(fields);
  else
    take_position(fields);
  if (!is_single(type)) ladder_.reset();
  demand(fields, fresh, service, now);
  return taken;
}

OutcomeType AccountModel::intake(const Fields& fields) {
  const std::string id = "id=" + value_of(fields, "id");
  const std::string content = content_of(fields);
  const auto known = [&](const std::string& text) { return std::ranges::find(seen_, text) != seen_.end(); };
  if (known(id) || known(content)) return OutcomeType::event_duplicate;
  const std::string type = value_of(fields, "type");
  const Instant time = *instant_of(fields, "time");
  const bool has_seq = has(fields, "seq");
  const std::int64_t seq = has_seq ? std::stoll(value_of(fields, "seq")) : 0;
  Instant& newest = type == "account.updated" ? profile_time_ : is_hold(type) ? hold_time_ : position_time_;
  const bool in_sequence = has_seq && seq_;
  if (in_sequence ? seq < *seq_ : !is_single(type) && time < newest) return OutcomeType::event_superseded;
  for (const std::string& text : {id, content}) seen_.push_back(text);
  while (seen_.size() > remembered) seen_.pop_front();
  // A profile that is older than what is known is left out alone.
  if (carries_profile(fields) && (in_sequence || time >= profile_time_)) take_profile(fields);
  if (has_seq) seq_ = std::max(seq_.value_or(seq), seq);
  if (!is_single(type) && type != "account.updated") newest = std::max(newest, time);
  return OutcomeType::event_applied;
}

void AccountModel::take_profile(const Fields& fields) {
  profile_time_ = std::max(profile_time_, *instant_of(fields, "time"));
  if (const std::string zone = value_of(fields, "zone"); find_zone(zone) != nullptr) zone_ = find_zone(zone);
  if (const std::string level = value_of(fields, "credit_level"); !level.empty()) level_ = std::stoi(level);
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

void AccountModel::take_position(const Fields& fields) {
  const std::string type = value_of(fields, "type");
  const std::string state = value_of(fields, "state");
  if (type == "credit.changed" || type == "payment.received" || type == "suspension.scheduled") {
    const std::string currency = value_of(fields, "currency");
    if (!currency.empty() && !currency_.empty() && currency != currency_) balance_ = limit_ = std::nullopt;
    if (!currency.empty()) currency_ = currency;
    if (has(fields, "balance")) balance_ = *Amount::parse(value_of(fields, "balance"));
    if (has(fields, "credit_limit")) limit_ = *Amount::parse(value_of(fields, "credit_limit"));
  }
  const bool covered = balance_ && !balance_->plus(limit_.value_or(Amount())).negative();
  const auto stands = [&](bool owes, bool clear) {
    owes_ = owes;
    fresh_ = clear;
  };
  if (type == "credit.changed" && !state.empty()) {
    stands(state != "clear" && state != "low", state == "clear");
  } else if (type == "credit.changed") {
    stands(!covered, covered);
  } else if (type == "payment.received") {
    if (!has(fields, "balance")) balance_.reset();
    if (!has(fields, "balance") || covered) stands(false, true);
  } else if (type == "suspension.scheduled" || type == "service.suspended") {
    stands(true, false);
  } else if (type == "account.closed") {
    closed_ = true;
  }
  if (type == "service.suspended" || type == "service.resumed") service_ = type;
}

void AccountModel::demand(const Fields& fields, bool fresh, const std::string& service, Instant now) {
  if (closed_) return;
  const std::string type = value_of(fields, "type");
  const Instant time = *instant_of(fields, "time");
  const auto owe = [&](NoticeKind kind, std::optional<int> step = 0) {
    owed_.push_back({.kind = kind, .step = step, .event_time = time, .cause = value_of(fields, "id")});
  };
  if (type == "payment.received") owe(NoticeKind::payment_received);
  if (type == "refund.credited") owe(NoticeKind::refund);
  if (type == "charge.upcoming") owe(NoticeKind::charge);
  // The same said twice may be no news, and what it means after a return to clear is the policy's.
  if (type == "service.suspended" && (service.empty() || service == "service.resumed")) owe(NoticeKind::suspended);
  if (type == "service.resumed" && service != "service.resumed") owe(NoticeKind::resumed);
  if (!fresh || held()) return;
  if (type == "suspension.scheduled") owe(vip() ? NoticeKind::manager_task : NoticeKind::suspension_warning);
  if (type == "credit.changed" && value_of(fields, "state") == "low") owe(NoticeKind::early_reminder);
  if (type != "credit.changed" || value_of(fields, "state") != "arrears") return;
  if (vip()) return owe(NoticeKind::manager_task);
  owe(NoticeKind::dunning, std::nullopt);  // of an old event a later step may be the one that is due
  if (now - time > hours(1)) return;
  ladder_ = owed_.back();
  ladder_from_ = time;
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
  if ((to_customer_only(kind) || to_manager(kind)) && !owes_) return "void: nothing is owed";
  if (to_customer_only(kind) && vip()) return "void: a customer of level 7 gets nothing";
  if (kind == NoticeKind::dunning && disputed_until_ && *disputed_until_ > now) return "void: disputed";
  if (kind == NoticeKind::dunning && promised_until_ && *promised_until_ > now) return "void: promised";
  if (kind == NoticeKind::early_reminder && fresh_) return "void: nothing is owed";
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

date::local_days AccountModel::day_of(Instant instant) const {
  return date::floor<date::days>(zone_->to_local(instant));
}

}  // namespace dun::test
