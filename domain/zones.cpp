#include "domain/zones.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <date/tz_private.h>

namespace dun {
namespace {

namespace fs = std::filesystem;

/// By the letters of ASCII, which are all that zone names have.
bool equal_without_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// Zones and their folders begin with a capital; beside them lie tables, copies of all zones, and `localtime`, which
/// means something else on every machine.
bool may_be_zone(const fs::path& path) {
  const std::string name = path.filename().string();
  return !name.empty() && name.front() >= 'A' && name.front() <= 'Z';
}

Instant written_at(const fs::path& path) {
  struct stat;
  std::error_code error;
  const auto time = fs::last_write_time(path, error);
  if (error) return {};
  return date::floor<Millis>(std::chrono::file_clock::to_sys(time));
}

std::string version_in(const fs::path& directory) {
  std::string line;
  for (const char* file : {"+VERSION", "version"})
    if (std::ifstream in(directory / file); std::getline(in, line) && !line.empty()) return line.substr(0, 40);
  constexpr std::string_view before = "# version ";
  if (std::ifstream in(directory / "tzdata.zi"); std::getline(in, line) && line.starts_with(before))
    return line.substr(before.size(), 40);
  return "unknown";
}

}  // namespace

/// What a zone's file said: rules, or why there are none.
struct ZoneData::File {
  std::string bytes;
  std::expected<ZoneRules, std::string> rules;

  static std::unique_ptr<const File> read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    auto rules = in ? ZoneRules::parse(bytes) : std::unexpected<std::string>("it cannot be read");
    if (!rules) rules = std::unexpected(path.string() + ": " + rules.error() + "; install the tz database again");
    return std::make_unique<const File>(std::move(bytes), std::move(rules));
  }
};

struct ZoneData::Table {
  struct Entry {
    std::string_view name;  ///< the handle's
    const date::time_zone* handle;
    mutable std::atomic<const File*> file = nullptr;  ///< set once
  };
  std::deque<Entry> entries;  ///< by name
  std::unordered_map<const date::time_zone*, std::size_t> by_handle;
  Version version;

  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const {
    const auto at = std::ranges::lower_bound(entries, name, {}, &Entry::name);
    if (at == entries.end() || at->name != name) return std::nullopt;
    return static_cast<std::size_t>(at - entries.begin());
  }

  [[nodiscard]] std::optional<std::size_t> find_without_case(std::string_view name) const {
    if (const auto exact = find(name)) return exact;
    // Rare: who stores a name stores it as the database has it.
    const auto at = std::ranges::find_if(entries, [&](const Entry& e) { return equal_without_case(e.name, name); });
    if (at == entries.end()) return std::nullopt;
    return static_cast<std::size_t>(at - entries.begin());
  }
};

ZoneData::ZoneData(fs::path directory) : directory_(std::move(directory)) {
  tables_.push_back(list({}));
  current_ = tables_.back().get();
}

ZoneData::~ZoneData() = default;

/// What lies in the directory, and what is in use.
std::unique_ptr<ZoneData::Table> ZoneData::list(const std::vector<std::string>& in_use) {
  auto listed = std::make_unique<Table>();
  listed->version = {.name = version_in(directory_), .written = {}};
  std::vector<std::string> names = in_use;
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory_, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    const bool is_folder = at->is_directory(ignored);
    if (is_folder && !may_be_zone(at->path())) at.disable_recursion_pending();
    if (is_folder || !may_be_zone(at->path())) continue;
    names.push_back(at->path().lexically_relative(directory_).generic_string());
    listed->version.written = std::max(listed->version.written, written_at(at->path()));
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  const Table* const before = current_;
  for (const std::string& name : names) {
    const auto known = before != nullptr ? before->find(name) : std::nullopt;
    const date::time_zone* const handle =
        known ? before->entries[*known].handle : &handles_.emplace_back(name, date::detail::undocumented{});
    listed->by_handle.emplace(handle, listed->entries.size());
    listed->entries.emplace_back(handle->name(), handle);
  }
  return listed;
}

const ZoneData::File& ZoneData::file(const Table& table, std::size_t index) const {
  const Table::Entry& entry = table.entries[index];
  if (const File* const loaded = entry.file.load(std::memory_order_acquire)) return *loaded;
  const std::lock_guard lock(mutex_);
  if (const File* const loaded = entry.file.load(std::memory_order_acquire)) return *loaded;
  const File& loaded = *files_.emplace_back(File::read(directory_ / entry.name));
  entry.file.store(&loaded, std::memory_order_release);
  return loaded;
}

const date::time_zone* ZoneData::find(std::string_view name) const {
  const Table& now = table();
  const auto index = now.find_without_case(name);
  return index && file(now, *index).rules ? now.entries[*index].handle : nullptr;
}

const date::time_zone& ZoneData::get(std::string_view name) const {
  const date::time_zone* const zone = find(name);
  if (zone != nullptr) return *zone;
  const std::string broken = trouble(name);
  const std::string missing = directory_.string() + ": there is no time zone " + std::string(name);
  throw std::runtime_error(broken.empty() ? missing + "; install the tz database" : broken);
}

std::string ZoneData::trouble(std::string_view name) const {
  const Table& now = table();
  const auto index = now.find_without_case(name);
  return index && !file(now, *index).rules ? file(now, *index).rules.error() : "";
}

std::vector<std::string_view> ZoneData::names() const {
  std::vector<std::string_view> names;
  for (const Table::Entry& entry : table().entries) names.push_back(entry.name);
  return names;
}

const ZoneRules& ZoneData::rules(const date::time_zone& zone) const {
  const Table& now = table();
  const auto at = now.by_handle.find(&zone);
  const auto index = at != now.by_handle.end() ? std::optional(at->second) : now.find(zone.name());
  DUN_ASSERT(index);  // whoever has a handle from here has read the file, and what is in use stays
  const File& found = file(now, *index);
  DUN_ASSERT(found.rules);
  return *found.rules;
}

Seconds ZoneData::offset(const date::time_zone& zone, Instant instant) const {
  return rules(zone).at(instant).offset;
}

ZoneRules::Readings ZoneData::readings(const date::time_zone& zone, LocalMillis local) const {
  return rules(zone).readings(local);
}

ZoneData::Version ZoneData::version() const {
  return table().version;
}

ZoneData::Reloaded ZoneData::reload() {
  const std::lock_guard lock(mutex_);
  const Table& before = table();
  Reloaded result;
  std::vector<std::string> in_use;
  for (const Table::Entry& entry : before.entries)
    if (entry.file.load(std::memory_order_acquire) != nullptr) in_use.emplace_back(entry.name);

  auto after = list(in_use);
  for (const std::string& name : in_use) {
    const File* const former = before.entries[*before.find(name)].file;
    const Table::Entry& entry = after->entries[*after->find(name)];
    auto read = File::read(directory_ / name);
    if (!read->rules) result.trouble.push_back(read->rules.error());
    if (read->bytes == former->bytes || (!read->rules && former->rules)) {
      entry.file.store(former, std::memory_order_relaxed);
    } else {
      if (read->rules) result.changed.push_back(name);
      entry.file.store(files_.emplace_back(std::move(read)).get(), std::memory_order_relaxed);
    }
  }
  // Nothing that was handed out goes away: somebody may be in the middle of it.
  current_.store(tables_.emplace_back(std::move(after)).get(), std::memory_order_release);
  return result;
}

std::string describe(const ZoneData::Version& version, Instant now) {
  const auto age = date::floor<date::days>(now - version.written);
  return version.name + ", files of " + date::format("%F", date::floor<date::days>(version.written)) + ", " +
         std::to_string(age.count()) + " days old";
}

ZoneData& zone_data() {
  static ZoneData data([] {
    const char* const named = std::getenv("TZDIR");  // NOLINT(concurrency-mt-unsafe): nothing here sets variables
    return fs::path(named != nullptr && *named == '/' ? named : "/usr/share/zoneinfo");
  }());
  return data;
}

}  // namespace dun
