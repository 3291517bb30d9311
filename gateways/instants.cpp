#include "gateways/instants.hpp"

#include "base/text/trim.hpp"
#include "gateways/codec.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace dun::gateways {
namespace {

constexpr std::array<std::string_view, 7> after_forms = {"retry_after", "milliseconds", "rfc3339",  "epoch",
                                                         "epoch_ms",    "utc_text",     "http_date"};
constexpr std::size_t first_instant_form = 2;

constexpr Millis after_min = std::chrono::seconds(1);
constexpr Millis after_max = std::chrono::hours(24);

std::optional<double> to_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<Instant> since_epoch(std::string_view text, double unit) {
  constexpr double most = 253'402'300'800'000;  // the year 10000
  const auto number = to_number(text);
  if (!number || *number < 0 || *number * unit >= most) return std::nullopt;
  return Instant(Millis(std::llround(*number * unit)));
}

Millis bounded(double milliseconds) {
  const auto count = [](Millis span) { return static_cast<double>(span.count()); };
  return Millis(std::llround(std::clamp(milliseconds, count(after_min), count(after_max))));
}

Millis until(Instant then, Instant now) {
  return bounded(static_cast<double>((then - now).count()));
}

std::optional<Millis> retry_after(std::string_view text, Instant now) {
  if (const auto seconds = to_number(text)) {
    const auto instant = since_epoch(text, 1000);
    const bool is_instant = instant && *seconds * 1000 > static_cast<double>(after_max.count()) &&
                            *instant > now - after_max && *instant < now + after_max;
    return is_instant ? until(*instant, now) : bounded(*seconds * 1000);
  }
  if (const auto span = parse_span(text)) return bounded(static_cast<double>(span->count()));
  const auto date = read_instant(InstantForm::http_date, text);
  return date ? std::optional(until(*date, now)) : std::nullopt;
}

}  // namespace

std::span<const std::string_view> instant_form_names() {
  return std::span(after_forms).subspan(first_instant_form);
}

std::span<const std::string_view> after_form_names() {
  return after_forms;
}

std::optional<Instant> read_instant(InstantForm form, std::string_view written) {
  std::string text(trimmed(written));
  switch (form) {
    case InstantForm::epoch:
      return since_epoch(text, 1000);
    case InstantForm::epoch_ms:
      return since_epoch(text, 1);
    case InstantForm::http_date: {
      const std::time_t seconds = curl_getdate(text.c_str(), nullptr);
      if (seconds < 0) return std::nullopt;
      return Instant(Seconds(seconds));
    }
    case InstantForm::utc_text:
      if (text.size() != std::string_view("2026-01-31 13:45:00").size()) return std::nullopt;
      text[10] = 'T';
      text += 'Z';
      [[fallthrough]];
    case InstantForm::rfc3339:
      break;
  }
  const auto instant = parse_rfc3339(text);
  return instant ? std::optional(*instant) : std::nullopt;
}

std::optional<Millis> read_after(AfterForm form, std::string_view written, Instant now) {
  const std::string_view text = trimmed(written);
  if (form == AfterForm::retry_after) return retry_after(text, now);
  if (form == AfterForm::milliseconds) {
    const auto number = to_number(text);
    return number ? std::optional(bounded(*number)) : std::nullopt;
  }
  const auto instant =
      read_instant(static_cast<InstantForm>(static_cast<std::size_t>(form) - first_instant_form), text);
  return instant ? std::optional(until(*instant, now)) : std::nullopt;
}

}  // namespace dun::gateways
