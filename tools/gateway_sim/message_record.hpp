// Everything that the simulated gateway has taken.
#pragma once

#include "domain/time.hpp"
#include "tools/gateway_sim/submission.hpp"

#include <cstdint>
#include <deque>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace dun::gateway_sim {

/// Remembers messages by their client_ref and writes each as a line of NDJSON.
///
/// Guarantee: what `add` has returned is in the file and survives the death of the process, so that a repeat is known
/// after a restart with the same file.
class MessageRecord {
 public:
  /// Without a file the record lasts as long as the process. `keep`: how many lines stay in memory for `page`.
  MessageRecord(std::optional<std::filesystem::path> file, std::size_t keep);
  ~MessageRecord();
  MessageRecord(const MessageRecord&) = delete;
  MessageRecord& operator=(const MessageRecord&) = delete;

  /// Reads what the file already holds, if there is one. A last line that was cut off by a crash is dropped: it was
  /// never answered. Error: the file, the line, and what is wrong.
  [[nodiscard]] std::expected<void, std::string> open();

  /// The id under which a message with this reference was taken before; notes that it came again.
  [[nodiscard]] std::optional<std::string> repeated(const std::string& client_ref, Instant at);

  /// The id of the first message with this reference that was taken by `until`.
  [[nodiscard]] std::optional<std::string> find(const std::string& client_ref, Instant until) const;

  /// Takes a new message and returns its id. Error: the file cannot be written; then the message is not taken.
  [[nodiscard]] std::expected<std::string, std::string> add(const Submission& submission, Instant at);

  [[nodiscard]] std::uint64_t messages() const { return messages_; }
  /// NDJSON of at most `limit` of the messages that are still in memory, from number `from` (counted from 0) on.
  [[nodiscard]] std::string page(std::uint64_t from, std::size_t limit) const;

 private:
  std::expected<void, std::string> reload(std::string_view line, std::size_t number);
  std::expected<void, std::string> write(std::string_view line);
  void keep(std::string line);

  std::optional<std::filesystem::path> file_;
  std::size_t keep_;
  int fd_ = -1;
  std::uint64_t messages_ = 0;
  std::deque<std::string> lines_;  ///< the newest, up to message number messages_ - 1
  struct Known {
    std::uint64_t number = 0;
    Instant at{};  ///< when it was taken; not known of what the file held already
  };
  std::unordered_map<std::string, Known> by_ref_;  ///< the first of each
};

}  // namespace dun::gateway_sim
