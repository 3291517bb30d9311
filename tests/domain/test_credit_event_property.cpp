// Any bytes in an event: never a crash, and either a sound event or a refusal that names a field of it.
#include "base/text/utf8.hpp"
#include "domain/credit_event.hpp"
#include "tests/domain/random.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <vector>

namespace dun {
namespace {

constexpr std::array<std::string_view, 36> names = {
    "id",       "type",    "account", "time",         "seq",        "source",   "msisdn",     "zone",    "lang",
    "brand",    "segment", "manager", "credit_level", "email",      "channels", "opt_in",     "opt_out", "balance",
    "currency", "state",   "due_at",  "credit_limit", "suspend_at", "amount",   "order",      "product", "charge_at",
    "until",    "topic",   "notice",  "exhausts_at",  "status",     "gateway",  "gateway_id", "detail",  "extra"};

/// Values that are right for some field, so that random events get past the first check.
constexpr std::array<std::string_view, 24> plausible = {"credit.changed",
                                                        "payment.received",
                                                        "dispute.opened",
                                                        "source.heartbeat",
                                                        "dun.receipt",
                                                        "account.updated",
                                                        "A1",
                                                        "e1",
                                                        "2026-03-02T10:00:00+08:00",
                                                        "+8613800138000",
                                                        "Asia/Shanghai",
                                                        "zh-CN",
                                                        "refund,charge",
                                                        "-12.50",
                                                        "CNY",
                                                        "arrears",
                                                        "suspension_due",
                                                        "7",
                                                        "delivered",
                                                        "2026-02-29T10:00:00Z",
                                                        "9999-12-31T23:59:59Z",
                                                        "-",
                                                        "",
                                                        "x y"};

std::string random_value(test::Random& random, std::string_view name) {
  if (random.percent(50)) {
    if (name == "type") return std::string(random.pick(event_type_names()));
    if (name == "account") return "A1";
    if (name == "time") return "2026-03-02T10:00:00+08:00";
    if (name == "id") return "e1";
  }
  if (random.percent(60)) return std::string(random.pick(plausible));
  std::string value = random.bytes(random.percent(5) ? 700 : 24);
  if (random.percent(50)) {
    // A right value with one byte changed finds the borders of a check.
    value = std::string(random.pick(plausible));
    if (!value.empty()) value[random.below(value.size())] = static_cast<char>(random.below(256));
  }
  return value;
}

Fields random_fields(test::Random& random) {
  Fields fields;
  for (const std::string_view name : {"id", "type", "account", "time"})
    if (random.percent(95)) fields.emplace_back(name, random_value(random, name));
  for (std::uint64_t left = random.below(8); left > 0; --left) {
    const std::string_view name = random.pick(names);
    fields.emplace_back(random.percent(5) ? random.bytes(8) : std::string(name), random_value(random, name));
  }
  return fields;
}

std::string describe(const Fields& fields) {
  std::string text = "seed " + std::to_string(test::run_seed());
  for (const auto& [name, value] : fields)
    text += "\n  " + testing::PrintToString(name) + "=" + testing::PrintToString(value);
  return text;
}

bool is_clean(std::string_view text) {
  return is_utf8(text) && std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

void expect_sound(const CreditEvent& event, Instant latest) {
  EXPECT_FALSE(event.id.empty());
  EXPECT_LE(event.id.str().size(), 128U);
  EXPECT_TRUE(is_account_id(event.account.str()) || event.type == EventType::source_heartbeat);
  EXPECT_LE(event.time, latest);
  if (event.profile.msisdn)
    EXPECT_EQ(normalise_msisdn(*event.profile.msisdn).value_or("refused"), *event.profile.msisdn);
  EXPECT_TRUE(event.currency.empty() || is_known_currency(event.currency));
  const bool takes_no_debt = event.type == EventType::payment_received || event.type == EventType::payment_reversed ||
                             event.type == EventType::refund_credited || event.type == EventType::charge_upcoming;
  EXPECT_FALSE(takes_no_debt && event.amount && event.amount->negative());
  EXPECT_FALSE(event.type == EventType::credit_changed && event.state == CreditState::arrears && event.balance &&
               !event.balance->negative());
  for (const auto& instant : {event.due_at, event.suspend_at, event.exhausts_at, event.charge_at, event.until})
    EXPECT_TRUE(!instant || std::chrono::abs(*instant - latest) <= date::days(3660));
  EXPECT_EQ(event.receipt.has_value(), event.type == EventType::receipt);
  for (const std::string* text : {&event.source, &event.order, &event.product, &event.topic, &event.notice,
                                  &event.gateway, &event.gateway_id, &event.detail})
    EXPECT_TRUE(is_clean(*text)) << *text;
  const ProfilePatch& profile = event.profile;
  for (const auto* text : {&profile.zone, &profile.lang, &profile.brand, &profile.segment, &profile.manager,
                           &profile.email, &profile.channels})
    EXPECT_TRUE(!*text || is_clean(**text)) << **text;
  for (const RefusedField& refused : event.refused) EXPECT_FALSE(refused.reason.empty()) << refused.field;
  EXPECT_TRUE(is_clean(describe_refused(event.refused)));
}

TEST(AnyBytes, AreAnEventOrAreRefusedByTheNameOfAField) {
  test::Random random(test::run_seed());
  const Instant latest = *parse_rfc3339("2026-03-02T10:10:00+08:00");
  const EventBounds bounds{
      .now = latest, .latest = latest, .earliest = latest - date::days(1830), .plausible = date::days(3660)};
  int taken = 0;
  constexpr int rounds = 200'000;
  for (int round = 0; round < rounds; ++round) {
    const Fields fields = random_fields(random);
    const auto event = parse_event(fields, bounds);
    if (event) {
      ++taken;
      expect_sound(*event, latest);
      EXPECT_EQ(event->content_hash, parse_event(fields, bounds)->content_hash);
    } else {
      const Rejection& why = event.error();
      const bool given = std::ranges::any_of(
          fields, [&](const Field& field) { return field.first == why.field && !field.second.empty(); });
      const bool known = std::ranges::find(names, why.field) != names.end();
      const bool both = why.field == "state,balance";
      EXPECT_TRUE(both || (known && (given || why.reason.starts_with("missing")))) << why.field << ": " << why.reason;
      EXPECT_FALSE(why.reason.empty());
    }
    ASSERT_FALSE(testing::Test::HasFailure()) << describe(fields);
  }
  // The events are neither all wrong nor all right, or this shows nothing.
  EXPECT_GT(taken, rounds / 50);
  EXPECT_LT(taken, rounds / 2);
}

TEST(AnyBytes, AsANumberAreNormalisedOnceAndForAll) {
  test::Random random(test::run_seed());
  for (int round = 0; round < 100'000; ++round) {
    std::string text = "+";
    for (std::uint64_t left = random.below(20); left > 0; --left) {
      static constexpr std::array<std::string_view, 8> pieces = {
          " ", "-", "(", "\xef\xbc\x90", "\xef\xbc\x99", "\xef\xbc\x8b", "\xef\xbc", "+"};
      text += random.percent(80) ? std::string(1, static_cast<char>('0' + random.below(10)))
                                 : std::string(random.pick(pieces));
    }
    const auto number = normalise_msisdn(text);
    if (!number) continue;
    EXPECT_THAT(*number, testing::MatchesRegex("\\+[1-9][0-9]+")) << text;
    EXPECT_TRUE(number->size() >= 8 && number->size() <= 16) << text;
    EXPECT_EQ(normalise_msisdn(*number), number) << text;
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << test::run_seed();
  }
}

}  // namespace
}  // namespace dun
