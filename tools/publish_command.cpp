// dun publish: NDJSON events, flat or as CloudEvents, onto the front door.
#include "operations/event_json.hpp"
#include "redis/views.hpp"
#include "tools/commands.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/progress.hpp"
#include "tools/redis_options.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <limits>
#include <set>
#include <system_error>
#include <vector>

namespace {

using namespace dun;

struct Options {
  tools::RedisOptions redis;
  std::string file = "-";
  bool unchecked = false;
  bool direct = false;
  bool resume = false;
  int wait_replicas = 0;
};

constexpr std::size_t batch_most = 512;
// What the service would refuse for its time is refused by the service: its clock and its bounds count, not ours. And
// which sign a debt has is in its policies.
constexpr date::days any_time{36'500};
// Far above any event: bytes without line ends, whatever they are, do not fill the memory.
constexpr std::size_t line_most = 1 << 20;

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string last_error() {
  return std::generic_category().message(errno);
}

/// Reads lines of bounded length.
class Lines {
 public:
  explicit Lines(std::istream& input) : input_(input), buffer_(line_most + 1) {}

  /// False at the end, and where the input cannot be read on.
  bool next() {
    ++number_;
    input_.getline(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    size_ = static_cast<std::size_t>(input_.gcount());
    too_long_ = input_.fail() && !input_.eof() && !input_.bad();
    if (too_long_) {
      input_.clear();
      input_.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
      return true;
    }
    if (input_.good()) --size_;  // the line end counts as read
    return !input_.fail();
  }

  /// Without its end; of a line that is too long, the beginning.
  [[nodiscard]] std::string_view line() const { return {buffer_.data(), size_}; }
  [[nodiscard]] bool too_long() const { return too_long_; }
  [[nodiscard]] std::uint64_t number() const { return number_; }
  /// The input ended because it could not be read on; `last_error` says why.
  [[nodiscard]] bool failed() const { return input_.bad(); }

 private:
  std::istream& input_;
  std::vector<char> buffer_;
  std::size_t size_ = 0;
  bool too_long_ = false;
  std::uint64_t number_ = 0;
};

class Publication {
 public:
  Publication(tools::RedisSession& session, const Options& options)
      : session_(session), options_(options), progress_("published", "events") {}

  async::Awaitable<int> run(std::istream& input) {
    std::vector<redis::NumberedEvent> batch;
    Lines lines(input);
    if (options_.resume && !co_await find_end()) co_return 1;
    while (lines.next()) {
      if (lines.number() <= there_.id.ms) continue;
      if (lines.line().find_first_not_of(" \t\r") == std::string_view::npos) continue;
      auto fields = read(lines);
      if (!fields) {
        complain(fmt::format("{}:{}: error: {}", name(), lines.number(), fields.error()));
        ++bad_;
        continue;
      }
      batch.push_back({.number = lines.number(), .fields = *std::move(fields)});
      if (batch.size() == batch_most && !co_await send(std::exchange(batch, {}))) co_return 1;
    }
    const bool unreadable = lines.failed() || (options_.file == "-" && std::ferror(stdin) != 0);
    if (unreadable) complain(fmt::format("dun publish: cannot read {}: {}", name(), last_error()));
    if (!batch.empty() && !co_await send(std::move(batch))) co_return 1;
    progress_.finish();
    tools::complain("{}{}{}\n", published(),
                    bad_ == 0 ? "" : fmt::format("; {} not", counted(bad_, "line was", "lines were")),
                    partly_ == 0 ? "" : fmt::format("; in {} a field was left out", counted(partly_, "line", "lines")));
    co_return bad_ == 0 && !unreadable ? 0 : 1;
  }

 private:
  [[nodiscard]] std::string name() const { return options_.file == "-" ? "stdin" : options_.file; }
  [[nodiscard]] std::string published() const {
    return counted(progress_.count(), "event published", "events published");
  }

  std::expected<Fields, std::string> read(const Lines& lines) {
    if (lines.too_long()) return std::unexpected(fmt::format("longer than {} bytes", line_most));
    auto fields = operations::parse_event_json(lines.line());
    if (!fields) return fields;
    if (fields->empty()) return std::unexpected<std::string>("holds no field");
    if (options_.unchecked) return fields;
    const Instant latest = date::floor<Millis>(std::chrono::system_clock::now()) + any_time;
    const auto event = parse_event(*fields, {.latest = latest, .balance_means = {}});
    if (!event) return std::unexpected(fmt::format("field {}: {}", event.error().field, event.error().reason));
    warn(lines.number(), event->refused);
    return fields;
  }

  /// What is published and counts for nothing, told at the first line of each sort: a producer repeats its mistakes.
  void warn(std::uint64_t line, const std::vector<RefusedField>& refused) {
    constexpr std::size_t sorts_most = 50;
    if (refused.empty()) return;
    std::string sort;
    for (const RefusedField& each : refused) sort += each.field + '\n';
    if (warned_.size() < sorts_most && warned_.insert(std::move(sort)).second)
      complain(fmt::format("{}:{}: warning: {}", name(), line, describe_refused(refused)));
    ++partly_;
  }

  void complain(const std::string& what) {
    progress_.finish();
    tools::complain("{}\n", what);
  }

  /// Where the numbered stream ends: lines up to there are published.
  async::Awaitable<bool> find_end() {
    const std::string stream = session_.keys.front_door();
    const auto end = co_await redis::read_stream_end(session_.links, stream);
    if (!end) {
      complain(fmt::format("dun publish: {}", end.error().message));
      co_return false;
    }
    there_ = *end;
    if (redis::is_numbered(there_.id)) co_return true;
    complain(
        fmt::format("dun publish: {} ends with {}, an id that Redis made: --resume needs a front door that one "
                    "producer alone writes to, with --resume from the beginning",
                    stream, redis::to_text(there_.id)));
    co_return false;
  }

  async::Awaitable<redis::StoreResult<void>> put(std::vector<redis::NumberedEvent> batch) {
    const redis::Replication replication{.replicas = options_.wait_replicas};
    if (options_.resume)
      co_return co_await redis::publish_numbered(session_.links, session_.keys, there_.connection, std::move(batch),
                                                 replication);
    std::vector<Fields> events;
    for (redis::NumberedEvent& event : batch) events.push_back(std::move(event.fields));
    const auto partitions = options_.direct ? std::optional(session_.installation.partitions) : std::nullopt;
    co_return co_await redis::publish_events(session_.links, session_.keys, partitions, std::move(events), replication);
  }

  async::Awaitable<bool> send(std::vector<redis::NumberedEvent> batch) {
    const std::size_t count = batch.size();
    const auto sent = co_await put(std::move(batch));
    if (sent) {
      progress_.add(count);
      co_return true;
    }
    const std::string next = sent.error().kind == scheduler::StoreError::Kind::unavailable
                                 ? fmt::format("of the next {} it is not known", count)
                                 : fmt::format("the next {} were refused", count);
    complain(
        fmt::format("dun publish: {}; {}: {}. Publish the rest again; events that are there already are known by "
                    "their ids.",
                    published(), next, sent.error().message));
    co_return false;
  }

  tools::RedisSession& session_;
  const Options& options_;
  tools::Progress progress_;
  std::uint64_t bad_ = 0;
  std::uint64_t partly_ = 0;      ///< lines with fields that count for nothing
  std::set<std::string> warned_;  ///< which fields those were
  redis::StreamEnd there_;        ///< with --resume: how much is published already
};

async::Awaitable<int> publish(tools::RedisSession& session, const Options& options, std::istream& input) {
  Publication publication(session, options);
  co_return co_await publication.run(input);
}

int run(const Options& options) {
  std::ifstream file;
  if (options.file != "-") {
    file.open(options.file);
    if (!file) {
      tools::complain("dun publish: cannot read {}: {}\n", options.file, last_error());
      return 1;
    }
  }
  std::istream& input = options.file == "-" ? std::cin : file;
  return tools::with_redis(options.redis,
                           [&](tools::RedisSession& session) { return publish(session, options, input); });
}

}  // namespace

void add_publish_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("publish", "Put credit events on the stream: one a line, a flat JSON object or a CloudEvent");
  command->add_option("FILE", options->file, "NDJSON file; - for standard input")->capture_default_str();
  tools::add_redis_options(*command, options->redis);
  command->add_flag("--unchecked", options->unchecked,
                    "Publish malformed events too: the service puts them on the rejected stream");
  command->add_flag("--direct", options->direct,
                    "Straight onto the streams of the partitions, as producers of many events do");
  command
      ->add_flag(
          "--resume", options->resume,
          "Number the events by their lines, see how far the front door has them, and publish the rest: after a "
          "failure, or a failover that lost events, the same file again. The front door must be this file's alone")
      ->excludes(command->get_option("--direct"));
  command
      ->add_option("--wait-replicas", options->wait_replicas,
                   "Count events as published only when so many replicas have them, so that no failover loses them")
      ->check(CLI::Range(0, 100));
  tools::set_footer(
      *command, {"dun publish events.ndjson", "dun sample --accounts 200 | dun publish --unchecked"},
      "A line with specversion is a CloudEvent 1.0 in structured form: account is its subject, data is flat JSON.\n"
      "A bad line is reported with its number and the rest still goes. Exit code 1 if there was one.");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}
