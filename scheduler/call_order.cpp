#include "scheduler/call_order.hpp"

#include "base/assert.hpp"

#include <fmt/format.h>

namespace dun::scheduler {

std::string_view CallOrder::to_text(Stage stage) {
  switch (stage) {
    case Stage::unowned:
      return "unowned";
    case Stage::ready:
      return "ready";
    case Stage::looked:
      return "looked";
    case Stage::gathered:
      return "gathered";
    case Stage::decided:
      return "decided";
    case Stage::dropped:
      return "dropped";
  }
  return "?";
}

void CallOrder::refuse(std::string_view call) const {
  const std::string what = fmt::format("Partition::{} in stage {}", call, to_text(stage_));
  assertion_failed(what.c_str(), __FILE__, __LINE__);
}

}  // namespace dun::scheduler
