#include "base/json/as_string.hpp"

#include <nlohmann/json.hpp>

namespace dun::json {

std::string as_string(std::string_view bytes) {
  return nlohmann::json(bytes).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace dun::json
