#include "tests/conformance/random_state.hpp"

#include <limits>

namespace dun::test {

using namespace scheduler;

std::int64_t RandomState::number(std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(engine_);
}

std::uint32_t RandomState::ordinal() {
  return static_cast<std::uint32_t>(chance(90) ? number(0, 200) : number(0, std::numeric_limits<std::uint32_t>::max()));
}

std::string RandomState::bytes(std::size_t size_max) {
  std::string text(static_cast<std::size_t>(number(0, static_cast<std::int64_t>(size_max))), '\0');
  const bool any = chance(30);
  for (char& c : text) c = static_cast<char>(any ? number(0, 255) : number('a', 'z'));
  return text;
}

AccountId RandomState::account() {
  static constexpr std::string_view letters = "ABCXYZabcxyz0189._:@+-";
  std::string text(static_cast<std::size_t>(number(1, 64)), '0');
  for (char& c : text) c = letters[static_cast<std::size_t>(number(0, static_cast<std::int64_t>(letters.size()) - 1))];
  return AccountId(text);
}

Instant RandomState::instant() {
  // Mostly this century, now and then anything that RFC 3339 can write.
  const Instant first =
      chance(95) ? Instant(date::sys_days(date::year(2001) / 1 / 1)) : Instant(date::sys_days(date::year(0) / 1 / 1));
  const Instant last = date::sys_days(date::year(chance(95) ? 2100 : 9999) / 12 / 31);
  return Instant(Millis(number(first.time_since_epoch().count(), last.time_since_epoch().count())));
}

std::optional<Instant> RandomState::maybe_instant() {
  return chance(50) ? std::optional(instant()) : std::nullopt;
}

std::optional<Amount> RandomState::maybe_amount() {
  if (chance(40)) return std::nullopt;
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  return Amount::from_micros(chance(90) ? number(-1'000'000'000, 1'000'000'000) : number(-most, most));
}

std::vector<std::string> RandomState::reasons() {
  std::vector<std::string> list(static_cast<std::size_t>(number(0, 4)));
  for (std::string& reason : list) reason = bytes(24);
  return list;
}

KindSet RandomState::kinds() {
  return KindSet(static_cast<std::uint16_t>(number(0, (1 << notice_kinds) - 1)));
}

std::string RandomState::msisdn() {
  if (chance(20)) return bytes(20);
  std::string text = chance(90) ? "+" : "";
  for (std::int64_t left = number(0, 16); left > 0; --left) text += static_cast<char>(number('0', '9'));
  return text;
}

Profile RandomState::profile() {
  Profile value;
  auto& [number_, zone, lang, brand, segment, manager, email, channels, credit_level, opt_in, opt_out] = value;
  number_ = msisdn();
  for (std::string* text : {&zone, &lang, &brand, &segment, &manager, &email, &channels})
    if (chance(60)) *text = bytes(20);
  credit_level = small();
  opt_in = kinds();
  opt_out = kinds();
  return value;
}

CreditPosition RandomState::credit() {
  CreditPosition value;
  auto& [state, balance, credit_limit, currency, as_of, due_at, suspend_at, exhausts_at] = value;
  state = choice(CreditState::suspended);
  balance = maybe_amount();
  credit_limit = maybe_amount();
  currency = bytes(3);
  as_of = instant_or_none();
  due_at = maybe_instant();
  suspend_at = maybe_instant();
  exhausts_at = maybe_instant();
  return value;
}

Episode RandomState::episode() {
  Episode value;
  auto& [key, opened_at, cause, caused_at, ladder_anchor, ladder_step, repeat, told] = value;
  key = static_cast<std::uint64_t>(number(0, (std::int64_t{1} << 48) - 1));
  opened_at = instant_or_none();
  cause = EventId(bytes(40));
  caused_at = instant_or_none();
  ladder_anchor = maybe_instant();
  ladder_step = small();
  repeat = small();
  for (const Hearer to : {Hearer::customer, Hearer::manager})
    for (std::int64_t left = number(0, 3); left > 0; --left) {
      const auto kind = choice(NoticeKind::ops_alert);
      told.tell(to, kind, kind == NoticeKind::suspension_warning ? maybe_instant() : std::nullopt);
    }
  if (chance(50)) told.tell(Hearer::billing, NoticeKind::suspension_warning, instant());
  return value;
}

NoticeState RandomState::notice_state() {
  switch (number(0, 3)) {
    case 0:
      return Held{.due_at = instant_or_none()};
    case 1:
      return Parked{.due_since = instant_or_none()};
    case 2:
      return AwaitingReceipt{.until = instant_or_none(), .then_repeat = chance(20)};
    default:
      return ToBeAsked{
          .at = instant_or_none(), .gateway = bytes(12), .to = msisdn(), .asked = small(), .then_repeat = chance(20)};
  }
}

PendingNotice RandomState::pending(const Episode& of) {
  PendingNotice value;
  auto& [number_, generation, kind, step, repeat, state, lane, cause, event_time, decided_at, wanted_at, tried,
         episode_key, task_ordinal, fact, announced, reason_list, in_flight_mark] = value;
  auto& [attempts, last_at, gateway, again_at, perhaps, early_receipt] = tried;
  auto& [amount, currency, product, reason] = fact;
  number_ = ordinal();
  generation = ordinal();
  kind = choice(NoticeKind::ops_alert);
  step = small();
  repeat = small();
  state = notice_state();
  lane = choice(Lane::bulk);
  cause = chance(70) ? of.cause : EventId(bytes(40));
  event_time = chance(70) ? of.caused_at : instant_or_none();
  decided_at = instant_or_none();
  wanted_at = instant_or_none();
  attempts = small();
  last_at = instant_or_none();
  gateway = bytes(12);
  again_at = maybe_instant();
  episode_key = chance(70) ? of.key : static_cast<std::uint64_t>(number(0, (std::int64_t{1} << 48) - 1));
  task_ordinal = ordinal();
  amount = maybe_amount();
  currency = bytes(3);
  product = bytes(20);
  reason = choice(SuspensionReason::other);
  announced = maybe_instant();
  reason_list = reasons();
  perhaps = chance(20);
  if (chance(20)) early_receipt = choice(ReceiptStatus::pending);
  in_flight_mark = false;  // not stored
  return value;
}

SentNotice RandomState::sent() {
  SentNotice value;
  auto& [id, kind, step, sent_at, gateway, state] = value;
  id = NoticeId(bytes(20));
  kind = choice(NoticeKind::ops_alert);
  step = small();
  sent_at = instant_or_none();
  gateway = bytes(12);
  state = choice(SentState::refused);
  return value;
}

Task RandomState::task(const Episode& of) {
  Task value;
  auto& [number_, state, in_place_of, manager, opened_at, episode_key, cause] = value;
  number_ = ordinal();
  state = choice(TaskState::acknowledged);
  in_place_of = choice(NoticeKind::ops_alert);
  manager = bytes(12);
  opened_at = instant_or_none();
  episode_key = chance(70) ? of.key : 7;
  cause = chance(70) ? of.cause : EventId(bytes(40));
  return value;
}

AccountRecord RandomState::record() {
  AccountRecord value;
  if (chance(90)) value.profile = profile();
  if (chance(90)) value.credit = credit();
  value.service = choice(ServiceState::stopped_otherwise);
  if (chance(90)) value.episode = episode();
  for (std::int64_t left = chance(50) ? number(1, 3) : 0; left > 0; --left)
    value.seqs.push_back(
        {.source = chance(50) ? 0 : static_cast<std::uint64_t>(number(0, (std::int64_t{1} << 48) - 1)),
         .seq = number(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max())});
  if (chance(50)) value.last_source = static_cast<std::uint64_t>(number(0, (std::int64_t{1} << 48) - 1));
  value.last_time = instant_or_none();
  for (auto* time : {&value.profile_time, &value.dispute_until, &value.promise_until, &value.hold_time, &value.wake_at})
    *time = maybe_instant();
  value.closed = chance(20);
  notices(value, value.episode);
  if (chance(30)) value.task = handed_over(value.episode);
  for (std::int64_t left = number(0, 3); left > 0; --left) value.dunned.push_back(instant());
  for (std::int64_t left = number(0, 8); left > 0; --left)
    value.seen.push_back(static_cast<std::uint64_t>(number(0, (std::int64_t{1} << 48) - 1)));
  return value;
}

HandedOver RandomState::handed_over(const Episode& of) {
  HandedOver value;
  auto& [task_ordinal, in_place_of, time, cause] = value;
  task_ordinal = ordinal();
  in_place_of = choice(NoticeKind::ops_alert);
  time = instant_or_none();
  cause = chance(70) ? of.cause : EventId(bytes(40));
  return value;
}

Subject RandomState::subject() {
  if (chance(70)) return account();
  return dun::task_case(account());
}

AccountFacts RandomState::facts() {
  AccountFacts value;
  auto& [number_, brand, manager, credit_level, credit_, service, episode_key, cause, caused_at] = value;
  number_ = msisdn();
  brand = bytes(20);
  manager = bytes(12);
  credit_level = small();
  credit_ = credit();
  service = choice(ServiceState::stopped_otherwise);
  episode_key = static_cast<std::uint64_t>(number(0, (std::int64_t{1} << 48) - 1));
  cause = EventId(bytes(40));
  caused_at = instant_or_none();
  return value;
}

void RandomState::notices(NoticeBook& book, const Episode& of) {
  auto& [pending_, sent_, ordinals] = book;
  for (std::int64_t left = number(0, 4); left > 0; --left) pending_.push_back(pending(of));
  for (std::int64_t left = number(0, 4); left > 0; --left) sent_.push_back(sent());
  ordinals = ordinal();
}

TaskCase RandomState::task_case() {
  TaskCase value;
  value.account = account();
  value.facts = facts();
  const Episode of{.key = value.facts.episode, .cause = value.facts.cause, .caused_at = value.facts.caused_at};
  notices(value, of);
  if (chance(70)) value.task = task(of);
  return value;
}

CaseRecord RandomState::case_record() {
  if (chance(50)) return task_case();
  return alert_case();
}

AlertCase RandomState::alert_case() {
  AlertCase value;
  auto& [name, subject, gateway, open_since, witnesses] = value;
  for (std::string* part : {&name, &subject, &gateway})
    if (chance(70)) *part = bytes(20);
  open_since = maybe_instant();
  for (std::int64_t left = number(0, 3); left > 0; --left) {
    auto& [who, run, count, until, heard_at] = witnesses.emplace_back();
    who = bytes(12);
    run = bytes(12);
    count = static_cast<std::uint64_t>(number(0, std::numeric_limits<std::int64_t>::max()));
    until = maybe_instant();
    heard_at = instant_or_none();
  }
  return value;
}

Post RandomState::post() {
  Post value;
  auto& [to, id, fields] = value;
  to = CaseId(bytes(20));
  id = EventId(bytes(12) + std::to_string(number(0, 1'000'000'000)));
  for (std::int64_t left = number(0, 5); left > 0; --left) fields.emplace_back(bytes(8), bytes(20));
  return value;
}

InFlight RandomState::in_flight() {
  InFlight value;
  auto& [subject, number_, notice, kind, step, shelf, decided_at, claimed_at, attempt, gateway, to, errand] = value;
  subject = this->subject();
  number_ = ordinal();
  notice = NoticeId(bytes(12) + std::to_string(number(0, 1'000'000'000)));
  kind = choice(NoticeKind::ops_alert);
  step = small();
  shelf = {.lane = choice(Lane::bulk), .at = date::floor<Seconds>(instant())};
  decided_at = instant_or_none();
  claimed_at = instant();
  attempt = small();
  gateway = bytes(12);
  to = bytes(16);
  if (chance(50))
    errand = Submission{
        .text = bytes(300), .encoding = choice(Encoding::ucs2), .parts = small(), .valid_until = instant_or_none()};
  else
    errand = Question{.number = static_cast<int>(number(1, 1000)), .submitted_at = instant_or_none()};
  return value;
}

ShelfEntry RandomState::shelf_entry() {
  ShelfEntry value;
  auto& [subject, number_, generation, decided_at] = value;
  subject = this->subject();
  number_ = ordinal();
  generation = ordinal();
  decided_at = instant();
  return value;
}

TimerEntry RandomState::timer_entry(TimerMinute minute) {
  TimerEntry value;
  auto& [account_, at] = value;
  account_ = account();
  at = minute + Millis(number(0, 59'999));
  return value;
}

Outcome RandomState::outcome() {
  Outcome value;
  auto& [at, type, account_, notice, task_id, kind, step, channel, touchpoint, cause, event_time, decided_at, due_at,
         sent_at, to, text, parts, encoding, gateway, attempt, client_ref, gateway_id, reason_list, policy, manager,
         detail, field, event_type] = value;
  at = instant();
  type = choice(OutcomeType::event_conflict);
  account_ = chance(80) ? account() : AccountId();
  notice = NoticeId(bytes(16));
  task_id = TaskId(bytes(16));
  if (chance(50)) kind = choice(NoticeKind::ops_alert);
  step = small();
  for (std::string* part : {&channel, &touchpoint, &to, &text, &gateway, &client_ref, &gateway_id, &policy, &manager,
                            &detail, &field, &event_type})
    if (chance(50)) *part = bytes(30);
  cause = EventId(bytes(40));
  for (std::optional<Instant>* time : {&event_time, &decided_at, &due_at, &sent_at}) *time = maybe_instant();
  parts = small();
  if (chance(50)) encoding = choice(Encoding::ucs2);
  attempt = small();
  if (chance(50)) client_ref = notice.str() + (chance(50) ? "~tag" : "");
  reason_list = reasons();
  return value;
}

Counters RandomState::counters() {
  Counters value;
  auto& [read, applied, duplicate, conflict, superseded, rejected, refused, zone_unknown, receipts, receipts_unknown,
         reports, sent_count] = value;
  for (std::uint64_t* counter : {&read, &applied, &duplicate, &conflict, &superseded, &rejected, &refused,
                                 &zone_unknown, &receipts, &receipts_unknown, &reports, &sent_count})
    *counter = static_cast<std::uint64_t>(number(0, std::numeric_limits<std::int64_t>::max()));
  return value;
}

}  // namespace dun::test
