#include "base/text/setting.hpp"

#include <algorithm>

namespace dun {

std::optional<Setting> parse_setting(std::string_view inside) {
  const std::size_t colon = std::min(inside.find(':'), inside.size());
  const std::string_view kind = inside.substr(0, colon);
  const std::string_view name = inside.substr(std::min(colon + 1, inside.size()));
  if (kind == "file") return Setting{.kind = Setting::Kind::file, .name = name, .otherwise = std::nullopt};
  if (kind != "env") return std::nullopt;
  const std::size_t dash = name.find(":-");
  Setting setting{.name = name.substr(0, dash), .otherwise = std::nullopt};
  if (dash != std::string_view::npos) setting.otherwise = name.substr(dash + 2);
  return setting;
}

}  // namespace dun
