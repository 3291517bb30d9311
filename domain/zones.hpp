// The time zones of this machine: which there are, and what their clocks show. All conversions go through here.
//
// A zone is named by a `date::time_zone`, which serves as a handle alone: its own functions know nothing of the time
// behind the last listed transition (see zone_rules.hpp), and are not called.
#pragma once

#include "domain/zone_rules.hpp"

#include <date/tz.h>

#include <atomic>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace dun {

/// A directory of TZif files as the IANA's tools install it. Files are read when they are first asked for and kept.
/// Any thread may ask at any time, also while another one reloads. Handles stay valid as long as this.
class ZoneData {
 public:
  explicit ZoneData(std::filesystem::path directory);
  ZoneData(const ZoneData&) = delete;
  ZoneData& operator=(const ZoneData&) = delete;
  ~ZoneData();

  /// By IANA name in whatever case; nullptr if there is no such zone, or its file cannot be read to its end.
  [[nodiscard]] const date::time_zone* find(std::string_view name) const;

  /// The same for names that Dun itself needs at its start; throws a std::runtime_error that says what is missing.
  [[nodiscard]] const date::time_zone& get(std::string_view name) const;

  /// `FILE: what is wrong with it` for a zone that is there and cannot be used; else empty.
  [[nodiscard]] std::string trouble(std::string_view name) const;

  [[nodiscard]] std::vector<std::string_view> names() const;

  /// How far ahead of UTC the clocks are.
  [[nodiscard]] Seconds offset(const date::time_zone& zone, Instant instant) const;
  [[nodiscard]] ZoneRules::Readings readings(const date::time_zone& zone, LocalMillis local) const;

  struct Version {
    std::string name = "unknown";  ///< such as 2025b
    Instant written;               ///< when the newest file was
    friend bool operator==(const Version&, const Version&) = default;
  };
  [[nodiscard]] Version version() const;

  struct Reloaded {
    std::vector<std::string> changed;  ///< zones in use whose rules are others now
    std::vector<std::string> trouble;  ///< files that cannot be read; the rules in use stay
  };
  /// Reads everything again that was read before, and what is new when it is asked for.
  Reloaded reload();

 private:
  struct File;
  struct Table;

  [[nodiscard]] const Table& table() const { return *current_.load(std::memory_order_acquire); }
  [[nodiscard]] std::unique_ptr<Table> list(const std::vector<std::string>& in_use);
  [[nodiscard]] const File& file(const Table& table, std::size_t index) const;
  [[nodiscard]] const ZoneRules& rules(const date::time_zone& zone) const;

  std::filesystem::path directory_;
  mutable std::mutex mutex_;  ///< guards the lists; who asks for what is loaded takes no lock
  std::deque<date::time_zone> handles_;
  mutable std::vector<std::unique_ptr<const File>> files_;  ///< all ever in use: somebody may still be at it
  std::vector<std::unique_ptr<const Table>> tables_;        ///< the last one is in force
  std::atomic<const Table*> current_ = nullptr;
};

/// `2025b, files of 2025-08-24, 463 days old`
[[nodiscard]] std::string describe(const ZoneData::Version& version, Instant now);

/// The one that all of Dun uses: of the directory that the environment variable TZDIR names, as in the C library, or
/// /usr/share/zoneinfo.
[[nodiscard]] ZoneData& zone_data();

}  // namespace dun
