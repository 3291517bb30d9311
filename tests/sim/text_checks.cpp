#include "tests/sim/text_checks.hpp"

#include "tests/sim/billing.hpp"

#include <algorithm>
#include <array>

namespace dun::test {
namespace {

bool of_debt(NoticeKind kind) {
  return kind == NoticeKind::dunning || kind == NoticeKind::suspension_warning;
}

bool for_manager(NoticeKind kind) {
  return kind == NoticeKind::manager_task || kind == NoticeKind::manager_update || kind == NoticeKind::escalation;
}

/// Managers read the times of their own zone.
const date::time_zone* desk() {
  static const auto* const zone = date::locate_zone("Asia/Shanghai");
  return zone;
}

std::string in_words(const std::optional<ShownMoney>& money) {
  return money ? money->currency + " " + money->amount.to_text() : "nothing";
}

class TextCheck {
 public:
  TextCheck(const Saying& saying, const AccountModel& account, const Facts& facts)
      : saying_(saying), kind_(saying.notice.kind), text_(saying.text), account_(account), facts_(facts) {}

  std::vector<std::string> run() {
    if (kind_ == NoticeKind::payment_received) check_thanks();
    check_charge();
    if (text_.empty()) return wrong_;
    check_debt();
    check_threat();
    check_dates();
    return wrong_;
  }

 private:
  void wrong(std::string text) { wrong_.push_back(std::move(text)); }

  void check_thanks() {
    const auto& [cause, time] = std::pair(saying_.notice.cause.str(), saying_.notice.event_time);
    const Fields* event = facts_.find(cause, time);
    if (event == nullptr) return;
    const auto amount = Amount::parse(value_of(*event, "amount"));
    const std::string currency = value_of(*event, "currency");
    if (value_of(*event, "type") != "payment.received" || (amount && whole_units(*amount, currency) == 0))
      wrong("thanks: for " + cause + ", with which nothing was paid");
    if (facts_.taken_back(cause, time)) wrong("thanks: for " + cause + ", which was taken back");
    const auto shown = text_.money("amount");
    if (shown && amount && shown->amount != *amount) wrong("amount: " + in_words(shown) + " of " + cause);
    if (shown && !currency.empty() && shown->currency != currency)
      wrong("currency: " + in_words(shown) + " of " + cause + ", and it was " + currency);
    if (text_.money("owed") && account_.position().debt().stated_at != time)
      wrong("time: what remains after " + cause + ", and another event stated it");
  }

  void check_charge() {
    if (kind_ != NoticeKind::charge) return;
    const Fields* event = facts_.find(saying_.notice.cause.str(), saying_.notice.event_time);
    const auto at = event != nullptr ? parse_rfc3339(value_of(*event, "charge_at")) : std::unexpected(std::string());
    if (at && *at <= saying_.claimed_at) wrong("past: the charge was made at " + to_rfc3339(*at));
  }

  void check_debt() {
    const auto shown = text_.money("owed");
    const bool by_name = kind_ == NoticeKind::suspended && text_.word("reason") == to_text(SuspensionReason::debt);
    const bool by_amount = shown && kind_ != NoticeKind::early_reminder && kind_ != NoticeKind::payment_received;
    const Owing owing = account_.position().owing();
    if ((by_name || by_amount) && owing == Owing::no) return wrong("accused: of owing, and nothing is owed");
    const auto debt = account_.position().debt();
    if (!shown || !debt.sure || owing != Owing::yes) return;
    const auto right = debt.amount ? std::optional(ShownMoney{debt.currency, *debt.amount}) : std::nullopt;
    if (!right || shown->amount != right->amount)
      return wrong("amount: " + in_words(shown) + " is owed, and it is " + in_words(right));
    if (shown->currency != right->currency)
      wrong("currency: " + in_words(shown) + " is owed, and it is " + in_words(right));
    const auto limit = text_.money("credit_limit");
    if (debt.limit && (!limit || limit->amount != *debt.limit))
      wrong("amount: what lies beyond the limit is not said to");
    check_time(debt.stated_at);
  }

  /// One position is one value: the amount is as of the event that stated it.
  void check_time(Instant stated_at) {
    const auto event_time = text_.time("event_time");
    const auto shown = of_debt(kind_) ? event_time : text_.time("as_of") ? text_.time("as_of") : event_time;
    const auto right =
        for_manager(kind_) ? date::floor<std::chrono::minutes>(desk()->to_local(stated_at)) : account_.local(stated_at);
    if (shown && *shown != right && (!for_manager(kind_) || *shown != account_.local(stated_at)))
      wrong("time: the amount is of " + to_rfc3339(stated_at));
  }

  void check_threat() {
    const bool past_warning = account_.position().stopped_for_debt();
    if (kind_ == NoticeKind::dunning && past_warning && text_.word("state") != "suspended")
      wrong("threat: as if the service still ran");
    if (text_.word("state") == "suspended" && text_.time("suspend_at"))
      wrong("threat: with a day, and the service is stopped");
  }

  void check_dates() {
    if (const auto past = past_in(text_, kind_, account_, saying_.claimed_at); !past.empty())
      wrong("past: " + past + " in what is claimed at " + to_rfc3339(saying_.claimed_at));
    const auto& suspension = account_.position().suspension();
    const auto shown = text_.time("suspend_at");
    if (!shown || !suspension.sure || for_manager(kind_)) return;
    if (!suspension.at || *shown != account_.local(*suspension.at)) wrong("date: a suspension that is not planned");
  }

  const Saying& saying_;
  NoticeKind kind_;
  const ShownText& text_;
  const AccountModel& account_;
  const Facts& facts_;
  std::vector<std::string> wrong_;
};

}  // namespace

void Facts::add(const Fields& fields) {
  events_[{value_of(fields, "id"), parse_rfc3339(value_of(fields, "time")).value()}] = fields;
}

const Fields* Facts::find(const std::string& id, Instant time) const {
  const auto at = events_.find({id, time});
  return at == events_.end() ? nullptr : &at->second;
}

void Facts::take_back(const Fields& reversal) {
  const Instant taken_at = parse_rfc3339(value_of(reversal, "time")).value();
  std::vector<Name> candidates;
  for (const auto& [name, event] : events_) {
    const bool same = value_of(event, "type") == "payment.received" &&
                      value_of(event, "amount") == value_of(reversal, "amount") &&
                      value_of(event, "currency") == value_of(reversal, "currency");
    if (!same || taken_back_.contains(name)) continue;
    if (!thanked_.contains(name))
      candidates.push_back(name);
    else if (thanked_.at(name) > taken_at - std::chrono::hours(1))
      return;  // its thanks may wait again
  }
  // Which of several it was, billing does not say.
  if (candidates.size() == 1) taken_back_.insert(candidates.front());
}

void Facts::thanked(const std::string& id, Instant time, Instant claimed_at) {
  thanked_[{id, time}] = claimed_at;
}

bool Facts::taken_back(const std::string& id, Instant time) const {
  return taken_back_.contains({id, time});
}

std::vector<std::string> wrong_in(const Saying& saying, const AccountModel& account, const Facts& facts) {
  return TextCheck(saying, account, facts).run();
}

std::string past_in(const ShownText& text, NoticeKind kind, const AccountModel& account, Instant now) {
  for (const std::string name : {"suspend_at", "charge_at", "exhausts_at"}) {
    const auto shown = text.time(name);
    if (!shown) continue;
    Instant at = account.read_off(*shown);
    if (for_manager(kind)) at = std::max(at, Instant(desk()->to_sys(*shown, date::choose::latest)));
    if (at + std::chrono::minutes(1) <= now) return name + " " + to_rfc3339(at);
  }
  return {};
}

}  // namespace dun::test
