#include "tools/gateway_sim/message_record.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

namespace dun::gateway_sim {
namespace {

using nlohmann::ordered_json;

std::string id_of(std::uint64_t number) {
  return fmt::format("sim-{}", number + 1);
}

std::string to_line(const std::string& id, const Submission& submission, Instant at) {
  ordered_json line = {{"at", to_rfc3339(at)}, {"id", id}};
  // A field that is called like one of ours gets an underscore.
  for (const auto& [name, value] : submission.fields) line[line.contains(name) ? name + "_" : name] = value;
  return line.dump() + "\n";
}

}  // namespace

MessageRecord::MessageRecord(std::optional<std::filesystem::path> file, std::size_t keep)
    : file_(std::move(file)), keep_(keep) {}

MessageRecord::~MessageRecord() {
  if (fd_ >= 0) ::close(fd_);
}

std::expected<void, std::string> MessageRecord::open() {
  if (!file_) return {};
  fd_ = ::open(file_->c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  const auto unusable = [&] { return std::unexpected(fmt::format("{}: {}", file_->string(), std::strerror(errno))); };
  // Numbers and texts of customers stand in it.
  if (fd_ < 0 || fchmod(fd_, 0600) != 0) return unusable();
  std::size_t good = 0;  // bytes of whole lines
  std::ifstream in(*file_, std::ios::binary);
  std::size_t number = 0;
  for (std::string line; std::getline(in, line) && !in.eof(); good += line.size() + 1)
    if (auto read = reload(line, ++number); !read) return read;
  if (ftruncate(fd_, static_cast<off_t>(good)) != 0) return unusable();
  return {};
}

std::expected<void, std::string> MessageRecord::reload(std::string_view line, std::size_t number) {
  const auto wrong = [&] {
    return std::unexpected(fmt::format("{}:{}: not a line of a gateway simulator's record", file_->string(), number));
  };
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) return wrong();
  if (json.contains("repeat_of")) return {};
  if (!json.contains("id") || json["id"] != id_of(messages_)) return wrong();
  if (const auto ref = json.find("client_ref"); ref != json.end() && ref->is_string())
    by_ref_.emplace(ref->get<std::string>(), Known{.number = messages_});
  ++messages_;
  keep(std::string(line) + "\n");
  return {};
}

std::optional<std::string> MessageRecord::repeated(const std::string& client_ref, Instant at) {
  const auto found = client_ref.empty() ? by_ref_.end() : by_ref_.find(client_ref);
  if (found == by_ref_.end()) return std::nullopt;
  std::string id = id_of(found->second.number);
  // Only for whoever reads the record: that it was repeated is not needed to know it again.
  (void)write(ordered_json{{"at", to_rfc3339(at)}, {"repeat_of", id}}.dump() + "\n");
  return id;
}

std::optional<std::string> MessageRecord::find(const std::string& client_ref, Instant until) const {
  const auto found = by_ref_.find(client_ref);
  if (found == by_ref_.end() || found->second.at > until) return std::nullopt;
  return id_of(found->second.number);
}

std::expected<std::string, std::string> MessageRecord::add(const Submission& submission, Instant at) {
  std::string id = id_of(messages_);
  std::string line = to_line(id, submission, at);
  if (auto written = write(line); !written) return std::unexpected(written.error());
  if (const std::string& ref = submission.field("client_ref"); !ref.empty())
    by_ref_.emplace(ref, Known{.number = messages_, .at = at});
  ++messages_;
  keep(std::move(line));
  return id;
}

std::expected<void, std::string> MessageRecord::write(std::string_view line) {
  if (fd_ < 0) return {};
  const off_t before = lseek(fd_, 0, SEEK_END);
  const ssize_t written = ::write(fd_, line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) return {};
  const std::string why = written < 0 ? std::strerror(errno) : "the disk is full";
  if (written > 0 && ftruncate(fd_, before) != 0) return std::unexpected(why + "; the record ends in half a line");
  return std::unexpected(why);
}

void MessageRecord::keep(std::string line) {
  lines_.push_back(std::move(line));
  if (lines_.size() > keep_) lines_.pop_front();
}

std::string MessageRecord::page(std::uint64_t from, std::size_t limit) const {
  const std::uint64_t first = messages_ - lines_.size();
  std::string text;
  for (std::uint64_t number = std::max(from, first); number < messages_ && limit > 0; ++number, --limit)
    text += lines_[number - first];
  return text;
}

}  // namespace dun::gateway_sim
