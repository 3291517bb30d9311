// The order in which the calls of one cycle come to a partition. Each of them trusts what the one before it has left: a
// batch that is decided twice, or decided after a recovery that its records do not know, would go to the store as if it
// were right. So the order is checked in every build; it costs a comparison a call.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace dun::scheduler {

/// A call out of its turn is a bug of the caller's, and ends the program with the call and the stage. Owner: the
/// partition.
class CallOrder {
 public:
  /// Ends a cycle at any point but between decide and the word about its commit: without that nobody knows whether the
  /// claims of the batch have left.
  void recover() {
    go("recover", {Stage::unowned, Stage::ready, Stage::looked, Stage::gathered, Stage::dropped}, Stage::ready);
  }
  void look() { go("look", {Stage::ready}, Stage::looked); }
  void gather() { go("gather", {Stage::looked}, Stage::gathered); }
  void decide() { go("decide", {Stage::gathered}, Stage::decided); }
  void committed() { go("committed", {Stage::decided}, Stage::ready); }
  void dropped() { go("dropped", {Stage::decided}, Stage::dropped); }

 private:
  enum class Stage : std::uint8_t { unowned, ready, looked, gathered, decided, dropped };
  void go(std::string_view call, std::initializer_list<Stage> from, Stage to) {
    for (const Stage stage : from)
      if (stage_ == stage) {
        stage_ = to;
        return;
      }
    refuse(call);
  }
  [[noreturn]] void refuse(std::string_view call) const;
  [[nodiscard]] static std::string_view to_text(Stage stage);

  Stage stage_ = Stage::unowned;
};

}  // namespace dun::scheduler
