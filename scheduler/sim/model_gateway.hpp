// A gateway in memory for tests and simulations: ideal unless told otherwise, with faults by seed.
#pragma once

#include "scheduler/ports/sender.hpp"

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace dun::scheduler {

/// Stands for the far end and for the way there: it takes a message or does not, and answers truly or not at all. It
/// remembers what it took in the order in which it was told, and can be asked about it. Not thread-safe.
class ModelGateway final : public Sender {
 public:
  /// Chances in a thousand, each for one submission; what remains is accepted.
  struct Faults {
    int throttled = 0;
    int down = 0;
    int retry = 0;
    int rejected = 0;
    int unknown_taken = 0;                  ///< taken, but the answer is lost
    int unknown_not_taken = 0;              ///< lost on the way there
    int listed_late = 0;                    ///< taken, and the first questions about it say that it was not
    std::optional<Millis> pause;            ///< what a throttled or retry answer asks for
    Millis latency_min{0}, latency_max{0};  ///< from submission to answer, in real time; both ends are possible
  };

  /// `removes_duplicates`: a client_ref that was taken before is accepted again under the same id, and not taken twice;
  /// nor is it rejected then.
  explicit ModelGateway(std::uint64_t seed = 0, bool removes_duplicates = true);

  void set_faults(const Faults& faults) { faults_ = faults; }

  Awaitable<SendResult> send(SendRequest request) override;
  Awaitable<SendResult> ask(StatusRequest request) override;

  struct Reply {
    SendResult result;
    Millis latency{0};
  };
  /// The same without waiting, for drivers that keep their own time: the answer is due after `latency`.
  [[nodiscard]] Reply submit(const SendRequest& request);
  [[nodiscard]] Reply question(const StatusRequest& request);

  /// Messages taken, in order.
  [[nodiscard]] const std::vector<SendRequest>& taken() const { return taken_; }
  [[nodiscard]] std::uint64_t submitted() const { return submitted_; }
  [[nodiscard]] std::uint64_t asked() const { return asked_; }
  /// Submissions of a client_ref that had been taken before.
  [[nodiscard]] std::uint64_t repeated() const { return repeated_; }
  /// Requests of send() that are not answered yet, and the most there ever were.
  [[nodiscard]] int open() const { return open_; }
  [[nodiscard]] int open_most() const { return open_most_; }
  /// Times that send() was called for a number to which another message was under way.
  [[nodiscard]] std::uint64_t overlapping() const { return overlapping_; }

  /// Of Faults::listed_late: at most the first so many questions about a message are answered wrongly.
  static constexpr int denied_most = 2;

 private:
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  [[nodiscard]] Millis latency();
  [[nodiscard]] SendResult answer(const SendRequest& request);
  [[nodiscard]] SendResult answer(const StatusRequest& request);
  /// Returns the gateway's id for the message.
  std::string take(const SendRequest& request);

  std::mt19937_64 random_;
  bool removes_duplicates_;
  Faults faults_;
  std::vector<SendRequest> taken_;
  std::map<std::string, std::string> ids_;  ///< by client_ref
  std::map<std::string, int> denied_;       ///< by client_ref: so many questions more are answered wrongly
  std::map<std::string, int> open_by_number_;
  std::uint64_t submitted_ = 0, asked_ = 0, repeated_ = 0, overlapping_ = 0;
  int open_ = 0, open_most_ = 0;
};

}  // namespace dun::scheduler
