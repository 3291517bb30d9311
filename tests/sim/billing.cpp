#include "tests/sim/billing.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>

namespace dun::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::array<std::string_view, 6> zones = {"Asia/Shanghai",       "America/New_York", "Europe/Berlin",
                                                   "Australia/Lord_Howe", "America/St_Johns", "Mars/Olympus"};
constexpr std::array<std::string_view, 5> states = {"clear", "low", "arrears", "suspension_due", "suspended"};
constexpr std::array<std::string_view, 4> kinds = {"early_reminder", "dunning", "refund,charge", ""};
constexpr std::array<std::string_view, 6> amounts = {"-50", "-12.50", "0", "-0.01", "10", "-120"};

void set(Fields& fields, const std::string& name, std::string value) {
  std::erase_if(fields, [&](const Field& field) { return field.first == name; });
  fields.emplace_back(name, std::move(value));
}

class Billing {
 public:
  Billing(const SimOptions& options, Instant start)
      : options_(options),
        random_(options.seed * 7919),
        now_(start),
        seq_(static_cast<std::size_t>(options.accounts)) {}

  Publication next() {
    if (burst_ > 0) return one_more();
    if (random_.percent(5)) burst_ = random_.between(2, 4);
    let_time_pass();
    if (random_.percent(4)) return malformed();
    if (!told_.empty() && random_.percent(7)) return repeat();
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

  Publication fresh() {
    const std::size_t account = random_.below(static_cast<std::uint64_t>(options_.accounts));
    Publication event{.arrival = now_, .fields = {}, .account = "A" + std::to_string(account)};
    Instant time = now_;
    if (random_.percent(12)) {
      event.fault = Fault::disorder;
      time -= random_.percent(80) ? Millis(random_.between(1, 300 * 60'000)) : date::days(random_.between(1, 12));
    }
    event.fields = {{"id", "e" + std::to_string(++count_)}, {"account", event.account}, {"time", to_rfc3339(time)}};
    add_type(event.fields);
    if (random_.percent(10)) set(event.fields, "seq", std::to_string(seq_.at(account) += random_.between(-1, 3)));
    if (random_.percent(80) || !known(account))
      set(event.fields, "msisdn", "+86138001380" + std::to_string(10 + account));
    if (random_.percent(15)) add_profile(event.fields);
    return event;
  }

  /// Payments of the account that was told of last, within moments: its notices wait for one another.
  Publication one_more() {
    --burst_;
    now_ += Millis(random_.between(1, 400));
    Publication event{.arrival = now_, .fields = {}, .account = told_.empty() ? "A0" : told_.back().account};
    event.fields = {{"id", "e" + std::to_string(++count_)},
                    {"account", event.account},
                    {"time", to_rfc3339(now_)},
                    {"type", "payment.received"},
                    {"amount", "20"}};
    told_.push_back(event);
    return event;
  }

  /// Whether something was told of the account already, with its number.
  [[nodiscard]] bool known(std::size_t account) const {
    return std::ranges::any_of(told_, [&](const auto& each) { return each.account == "A" + std::to_string(account); });
  }

  /// One of the last few, again. Accounts remember more ids than that.
  Publication repeat() {
    Publication again = told_.at(told_.size() - 1 - random_.below(std::min<std::size_t>(told_.size(), 5)));
    again.arrival = now_;
    again.fault = Fault::repeats;
    if (random_.percent(50)) set(again.fields, "id", "again" + std::to_string(++count_));
    return again;
  }

  Publication malformed() {
    Publication entry = fresh();
    entry.fault = Fault::malformed;
    switch (random_.below(5)) {
      case 0:
        set(entry.fields, "type", "payment.received");
        set(entry.fields, "amount", "much");
        entry.wrong = "amount";
        break;
      case 1:
        set(entry.fields, "time", "yesterday");
        entry.wrong = "time";
        break;
      case 2:
        set(entry.fields, "time", to_rfc3339(now_ + date::days(400)));
        entry.wrong = "time";
        break;
      case 3:
        set(entry.fields, "account", "not an account");
        entry.wrong = "account";
        break;
      default:
        if (options_.partitions == 1) return entry.wrong = "type", set(entry.fields, "type", "credit.lost"), entry;
        entry.wrong_partition = (partition_of(entry.account, options_.partitions) + 1) % options_.partitions;
        entry.wrong = "account";
        break;
    }
    return entry;
  }

  void add_type(Fields& fields) {
    const auto type = [&](const char* name) { fields.emplace_back("type", name); };
    const std::uint64_t dice = random_.below(100);
    if (dice < 32) {
      type("credit.changed");
      add_position(fields);
    } else if (dice < 52) {
      type("payment.received");
      fields.emplace_back("amount", "20");
      if (random_.percent(50)) fields.emplace_back("balance", random_.pick(amounts));
    } else if (dice < 59) {
      type("suspension.scheduled");
      if (random_.percent(85)) fields.emplace_back("suspend_at", later(-hours(5), date::days(9)));
    } else if (dice < 62) {
      type("suspension.cancelled");
    } else if (dice < 66) {
      type("service.suspended");
    } else if (dice < 72) {
      type("service.resumed");
    } else if (dice < 77) {
      type("refund.credited");
      fields.emplace_back("amount", "3.50");
    } else if (dice < 81) {
      type("charge.upcoming");
      fields.emplace_back("charge_at", later(hours(1), date::days(4)));
    } else if (dice < 87) {
      type("account.updated");
      add_profile(fields);
    } else {
      add_rare_type(fields, dice);
    }
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
      type(random_.percent(25) ? "account.closed" : "complaint.filed");
    }
  }

  void add_position(Fields& fields) {
    if (random_.percent(75)) fields.emplace_back("state", random_.percent(55) ? "arrears" : random_.pick(states));
    if (random_.percent(60) || value_of(fields, "state").empty()) fields.emplace_back("balance", random_.pick(amounts));
    if (random_.percent(20)) fields.emplace_back("credit_limit", random_.percent(50) ? "0" : "40");
    if (random_.percent(60)) fields.emplace_back("currency", random_.percent(90) ? "CNY" : "EUR");
    if (random_.percent(20)) fields.emplace_back("suspend_at", later(-hours(2), date::days(8)));
  }

  void add_profile(Fields& fields) {
    if (random_.percent(60)) set(fields, "zone", std::string(random_.pick(zones)));
    if (random_.percent(20))
      set(fields, "credit_level", std::to_string(random_.percent(50) ? 7 : random_.between(1, 6)));
    if (random_.percent(30))
      set(fields, "opt_in", random_.percent(60) ? "early_reminder,refund,charge" : std::string(random_.pick(kinds)));
    if (random_.percent(10)) set(fields, "opt_out", std::string(random_.pick(kinds)));
    if (random_.percent(10)) set(fields, "manager", random_.percent(70) ? "li.na" : "nobody");
  }

  std::string later(Millis at_least, Millis at_most) {
    return to_rfc3339(date::floor<Seconds>(now_ + Millis(random_.between(at_least.count(), at_most.count()))));
  }

  const SimOptions& options_;
  Random random_;
  Instant now_;
  int count_ = 0;
  std::int64_t burst_ = 0;  ///< so many more of it
  std::vector<Publication> told_;
  std::vector<std::int64_t> seq_;
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
