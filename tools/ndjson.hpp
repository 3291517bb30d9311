// NDJSON: one flat JSON object a line, as the fields of an event.
#pragma once

#include "domain/credit_event.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace dun::tools {

/// Values may be strings, numbers (taken as they are written: `12.50` stays `12.50`) and booleans; null counts as
/// absent. The error names the field, or the byte at which the line stops being JSON.
[[nodiscard]] std::expected<Fields, std::string> parse_ndjson_line(std::string_view line);

}  // namespace dun::tools
