// What delivery receipts have proved of the notices of a partition: what has arrived is never sent again, whatever the
// gateway answered before or after, and a receipt is the last word also on a notice that had ended otherwise.
#pragma once

#include "domain/outcome.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace dun::test {

class ReceiptBook {
 public:
  /// `doubts_end`: the gateway is asked about what is in doubt, so that nothing is when it refuses.
  explicit ReceiptBook(bool doubts_end) : doubts_end_(doubts_end) {}
  /// The store knows of an attempt at it.
  void claimed(const std::string& id) { claimed_.insert(id); }
  /// A receipt was read from the stream, by the commit whose outcomes are taken next.
  void read(const std::string& id);
  /// What the receipt proves, once they are taken: answers come before it.
  void weigh(const std::string& id, bool delivered);
  /// An outcome names the notice.
  void take(const Outcome& outcome, std::vector<std::string>& out);
  [[nodiscard]] bool arrived(const std::string& id) const { return arrived_.contains(id); }
  void finish(const std::set<std::string>& excused, std::vector<std::string>& out) const;

 private:
  struct Ended {
    std::string id;
    bool refused = false;  ///< no request for it may have been taken, by what the gateway said
  };
  void end(const std::string& id, bool refused);
  void forget(const std::string& id);

  bool doubts_end_;
  std::set<std::string> claimed_, read_, first_, arrived_, delivered_, awaited_, doubted_, ever_ended_;
  std::map<std::string, std::vector<Ended>> ended_;  ///< by account: the last ones, without their receipts
};

}  // namespace dun::test
