// dun publish: NDJSON events, flat or as CloudEvents, onto the front door.
#include "operations/publish.hpp"
#include "redis/views.hpp"
#include "tools/commands.hpp"
#include "tools/lines.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/progress.hpp"
#include "tools/redis_options.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <iostream>
#include <system_error>
#include <variant>

namespace {

using namespace dun;
using operations::Publication;

struct PublishOptions {
  tools::RedisOptions redis;
  std::string file = "-";
  operations::PublishOrder order;
};

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string last_error() {
  return std::generic_category().message(errno);
}

/// Why it cannot begin.
struct InWords {
  std::string operator()(const scheduler::StoreError& error) const { return error.message; }
  std::string operator()(const Publication::NotNumbered& end) const {
    return fmt::format(
        "{} ends with {}, an id that Redis made: --resume needs a front door that one producer alone writes to, with "
        "--resume from the beginning",
        end.stream, end.last);
  }
};

/// A publication whose lines come from a file, and which says how it goes.
class Told {
 public:
  Told(operations::EventStreams& streams, const PublishOptions& options)
      : publication_(streams, options.order), file_(options.file), progress_("published", "events") {}

  async::Awaitable<int> run(std::istream& input) {
    tools::Lines lines(input, Publication::line_most);
    if (const auto begun = co_await publication_.begin(); !begun) {
      complain("dun publish: " + std::visit(InWords(), begun.error()));
      co_return 1;
    }
    while (lines.next()) {
      const auto now = date::floor<Millis>(std::chrono::system_clock::now());
      if (const auto remark = publication_.take(lines.number(), lines.line(), now))
        complain(
            fmt::format("{}:{}: {}: {}", name(), lines.number(), remark->refused ? "error" : "warning", remark->what));
      // What a producer has written does not wait for what it writes next.
      const bool wanted = publication_.full() || (!publication_.empty() && !lines.more_at_once());
      if (wanted && !co_await send()) co_return 1;
    }
    if (lines.failed()) complain(fmt::format("dun publish: cannot read {}: {}", name(), last_error()));
    if (!publication_.empty() && !co_await send()) co_return 1;
    progress_.finish();
    const auto& [count, refused, partly] = publication_.counts();
    tools::complain("{}{}{}\n", published(),
                    refused == 0 ? "" : fmt::format("; {} not", counted(refused, "line was", "lines were")),
                    partly == 0 ? "" : fmt::format("; in {} a field was left out", counted(partly, "line", "lines")));
    co_return refused == 0 && !lines.failed() ? 0 : 1;
  }

 private:
  [[nodiscard]] std::string name() const { return file_ == "-" ? "stdin" : file_; }
  [[nodiscard]] std::string published() const {
    return counted(publication_.counts().published, "event published", "events published");
  }

  void complain(const std::string& what) {
    progress_.finish();
    tools::complain("{}\n", what);
  }

  async::Awaitable<bool> send() {
    const auto sent = co_await publication_.send();
    if (sent) {
      progress_.add(*sent);
      co_return true;
    }
    const auto& [why, events] = sent.error();
    const std::string next = why.kind == scheduler::StoreError::Kind::unavailable
                                 ? fmt::format("of the next {} it is not known", events)
                                 : fmt::format("the next {} were refused", events);
    complain(
        fmt::format("dun publish: {}; {}: {}. Publish the rest again; events that are there already are known by "
                    "their ids.",
                    published(), next, why.message));
    co_return false;
  }

  Publication publication_;
  const std::string& file_;
  tools::Progress progress_;
};

async::Awaitable<int> publish(tools::RedisSession& session, const PublishOptions& options, std::istream& input) {
  redis::EventStreams streams(session.links, session.keys, session.installation.partitions);
  Told told(streams, options);
  co_return co_await told.run(input);
}

int run(const PublishOptions& options) {
  std::ios::sync_with_stdio(false);  // or nothing tells how much of the standard input is there
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
  auto options = std::make_shared<PublishOptions>();
  CLI::App* command =
      app.add_subcommand("publish", "Put credit events on the stream: one a line, a flat JSON object or a CloudEvent");
  command->add_option("FILE", options->file, "NDJSON file; - for standard input")->capture_default_str();
  tools::add_redis_options(*command, options->redis);
  command->add_flag("--unchecked", options->order.unchecked,
                    "Publish malformed events too: the service puts them on the rejected stream");
  command->add_flag("--direct", options->order.direct,
                    "Straight onto the streams of the partitions, as producers of many events do");
  command
      ->add_flag(
          "--resume", options->order.resume,
          "Number the events by their lines, see how far the front door has them, and publish the rest: after a "
          "failure, or a failover that lost events, the same file again. The front door must be this file's alone")
      ->excludes(command->get_option("--direct"));
  command
      ->add_option("--wait-replicas", options->order.replicas,
                   "Count events as published only when so many replicas have them, so that no failover loses them")
      ->check(CLI::Range(0, 100));
  tools::set_footer(
      *command, {"dun publish events.ndjson", "dun sample --accounts 200 | dun publish --unchecked"},
      "A line with specversion is a CloudEvent 1.0 in structured form: account is its subject, data is flat JSON.\n"
      "A bad line is reported with its number and the rest still goes. Exit code 1 if there was one.");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}
