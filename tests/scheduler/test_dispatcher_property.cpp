// The dispatcher among partitions that commit when they please, over random schedules.
#include "scheduler/dispatcher.hpp"
#include "tests/scheduler/random.hpp"

#include <gmock/gmock.h>

namespace dun::scheduler {
namespace {

using test::Random;

/// What the partitions, the gateway and time do to a dispatcher. Knows nothing of how it decides.
class Schedule {
 public:
  struct Options {
    int partitions = 4;
    int notices = 200;    ///< each lane
    int voided = 0;       ///< chance in a hundred that a turn finds its notice gone
    bool faults = false;  ///< throttled, down and lost answers, partitions that go away
  };

  Schedule(std::uint64_t seed, const Options& with)
      : options_(with),
        random_(seed),
        dispatch_(random_dispatch()),
        dispatcher_(dispatch_, Millis(0)),
        partitions_(static_cast<std::size_t>(with.partitions)) {
    for (const Lane lane : all_lanes)
      for (int i = 0; i < with.notices; ++i)
        partitions_[random_.index(partitions_.size())]
            .queue.at(index(lane))
            .push_back({.decided = Instant(Millis(i)), .parts = random_.between(1, 4)});
  }

  void run() {
    for (int number = 0; number < options_.partitions; ++number) offer(number);
    for (int step = 0; step < 200'000 && !finished() && !testing::Test::HasFatalFailure(); ++step) {
      const int number = static_cast<int>(random_.index(partitions_.size()));
      switch (random_.between(0, 5)) {
        case 0:
          now_ += Millis(random_.between(0, 20));
          break;
        case 1:
          offer(number);
          break;
        case 2:
          begin_commit(number);
          break;
        case 3:
          end_commit(number);
          break;
        case 4:
          answer();
          break;
        default:
          if (options_.faults && random_.chance(2)) leave(number);
          break;
      }
      if (random_.chance(50)) pump();
      if (random_.chance(1)) now_ += Seconds(2);
    }
    EXPECT_TRUE(finished()) << "stuck";
  }

  /// In each lane, starts that came after one that was decided later.
  [[nodiscard]] int inversions() const { return inversions_; }
  [[nodiscard]] int answered() const { return answered_; }
  [[nodiscard]] int voided() const { return voided_; }

 private:
  struct Notice {
    Instant decided{};
    int parts = 1;
    friend auto operator<=>(const Notice&, const Notice&) = default;
  };
  using Queues = std::array<std::deque<Notice>, all_lanes.size()>;
  struct PartitionStub {
    Queues queue;
    bool committing = false;
    std::vector<InFlight> claims;
  };

  static std::size_t index(Lane lane) { return static_cast<std::size_t>(lane); }

  DispatchOptions random_dispatch() {
    FlowOptions flow{.rate = static_cast<double>(random_.between(20, 2000)),
                     .burst = static_cast<double>(random_.between(1, 50)),
                     .in_flight_max = random_.between(1, 40),
                     .ramp = random_.chance(50) ? Millis(0) : Millis(500),
                     .throttle_pause = Millis(200),
                     .breaker_failures = 3,
                     .breaker_pause = Millis(200),
                     .breaker_pause_max = Millis(800)};
    return {.gateways = {{.name = "a", .flow = flow}, {.name = "b", .flow = flow}},
            .routes = Routes({"a", random_.chance(50) ? "a" : "b", "a"}),
            .lane_weight = {8, 4, 1}};
  }

  void offer(int number) {
    const PartitionStub& stub = partitions_[static_cast<std::size_t>(number)];
    if (stub.committing) return;
    for (const Lane lane : all_lanes) {
      const auto& queue = stub.queue.at(index(lane));
      std::vector<Instant> turns;
      for (std::size_t i = 0; i < std::min<std::size_t>(queue.size(), 64); ++i) turns.push_back(queue[i].decided);
      dispatcher_.offer(number, lane, std::move(turns));
    }
  }

  void begin_commit(int number) {
    PartitionStub& stub = partitions_[static_cast<std::size_t>(number)];
    if (stub.committing || !dispatcher_.has_grants(number)) return;
    stub.committing = true;
    const Grants grants = dispatcher_.take_grants(number);
    for (const Lane lane : all_lanes) {
      auto& queue = stub.queue.at(index(lane));
      for (std::size_t granted = grants.at(index(lane)); granted > 0 && !queue.empty(); queue.pop_front()) {
        if (random_.chance(options_.voided)) {
          ++voided_;
          continue;
        }
        --granted;
        stub.claims.push_back({.shelf = {.lane = lane},
                               .decided_at = queue.front().decided,
                               .gateway = dispatch_.routes.of(lane).gateway(),
                               .errand = Submission{.parts = queue.front().parts}});
      }
    }
  }

  void end_commit(int number) {
    PartitionStub& stub = partitions_[static_cast<std::size_t>(number)];
    if (!stub.committing) return;
    stub.committing = false;
    dispatcher_.submit(number, std::exchange(stub.claims, {}));
    offer(number);
    pump();
  }

  /// The partition's commit failed, or another process has it now: what it had claimed and not begun is on its shelf.
  void leave(int number) {
    PartitionStub& stub = partitions_[static_cast<std::size_t>(number)];
    stub.committing = false;
    for (InFlight& claim : stub.claims) put_back(number, claim);
    stub.claims.clear();
    for (const InFlight& claim : dispatcher_.withdraw(number)) put_back(number, claim);
  }

  void put_back(int number, const InFlight& request) {
    auto& queue = partitions_[static_cast<std::size_t>(number)].queue.at(index(request.shelf.lane));
    queue.push_front({.decided = request.decided_at, .parts = segments_of(request.errand)});
    std::ranges::sort(queue);
  }

  void pump() {
    const auto actions = dispatcher_.pump(now_);
    for (const auto& returned : actions.returned) put_back(returned.partition, returned.request);
    for (const auto& start : actions.starts) {
      Instant& newest = newest_.at(index(start.request.shelf.lane));
      if (start.request.decided_at < newest) ++inversions_;
      newest = std::max(newest, start.request.decided_at);
      open_.push_back(start);
    }
    for (const auto& status : dispatcher_.status(now_)) {
      ASSERT_LE(status.open, 40);
      if (status.breaker == flow::Breaker::State::trying) ASSERT_LE(status.open, 1 + still_open_before_);
      if (status.breaker != flow::Breaker::State::trying) still_open_before_ = status.open;
    }
    for (const int number : actions.granted) ASSERT_TRUE(dispatcher_.has_grants(number));
  }

  void answer() {
    if (open_.empty()) return;
    const std::size_t which = random_.index(open_.size());
    const Dispatcher::Start start = open_[which];
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(which));
    SendResult result = SendAccepted{};
    if (options_.faults && random_.chance(20)) {
      const std::array<SendResult, 3> bad{SendThrottled{.after = Millis(100)}, SendGatewayDown{}, SendUnknown{}};
      result = bad.at(random_.index(bad.size()));
    }
    dispatcher_.finished(start.request, result, Millis(random_.between(1, 50)), now_);
    if (std::holds_alternative<SendThrottled>(result) || std::holds_alternative<SendGatewayDown>(result))
      put_back(start.partition, start.request);
    else
      ++answered_;
  }

  [[nodiscard]] bool finished() const { return answered_ + voided_ == options_.notices * 3; }

  Options options_;
  Random random_;
  DispatchOptions dispatch_;
  Dispatcher dispatcher_;
  std::vector<PartitionStub> partitions_;
  std::vector<Dispatcher::Start> open_;
  std::array<Instant, all_lanes.size()> newest_{};
  Millis now_{0};
  int inversions_ = 0, answered_ = 0, voided_ = 0;
  int still_open_before_ = 0;
};

TEST(DispatcherProperty, StartsInTheOrderOfDecisionAcrossPartitions) {
  for (const auto seed : test::seeds(60)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Schedule schedule(seed, {});
    schedule.run();
    ASSERT_EQ(schedule.inversions(), 0);
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

TEST(DispatcherProperty, LosesAndBlocksNothingWhateverHappens) {
  for (const auto seed : test::seeds(60)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Schedule schedule(seed, {.partitions = 5, .voided = 30, .faults = true});
    schedule.run();
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

}  // namespace
}  // namespace dun::scheduler
