// What it costs to keep: a record as bytes and back, and a commit as Redis commands.
#include "bench/samples.hpp"

#include "redis/codec.hpp"
#include "redis/commit_commands.hpp"
#include "redis/installation.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace dun::bench {
namespace {

void encode_record(benchmark::State& state) {
  const AccountRecord record = record_in_arrears(1, night());
  for (auto _ : state) benchmark::DoNotOptimize(redis::encode(record));
  state.counters["bytes"] = static_cast<double>(redis::encode(record).size());
}
BENCHMARK(encode_record);

void decode_record(benchmark::State& state) {
  const std::string bytes = redis::encode(record_in_arrears(1, night()));
  for (auto _ : state) benchmark::DoNotOptimize(redis::decode_record(bytes));
}
BENCHMARK(decode_record);

/// The commands of a commit, and their bytes as they are written to the socket.
void build(benchmark::State& state, const scheduler::Commit& commit) {
  const redis::PartitionKeys keys = redis::Keyspace().partition(0);
  const auto published = redis::OutcomeFilter::standard();
  constexpr int rejected_max = 100'000;
  std::size_t bytes = 0, commands = 0;
  for (auto _ : state) {
    std::string out;
    const auto operation = redis::commit_commands(commit, keys, redis::Installation().buckets, published, rejected_max);
    for (const redis::Command& command : operation) redis::append_command(out, command);
    bytes = out.size();
    commands = operation.size();
    benchmark::DoNotOptimize(out);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["bytes"] = static_cast<double>(bytes);
  state.counters["commands"] = static_cast<double>(commands);
}

void commit_of_events(benchmark::State& state) {
  build(state, commits_of_batch(static_cast<int>(state.range(0)), morning()).events);
}
BENCHMARK(commit_of_events)->Arg(1)->Arg(256);

void commit_of_claims(benchmark::State& state) {
  build(state, commits_of_batch(static_cast<int>(state.range(0)), morning()).claims);
}
BENCHMARK(commit_of_claims)->Arg(1)->Arg(256);

}  // namespace
}  // namespace dun::bench
