// One partition on a memory store, stepped by hand.
#pragma once

#include "scheduler/partition.hpp"
#include "scheduler/sim/memory_store.hpp"
#include "scheduler/sim/virtual_clock.hpp"
#include "tests/support/claims.hpp"
#include "tests/support/rules.hpp"
#include "tests/support/scenario.hpp"

#include <gtest/gtest.h>

namespace dun::test {

/// A batch that stopped at any point of the way to the store.
struct PartitionBench {
  explicit PartitionBench(const std::string& start = "2026-03-02T10:00:00+08:00",
                          scheduler::UnknownRule unknown = scheduler::UnknownRule::same_ref)
      : clock(at(start)),
        state(std::make_shared<scheduler::MemoryPartition>()),
        store(state, "bench", clock, date::days(1000)),
        dispatch{.gateways = {{.name = "g", .unknown = unknown, .repeat_unreceipted = false}},
                 .routes = Routes({"g", "g", "g"})} {
    crash();
  }

  /// All that was in memory is gone; a new process finds what is in the store.
  void crash() {
    partition.emplace(0, engine, dispatch, rules());
    recover();
  }

  void recover() {
    auto found = store.acquire_now();
    ASSERT_TRUE(found.has_value()) << found.error().message;
    partition->recover(*found, wall());
  }

  static Fields fields(const std::string& id, const std::string& account, const std::string& type, Instant time,
                       Fields further = {}) {
    Fields all{{"id", id},
               {"type", type},
               {"account", account},
               {"time", to_rfc3339(time)},
               {"msisdn", "+861380013" + std::string(4 - std::min<std::size_t>(4, account.size()), '0') + account}};
    all.insert(all.end(), further.begin(), further.end());
    if (scheduler::Seal::is_internal(all)) scheduler::Seal().sign(all);
    return all;
  }
  /// A payment: one notice at once, at any hour. Accounts are named by up to four digits.
  void pay(const std::string& id, const std::string& account) {
    state->add(fields(id, account, "payment.received", clock.now(), {{"amount", "5"}}));
  }

  scheduler::Partition::Batch decide(std::size_t granted) {
    const auto request = partition->look(wall());
    auto reply = store.read_now(request);
    auto inputs = partition->gather(request, *std::move(reply), {granted, granted, granted}, wall());
    auto records = store.load_now(inputs.accounts);
    return partition->decide(std::move(inputs), *std::move(records), wall());
  }
  /// A whole cycle; what it claimed.
  std::vector<scheduler::InFlight> cycle(std::size_t granted = 100) {
    auto batch = decide(granted);
    EXPECT_TRUE(store.commit_now(batch.commit).has_value());
    partition->committed(batch);
    return batch.claims;
  }
  void answer(const scheduler::InFlight& request, const scheduler::SendResult& result) {
    partition->answered(scheduler::judge(request, result, dispatch, wall()));
  }

  [[nodiscard]] std::vector<std::string> sent() const {
    std::vector<std::string> causes;
    for (const Outcome& outcome : state->journal)
      if (outcome.type == OutcomeType::notice_sent) causes.push_back(outcome.cause.str());
    return causes;
  }

  /// What the partition takes for the present.
  [[nodiscard]] Instant wall() const { return clock.now() - set_back; }

  scheduler::VirtualClock clock;
  Millis set_back{0};
  std::shared_ptr<scheduler::MemoryPartition> state;
  scheduler::MemoryStore store;
  scheduler::EngineOptions engine{.partitions = 1, .lease_ttl = Seconds(10)};
  scheduler::DispatchOptions dispatch;
  std::optional<scheduler::Partition> partition;
};

inline std::vector<std::string> accounts(const std::vector<scheduler::InFlight>& claims) {
  std::vector<std::string> all;
  for (const auto& claim : claims) all.push_back(claim.subject.str());
  return all;
}

}  // namespace dun::test
