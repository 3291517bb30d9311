// The log of a service: lines on standard error, each of which is one line whatever foreign text it holds.
#pragma once

#include <string>

namespace dun::tools {

/// Makes this the log of the process. `level` is one of trace, debug, info, warn, warning, error.
void set_up_log(const std::string& level);

}  // namespace dun::tools
