#include "tools/sample/generator.hpp"

#include "base/assert.hpp"
#include "domain/zones.hpp"
#include "tools/sample/malformed.hpp"
#include "tools/sample/population.hpp"
#include "tools/sample/script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace dun::sample {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// How one event of the stream comes about.
enum class Making : std::uint8_t {
  step,          ///< a step of an account's script
  repeat,        ///< the same event once more
  same_content,  ///< the same change once more, under a new id
  malformed,     ///< a good event with one field spoilt
  heartbeat,
};

/// All that is kept of an event; the rest follows from it.
struct Entry {
  Instant arrives{};
  std::int32_t subject = 0;  ///< account number; of malformed ones and heartbeats their own number
  std::uint8_t step = 0;
  Making making = Making::step;
};

constexpr std::array<std::string_view, 3> producers = {"billing-1", "billing-2", "billing-3"};
constexpr minutes heartbeat_every{30};
constexpr int malformed_one_in = 250;  ///< accounts a malformed event

Stage make_stage(date::year_month_day day) {
  const policies::Zone* zone = policies::find_zone("Asia/Shanghai");
  DUN_ASSERT(zone != nullptr);
  const date::local_days local(day);
  const auto at = [&](hours hour) {
    return policies::to_instant(policies::LocalTime(local) + hour, *zone, policies::Reading::earliest);
  };
  return {.day = local, .begins = at(hours(5)), .ends = at(hours(24 + 14))};
}

std::string money(std::int64_t cents) {
  return Amount::from_micros(cents * 10'000).to_text();
}

/// As billing writes instants: on the customer's wall clock.
std::string stamp(Instant instant, const policies::Zone& zone) {
  return to_rfc3339(instant, zone_data().offset(zone, instant));
}

Fields render(const Customer& customer, const std::vector<Step>& steps, std::size_t index) {
  const Step& step = steps[index];
  Fields fields;
  const auto add = [&](std::string_view name, std::string value) { fields.emplace_back(name, std::move(value)); };
  const auto add_instant = [&](std::string_view name, const std::optional<Instant>& instant) {
    if (instant) add(name, stamp(*instant, *customer.zone));
  };
  add("id", fmt::format("{}-{}-{}", customer.source, customer.account, index + 1));
  add("type", std::string(to_text(step.type)));
  add("account", customer.account);
  add("time", stamp(step.time, *customer.zone));
  add("source", customer.source);
  if (customer.sends_seq) add("seq", std::to_string(index + 1));
  // A producer that names no state lets the balance speak, which it cannot for the others.
  const bool derivable = step.state == CreditState::arrears || step.state == CreditState::clear;
  if (step.state && (customer.sends_state || !derivable)) add("state", std::string(to_text(*step.state)));
  if (step.balance_cents) {
    add("balance", money(*step.balance_cents));
    add("credit_limit", money(customer.limit_cents));
  }
  if (step.amount_cents) add("amount", money(*step.amount_cents));
  if (step.balance_cents || step.amount_cents) add("currency", customer.currency);
  add_instant("due_at", step.due_at);
  add_instant("suspend_at", step.suspend_at);
  add_instant("exhausts_at", step.exhausts_at);
  add_instant("charge_at", step.charge_at);
  add_instant("until", step.until);
  if (step.type == EventType::resume_ordered || step.type == EventType::service_resumed)
    add("order", fmt::format("R-{}", customer.account));
  if (step.type == EventType::charge_upcoming) add("product", customer.currency == "CNY" ? "月租套餐" : "Monthly plan");
  if (step.type == EventType::complaint_filed) add("topic", "notices");
  if (step.with_profile) fields.insert(fields.end(), customer.profile.begin(), customer.profile.end());
  return fields;
}

/// Of these the same content under another id is no news; two payments of one amount are two.
bool states_position(EventType type) {
  return type == EventType::credit_changed || type == EventType::suspension_scheduled ||
         type == EventType::suspension_cancelled || type == EventType::account_updated;
}

Fields render_heartbeat(int number, Instant arrives) {
  const std::string_view producer = producers[static_cast<std::size_t>(number) % producers.size()];
  return {{"id", fmt::format("{}-alive-{}", producer, number)},
          {"type", "source.heartbeat"},
          {"source", std::string(producer)},
          {"time", to_rfc3339(arrives)}};
}

}  // namespace

struct SampleDay::Plan {
  SampleOptions options;
  Stage stage;
  std::vector<Entry> entries;
  SampleTruth truth;

  void add_account(int index);
  void add_malformed();
  void add_heartbeats();
  [[nodiscard]] Fields make(const Entry& entry) const;
};

void SampleDay::Plan::add_account(int index) {
  Random random(options.seed + 2, static_cast<std::uint64_t>(index));
  const Customer customer = make_customer(options.seed, index);
  const std::vector<Step> steps = make_script(options.seed, index, customer, stage);
  Instant last = stage.begins;
  bool owing = false;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    // The transport takes its time but keeps an account's order, unless one is overtaken by the next.
    const Step& step = steps[i];
    const Instant after = step.overtaken ? steps[i + 1].time + seconds(random.between(5, 120)) : step.time;
    const Instant arrives =
        std::max(after + Millis(random.between(20, 900)), step.overtaken ? after : last + Millis(1));
    const Entry entry{.arrives = arrives, .subject = index, .step = static_cast<std::uint8_t>(i)};
    entries.push_back(entry);
    if (step.overtaken) {
      ++truth.superseded;
      continue;
    }
    last = arrives;
    ++truth.applied;
    owing = owing || step.state == CreditState::arrears || step.state == CreditState::suspension_due ||
            step.type == EventType::suspension_scheduled;
    const bool again = random.chance(20);
    if (!again && !random.chance(5)) continue;
    Entry copy = entry;
    copy.making = again || !states_position(step.type) ? Making::repeat : Making::same_content;
    copy.arrives += seconds(random.between(1, 600));
    entries.push_back(copy);
    ++truth.duplicates;
  }
  if (!steps.empty()) ++truth.accounts;
  if (owing && customer.level == 7) ++truth.vip_owing;
}

void SampleDay::Plan::add_malformed() {
  const auto ways = all_spoils();
  const int count = std::max(static_cast<int>(ways.size()), options.accounts / malformed_one_in);
  Random random(options.seed + 3, 0);
  for (int i = 0; i < count; ++i) {
    const Instant arrives = stage.begins + Millis(random.below((stage.ends - stage.begins).count()));
    entries.push_back({.arrives = arrives, .subject = i, .making = Making::malformed});
    ++truth.malformed;
    ++truth.malformed_by_field[std::string(ways[static_cast<std::size_t>(i) % ways.size()].field)];
  }
}

void SampleDay::Plan::add_heartbeats() {
  int number = 0;
  for (Instant at = stage.begins; at < stage.ends; at += heartbeat_every) {
    for (std::size_t i = 0; i < producers.size(); ++i) {
      entries.push_back({.arrives = at, .subject = number++, .making = Making::heartbeat});
      ++truth.heartbeats;
    }
  }
}

Fields SampleDay::Plan::make(const Entry& entry) const {
  if (entry.making == Making::heartbeat) return render_heartbeat(entry.subject, entry.arrives);
  const int index = entry.making == Making::malformed ? entry.subject % options.accounts : entry.subject;
  const Customer customer = make_customer(options.seed, index);
  if (entry.making == Making::malformed) {
    const std::vector<Step> steps = {
        {.type = EventType::credit_changed, .time = entry.arrives, .state = CreditState::arrears, .balance_cents = -1}};
    Fields fields = render(customer, steps, 0);
    fields[0].second = fmt::format("{}-bad-{}", customer.source, entry.subject);
    const auto ways = all_spoils();
    apply(ways[static_cast<std::size_t>(entry.subject) % ways.size()], fields);
    return fields;
  }
  Fields fields = render(customer, make_script(options.seed, index, customer, stage), entry.step);
  if (entry.making == Making::same_content) fields[0].second += "-again";
  return fields;
}

SampleDay::SampleDay(const SampleOptions& options)
    : plan_(std::make_unique<Plan>(
          Plan{.options = options, .stage = make_stage(options.day), .entries = {}, .truth = {}})) {
  DUN_ASSERT(options.accounts >= 1 && options.accounts <= accounts_max);
  for (int index = 0; index < options.accounts; ++index) plan_->add_account(index);
  plan_->add_malformed();
  plan_->add_heartbeats();
  std::ranges::sort(plan_->entries, {}, [](const Entry& entry) {
    return std::tuple(entry.arrives, entry.making, entry.subject, entry.step);
  });
  plan_->truth.events = plan_->entries.size();
}

SampleDay::SampleDay(SampleDay&&) noexcept = default;
SampleDay& SampleDay::operator=(SampleDay&&) noexcept = default;
SampleDay::~SampleDay() = default;

std::size_t SampleDay::size() const {
  return plan_->entries.size();
}

SampleEvent SampleDay::event(std::size_t index) const {
  const Entry& entry = plan_->entries.at(index);
  return {.arrives = entry.arrives, .fields = plan_->make(entry)};
}

const SampleTruth& SampleDay::truth() const {
  return plan_->truth;
}

Instant SampleDay::begins() const {
  return plan_->entries.front().arrives;
}

Instant SampleDay::ends() const {
  return plan_->entries.back().arrives;
}

std::expected<date::year_month_day, std::string> parse_day(std::string_view text) {
  const auto instant = parse_rfc3339(fmt::format("{}T00:00:00Z", text));
  if (!instant || text.size() != 10) return std::unexpected<std::string>("expected a day such as 2026-01-31");
  return date::year_month_day(date::floor<date::days>(*instant));
}

}  // namespace dun::sample
