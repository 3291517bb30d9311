#include "tests/sim/billing.hpp"

#include "tests/sim/position_model.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <map>

namespace dun::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::array<std::string_view, 7> zones = {"Asia/Shanghai",       "America/New_York", "Europe/Berlin",
                                                   "Australia/Lord_Howe", "America/St_Johns", "Mars/Olympus",
                                                   "america/new_york"};
constexpr std::array<std::string_view, 5> states = {"clear", "low", "arrears", "suspension_due", "suspended"};
constexpr std::array<std::string_view, 4> kinds = {"early_reminder", "dunning", "refund,charge", ""};
constexpr std::array<std::string_view, 7> amounts = {"-50", "-12.50", "0", "-0.01", "10", "-120", "-300"};
constexpr std::array<std::string_view, 4> debts = {"-50", "-12.50", "-120", "-300"};
constexpr std::array<std::string_view, 4> reasons = {"debt", "fraud", "own_wish", "other"};
/// Balances of nothing: below the smallest unit of their currency.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> rests = {
    std::pair("CNY", "-0.004"), std::pair("JPY", "-0.4"), std::pair("BHD", "-0.0004")};

void set(Fields& fields, const std::string& name, std::string value) {
  std::erase_if(fields, [&](const Field& field) { return field.first == name; });
  fields.emplace_back(name, std::move(value));
}

class Billing {
 public:
  Billing(const SimOptions& options, Instant start)
      : options_(options), random_(options.seed * 7919), now_(start), named_(random_.percent(50) ? "billing" : "") {}

  Publication next() {
    if (burst_ > 0) return one_more();
    if (random_.percent(5)) burst_ = random_.between(2, 4);
    let_time_pass();
    if (random_.percent(5)) return malformed();
    if (!told_.empty() && random_.percent(8)) return repeat();
    Publication event = fresh();
    told_.push_back(event);
    return event;
  }

 private:
  /// Flurries, hours, days; often to the very bounds of the night in some zone.
  void let_time_pass() {
    const std::uint64_t dice = random_.below(100);
    if (dice < 55) {
      now_ += Millis(random_.between(1, 30'000));
    } else if (dice < 85) {
      now_ += minutes(random_.between(1, 8 * 60)) + Millis(random_.between(0, 59'999));
    } else if (dice < 95) {
      const auto* zone = date::locate_zone(random_.pick(std::array{zones[0], zones[1], zones[2], zones[3], zones[4]}));
      const auto today = date::floor<date::days>(zone->to_local(now_ + hours(2)));
      const Millis bound = hours(random_.percent(50) ? 7 : 22) + Millis(random_.between(-3000, 3000));
      now_ = std::max(now_ + Millis(1), zone->to_sys(today + bound, date::choose::earliest));
    } else {
      now_ += hours(random_.between(12, 5 * 24));
    }
  }

  /// Often of the account that was told of last: what happens to one account is what goes wrong.
  std::string some_account() {
    if (!told_.empty() && random_.percent(40)) return told_.back().account;
    return "A" + std::to_string(random_.below(static_cast<std::uint64_t>(options_.accounts)));
  }

  Publication fresh() {
    Publication event{.arrival = now_, .fields = {}, .account = some_account()};
    Instant time = now_;
    if (random_.percent(12)) {
      event.fault = Fault::disorder;
      time -= random_.percent(80) ? Millis(random_.between(1, 300 * 60'000)) : date::days(random_.between(1, 12));
    }
    event.fields = {{"account", event.account}, {"time", to_rfc3339(time)}};
    add_type(event.fields);
    name(event.fields);
    if (random_.percent(80) || !known(event.account))
      set(event.fields, "msisdn", "+86138001380" + std::to_string(10 + std::stoi(event.account.substr(1))));
    if (random_.percent(15)) add_profile(event.fields);
    event.wrong = contradiction(event.fields);
    return event;
  }

  /// Two sources that know nothing of one another: payments are counted by a system of their own, with the same ids,
  /// and each counts what it says of an account.
  void name(Fields& fields) {
    const bool of_payments = value_of(fields, "type") == "payment.received" && random_.percent(50);
    const std::string source = of_payments ? "payments" : named_;
    fields.emplace_back("id", "e" + std::to_string(of_payments ? ++payments_ : ++count_));
    if (!source.empty()) set(fields, "source", source);
    if (!random_.percent(20)) return;
    const auto [at, is_new] = seq_.try_emplace({source, value_of(fields, "account")}, of_payments ? 0 : 1000);
    fields.emplace_back("seq", std::to_string(at->second += random_.between(-1, 3)));
  }

  /// Payments of the account that was told of last, within moments: its notices wait for one another. They may be equal
  /// to the last digit.
  Publication one_more() {
    --burst_;
    if (random_.percent(70)) now_ += Millis(random_.between(1, 400));
    Publication event{.arrival = now_, .fields = {}, .account = told_.empty() ? "A0" : told_.back().account};
    event.fields = {{"account", event.account}, {"time", to_rfc3339(now_)}, {"type", "payment.received"}};
    event.fields.insert(event.fields.end(), {{"amount", "20"}, {"currency", "CNY"}});
    event.fields.emplace_back("id", "m" + std::to_string(++count_));
    if (!named_.empty()) event.fields.emplace_back("source", named_);
    told_.push_back(event);
    return event;
  }

  /// Why the event is none: it says at once that something is owed and that nothing is.
  static std::string contradiction(const Fields& fields) {
    const std::string state = value_of(fields, "state");
    const auto balance = Amount::parse(value_of(fields, "balance"));
    const bool owes = state == "arrears" || state == "suspension_due";
    const bool nothing = balance && whole_units(*balance, value_of(fields, "currency")) >= 0;
    return owes && nothing ? "state,balance" : std::string();
  }

  /// Whether something was told of the account already, with its number.
  [[nodiscard]] bool known(const std::string& account) const {
    return std::ranges::any_of(told_, [&](const auto& each) { return each.account == account; });
  }

  /// One of the last few, again. Accounts remember more ids than that.
  Publication repeat() {
    Publication again = told_.at(told_.size() - 1 - random_.below(std::min<std::size_t>(told_.size(), 5)));
    again.arrival = now_;
    again.fault = Fault::repeats;
    const std::uint64_t dice = random_.below(100);
    if (dice < 40) set(again.fields, "id", "again" + std::to_string(++count_));
    // The same identity, and it says something else now.
    if (dice >= 85) set(again.fields, "segment", "other" + std::to_string(++count_));
    return again;
  }

  Publication malformed() {
    Publication entry = fresh();
    entry.fault = Fault::malformed;
    if (!entry.wrong.empty()) return entry;
    const auto wrong = [&](const std::string& field) { entry.wrong = field; };
    const auto amount_of = [&](const char* type, std::string value) {
      set(entry.fields, "type", type);
      set(entry.fields, "amount", std::move(value));
      wrong("amount");
    };
    // A heartbeat is of no account.
    const bool heartbeat = value_of(entry.fields, "type") == "source.heartbeat";
    switch (heartbeat ? random_.below(3) : random_.below(8)) {
      case 0:
        return amount_of("payment.received", "much"), entry;
      case 1:
        return amount_of(random_.percent(50) ? "payment.received" : "payment.reversed", "-50"), entry;
      case 2:
        return amount_of(random_.percent(50) ? "refund.credited" : "charge.upcoming", "0"), entry;
      case 3:
        return set(entry.fields, "time", "yesterday"), wrong("time"), entry;
      case 4:
        return set(entry.fields, "time", to_rfc3339(now_ + date::days(400))), wrong("time"), entry;
      case 5:
        return set(entry.fields, "time", "1970-01-01T00:00:00Z"), wrong("time"), entry;
      case 6:
        return set(entry.fields, "account", "not an account"), wrong("account"), entry;
      default:
        if (options_.partitions == 1) return wrong("type"), set(entry.fields, "type", "credit.lost"), entry;
        entry.wrong_partition = (partition_of(entry.account, options_.partitions) + 1) % options_.partitions;
        return wrong("account"), entry;
    }
  }

  void add_type(Fields& fields) {
    const auto type = [&](const char* name) { fields.emplace_back("type", name); };
    const std::uint64_t dice = random_.below(100);
    if (dice < 30) {
      type("credit.changed");
      add_position(fields);
    } else if (dice < 45) {
      type("payment.received");
      add_payment(fields);
    } else if (dice < 49) {
      add_reversal(fields);
    } else if (dice < 59) {
      type("suspension.scheduled");
      if (random_.percent(90)) fields.emplace_back("suspend_at", later(-hours(30), date::days(9)));
      if (random_.percent(20)) fields.emplace_back("reason", random_.pick(reasons));
    } else if (dice < 63) {
      type("suspension.cancelled");
    } else if (dice < 68) {
      type("service.suspended");
      if (random_.percent(40)) fields.emplace_back("reason", random_.pick(reasons));
    } else if (dice < 72) {
      type("service.resumed");
    } else if (dice < 76) {
      type("refund.credited");
      fields.insert(fields.end(), {{"amount", "3.50"}, {"currency", "CNY"}});
    } else if (dice < 80) {
      type("charge.upcoming");
      fields.emplace_back("charge_at", later(-hours(12), date::days(4)));
    } else if (dice < 86) {
      type("account.updated");
      add_profile(fields);
    } else {
      add_rare_type(fields, dice);
    }
  }

  /// Perhaps of nothing, perhaps in another currency than the debt's.
  void add_payment(Fields& fields) {
    if (random_.percent(10)) return fields.insert(fields.end(), {{"amount", "0.00"}, {"currency", "CNY"}}), void();
    fields.emplace_back("amount", random_.percent(80) ? "20" : "0.5");
    fields.emplace_back("currency", random_.percent(85) ? "CNY" : random_.percent(50) ? "EUR" : "JPY");
    if (random_.percent(50)) fields.emplace_back("balance", random_.pick(amounts));
  }

  /// Of a payment that was told of, as a rule.
  void add_reversal(Fields& fields) {
    fields.emplace_back("type", "payment.reversed");
    std::string amount = "20";
    std::string currency = "CNY";
    for (const Publication& told : told_)
      if (told.account == value_of(fields, "account") && value_of(told.fields, "type") == "payment.received" &&
          random_.percent(70)) {
        amount = value_of(told.fields, "amount");
        currency = value_of(told.fields, "currency");
      }
    if (whole_units(Amount::parse(amount).value(), currency) == 0) amount = "20";
    fields.insert(fields.end(), {{"amount", amount}, {"currency", currency}});
    if (random_.percent(60)) fields.emplace_back("balance", random_.pick(amounts));
  }

  void add_rare_type(Fields& fields, std::uint64_t dice) {
    const auto type = [&](const char* name) { fields.emplace_back("type", name); };
    if (dice < 90) {
      type("dispute.opened");
      fields.emplace_back("until", later(-hours(3), date::days(12)));
    } else if (dice < 92) {
      type("dispute.closed");
    } else if (dice < 95) {
      type("promise.made");
      if (random_.percent(60)) fields.emplace_back("until", later(hours(1), date::days(6)));
    } else if (dice < 96) {
      type("promise.withdrawn");
    } else if (dice < 97) {
      type("resume.ordered");
      fields.emplace_back("order", "o1");
    } else if (dice < 98) {
      type("source.heartbeat");
      fields.emplace_back("source", "billing");
    } else {
      type(random_.percent(30) ? "account.closed" : random_.percent(60) ? "account.reopened" : "complaint.filed");
    }
  }

  /// States as billing has them, or amounts from which they follow; now and then a debt of nothing.
  void add_position(Fields& fields) {
    const bool stated = random_.percent(65);
    const std::string state(random_.percent(55) ? "arrears" : random_.pick(states));
    if (stated) fields.emplace_back("state", state);
    if (random_.percent(5)) {
      const auto& [currency, rest] = random_.pick(rests);
      return fields.insert(fields.end(), {{"currency", std::string(currency)}, {"balance", std::string(rest)}}), void();
    }
    const bool owing = stated && (state == "arrears" || state == "suspension_due") && random_.percent(95);
    if (!stated || random_.percent(65))
      fields.emplace_back("balance", owing ? random_.pick(debts) : random_.pick(amounts));
    if (random_.percent(35)) fields.emplace_back("credit_limit", random_.percent(30) ? "0" : "40");
    if (random_.percent(80)) fields.emplace_back("currency", random_.percent(85) ? "CNY" : "EUR");
    if (random_.percent(25)) fields.emplace_back("suspend_at", later(-hours(30), date::days(8)));
    if (state == "low" && random_.percent(50)) fields.emplace_back("exhausts_at", later(-hours(20), date::days(3)));
  }

  void add_profile(Fields& fields) {
    if (random_.percent(60)) set(fields, "zone", std::string(random_.pick(zones)));
    if (random_.percent(20))
      set(fields, "credit_level", std::to_string(random_.percent(50) ? 7 : random_.between(1, 6)));
    if (random_.percent(30))
      set(fields, "opt_in", random_.percent(60) ? "early_reminder,refund,charge" : std::string(random_.pick(kinds)));
    if (random_.percent(10)) set(fields, "opt_out", std::string(random_.pick(kinds)));
    if (random_.percent(5)) set(fields, "credit_level", "gold");  // it cannot be read, and voids nothing
    if (random_.percent(10)) set(fields, "manager", random_.percent(70) ? "li.na" : "nobody");
  }

  std::string later(Millis at_least, Millis at_most) {
    return to_rfc3339(date::floor<Seconds>(now_ + Millis(random_.between(at_least.count(), at_most.count()))));
  }

  const SimOptions& options_;
  Random random_;
  Instant now_;
  std::string named_;  ///< what billing calls itself, if it does
  int count_ = 0;
  int payments_ = 0;        ///< counted by the other source
  std::int64_t burst_ = 0;  ///< so many more of it
  std::vector<Publication> told_;
  std::map<std::pair<std::string, std::string>, std::int64_t> seq_;  ///< by source and account
};

}  // namespace

std::string value_of(const Fields& fields, std::string_view name) {
  const auto at = std::ranges::find(fields, name, &Field::first);
  return at == fields.end() ? std::string() : at->second;
}

std::vector<Publication> tell_story(const SimOptions& options, Instant start) {
  Billing billing(options, start);
  std::vector<Publication> story;
  for (int i = 0; i < options.events; ++i) story.push_back(billing.next());
  std::vector<Publication> kept;
  for (std::size_t i = 0; i < story.size(); ++i) {
    const bool wanted = !options.keep || std::ranges::binary_search(*options.keep, i);
    const bool allowed = !story[i].fault || options.faults.has(*story[i].fault);
    if (wanted && allowed) kept.push_back(std::move(story[i]));
  }
  return kept;
}

}  // namespace dun::test
