// Engines on a real event loop, with stores and a gateway in memory. Waits for conditions, never for time.
#pragma once

#include "scheduler/engine.hpp"
#include "scheduler/sim/memory_store.hpp"
#include "scheduler/sim/model_gateway.hpp"
#include "tests/support/rules.hpp"
#include "tests/support/scenario.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

namespace dun::test {

/// A store that answers later, like one behind a socket, and that can be told to fail.
class RemoteStore final : public scheduler::PartitionStore {
 public:
  enum class Point : std::uint8_t { acquire, read, load, bring, before_commit, after_commit };
  /// What goes wrong at a point, if anything does.
  using Trouble = std::function<std::optional<scheduler::StoreError::Kind>(Point)>;

  RemoteStore(std::unique_ptr<scheduler::MemoryStore> inner, Trouble trouble)
      : inner_(std::move(inner)), trouble_(std::move(trouble)) {}

  scheduler::Awaitable<scheduler::StoreResult<scheduler::Recovery>> acquire() override {
    co_await later();
    if (auto error = ask(Point::acquire)) co_return std::unexpected(*error);
    co_return inner_->acquire_now();
  }
  scheduler::Awaitable<scheduler::StoreResult<scheduler::ReadReply>> read(scheduler::ReadRequest request) override {
    co_await later();
    auto reply = inner_->read_now(request);
    if (auto error = ask(Point::read)) co_return std::unexpected(*error);
    co_return reply;
  }
  scheduler::Awaitable<scheduler::StoreResult<std::vector<std::optional<AccountRecord>>>> load(
      std::vector<AccountId> accounts) override {
    co_await later();
    if (auto error = ask(Point::load)) co_return std::unexpected(*error);
    co_return inner_->load_now(accounts);
  }
  scheduler::Awaitable<scheduler::StoreResult<void>> bring(scheduler::Post post) override {
    co_await later();
    if (auto error = ask(Point::bring)) co_return std::unexpected(*error);
    co_return inner_->bring_now(std::move(post));
  }
  scheduler::Awaitable<scheduler::StoreResult<void>> commit(scheduler::Commit commit) override {
    co_await later();
    if (auto error = ask(Point::before_commit)) co_return std::unexpected(*error);
    auto done = inner_->commit_now(std::move(commit));
    if (auto error = ask(Point::after_commit)) co_return std::unexpected(*error);
    co_return done;
  }
  scheduler::Awaitable<void> release() override {
    co_await later();
    inner_->release_now();
  }

 private:
  static scheduler::Awaitable<void> later() { co_await boost::asio::post(boost::asio::use_awaitable); }
  std::optional<scheduler::StoreError> ask(Point point) {
    const auto kind = trouble_ ? trouble_(point) : std::nullopt;
    if (!kind) return std::nullopt;
    return scheduler::StoreError{.kind = *kind, .message = "told to fail"};
  }
  std::unique_ptr<scheduler::MemoryStore> inner_;
  Trouble trouble_;
};

/// The counter of a gateway's rate, as a server would keep it.
class MemoryRateCounter final : public scheduler::RateCounter {
 public:
  scheduler::Awaitable<scheduler::StoreResult<Count>> add(std::string /*gateway*/, Millis length,
                                                          int segments) override {
    co_await boost::asio::post(boost::asio::use_awaitable);
    if (away) {
      ++refused;
      co_return std::unexpected(scheduler::StoreError{scheduler::StoreError::Kind::unavailable, "told to fail"});
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= end_) {
      total_ = 0;
      end_ = now + length;
    }
    total_ += segments;
    asked += static_cast<std::uint64_t>(segments);
    co_return Count{.total = total_, .left = std::chrono::floor<Millis>(end_ - now)};
  }
  bool away = false;
  int refused = 0;
  std::uint64_t asked = 0;

 private:
  std::int64_t total_ = 0;
  std::chrono::steady_clock::time_point end_;
};

/// A clock two hundred times as fast as the machine's, that shows the morning of a Monday.
inline scheduler::WallClock fast_clock() {
  return scheduler::WallClock({.virtual_origin = at("2026-03-02T10:00:00+08:00"),
                               .real_origin = date::floor<Millis>(std::chrono::system_clock::now()),
                               .speed = 200});
}

struct EngineBench {
  explicit EngineBench(const scheduler::Clock& with_clock, int partitions = 4) : clock(with_clock) {
    spdlog::set_level(spdlog::level::off);
    options.partitions = partitions;
    for (int i = 0; i < partitions; ++i) states.push_back(std::make_shared<scheduler::MemoryPartition>());
  }
  /// A test that failed half-way leaves the engine running; it must not end the program too.
  ~EngineBench() {
    for (const auto& engine : engines)
      if (engine) stop(*engine, Millis(0));
  }
  EngineBench(const EngineBench&) = delete;
  EngineBench& operator=(const EngineBench&) = delete;

  scheduler::Engine& start(const std::string& owner, RemoteStore::Trouble trouble = {},
                           std::shared_ptr<const scheduler::Rules> with = rules()) {
    const auto store = [this, owner, trouble](int number) {
      auto inner =
          std::make_unique<scheduler::MemoryStore>(states.at(static_cast<std::size_t>(number)), owner, clock, lease);
      inner->set_carrier([this](const scheduler::Post& post) { carry(post); });
      return std::make_unique<RemoteStore>(std::move(inner), trouble);
    };
    engines.push_back(std::make_unique<scheduler::Engine>(io.get_executor(), clock, options, dispatch, gateway,
                                                          std::move(with), store, rates));
    engines.back()->start();
    return *engines.back();
  }
  void stop(scheduler::Engine& engine, Millis most) {
    bool stopped = false;
    boost::asio::co_spawn(io, engine.stop(most), [&](const std::exception_ptr& failure) {
      EXPECT_EQ(failure, nullptr);
      stopped = true;
    });
    run_until([&] { return stopped; });
    for (auto& each : engines)
      if (each.get() == &engine) each.reset();
  }

  /// Lets everything run until the condition holds; gives up after so long that only a hang can be the cause.
  template <typename Condition>
  void run_until(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(120);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > give_up) {
        ADD_FAILURE() << "it does not come to pass";
        return;
      }
      io.restart();
      io.run_one_for(std::chrono::milliseconds(20));
    }
  }

  void publish(const std::string& id, const std::string& account, const std::string& type = "payment.received",
               Fields further = {}) {
    const int number = partition_of(account, options.partitions);
    Fields fields{{"id", id},
                  {"type", type},
                  {"account", account},
                  {"time", to_rfc3339(clock.now())},
                  {"msisdn", "+8613800" + std::to_string(100'000 + std::stoi(account))}};
    fields.insert(fields.end(), further.begin(), further.end());
    states.at(static_cast<std::size_t>(number))->add(std::move(fields));
    for (const auto& engine : engines)
      if (engine) engine->wake(number);
  }
  void carry(const scheduler::Post& post) {
    const int number = partition_of(post.to.str(), options.partitions);
    states.at(static_cast<std::size_t>(number))->add(post.fields);
    for (const auto& engine : engines)
      if (engine) engine->wake(number);
  }
  /// `rounds` payments of each account, ids `ACCOUNT.ROUND`.
  void publish_payments(int accounts, int rounds) {
    for (int round = 0; round < rounds; ++round)
      for (int account = 0; account < accounts; ++account)
        publish(std::to_string(account) + "." + std::to_string(round), std::to_string(account), "payment.received",
                {{"amount", std::to_string(round + 1)}});
  }

  [[nodiscard]] std::size_t count(OutcomeType type) const {
    std::size_t count = 0;
    for (const auto& state : states)
      count += static_cast<std::size_t>(std::ranges::count(state->journal, type, &Outcome::type));
    return count;
  }
  [[nodiscard]] std::size_t sent() const { return count(OutcomeType::notice_sent); }
  [[nodiscard]] std::size_t in_flight() const {
    std::size_t count = 0;
    for (const auto& state : states) count += state->in_flight.size();
    return count;
  }
  [[nodiscard]] scheduler::Counters counters() const {
    scheduler::Counters sum;
    for (const auto& state : states) {
      sum.read += state->counters.read;
      sum.applied += state->counters.applied;
      sum.sent += state->counters.sent;
    }
    return sum;
  }

  const scheduler::Clock& clock;
  boost::asio::io_context io{1};
  std::vector<std::shared_ptr<scheduler::MemoryPartition>> states;
  Millis lease = date::days(100);
  scheduler::EngineOptions options;
  scheduler::DispatchOptions dispatch{
      .gateways = {{.name = "g",
                    .flow = {.rate = 100, .burst = 100, .ramp = Millis(0), .throttle_pause = Seconds(2)},
                    .unknown = scheduler::UnknownRule::same_ref}},
      .gateway_of_lane = {"g", "g", "g"},
      .retry = {.attempts_max = 1000}};
  scheduler::ModelGateway gateway;
  scheduler::RateCounter* rates = nullptr;  ///< of engines that are started from now on
  std::vector<std::unique_ptr<scheduler::Engine>> engines;
};

}  // namespace dun::test
