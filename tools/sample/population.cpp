#include "tools/sample/population.hpp"

#include "tools/sample/random.hpp"

#include <fmt/format.h>

#include <array>

namespace dun::sample {
namespace {

struct Region {
  int weight;
  const char* zone;
  const char* currency;
  const char* prefix;  ///< of a mobile number; seven digits follow
  const char* lang;
  const char* manager;
};
constexpr std::array regions = {
    Region{820, "Asia/Shanghai", "CNY", "+861380", "zh-CN", "li.na"},
    Region{60, "Asia/Urumqi", "CNY", "+861990", "zh-CN", "aygul"},
    Region{50, "Asia/Hong_Kong", "HKD", "+8529", "zh-CN", "wang.wei"},
    Region{30, "Europe/Berlin", "EUR", "+491511", "en", "anna.schmidt"},
    Region{25, "America/New_York", "USD", "+1202", "en", "wang.wei"},
    Region{4, "Asia/Tokyo", "JPY", "+81901", "en", "wang.wei"},
    Region{4, "Europe/London", "GBP", "+44770", "en", "anna.schmidt"},
    Region{3, "America/Sao_Paulo", "BRL", "+551191", "en", "nobody.knows"},
    Region{2, "Australia/Sydney", "AUD", "+6141", "en", "li.na"},
    Region{2, "Asia/Kathmandu", "NPR", "+97798", "en", "li.na"},
};

struct Level {
  int weight, level;
};
constexpr std::array levels = {Level{300, 1}, Level{250, 2}, Level{200, 3}, Level{120, 4}, Level{80, 5}, Level{50, 6}};
// Every hundredth customer, so that a small sample has some too.
constexpr int vip_level = 7;
constexpr bool is_vip(int index) {
  return index % 100 == vip_level;
}

constexpr std::array<const char*, 3> sources = {"billing-1", "billing-2", "billing-3"};
constexpr std::array<std::int64_t, 5> limits = {0, 0, 50'00, 100'00, 500'00};

/// As people type numbers: some with separators, a few in full-width digits.
std::string written(std::string_view number, Random& random) {
  if (random.chance(15)) return fmt::format("{} {}-{}", number.substr(0, 4), number.substr(4, 3), number.substr(7));
  if (!random.chance(5)) return std::string(number);
  std::string wide;
  for (const char c : number) {
    // U+FF0B is the full-width plus, U+FF10 to U+FF19 are the digits.
    wide += "\xef\xbc";
    wide += static_cast<char>(c == '+' ? 0x8b : 0x90 + (c - '0'));
  }
  return wide;
}

std::string segment_of(Random& random) {
  const std::int64_t roll = random.below(1000);
  if (roll < 4) return "internal";
  if (roll < 8) return "test";
  return roll < 150 ? "business" : "consumer";
}

}  // namespace

Customer make_customer(std::uint64_t seed, int index) {
  Random random(seed, static_cast<std::uint64_t>(index));
  const Region& region = random.pick_weighted(regions);
  Customer customer;
  customer.account = fmt::format("A{:07}", index);
  customer.currency = region.currency;
  customer.source = random.pick(sources);
  customer.zone = policies::find_zone(region.zone);
  customer.level = is_vip(index) ? vip_level : random.pick_weighted(levels).level;
  customer.sends_seq = random.chance(700);
  customer.sends_state = random.chance(700);
  customer.limit_cents = random.pick(limits);

  const auto add = [&](std::string_view name, std::string value) {
    customer.profile.emplace_back(name, std::move(value));
  };
  if (!random.chance(2)) add("msisdn", written(fmt::format("{}{:07}", region.prefix, index), random));
  if (random.chance(3)) {
    add("zone", "Asia/Atlantis");  // the tz database has no such zone
  } else if (!random.chance(20)) {
    add("zone", region.zone);
  }
  add("lang", random.chance(40) ? "en" : region.lang);
  add("brand", random.chance(100) ? "lite" : "main");
  add("segment", customer.level == vip_level ? "business" : segment_of(random));
  add("credit_level", std::to_string(customer.level));
  if (customer.level == vip_level && !random.chance(100)) add("manager", region.manager);
  if (random.chance(250)) add("opt_in", "early_reminder,refund,charge");
  if (random.chance(10)) add("opt_out", "dunning");
  return customer;
}

}  // namespace dun::sample
