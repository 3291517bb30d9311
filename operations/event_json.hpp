// Credit events as JSON, one object each: flat as `dun publish` has always taken them, or as CloudEvents 1.0. Pure; any
// bytes are a line. The HTTP intake reads its bodies with this too.
#pragma once

#include "domain/credit_event.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace dun::operations {

/// The fields of an event (contract section 2), not yet believed. The error names the field, or the byte at which the
/// text stops being JSON.
///
/// Values may be strings, numbers (taken as they are written: `12.50` stays `12.50`) and booleans; null counts as
/// absent. An object with `specversion` is a CloudEvent in structured form, version 1.0: `id`, `type`, `source` and
/// `time` are its attributes, `account` is its `subject`, and `data`, a flat object, holds the other fields. Other
/// attributes are extensions, and ignored.
[[nodiscard]] std::expected<Fields, std::string> parse_event_json(std::string_view text);

}  // namespace dun::operations
