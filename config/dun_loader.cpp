#include "config/dun_loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace dun::config {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::array<std::string_view, 2> roles = {"engine", "console"};

bool is_owner(std::string_view text) {
  return text.size() <= 128 && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

void read_hours(const Section& section, std::string_view key, hours& target) {
  Millis span = target;
  if (!section.read_span(key, span, hours(1), hours(24 * 3650))) return;
  target = std::chrono::duration_cast<hours>(span);
  if (target != span) section.mistake(key, fmt::format("{}: expected whole hours, such as \"36h\" or \"7d\"", key));
}

/// What is set and would not be used, because the URL names another sort of connection.
void refuse_ignored(const Section& sentinel, const Section& tls, const redis::Site& site) {
  const auto refuse = [](const Section& section, std::string_view key, const std::string& value, std::string_view url) {
    if (!value.empty())
      section.mistake(key, fmt::format("{}: is not used, because redis.url is not of the form {}", key, url));
  };
  if (site.kind != redis::Site::Kind::sentinel) {
    refuse(sentinel, "user", site.sentinel_user, "redis+sentinel://");
    refuse(sentinel, "password", site.sentinel_password, "redis+sentinel://");
  }
  const redis::TlsOptions& options = site.server.tls;
  if (site.server.kind == redis::Address::Kind::tls) return;
  refuse(tls, "ca_file", options.ca_file, "rediss://");
  refuse(tls, "cert_file", options.cert_file, "rediss://");
  refuse(tls, "key_file", options.key_file, "rediss://");
}

void read_site(const Section& section, Secrets secrets, redis::Site& site) {
  std::string url = "redis://127.0.0.1:6379";
  section.read_secret("url", secrets, url);
  auto parsed = redis::parse_site(url);
  const bool url_read = parsed.has_value();
  if (parsed) {
    site = *std::move(parsed);
  } else {
    section.mistake("url", fmt::format("url: {}", parsed.error()));
  }
  const Section sentinel = section.section("sentinel");
  sentinel.read_secret("user", secrets, site.sentinel_user);
  sentinel.read_secret("password", secrets, site.sentinel_password);
  const Section tls = section.section("tls");
  redis::TlsOptions& options = site.server.tls;
  tls.read_bool("verify", options.verify);
  tls.read_text("ca_file", options.ca_file);
  tls.read_text("cert_file", options.cert_file);
  tls.read_text("key_file", options.key_file);
  if (options.cert_file.empty() != options.key_file.empty())
    tls.mistake(options.cert_file.empty() ? "key_file" : "cert_file",
                "cert_file and key_file belong together: set both or neither");
  if (url_read) refuse_ignored(sentinel, tls, site);
}

void read_redis(const Section& section, Secrets secrets, RedisSettings& redis) {
  read_site(section, secrets, redis.site);
  if (section.read_text("prefix", redis.prefix) && !redis::is_key_prefix(redis.prefix))
    section.mistake("prefix", "prefix: expected 1 to 64 of the characters A-Z a-z 0-9 . _ : -");
  section.read_int("partitions", redis.installation.partitions, 1, 4096);
  int buckets = static_cast<int>(redis.installation.buckets);
  section.read_int("buckets", buckets, 1, 1 << 24);
  redis.installation.buckets = static_cast<std::uint32_t>(buckets);
  section.read_span("lease_ttl", redis.lease_ttl, seconds(1), hours(1));
  section.read_span("connect_timeout", redis.connect_timeout, Millis(100), seconds(120));
  section.read_span("deadline", redis.deadline, Millis(100), seconds(120));
  section.read_span("resend_wait", redis.resend_wait, Millis(0), std::chrono::hours(24));
  section.read_int("wait_replicas", redis.wait_replicas, 0, 100);
}

void read_retention(const Section& section, redis::Retention& retention) {
  read_hours(section, "events", retention.events);
  read_hours(section, "journal", retention.journal);
  read_hours(section, "outcomes", retention.outcomes);
  read_hours(section, "rejected", retention.rejected);
  section.read_int("rejected_max", retention.rejected_max, 1, 1'000'000'000);
}

void read_published(const Section& section, redis::OutcomeFilter& published) {
  std::vector<std::string> patterns;
  if (!section.read_texts("public", patterns)) return;
  if (auto filter = redis::OutcomeFilter::parse(patterns)) {
    published = *filter;
  } else {
    section.mistake("public", fmt::format("public: {}", filter.error()));
  }
}

/// True if there was one, and it was right.
bool read_listen(const Section& section, std::string_view key, ListenAddress& target) {
  std::string text;
  if (!section.read_text(key, text)) return false;
  auto address = parse_listen(text);
  if (!address) {
    section.mistake(key, fmt::format("{}: {}", key, address.error()));
    return false;
  }
  target = *std::move(address);
  return true;
}

void read_console(const Section& section, DunOptions& options) {
  read_listen(section, "listen", options.listen);
  std::string health;
  if (!section.read_text("health", health) || health.empty()) return;
  if (!read_listen(section, "health", options.health.emplace())) return;
  if (options.health->port != 0 && options.health == options.listen)
    section.mistake("health", "health: is the address of listen; /healthz is answered there in any case");
}

void read_security(const Section& section, Secrets secrets, DunOptions& options) {
  constexpr std::size_t least = 32;
  if (!section.read_secret("key", secrets, options.key)) return;
  // A file ends in a line break, and that is not part of the key.
  while (options.key.ends_with('\n') || options.key.ends_with('\r')) options.key.pop_back();
  if (!options.key.empty() && options.key.size() < least && secrets == Secrets::required)
    section.mistake("key", fmt::format("key: at least {} characters, such as `openssl rand -hex 32` prints", least));
}

}  // namespace

bool ListenAddress::is_loopback() const {
  return host == "::1" || host == "localhost" || host.starts_with("127.") || host.starts_with("::ffff:127.");
}

std::span<const std::string_view> role_names() {
  return roles;
}

std::expected<ListenAddress, std::string> parse_listen(std::string_view text) {
  const auto wrong = [] {
    return std::unexpected<std::string>("expected host:port such as 127.0.0.1:8620 or [::1]:8620");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return wrong();
  }
  ListenAddress address{.host = std::string(host)};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (host.empty() || port.empty() || error != std::errc() || end != port.data() + port.size()) return wrong();
  return address;
}

void read_dun(const Section& root, Secrets secrets, DunOptions& options) {
  if (root.read_text("owner", options.owner) && !is_owner(options.owner))
    root.mistake("owner", "owner: expected at most 128 visible characters without spaces");
  if (root.read_choices("roles", options.roles, role_names()) && options.roles.empty())
    root.mistake("roles", "roles: expected one at least; a process without a role does nothing");
  const Section redis = root.section("redis");
  read_redis(redis, secrets, options.redis);
  read_retention(root.section("retention"), options.redis.retention);
  read_published(root.section("outcomes"), options.redis.published);
  read_console(root.section("console"), options);
  read_security(root.section("security"), secrets, options);
  const Section messages = root.section("messages");
  messages.read_text("default_lang", options.messages.default_lang);
  options.messages.default_location = messages.location("default_lang");
  messages.read_int("parts_max", options.messages.parts_max, 1, 255);
  const Section engine = root.section("engine");
  int batch_max = static_cast<int>(options.engine.batch_max);
  engine.read_int("batch_max", batch_max, 1, 100'000);
  options.engine.batch_max = static_cast<std::size_t>(batch_max);
  engine.read_span("idle_look", options.engine.idle_look, Millis(10), seconds(60));
  if (options.engine.idle_look * 3 > options.redis.lease_ttl)
    engine.mistake("idle_look", fmt::format("idle_look: at most a third of redis.lease_ttl ({}): an idle partition "
                                            "renews its lease then",
                                            dun::to_text(options.redis.lease_ttl)));
  options.engine.partitions = options.redis.installation.partitions;
  options.engine.lease_ttl = options.redis.lease_ttl;
}

}  // namespace dun::config
