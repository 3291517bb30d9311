#include "domain/zone_rules.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace dun {
namespace {

using date::sys_seconds;
using std::chrono::hours;
using std::chrono::minutes;

/// The bounds of all that is computed: what lies beyond has the offset of the bound.
constexpr sys_seconds beginning = date::sys_days(date::year(-32000) / 1 / 1);
constexpr sys_seconds ending = date::sys_days(date::year(32000) / 1 / 1);

/// Reads a POSIX rule from left to right. The first thing that does not fit fails the whole.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// An abbreviation: three letters at least, or anything in angle brackets.
  bool name() {
    if (take('<')) {
      const std::size_t length = rest_.find('>');
      if (length == std::string_view::npos || length < 3) return false;
      rest_.remove_prefix(length + 1);
      return true;
    }
    const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    const auto end = std::ranges::find_if_not(rest_, is_letter);
    const auto length = static_cast<std::size_t>(end - rest_.begin());
    rest_.remove_prefix(length);
    return length >= 3;
  }

  bool number(unsigned least, unsigned most, unsigned& value) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (rest_.empty() || !is_digit(rest_.front())) return false;
    value = 0;
    while (!rest_.empty() && is_digit(rest_.front())) {
      value = value * 10 + static_cast<unsigned>(rest_.front() - '0');
      if (value > most) return false;
      rest_.remove_prefix(1);
    }
    return value >= least;
  }

  /// `[+-]h[:mm[:ss]]`
  bool time(unsigned hours_max, Seconds& value) {
    const bool negative = take('-');
    if (!negative) take('+');
    std::array<unsigned, 3> parts{};
    if (!number(0, hours_max, parts[0])) return false;
    if (take(':') && (!number(0, 59, parts[1]) || (take(':') && !number(0, 59, parts[2])))) return false;
    value = hours(parts[0]) + minutes(parts[1]) + Seconds(parts[2]);
    if (negative) value = -value;
    return true;
  }

  bool rule(YearlyRule& rule) {
    using enum YearlyRule::Form;
    bool read = false;
    if (take('M')) {
      rule.form = month_week_day;
      read =
          number(1, 12, rule.month) && take('.') && number(1, 5, rule.week) && take('.') && number(0, 6, rule.weekday);
    } else if (take('J')) {
      rule.form = julian_without_leap_day;
      read = number(1, 365, rule.day);
    } else {
      rule.form = day_of_year;
      read = number(0, 365, rule.day);
    }
    return read && (!take('/') || time(167, rule.time));
  }

  bool all(PosixRule& rule_read) {
    Seconds behind{0};
    if (!name() || !time(24, behind)) return false;
    rule_read.standard = -behind;
    if (done()) return true;
    PosixRule::Summer summer{.offset = rule_read.standard + hours(1), .begins = {}, .ends = {}};
    if (!name()) return false;
    if (!rest_.starts_with(',')) {
      if (!time(24, behind)) return false;
      summer.offset = -behind;
    }
    if (!take(',') || !rule(summer.begins) || !take(',') || !rule(summer.ends)) return false;
    rule_read.summer = summer;
    return done();
  }

 private:
  std::string_view rest_;
};

/// The blocks of a TZif file, one after the other. What lies behind the end reads as failure from then on.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool failed() const { return failed_; }

  std::string_view take(std::size_t count) {
    if (count > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  /// A big-endian number in two's complement.
  std::int64_t number(std::size_t size) {
    const std::string_view bytes = take(size);
    if (bytes.empty()) return 0;
    auto value = static_cast<std::uint64_t>(static_cast<signed char>(bytes.front()));
    for (const char byte : bytes.substr(1)) value = value << 8U | static_cast<unsigned char>(byte);
    return static_cast<std::int64_t>(value);
  }

  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

struct Header {
  char version = 0;
  std::size_t utc_marks = 0, standard_marks = 0, leap_seconds = 0, times = 0, types = 0, letters = 0;

  [[nodiscard]] std::size_t size(std::size_t time_size) const {
    return times * (time_size + 1) + types * 6 + letters + leap_seconds * (time_size + 4) + standard_marks + utc_marks;
  }
};

std::optional<Header> read_header(Bytes& bytes) {
  if (bytes.take(4) != "TZif") return std::nullopt;
  const std::string_view version = bytes.take(16);
  Header header{.version = version.empty() ? '\0' : version.front()};
  for (auto* const count : {&header.utc_marks, &header.standard_marks, &header.leap_seconds, &header.times,
                            &header.types, &header.letters}) {
    const std::int64_t read = bytes.number(4);
    if (read < 0 || read > 100'000) return std::nullopt;
    *count = static_cast<std::size_t>(read);
  }
  return bytes.failed() ? std::nullopt : std::optional(header);
}

}  // namespace

date::local_seconds YearlyRule::in(date::year year) const {
  const date::local_days new_year(year / 1 / 1);
  switch (form) {
    case Form::month_week_day: {
      const date::weekday wanted(weekday);
      if (week == 5) return date::local_days(year / date::month(month) / wanted[date::last]) + time;
      return date::local_days(year / date::month(month) / wanted[week]) + time;
    }
    case Form::julian_without_leap_day:
      return new_year + date::days(day - 1 + (year.is_leap() && day > 59 ? 1 : 0)) + time;
    case Form::day_of_year:
      return new_year + date::days(day) + time;
  }
  std::unreachable();
}

std::expected<PosixRule, std::string> parse_posix_rule(std::string_view text) {
  PosixRule rule;
  if (!RuleReader(text).all(rule)) return std::unexpected("its last line is no rule: \"" + std::string(text) + '"');
  return rule;
}

std::expected<ZoneRules, std::string> ZoneRules::parse(std::string_view file) {
  Bytes bytes(file);
  auto header = read_header(bytes);
  if (!header) return std::unexpected(file.empty() ? "it is empty" : "it is no time zone file");
  if (header->version < '2')
    return std::unexpected("it is of version 1, which says nothing of the time behind its list");
  bytes.take(header->size(4));  // the same once more, for programs that know 32 bits only
  header = read_header(bytes);
  if (bytes.failed()) return std::unexpected("it ends in the middle");
  if (!header || header->types == 0) return std::unexpected("its second header is broken");
  if (header->leap_seconds != 0) return std::unexpected("it counts leap seconds, which Dun's times do not");

  ZoneRules rules;
  rules.listed_.resize(header->times);
  for (auto& transition : rules.listed_) transition.at = sys_seconds(Seconds(bytes.number(8)));
  const std::string_view types_taken = bytes.take(header->times);
  std::vector<Seconds> offsets(header->types);
  for (Seconds& offset : offsets) {
    offset = Seconds(bytes.number(4));
    if (offset < -hours(25) || offset > hours(26)) return std::unexpected("an offset in it is longer than a day");
    bytes.take(2);
  }
  bytes.take(header->letters + header->standard_marks + header->utc_marks);
  const std::string_view footer = bytes.rest();
  if (bytes.failed() || footer.size() < 2 || footer.back() != '\n') return std::unexpected("it ends in the middle");
  if (footer.front() != '\n') return std::unexpected("its last line does not stand where its header says");

  for (std::size_t i = 0; i < rules.listed_.size(); ++i) {
    const auto type = static_cast<unsigned char>(types_taken[i]);
    if (type >= offsets.size()) return std::unexpected("a transition in it has no offset");
    rules.listed_[i].offset = offsets[type];
    if (i > 0 && rules.listed_[i].at <= rules.listed_[i - 1].at) return std::unexpected("its list is not in order");
  }
  // Some files begin with the Big Bang, which milliseconds do not reach.
  for (auto& transition : rules.listed_) transition.at = std::clamp(transition.at, beginning, ending);
  rules.first_ = offsets.front();
  if (footer.size() > 2) {
    auto rule = parse_posix_rule(footer.substr(1, footer.size() - 2));
    if (!rule) return std::unexpected(std::move(rule.error()));
    rules.rule_ = *rule;
  }
  return rules;
}

ZoneRules::Stretch ZoneRules::behind_the_list(sys_seconds at) const {
  const sys_seconds since = listed_.empty() ? beginning : std::max(listed_.back().at, beginning);
  if (!rule_) return {.begin = since, .end = ending, .offset = listed_.empty() ? first_ : listed_.back().offset};
  if (!rule_->summer) return {.begin = since, .end = ending, .offset = rule_->standard};

  const auto to_instant = [](date::local_seconds local, Seconds offset) {
    return sys_seconds(local.time_since_epoch() - offset);
  };
  const PosixRule::Summer& summer = *rule_->summer;
  std::array<Transition, 10> around;
  auto next = around.begin();
  const date::year year = date::year_month_day(date::floor<date::days>(at)).year();
  // In order, as the pairs of two years do not overlap. Where they meet, as in a summer time without end, the later
  // year's counts.
  for (const int away : {-2, -1, 0, 1, 2}) {
    const date::year each = year + date::years(away);
    const Transition begins{.at = to_instant(summer.begins.in(each), rule_->standard), .offset = summer.offset};
    const Transition ends{.at = to_instant(summer.ends.in(each), summer.offset), .offset = rule_->standard};
    *next++ = begins.at <= ends.at ? begins : ends;
    *next++ = begins.at <= ends.at ? ends : begins;
  }
  const auto after = std::ranges::upper_bound(around, at, {}, &Transition::at);
  const auto end = after == around.end() ? ending : after->at;
  const auto& current = after == around.begin() ? around.front() : *(after - 1);
  return {.begin = std::max(current.at, since), .end = end, .offset = current.offset};
}

ZoneRules::Stretch ZoneRules::at(Instant instant) const {
  const sys_seconds at = std::clamp(date::floor<Seconds>(instant), beginning, ending);
  const auto after = std::ranges::upper_bound(listed_, at, {}, &Transition::at);
  if (after == listed_.end()) return behind_the_list(at);
  if (after == listed_.begin()) return {.begin = beginning, .end = after->at, .offset = first_};
  return {.begin = (after - 1)->at, .end = after->at, .offset = (after - 1)->offset};
}

ZoneRules::Readings ZoneRules::readings(LocalMillis local) const {
  const Instant as_utc(local.time_since_epoch());
  constexpr Millis reach = hours(27);  // no clock is further from UTC
  std::optional<Readings> found;
  std::optional<Instant> jump;
  for (Stretch stretch = at(as_utc - reach);; stretch = at(stretch.end)) {
    const Instant read = as_utc - stretch.offset;
    if (read >= stretch.begin && read < stretch.end) {
      if (!found) found = Readings{.earliest = read, .latest = read};
      found->latest = read;
    }
    if (read < stretch.begin && !jump) jump = stretch.begin;
    if (stretch.end > as_utc + reach || stretch.end >= ending) break;
  }
  if (found) return *found;
  const Instant only = jump.value_or(as_utc - at(as_utc).offset);
  return {.earliest = only, .latest = only};
}

}  // namespace dun
