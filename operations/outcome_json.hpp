// The JSON form of an outcome (contract section 4): `dun simulate`, `dun outcomes`, `dun explain --json`.
#pragma once

#include "domain/outcome.hpp"

#include <string>

namespace dun::operations {

/// Appends one line: the fields in the order of the contract, `step`, `parts` and `attempt` as numbers, `reasons` as a
/// list, all else as strings. What cannot be seen is escaped. Bytes that are not UTF-8 become U+FFFD.
void append_json_line(const Outcome& outcome, std::string& out);

}  // namespace dun::operations
