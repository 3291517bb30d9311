// An installation driven to the worst: two processes on machines with clocks of their own compete for its partitions
// while billing tells a story of days. One seed makes the same run every time.
#pragma once

#include "tests/sim/billing.hpp"
#include "tests/sim/process.hpp"
#include "tests/sim/watch.hpp"

namespace dun::test {

class World {
 public:
  explicit World(const SimOptions& options);
  ~World();

  /// Runs to the end, or to the first promise that is broken; what was wrong.
  const Violations& run();
  [[nodiscard]] const Story& story() const { return world_.story; }
  [[nodiscard]] const std::vector<std::string>& narration() const { return world_.narration; }

 private:
  struct Machine {
    explicit Machine(const scheduler::Clock& time) : clock(time) {}
    SteppedClock clock;
    std::unique_ptr<Process> process;
    int edition = 0;  ///< of the rules
  };
  struct Receipt {
    Instant at{};
    std::string notice;
    std::string status;
  };
  /// What the store of a partition was once, to go back to.
  struct Past {
    int partition = 0;
    scheduler::MemoryPartition state;
    std::shared_ptr<const Checker::PartitionBook> known;
    Instant until{};
  };

  void turn();
  void publish_due();
  void publish(const Publication& publication);
  void add(int partition, Fields fields, const std::string& wrong);
  void stand(int partition, Fields fields, const std::string& wrong);
  void route_front_door();
  void watch_gateway();
  void publish_receipts();
  void look_about();
  void strike();
  void strike(Machine& machine);
  void lose_lease();
  void fail_over();
  void start(Machine& machine);
  void step_processes();
  void let_time_pass();
  [[nodiscard]] bool at_leisure();
  [[nodiscard]] bool at_rest() const;
  void come_to_rest();

  Installation world_;
  Watch watch_;
  std::vector<Publication> story_;
  std::size_t told_ = 0;  ///< of the story, so many were published
  std::vector<Machine> machines_;
  int processes_ = 0;
  struct Waiting {
    int partition = 0;
    Fields fields;
    std::string wrong;
  };
  std::deque<Waiting> front_door_;
  struct Entry {
    scheduler::StreamEntry entry;
    std::string wrong;
  };
  std::vector<std::vector<Entry>> produced_;  ///< by partition: all that ever stood in its stream
  std::vector<Receipt> receipts_;             ///< to come
  std::size_t watched_ = 0;                   ///< of what the gateway took
  int receipts_made_ = 0;
  std::optional<Past> past_;
};

}  // namespace dun::test
