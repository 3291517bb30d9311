#include "config/mistake.hpp"

#include <fmt/format.h>

namespace dun::config {

std::string to_text(const Mistake& mistake) {
  return fmt::format("{}:{}:{}: error: {}", mistake.file, mistake.line, mistake.column, mistake.message);
}

}  // namespace dun::config
