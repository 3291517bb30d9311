#include "tools/daemon.hpp"

#include "base/async/deadline.hpp"
#include "base/crypto/mac.hpp"
#include "base/http/endpoints.hpp"
#include "config/load.hpp"
#include "domain/enum_index.hpp"
#include "domain/zones.hpp"
#include "gateways/http_sender.hpp"
#include "gateways/options.hpp"
#include "operations/alerts.hpp"
#include "operations/process_status.hpp"
#include "operations/receipts.hpp"
#include "redis/installation.hpp"
#include "redis/key.hpp"
#include "redis/partition_store.hpp"
#include "redis/processes.hpp"
#include "redis/rate_counter.hpp"
#include "redis/router.hpp"
#include "redis/server_check.hpp"
#include "redis/views.hpp"
#include "redis/waker.hpp"
#include "scheduler/engine.hpp"
#include "scheduler/share.hpp"
#include "tools/engine_status.hpp"
#include "tools/listeners.hpp"
#include "tools/log.hpp"
#include "tools/output.hpp"
#include "tools/overrides.hpp"
#include "tools/rules.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <map>
#include <variant>

namespace dun::tools {
namespace {

namespace asio = boost::asio;
using async::Awaitable;
using config::Role;

// Requests to gateways that are still unanswered then are left to the next owner.
constexpr Millis drain_most = std::chrono::seconds(30);
// How often a process says that it is alive and looks who else is; more often where leases are short.
constexpr Millis announce_every = std::chrono::seconds(1);
constexpr Millis show_health_every{200};
constexpr std::size_t key_bytes = 32;
// Of descriptors: the log, epoll, files of zones and secrets, name look-ups, and some to spare.
constexpr std::size_t further_descriptors = 64;
constexpr std::size_t links_a_partition = 4;

// While Redis is waited for at the start it is said so often.
constexpr std::chrono::seconds waiting_said_every{60};

std::string own_name() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return fmt::format("{}:{}", host.data(), getpid());
}

/// Why the service cannot run; a sentence for the operator.
struct Refusal {
  std::string message;
};

/// --listen may say otherwise than the file that was checked.
std::optional<Refusal> check_receipts(const config::Configuration& configuration) {
  if (configuration.dun.listen.is_loopback()) return std::nullopt;
  for (const gateways::GatewaySpec& gateway : configuration.gateways.gateways)
    if (!gateway.receipts.path.empty() && !gateways::is_protected(gateway.receipts))
      return Refusal{fmt::format("gateway \"{}\": {}", gateway.name, config::unprotected_receipts)};
  return std::nullopt;
}

class Daemon {
 public:
  Daemon(asio::io_context& context, config::Configuration configuration, const DaemonOptions& options)
      : executor_(context.get_executor()),
        configuration_(std::move(configuration)),
        rules_(make_rules(configuration_)),
        config_directory_(options.config),
        clock_(options.clock ? scheduler::WallClock(*options.clock) : scheduler::WallClock()),
        keys_(configuration_.dun.redis.prefix),
        signals_(executor_, SIGTERM, SIGINT, SIGHUP),
        tasks_(executor_) {
    if (configuration_.dun.owner.empty()) configuration_.dun.owner = own_name();
  }

  [[nodiscard]] int exit_code() const { return exit_code_; }

  Awaitable<void> run() {
    using namespace asio::experimental::awaitable_operators;
    // Redis may be away for long, and whoever does not want to wait any longer need not.
    const auto begun = co_await (start() || stop_signal());
    if (const auto* refusal = std::get_if<std::optional<Refusal>>(&begun); refusal == nullptr) {
      spdlog::info("stopping signal={} before Redis was there", std::get<int>(begun));
    } else if (*refusal) {
      spdlog::error("cannot start: {}", (*refusal)->message);
      exit_code_ = 1;
    } else {
      spdlog::info("running owner={} policy={} partitions={}", configuration_.dun.owner, rules_->policies.hash,
                   installation().partitions);
      spdlog::info("time zones are those of {}", describe(zone_data().version(), clock_.now()));
      co_await serve_signals();
    }
    co_await stop();
  }

 private:
  [[nodiscard]] const redis::Installation& installation() const { return configuration_.dun.redis.installation; }
  [[nodiscard]] bool has(Role role) const { return std::ranges::count(configuration_.dun.roles, role) != 0; }

  [[nodiscard]] redis::LinkOptions link_options(std::string name) const {
    const auto& settings = configuration_.dun.redis;
    redis::LinkOptions options{
        .connect_timeout = settings.connect_timeout, .deadline = settings.deadline, .name = "dun-" + name};
    options.on_change = [name](bool up, const std::string& what) {
      spdlog::log(up ? spdlog::level::debug : spdlog::level::warn, "redis {} link={} detail=\"{}\"", up ? "up" : "down",
                  name, what);
    };
    return options;
  }

  [[nodiscard]] redis::TakeoverOptions takeover_options() const {
    auto options = configuration_.dun.redis.takeover();
    options.on_takeover = [](const std::string& what) { spdlog::warn("takeover detail=\"{}\"", what); };
    return options;
  }

  Awaitable<std::optional<Refusal>> start() {
    link_ = std::make_unique<redis::Links>(executor_, configuration_.dun.redis.site, link_options("control"));
    std::optional<std::chrono::steady_clock::time_point> said_at;
    while (auto trouble = co_await open_redis()) {
      if (!trouble->passing) co_return Refusal{std::move(trouble->message)};
      const auto now = std::chrono::steady_clock::now();
      if (!said_at || now - *said_at >= waiting_said_every) {
        spdlog::warn("waiting for redis detail=\"{}\"", trouble->message);
        said_at = now;
      }
      co_await async::sleep(Millis(500));
    }
    if (has(Role::console))
      if (auto refusal = start_console()) co_return refusal;
    if (has(Role::engine)) make_engine();
    // The share is known before the first lease is taken.
    co_await announce();
    if (engine_) start_engine();
    tasks_.spawn(keep_announcing());
    co_return std::nullopt;
  }

  /// Why Redis cannot be worked with; `passing` if waiting may help.
  struct Trouble {
    bool passing = false;
    std::string message;
  };
  static Trouble trouble(const redis::LinkError& error) { return {!error.misconfigured, error.message}; }
  static Trouble trouble(const scheduler::StoreError& error) {
    return {error.kind == scheduler::StoreError::Kind::unavailable, error.message};
  }

  [[nodiscard]] redis::Link& key_link() { return link_->to(redis::key_name(configuration_.dun.redis.prefix)); }

  /// The key that this installation signs with, before anything is decided.
  Awaitable<std::optional<Trouble>> open_seal() {
    if (configuration_.dun.key.empty()) {
      const auto key = co_await redis::open_key(key_link(), configuration_.dun.redis.prefix, random_hex(key_bytes));
      if (!key) co_return trouble(key.error());
      key_in_redis_ = *key;
    }
    configuration_.dun.engine.seal = scheduler::Seal(key_in_redis_.empty() ? configuration_.dun.key : key_in_redis_);
    co_return std::nullopt;
  }

  /// Redis may lose the key, as everything: it is put back, so that what starts later signs as we do.
  Awaitable<void> hold_key() {
    if (key_in_redis_.empty()) co_return;
    const auto held = co_await redis::hold_key(key_link(), configuration_.dun.redis.prefix, key_in_redis_);
    if (!held || std::exchange(key_is_other_, !*held) == !*held) co_return;
    if (key_is_other_) spdlog::error("another key than this process began with is in Redis: restart it");
  }

  /// Each server that holds a partition, once; then the installation and its key. A server that is loading its data,
  /// busy, or without its master is not yet there.
  Awaitable<std::optional<Trouble>> open_redis() {
    if (const auto hello = co_await link_->to(keys_.installation()).connected(); !hello)
      co_return trouble(hello.error());
    std::map<std::string, std::vector<std::string>> warnings;
    for (int partition = 0; partition < installation().partitions; ++partition) {
      redis::Link& link = link_->to(keys_.partition(partition).meta());
      if (const auto hello = co_await link.connected(); !hello) co_return trouble(hello.error());
      const std::string server = link.display();
      if (warnings.contains(server)) continue;
      auto report = co_await redis::check_server(link);
      if (!report) co_return trouble(report.error());
      warnings[server] = std::move(report->warnings);
    }
    if (const auto opened = co_await redis::open_installation(*link_, keys_, installation()); !opened)
      co_return trouble(opened.error());
    if (auto lacks_key = co_await open_seal()) co_return lacks_key;
    for (const auto& [server, found] : warnings)
      for (const std::string& warning : found) spdlog::warn("redis {}: {}", server, warning);
    co_return std::nullopt;
  }

  /// Somebody may empty Redis under a running service. The installation is made again, so that commands and further
  /// processes find one; what was lost with it only a backup brings back, and somebody must know.
  Awaitable<void> keep_installation() {
    const auto found = co_await redis::read_installation(*link_, keys_);
    if (found || found.error().kind != scheduler::StoreError::Kind::refused) co_return;
    if (const auto opened = co_await redis::open_installation(*link_, keys_, installation()); !opened) co_return;
    const std::string what = fmt::format(
        "{} was gone and has been written again. If Redis was emptied (FLUSHALL, FLUSHDB, a restart without its data), "
        "the "
        "records of accounts, held notices and unread events went with it: restore a backup, or let billing publish "
        "the positions of all accounts again",
        keys_.installation());
    spdlog::error("store emptied detail=\"{}\"", what);
    if (engine_)
      engine_->put_out(
          {.at = clock_.now(), .type = OutcomeType::alert_raised, .reasons = {"store.emptied"}, .detail = what});
  }

  std::optional<Refusal> start_console() {
    http::Endpoints endpoints;
    // Handlers run on the listeners' thread; publishing happens on this one, where the links are.
    receipt_gateways_ = std::make_shared<operations::ReceiptGateways>(configuration_.gateways.gateways);
    receipts_ = operations::add_receipt_endpoints(endpoints, receipt_gateways_, clock_, configuration_.dun.engine.seal,
                                                  [this](std::vector<Fields> events) -> Awaitable<bool> {
                                                    return asio::co_spawn(executor_, publish(std::move(events)),
                                                                          asio::use_awaitable);
                                                  });
    const auto& listen = configuration_.dun.listen;
    ListenersOptions options{.listen = listen, .health = configuration_.dun.health};
    const std::size_t limit = raise_descriptor_limit();
    const std::size_t share = listener_share(limit, reserved_descriptors(), options.connections_max);
    if (share < options.connections_max)
      spdlog::warn("few descriptors limit={} for_listeners={}: raise LimitNOFILE, or ulimit -n", limit, share);
    options.connections_max = share;
    tasks_.spawn(keep_showing_health());
    listeners_ = std::make_unique<Listeners>(std::move(options), endpoints, board_);
    const auto port = listeners_->start();
    if (!port) return Refusal{port.error()};
    spdlog::info("listening address={}:{}", listen.host, *port);
    return std::nullopt;
  }

  /// What Redis and the gateways may need, whoever else comes in.
  [[nodiscard]] std::size_t reserved_descriptors() const {
    std::size_t count = further_descriptors + links_a_partition * static_cast<std::size_t>(installation().partitions);
    for (const gateways::GatewaySpec& gateway : configuration_.gateways.gateways)
      count += 2 * static_cast<std::size_t>(gateway.transport.connections);
    return count;
  }

  void show_health() {
    board_.show(health(), std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch()));
  }
  Awaitable<void> keep_showing_health() {
    for (;;) {
      show_health();
      co_await async::sleep(show_health_every);
    }
  }

  void make_engine() {
    const auto& settings = configuration_.dun.redis;
    sender_ = std::make_unique<gateways::HttpSender>(executor_, clock_, configuration_.gateways.gateways);
    const auto make_store = [this, &settings](int partition) {
      auto store = std::make_unique<redis::RedisPartitionStore>(
          executor_, settings.site, link_options(fmt::format("partition-{}", partition)),
          redis::PartitionStoreOptions{
              .prefix = settings.prefix,
              .partition = partition,
              .buckets = settings.installation.buckets,
              .owner = configuration_.dun.owner,
              .lease_ttl = settings.lease_ttl,
              .published = settings.published,
              .retention = settings.retention,
              .replication = settings.replication(),
              .takeover = takeover_options(),
              .on_remark = [](const std::string& what) { spdlog::error("stream detail=\"{}\"", what); }},
          link_->is_cluster() ? &link_->to(keys_.front_door()) : nullptr);
      stores_.push_back(store.get());
      return store;
    };
    rates_ = std::make_unique<redis::RedisRateCounter>(*link_, keys_);
    engine_ = std::make_unique<scheduler::Engine>(executor_, clock_, configuration_.dun.engine,
                                                  configuration_.gateways.dispatch, *sender_, rules_, make_store,
                                                  rates_.get());
    alerts_ = std::make_unique<operations::Alerts>(
        operations::Watched{.observe = [this] { return engine_->observe(); },
                            .report = [this](const CaseEvent& event) { engine_->report(event); }},
        clock_, configuration_.dun.owner, configuration_.monitors, receipts_);
  }

  void start_engine() {
    const auto& settings = configuration_.dun.redis;
    redis::RouterOptions router{.prefix = settings.prefix,
                                .partitions = settings.installation.partitions,
                                .owner = configuration_.dun.owner,
                                .lease_ttl = settings.lease_ttl,
                                .retention = settings.retention.events,
                                .replication = settings.replication(),
                                .takeover = takeover_options()};
    router.on_change = [this](bool well, const std::string& what) {
      router_trouble_ = well ? "" : what;
      spdlog::log(well ? spdlog::level::info : spdlog::level::warn, "router detail=\"{}\"", what);
    };
    router.on_remark = [this](const std::string& reason, const std::string& what) {
      spdlog::error("stream detail=\"{}\"", what);
      engine_->put_out({.at = clock_.now(), .type = OutcomeType::alert_raised, .reasons = {reason}, .detail = what});
    };
    router_ = std::make_unique<redis::Router>(executor_, settings.site, link_options("router"), router);
    std::vector<std::string> streams;
    for (int partition = 0; partition < settings.installation.partitions; ++partition)
      streams.push_back(keys_.partition(partition).events());
    waker_ = std::make_unique<redis::Waker>(executor_, settings.site, link_options("waker"), streams,
                                            [this](std::size_t stream) { engine_->wake(static_cast<int>(stream)); });
    tasks_.spawn(router_->run());
    engine_->start();
    tasks_.spawn(alerts_->run());
  }

  Awaitable<bool> publish(std::vector<Fields> events) {
    const auto published = co_await redis::publish_events(*link_, keys_, installation().partitions, std::move(events),
                                                          configuration_.dun.redis.replication());
    co_return published.has_value();
  }

  [[nodiscard]] http::Health health() const {
    http::Health health;
    if (key_is_other_) health.problems.emplace_back("Redis holds another key than this process began with: restart it");
    if (!engine_) {
      if (has(Role::engine)) health.problems.emplace_back("the engine has not started yet");
      return health;
    }
    if (engine_->owned() < engine_->share())
      health.problems.push_back(
          fmt::format("owns {} of its share of {} partitions", engine_->owned(), engine_->share()));
    for (const auto& partition : engine_->partitions()) {
      if (!partition.trouble.empty())
        health.problems.push_back(fmt::format("partition {}: {}", partition.number, partition.trouble));
      else if (partition.silent_for >= configuration_.dun.redis.lease_ttl)
        health.problems.push_back(fmt::format("partition {}: nothing was written for {}", partition.number,
                                              to_text(std::chrono::floor<std::chrono::seconds>(partition.silent_for))));
    }
    if (!router_trouble_.empty()) health.problems.push_back("the front door: " + router_trouble_);
    for (const scheduler::Alert& alert : alerts_->active()) health.alerts.push_back(operations::to_line(alert));
    return health;
  }

  [[nodiscard]] std::vector<std::string> role_names() const {
    std::vector<std::string> names;
    for (const Role role : configuration_.dun.roles) names.emplace_back(config::role_names()[enum_index(role)]);
    return names;
  }

  /// Segments a second that each gateway got since this was last asked, on this process's clock.
  std::map<std::string, double> measure_rates(const std::vector<scheduler::Dispatcher::GatewayStatus>& gateways) {
    const Millis now = clock_.steady();
    const double seconds = static_cast<double>((now - std::exchange(measured_at_, now)).count()) / 1000;
    std::map<std::string, double> rates;
    for (const auto& gateway : gateways) {
      const std::uint64_t before = std::exchange(segments_[gateway.name], gateway.segments);
      if (seconds > 0) rates[gateway.name] = static_cast<double>(gateway.segments - before) / seconds;
    }
    return rates;
  }

  /// Says that this process is alive, and takes its share among the engines that are. While Redis cannot be asked the
  /// share stays as it is.
  Awaitable<void> announce() {
    operations::ProcessStatus status{.owner = configuration_.dun.owner,
                                     .roles = role_names(),
                                     .stopping = stopping_,
                                     .policy = rules_->policies.hash,
                                     .zones = zone_data().version(),
                                     .now = clock_.now()};
    if (engine_) {
      status.share = engine_->share();
      status.owned = engine_->owned();
      status.partitions = partitions_said(*engine_);
      const auto gateways = engine_->gateways();
      status.gateways = gateways_said(gateways, measure_rates(gateways), clock_.steady());
      status.alerts = alerts_->active();
    }
    status.receipts = receipts_said(receipts_);
    // One that stops has no part any more: the others raise their shares while it still drains.
    redis::RunningProcess self{.owner = status.owner,
                               .roles = stopping_ ? "" : fmt::format("{}", fmt::join(status.roles, ",")),
                               .status = operations::to_json_text(status)};
    const auto running = co_await redis::announce(link_->to(keys_.processes()), keys_, std::move(self),
                                                  configuration_.dun.redis.lease_ttl);
    if (!running || !engine_ || stopping_) co_return;
    std::vector<std::string> engines;
    for (const redis::RunningProcess& process : *running)
      if (("," + process.roles + ",").find(",engine,") != std::string::npos) engines.push_back(process.owner);
    const int share = scheduler::share_of(configuration_.dun.owner, engines, installation().partitions);
    if (share != engine_->share()) spdlog::info("share changed engines={} share={}", engines.size(), share);
    engine_->set_share(share);
  }

  Awaitable<void> keep_announcing() {
    const Millis pause = std::min(announce_every, configuration_.dun.redis.lease_ttl / 4);
    for (;;) {
      co_await async::sleep(pause);
      co_await announce();
      co_await hold_key();
      co_await keep_installation();
    }
  }

  /// Of those that end the service.
  Awaitable<int> stop_signal() {
    for (;;) {
      const int signal = co_await signals_.async_wait(asio::use_awaitable);
      if (signal != SIGHUP) co_return signal;
    }
  }

  Awaitable<void> serve_signals() {
    for (;;) {
      const int signal = co_await signals_.async_wait(asio::use_awaitable);
      if (signal != SIGHUP) {
        spdlog::info("stopping signal={}", signal);
        co_return;
      }
      reload();
    }
  }

  /// The rules of time zones that are in use; those whose files cannot be read stay as they are.
  void reload_zones() {
    const auto reloaded = zone_data().reload();
    for (const std::string& trouble : reloaded.trouble)
      spdlog::error("a time zone keeps the rules that it had: {}", trouble);
    spdlog::info("time zones are now those of {} changed={}", describe(zone_data().version(), clock_.now()),
                 fmt::join(reloaded.changed, ","));
  }

  void set_rules(std::shared_ptr<const scheduler::Rules> rules) {
    rules_ = std::move(rules);
    if (engine_) engine_->set_rules(rules_);
  }

  /// Policies, people, texts and gateways are swapped whole, or not at all. What else is configured stays until a
  /// restart.
  void reload() {
    reload_zones();
    auto fresh = config::load(config_directory_);
    if (!fresh) {
      for (const config::Mistake& mistake : fresh.error()) spdlog::error("{}", config::to_text(mistake));
      spdlog::error("configuration not read again: mistakes={}; the one in force stays", fresh.error().size());
      auto by_these_zones = *rules_;
      by_these_zones.zones = zones_in_force();
      set_rules(std::make_shared<const scheduler::Rules>(std::move(by_these_zones)));
      return;
    }
    set_rules(make_rules(*fresh));
    if (alerts_) alerts_->set_options(fresh->monitors);
    spdlog::info("policies, monitors, people and texts read again and in force policy={} texts={}",
                 rules_->policies.hash, rules_->catalogue.version());
    if (fresh->dun_hash != configuration_.dun_hash)
      spdlog::warn(
          "dun.toml has changed, or a secret that it names: what it says besides [messages] is in force after a "
          "restart");
    if (fresh->gateways_hash != configuration_.gateways_hash) exchange_gateways(*std::move(fresh));
  }

  /// How messages are handed over and receipts are taken is exchanged as one; what the engine counts on (which gateways
  /// there are, their flow, the routing) is not, and then neither is the rest.
  void exchange_gateways(config::Configuration fresh) {
    if (!config::can_be_exchanged(configuration_.gateways, fresh.gateways)) {
      spdlog::warn(
          "gateways.toml has changed in what the engine counts on (gateways, their flow, connections, unknown, "
          "signatures and receipt paths, routing, lane_weights, retry): all that it says is in force after a restart");
      return;
    }
    fresh.dun.listen = configuration_.dun.listen;
    if (const auto refusal = check_receipts(fresh)) {
      spdlog::error("gateways not exchanged: {}; those in force stay", refusal->message);
      return;
    }
    configuration_.gateways.gateways = std::move(fresh.gateways.gateways);
    configuration_.gateways_hash = std::move(fresh.gateways_hash);
    if (sender_) sender_->exchange(configuration_.gateways.gateways);
    if (receipt_gateways_) receipt_gateways_->exchange(configuration_.gateways.gateways);
    spdlog::info("gateways read again and in force; what is under way ends by the former ones");
  }

  Awaitable<void> stop() {
    stopping_ = true;
    if (link_) co_await announce();
    if (engine_) {
      alerts_->end();
      co_await engine_->stop(drain_most);
      for (redis::RedisPartitionStore* store : stores_) co_await store->close();
    }
    if (listeners_) co_await listeners_->stop();
    tasks_.cancel();
    co_await tasks_.join();
    if (router_) co_await router_->close();
    if (waker_) co_await waker_->close();
    if (link_) {
      co_await redis::retire(link_->to(keys_.processes()), keys_, configuration_.dun.owner);
      co_await link_->close();
    }
  }

  async::Executor executor_;
  config::Configuration configuration_;
  std::shared_ptr<const scheduler::Rules> rules_;
  std::string config_directory_;
  scheduler::WallClock clock_;
  redis::Keyspace keys_;
  asio::signal_set signals_;
  int exit_code_ = 0;
  std::string router_trouble_;  ///< empty: it routes, or another process does
  bool stopping_ = false;
  Millis measured_at_ = clock_.steady();
  std::map<std::string, std::uint64_t> segments_;  ///< begun by then, by gateway
  std::unique_ptr<redis::Links> link_;
  std::string key_in_redis_;   ///< empty where it is configured
  bool key_is_other_ = false;  ///< somebody else has put another one there
  HealthBoard board_;
  std::shared_ptr<operations::ReceiptGateways> receipt_gateways_;
  operations::ReceiptCountsOf receipts_;
  std::unique_ptr<Listeners> listeners_;
  std::unique_ptr<gateways::HttpSender> sender_;
  std::unique_ptr<redis::RedisRateCounter> rates_;
  std::vector<redis::RedisPartitionStore*> stores_;  ///< owned by the engine
  std::unique_ptr<scheduler::Engine> engine_;
  std::unique_ptr<operations::Alerts> alerts_;  ///< of the engine
  std::unique_ptr<redis::Router> router_;
  std::unique_ptr<redis::Waker> waker_;
  async::TaskGroup tasks_;
};

}  // namespace

int run_daemon(const DaemonOptions& options) {
  set_up_log(options.log_level);
  raise_descriptor_limit();
  auto configuration = config::load(options.config);
  if (!configuration) {
    print(configuration.error());
    return 1;
  }
  std::optional<Refusal> refusal;
  if (auto wrong = override_by(options, configuration->dun)) refusal = Refusal{*std::move(wrong)};
  if (!refusal) refusal = check_receipts(*configuration);
  if (refusal) {
    complain("dun serve: {}\n", refusal->message);
    return 2;
  }
  asio::io_context context(1);
  Daemon daemon(context, *std::move(configuration), options);
  async::TaskGroup main(context.get_executor());
  main.spawn(daemon.run());
  context.run();
  return daemon.exit_code();
}

}  // namespace dun::tools
