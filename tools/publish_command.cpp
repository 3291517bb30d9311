// dun publish: NDJSON events onto the front door.
#include "redis/views.hpp"
#include "tools/commands.hpp"
#include "tools/ndjson.hpp"
#include "tools/progress.hpp"
#include "tools/redis_options.hpp"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <iostream>

namespace {

using namespace dun;

struct Options {
  tools::RedisOptions redis;
  std::string file = "-";
  bool unchecked = false;
  bool partitioned = false;
};

constexpr std::size_t batch_most = 512;
// What the service would refuse for its time is refused by the service: its clock and its bound count, not ours.
constexpr date::days any_time{36'500};

class Publication {
 public:
  Publication(tools::RedisSession& session, const Options& options)
      : session_(session), options_(options), progress_("published", "events") {}

  async::Awaitable<int> run(std::istream& input) {
    std::vector<Fields> batch;
    std::string line;
    for (std::size_t number = 1; std::getline(input, line); ++number) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      if (auto fields = read(line, number)) batch.push_back(*std::move(fields));
      if (batch.size() == batch_most && !co_await send(std::exchange(batch, {}))) co_return 1;
    }
    if (!batch.empty() && !co_await send(std::move(batch))) co_return 1;
    progress_.finish();
    fmt::print("{} events published", progress_.count());
    if (bad_ > 0) fmt::print(", {} lines not", bad_);
    fmt::print("\n");
    co_return bad_ == 0 ? 0 : 1;
  }

 private:
  std::optional<Fields> read(const std::string& line, std::size_t number) {
    auto fields = tools::parse_ndjson_line(line);
    if (!fields) return complain(number, fields.error());
    if (fields->empty()) return complain(number, "holds no field");
    if (options_.unchecked) return *std::move(fields);
    const Instant latest = date::floor<Millis>(std::chrono::system_clock::now()) + any_time;
    if (const auto event = parse_event(*fields, latest); !event)
      return complain(number, fmt::format("field {}: {}", event.error().field, event.error().reason));
    return *std::move(fields);
  }

  std::nullopt_t complain(std::size_t number, const std::string& what) {
    fmt::print(stderr, "{}:{}: error: {}\n", options_.file == "-" ? "stdin" : options_.file, number, what);
    ++bad_;
    return std::nullopt;
  }

  async::Awaitable<bool> send(std::vector<Fields> batch) {
    const std::size_t count = batch.size();
    const auto partitions = options_.partitioned ? std::optional(session_.installation.partitions) : std::nullopt;
    const auto sent = co_await redis::publish_events(session_.link, session_.keys, partitions, std::move(batch));
    if (!sent) {
      progress_.finish();
      fmt::print(stderr,
                 "dun publish: {} events are published; of the next {} it is not known: {}\nPublish the rest again; "
                 "events that are there already are known by their ids.\n",
                 progress_.count(), count, sent.error().message);
      co_return false;
    }
    progress_.add(count);
    co_return true;
  }

  tools::RedisSession& session_;
  const Options& options_;
  tools::Progress progress_;
  std::uint64_t bad_ = 0;
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
      fmt::print(stderr, "dun publish: cannot read {}\n", options.file);
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
  CLI::App* command = app.add_subcommand("publish", "Put credit events on the stream: one flat JSON object a line");
  command->add_option("FILE", options->file, "NDJSON file; - for standard input")->capture_default_str();
  tools::add_redis_options(*command, options->redis);
  command->add_flag("--unchecked", options->unchecked,
                    "Publish malformed events too: the service puts them on the rejected stream");
  command->add_flag("--partitioned", options->partitioned,
                    "Straight onto the streams of the partitions, as producers of many events do");
  command->footer("A bad line is reported with its number and the rest still goes. Exit code 1 if there was one.");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}
