#include "tools/daemon.hpp"

#include "async/deadline.hpp"
#include "config/load.hpp"
#include "console/http_server.hpp"
#include "console/router.hpp"
#include "gateways/http_sender.hpp"
#include "redis/installation.hpp"
#include "redis/partition_store.hpp"
#include "redis/processes.hpp"
#include "redis/rate_counter.hpp"
#include "redis/router.hpp"
#include "redis/server_check.hpp"
#include "redis/views.hpp"
#include "redis/waker.hpp"
#include "scheduler/engine.hpp"
#include "scheduler/share.hpp"
#include "tools/alerts.hpp"
#include "tools/log.hpp"
#include "tools/output.hpp"
#include "tools/process_status.hpp"
#include "tools/receipts.hpp"
#include "tools/rules.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <set>

namespace dun::tools {
namespace {

namespace asio = boost::asio;
using async::Awaitable;
using config::Role;

// Requests to gateways that are still unanswered then are left to the next owner.
constexpr Millis drain_most = std::chrono::seconds(30);
// How often a process says that it is alive and looks who else is; more often where leases are short.
constexpr Millis announce_every = std::chrono::seconds(1);

std::string own_name() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return fmt::format("{}:{}", host.data(), getpid());
}

/// Why the service cannot run; a sentence for the operator.
struct Refusal {
  std::string message;
};

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
    if (auto refusal = co_await start()) {
      spdlog::error("cannot start: {}", refusal->message);
      exit_code_ = 1;
    } else {
      spdlog::info("running owner={} policy={} partitions={}", configuration_.dun.owner, rules_->policies.hash,
                   installation().partitions);
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
    for (;;) {
      const auto hello = co_await link_->to(keys_.installation()).connected();
      if (hello) break;
      if (hello.error().misconfigured) co_return Refusal{hello.error().message};
      spdlog::warn("waiting for redis detail=\"{}\"", hello.error().message);
      co_await async::sleep(Millis(500));
    }
    if (auto refusal = co_await check_servers()) co_return refusal;
    if (const auto opened = co_await redis::open_installation(*link_, keys_, installation()); !opened)
      co_return Refusal{opened.error().message};
    if (has(Role::console))
      if (auto refusal = start_console()) co_return refusal;
    if (has(Role::engine)) make_engine();
    // The share is known before the first lease is taken.
    co_await announce();
    if (engine_) start_engine();
    tasks_.spawn(keep_announcing());
    co_return std::nullopt;
  }

  /// Each server that holds a partition, once.
  Awaitable<std::optional<Refusal>> check_servers() {
    std::set<std::string> checked;
    for (int partition = 0; partition < installation().partitions; ++partition) {
      redis::Link& link = link_->to(keys_.partition(partition).meta());
      if (const auto hello = co_await link.connected(); !hello) co_return Refusal{hello.error().message};
      if (!checked.insert(link.display()).second) continue;
      const auto report = co_await redis::check_server(link);
      if (!report) co_return Refusal{report.error().message};
      for (const std::string& warning : report->warnings) spdlog::warn("redis {}: {}", link.display(), warning);
    }
    co_return std::nullopt;
  }

  std::optional<Refusal> start_console() {
    console::Router routes;
    routes.add("/healthz", console::health_handler([this] { return health(); }));
    add_receipt_routes(routes, configuration_.gateways.gateways, clock_,
                       [this](std::vector<Fields> events) { return publish(std::move(events)); });
    const auto& listen = configuration_.dun.listen;
    http_ = std::make_unique<console::HttpServer>(
        executor_, console::HttpServerOptions{.address = listen.host, .port = listen.port}, routes.handler());
    const auto port = http_->start();
    if (!port) return Refusal{port.error()};
    spdlog::info("listening address={}:{}", listen.host, *port);
    return std::nullopt;
  }

  void make_engine() {
    const auto& settings = configuration_.dun.redis;
    sender_ = std::make_unique<gateways::HttpSender>(executor_, clock_, configuration_.gateways.gateways);
    const auto make_store = [this, &settings](int partition) {
      auto store = std::make_unique<redis::RedisPartitionStore>(
          executor_, settings.site, link_options(fmt::format("partition-{}", partition)),
          redis::PartitionStoreOptions{.prefix = settings.prefix,
                                       .partition = partition,
                                       .buckets = settings.installation.buckets,
                                       .owner = configuration_.dun.owner,
                                       .lease_ttl = settings.lease_ttl,
                                       .published = settings.published,
                                       .retention = settings.retention,
                                       .replication = settings.replication(),
                                       .takeover = takeover_options()},
          link_->is_cluster() ? &link_->to(keys_.front_door()) : nullptr);
      stores_.push_back(store.get());
      return store;
    };
    rates_ = std::make_unique<redis::RedisRateCounter>(*link_, keys_);
    engine_ = std::make_unique<scheduler::Engine>(executor_, clock_, configuration_.dun.engine,
                                                  configuration_.gateways.dispatch, *sender_, rules_, make_store,
                                                  rates_.get());
    alerts_ = std::make_unique<Alerts>(*engine_, clock_, configuration_.dun.owner, configuration_.monitors);
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
    router.on_change = [](bool well, const std::string& what) {
      spdlog::log(well ? spdlog::level::info : spdlog::level::warn, "router detail=\"{}\"", what);
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

  [[nodiscard]] console::Health health() const {
    console::Health health;
    if (!engine_) return health;
    if (engine_->owned() < engine_->share())
      health.problems.push_back(
          fmt::format("owns {} of its share of {} partitions", engine_->owned(), engine_->share()));
    for (const auto& partition : engine_->partitions())
      if (!partition.trouble.empty())
        health.problems.push_back(fmt::format("partition {}: {}", partition.number, partition.trouble));
    for (const scheduler::Alert& alert : alerts_->active()) health.alerts.push_back(to_line(alert));
    return health;
  }

  [[nodiscard]] std::vector<std::string_view> role_names() const {
    std::vector<std::string_view> names;
    for (const Role role : configuration_.dun.roles)
      names.push_back(config::role_names()[static_cast<std::size_t>(role)]);
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
    ProcessStatus status{.owner = configuration_.dun.owner,
                         .roles = role_names(),
                         .stopping = stopping_,
                         .policy = rules_->policies.hash,
                         .now = clock_.now()};
    if (engine_) {
      status.share = engine_->share();
      status.partitions = engine_->partitions();
      status.gateways = engine_->gateways();
      status.rates = measure_rates(status.gateways);
      status.alerts = alerts_->active();
    }
    // One that stops has no part any more: the others raise their shares while it still drains.
    redis::RunningProcess self{.owner = status.owner,
                               .roles = stopping_ ? "" : fmt::format("{}", fmt::join(status.roles, ",")),
                               .status = to_json_text(status, clock_.steady())};
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

  /// Policies, people and texts are swapped whole, or not at all. What else is configured stays until a restart.
  void reload() {
    auto fresh = config::load(config_directory_);
    if (!fresh) {
      for (const config::Mistake& mistake : fresh.error()) spdlog::error("{}", config::to_text(mistake));
      spdlog::error("configuration not read again: mistakes={}; the one in force stays", fresh.error().size());
      return;
    }
    rules_ = make_rules(*fresh);
    if (engine_) {
      engine_->set_rules(rules_);
      alerts_->set_options(fresh->monitors);
    }
    spdlog::info("policies, monitors, people and texts read again and in force policy={} texts={}",
                 rules_->policies.hash, rules_->catalogue.version());
    const auto unused = [](std::string_view file, const std::string& then, const std::string& now) {
      if (now != then) spdlog::warn("{} has changed: what it says is in force after a restart", file);
    };
    unused("dun.toml", configuration_.dun_hash, fresh->dun_hash);
    unused("gateways.toml", configuration_.gateways_hash, fresh->gateways_hash);
  }

  Awaitable<void> stop() {
    stopping_ = true;
    if (link_) co_await announce();
    if (engine_) {
      co_await engine_->stop(drain_most);
      for (redis::RedisPartitionStore* store : stores_) co_await store->close();
    }
    if (http_) co_await http_->stop();
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
  bool stopping_ = false;
  Millis measured_at_ = clock_.steady();
  std::map<std::string, std::uint64_t> segments_;  ///< begun by then, by gateway
  std::unique_ptr<redis::Links> link_;
  std::unique_ptr<console::HttpServer> http_;
  std::unique_ptr<gateways::HttpSender> sender_;
  std::unique_ptr<redis::RedisRateCounter> rates_;
  std::vector<redis::RedisPartitionStore*> stores_;  ///< owned by the engine
  std::unique_ptr<scheduler::Engine> engine_;
  std::unique_ptr<Alerts> alerts_;  ///< of the engine
  std::unique_ptr<redis::Router> router_;
  std::unique_ptr<redis::Waker> waker_;
  async::TaskGroup tasks_;
};

/// What the command line says stands in place of dun.toml.
std::optional<Refusal> apply(const DaemonOptions& options, config::DunOptions& dun) {
  if (!options.owner.empty()) dun.owner = options.owner;
  if (!options.prefix.empty()) dun.redis.prefix = options.prefix;
  if (!options.redis_url.empty()) {
    auto site = redis::parse_site(options.redis_url);
    if (!site) return Refusal{"--redis: " + site.error()};
    site->server.tls = dun.redis.site.server.tls;
    site->sentinel_user = dun.redis.site.sentinel_user;
    site->sentinel_password = dun.redis.site.sentinel_password;
    dun.redis.site = *std::move(site);
  }
  if (!options.listen.empty()) {
    const auto listen = config::parse_listen(options.listen);
    if (!listen) return Refusal{"--listen: " + listen.error()};
    dun.listen = *listen;
  }
  if (options.roles.empty()) return std::nullopt;
  dun.roles.clear();
  const auto names = config::role_names();
  for (const std::string& role : options.roles) {
    const auto at = std::ranges::find(names, role);
    if (at == names.end())
      return Refusal{fmt::format("--roles: no role is called {}; there are: {}", role, fmt::join(names, ", "))};
    dun.roles.push_back(static_cast<Role>(at - names.begin()));
  }
  return std::nullopt;
}

}  // namespace

int run_daemon(const DaemonOptions& options) {
  set_up_log(options.log_level);
  auto configuration = config::load(options.config);
  if (!configuration) {
    print(configuration.error());
    return 1;
  }
  if (const auto refusal = apply(options, configuration->dun)) {
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
