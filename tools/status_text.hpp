// The state of an installation for whoever reads a terminal.
#pragma once

#include "operations/status.hpp"
#include "tools/times.hpp"

namespace dun::tools {

void print(const operations::Status& status, const LocalTimes& times);

}  // namespace dun::tools
