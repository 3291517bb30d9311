#include "bench/samples.hpp"

#include "config/load.hpp"
#include "scheduler/sim/memory_store.hpp"
#include "scheduler/sim/virtual_clock.hpp"

#include <cstdlib>
#include <iostream>
#include <tuple>
#include <utility>

namespace dun::bench {
namespace {

scheduler::Rules load_shipped() {
  auto read = config::load(DUN_SOURCE_DIR "/config", {.secrets_required = false});
  if (!read) {
    for (const auto& mistake : read.error()) std::cerr << mistake.file << ": " << mistake.message << '\n';
    std::exit(1);
  }
  return {.policies = std::move(read->policies), .catalogue = std::move(read->texts)};
}

/// The samples are right; where they are not, nothing that is measured means anything.
template <typename T, typename E>
T must(std::expected<T, E> result, const char* what) {
  if (result) return *std::move(result);
  std::cerr << "bench: " << what << '\n';
  std::exit(1);
}

std::string account_of(int number) {
  return "A" + std::to_string(100'000'000 + number);
}

}  // namespace

const scheduler::Rules& shipped() {
  static const scheduler::Rules rules = load_shipped();
  return rules;
}

Instant morning() {
  return must(parse_rfc3339("2026-03-31T10:00:00+08:00"), "morning");
}

Instant night() {
  return must(parse_rfc3339("2026-03-31T23:00:00+08:00"), "night");
}

Fields arrears_fields(int account, Instant time) {
  return {{"id", "e" + std::to_string(account)},
          {"type", "credit.changed"},
          {"account", account_of(account)},
          {"time", to_rfc3339(time)},
          {"state", "arrears"},
          {"balance", "-12.50"},
          {"currency", "CNY"},
          {"msisdn", "+86" + std::to_string(13'000'000'000 + account)},
          {"zone", "Asia/Shanghai"},
          {"lang", "zh-CN"}};
}

CreditEvent arrears(int account, Instant time) {
  return must(parse_event(arrears_fields(account, time), {.now = time}), "the event");
}

AccountRecord record_in_arrears(int account, Instant time) {
  AccountRecord record;
  const CreditEvent event = arrears(account, time);
  std::ignore = policies::step(event.account, record, policies::EventArrived{&event}, shipped().policies, time);
  return record;
}

Commits commits_of_batch(int accounts, Instant time) {
  const scheduler::VirtualClock clock(time);
  const auto state = std::make_shared<scheduler::MemoryPartition>();
  scheduler::MemoryStore store(state, "bench", clock, date::days(1));
  const scheduler::EngineOptions engine{.partitions = 1};
  const scheduler::DispatchOptions dispatch{.gateways = {{.name = "g"}}, .routes = Routes({"g", "g", "g"})};
  scheduler::Partition partition(0, engine, dispatch, std::make_shared<const scheduler::Rules>(shipped()));
  partition.recover(must(store.acquire_now(), "the lease"), time);
  for (int number = 0; number < accounts; ++number) state->add(arrears_fields(number, time));

  const auto cycle = [&] {
    const auto request = partition.look(time);
    const auto granted = static_cast<std::size_t>(accounts);
    auto inputs =
        partition.gather(request, must(store.read_now(request), "the look"), {granted, granted, granted}, time);
    auto records = must(store.load_now(inputs.accounts), "the records");
    auto batch = partition.decide(std::move(inputs), std::move(records), time);
    if (!store.commit_now(batch.commit)) std::exit(1);
    partition.committed(batch);
    return batch.commit;
  };
  Commits commits{.events = cycle(), .claims = cycle()};
  const auto expected = static_cast<std::size_t>(accounts);
  if (commits.events.records.size() != expected || commits.claims.claims.size() != expected) {
    std::cerr << "bench: not every event became a claim\n";
    std::exit(1);
  }
  return commits;
}

}  // namespace dun::bench
