// Every key that says how fast a gateway is fed, and by which lane, changes when requests begin; and every key of its
// connections reaches the client that makes them: a row each.
#include "scheduler/dispatcher.hpp"
#include "tests/config/every_key.hpp"
#include "tests/config/gateway_rows.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <map>

namespace dun::test {
namespace {

using scheduler::Dispatcher;
using scheduler::InFlight;
using scheduler::SendResult;
using Lines = std::vector<std::string>;

constexpr Millis tick{20};

/// What a gateway does for a while, and whether anything is there to be sent.
struct Spell {
  std::string_view name;
  Millis length;
  bool busy = true;
  Millis latency{50};
  SendResult answer = scheduler::SendAccepted{};
};

/// All lanes full of messages, and a gateway that has its hours; who begins what is said second by second.
class Traffic {
 public:
  explicit Traffic(const scheduler::DispatchOptions& options)
      : dispatcher_(options, Millis(0)), routes_(options.routes) {}

  void run(const Spell& spell) {
    for (const Millis end = now_ + spell.length; now_ < end; now_ += tick) {
      answer();
      for (const Lane lane : all_lanes)
        dispatcher_.offer(0, lane, std::vector<Instant>(spell.busy ? 100 : 0, Instant(now_)));
      pump(spell);
      if ((now_ + tick).count() % 1000 != 0 || open_most_ == 0) continue;
      lines_.push_back(fmt::format("{} {}:{} at most {} open", spell.name, now_.count() / 1000, said(), open_most_));
      begun_.clear();
      open_most_ = 0;
    }
  }
  [[nodiscard]] const Lines& lines() const { return lines_; }

 private:
  struct Open {
    InFlight request;
    Millis begun, ends;
    SendResult answer;
  };
  void answer() {
    std::erase_if(open_, [&](const Open& open) {
      if (open.ends > now_) return false;
      dispatcher_.finished(open.request, open.answer, now_ - open.begun, now_);
      return true;
    });
  }
  void pump(const Spell& spell) {
    for (bool more = true; more;) {
      const auto actions = dispatcher_.pump(now_);
      for (const auto& start : actions.starts) {
        open_.push_back({start.request, now_, now_ + spell.latency, spell.answer});
        ++begun_[fmt::format("{} by {}", to_text(start.request.shelf.lane), start.request.gateway)];
      }
      open_most_ = std::max(open_most_, open_.size());
      more = dispatcher_.has_grants(0);
      if (more) claim();
    }
  }
  void claim() {
    const auto grants = dispatcher_.take_grants(0);
    std::vector<InFlight> claims;
    for (const Lane lane : all_lanes)
      for (std::size_t i = 0; i < grants.at(static_cast<std::size_t>(lane)); ++i)
        claims.push_back({.subject = AccountId("a"),
                          .notice = NoticeId("n" + std::to_string(++count_)),
                          .shelf = {.lane = lane},
                          .decided_at = Instant(now_),
                          .gateway = gateway_of(lane)});
    dispatcher_.submit(0, std::move(claims));
  }
  [[nodiscard]] std::string said() const {
    std::string text;
    for (const auto& [who, count] : begun_) text += fmt::format(" {} {},", count, who);
    return text;
  }
  [[nodiscard]] std::string gateway_of(Lane lane) const { return routes_.of(lane).gateway(); }

  Dispatcher dispatcher_;
  Routes routes_;
  std::vector<Open> open_;
  std::map<std::string, int> begun_;
  std::size_t open_most_ = 0;
  Millis now_{0};
  int count_ = 0;
  Lines lines_;
};

Lines hours_of_a_gateway(const std::string& text) {
  const LoadedFile loaded = load_gateways_file(text);
  for (const config::Mistake& mistake : loaded.mistakes) ADD_FAILURE() << to_text(mistake);
  if (!loaded.mistakes.empty()) return {};
  Traffic traffic(loaded.options.dispatch);
  const Spell spells[] = {
      {.name = "quick", .length = Seconds(35)},
      {.name = "pause", .length = Seconds(3), .busy = false},
      {.name = "quick again", .length = Seconds(5)},
      {.name = "slow", .length = Seconds(30), .latency = Seconds(3)},
      {.name = "too fast", .length = Seconds(12), .answer = scheduler::SendThrottled{}},
      {.name = "down", .length = Seconds(40), .answer = scheduler::SendGatewayDown{}},
      {.name = "back", .length = Seconds(10)},
      {.name = "idle", .length = std::chrono::minutes(8), .busy = false},
      {.name = "awake", .length = Seconds(5)},
  };
  for (const Spell& spell : spells) traffic.run(spell);
  return traffic.lines();
}

// ------------------------------------------------------------------------------------------------------------ rows

KeyRow flow(const std::string& key, const std::string& value, std::vector<Setting> given = {}) {
  return {sim + "flow." + key, {{sim + "flow." + key, value}}, "", std::move(given)};
}

std::vector<KeyRow> flow_rows() {
  // So that the rate does not need all connections, and the window has room to move.
  const std::vector<Setting> slower = {{sim + "flow.rate", "20"}};
  return {
      flow("rate", "100"),
      flow("burst", "20"),
      flow("in_flight_max", "4"),
      flow("in_flight_min", "12", slower),
      flow("ramp", "\"5s\""),
      flow("ramp_after", "\"8m\""),
      flow("latency_target", "\"4s\"", slower),
      flow("throttle_pause", "\"2s\""),
      flow("breaker_failures", "60"),
      flow("breaker_pause", "\"3s\""),
      flow("breaker_pause_max", "\"1s\""),
  };
}

std::vector<KeyRow> lane_rows() {
  const std::vector<Setting> second = {{"gateways.other.preset", "\"generic-json\""},
                                       {"gateways.other.request.url", "\"http://h/s\""},
                                       {"gateways.other.unknown.rule", "\"hold\""}};
  std::vector<KeyRow> rows = {{"routing.default", {{"routing.default", "\"other\""}}, "bulk by other", second},
                              {"lane_weights.urgent", {{"lane_weights.urgent", "2"}}, ""},
                              {"lane_weights.normal", {{"lane_weights.normal", "2"}}, ""},
                              {"lane_weights.bulk", {{"lane_weights.bulk", "2"}}, ""}};
  for (const std::string lane : {"urgent", "normal", "bulk"})
    rows.push_back({"routing." + lane, {{"routing." + lane, "\"other\""}}, lane + " by other", second});
  return rows;
}

std::vector<KeyRow> pace_rows() {
  std::vector<KeyRow> rows = flow_rows();
  for (KeyRow& row : lane_rows()) rows.push_back(std::move(row));
  rows.push_back({sim + "transport.connections", {{sim + "transport.connections", "4"}}, ""});
  return rows;
}

TEST(EveryKey, OfTheFlowChangesWhenRequestsBegin) {
  for (const KeyRow& row : pace_rows()) expect_effect(row, shipped_file("gateways.toml"), hours_of_a_gateway);
}

/// A key of the connections: it reaches the TransportSpec that the client is made of, and a test shows what the client
/// makes of it.
struct Elsewhere {
  std::string key, value;
  std::string (*read)(const gateways::TransportSpec& transport);
  std::string test, word;
  std::vector<Setting> given = {};
};

std::vector<Elsewhere> connection_keys() {
  using Spec = gateways::TransportSpec;
  const std::string tls = "TlsTest.";
  return {
      {"connect_timeout", "\"4s\"", [](const Spec& spec) { return dun::to_text(spec.connect_timeout); },
       "CurlClientTest.GivesUpAConnectionThatIsNotMadeInTime", "connect_timeout"},
      {"total_timeout", "\"11s\"", [](const Spec& spec) { return dun::to_text(spec.total_timeout); },
       "CurlClientTest.BoundsAnswersThatDoNotComeAndThoseThatTrickle", "total_timeout"},
      {"keep_alive", "false", [](const Spec& spec) { return std::to_string(static_cast<int>(spec.keep_alive)); },
       "CurlClientTest.KeepsConnectionsAliveUnlessToldNotTo", "keep_alive"},
      {"idle_max", "\"7s\"", [](const Spec& spec) { return dun::to_text(spec.idle_max); },
       "CurlClientTest.UsesNoConnectionThatWasIdleForTooLong", "idle_max"},
      {"tls_verify", "false", [](const Spec& spec) { return std::to_string(static_cast<int>(spec.tls_verify)); },
       tls + "TrustsOnlyWhomItIsTold", "tls_verify"},
      {"tls_ca", "\"ca.pem\"", [](const Spec& spec) { return spec.tls_ca; }, tls + "TrustsOnlyWhomItIsTold", "tls_ca"},
      {"tls_certificate",
       "\"us.pem\"",
       [](const Spec& spec) { return spec.tls_certificate; },
       tls + "ShowsItsCertificateToAServerThatAsksForOne",
       "tls_certificate",
       {{sim + "transport.tls_certificate", "\"a.pem\""}, {sim + "transport.tls_key", "\"key.pem\""}}},
      {"tls_key",
       "\"key.pem\"",
       [](const Spec& spec) { return spec.tls_key; },
       tls + "ShowsItsCertificateToAServerThatAsksForOne",
       "tls_key",
       {{sim + "transport.tls_certificate", "\"a.pem\""}, {sim + "transport.tls_key", "\"a.pem\""}}},
      {"proxy", "\"http://proxy:3128\"", [](const Spec& spec) { return spec.proxy; },
       "FieldCases.S31_AProxyThatAsksForAPasswordIsAProxyThatDoesNotLetUsThrough", "proxy"},
  };
}

TEST(EveryKey, OfTheConnectionsIsReadForTheTestThatShowsIt) {
  for (const Elsewhere& key : connection_keys()) {
    EXPECT_TRUE(has_test(key.test, key.word)) << key.test;
    expect_effect({key.key, {{sim + "transport." + key.key, key.value}}, "", key.given}, shipped_file("gateways.toml"),
                  [&](const std::string& text) {
                    const LoadedFile loaded = load_gateways_file(text);
                    for (const auto& mistake : loaded.mistakes) ADD_FAILURE() << to_text(mistake);
                    return Lines{key.read(loaded.options.gateways.at(0).transport)};
                  });
  }
}

}  // namespace

std::set<std::string> keys_of_the_flow() {
  std::set<std::string> keys;
  for (const KeyRow& row : pace_rows()) keys.insert(row.key);
  for (const Elsewhere& key : connection_keys()) keys.insert(sim + "transport." + key.key);
  return keys;
}

}  // namespace dun::test
