// The sample day: a month's end as a billing system would tell it, with everything that goes wrong on the way.
//
// The evening peak of the billing run reaches into the night, customers pay at three in the morning, events come twice,
// late or malformed. The same options give the same bytes on every machine. What was made is known exactly
// (SampleTruth), from how it was made and not from the code that is to be tested with it.
#pragma once

#include "domain/credit_event.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace dun::sample {

inline constexpr int accounts_max = 9'999'999;

struct SampleOptions {
  std::uint64_t seed = 1;
  int accounts = 20'000;                                             ///< 1 to accounts_max
  date::year_month_day day = date::year(2026) / date::January / 31;  ///< the day whose evening is the peak
};

/// A calendar day as `2026-01-31`.
[[nodiscard]] std::expected<date::year_month_day, std::string> parse_day(std::string_view text);

/// What a run over the whole sample must find.
struct SampleTruth {
  std::uint64_t events = 0;      ///< all of them: the sum of the next five
  std::uint64_t applied = 0;     ///< each of these exactly once
  std::uint64_t heartbeats = 0;  ///< valid too, but of no account
  std::uint64_t duplicates = 0;  ///< the same id again, or the same position under a new one
  std::uint64_t superseded = 0;  ///< overtaken by newer ones of their account
  std::uint64_t malformed = 0;
  std::map<std::string, std::uint64_t> malformed_by_field;  ///< by the field that is to be named
  std::uint64_t accounts = 0;                               ///< that an applied event names
  std::uint64_t vip_owing = 0;  ///< accounts of level 7 that came to owe: each gets one task or more
};

struct SampleEvent {
  Instant arrives{};  ///< never before the event ahead of it
  Fields fields;
};

/// Holds a few bytes an event; each event is made when it is asked for, so a day of millions fits.
class SampleDay {
 public:
  explicit SampleDay(const SampleOptions& options);
  SampleDay(SampleDay&&) noexcept;
  SampleDay& operator=(SampleDay&&) noexcept;
  ~SampleDay();

  [[nodiscard]] std::size_t size() const;
  /// Event `index` in order of arrival.
  [[nodiscard]] SampleEvent event(std::size_t index) const;
  [[nodiscard]] const SampleTruth& truth() const;
  /// The first and the last arrival.
  [[nodiscard]] Instant begins() const;
  [[nodiscard]] Instant ends() const;

 private:
  struct Plan;
  std::unique_ptr<Plan> plan_;
};

}  // namespace dun::sample
