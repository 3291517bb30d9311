#include "config/zone_names.hpp"

#include "base/text/nearest.hpp"
#include "domain/zones.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace dun::config {
namespace {

bool same_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view city(std::string_view zone) {
  return zone.substr(zone.rfind('/') + 1);
}

std::string_view meant(std::string_view name, const std::vector<std::string_view>& zones) {
  const auto written_otherwise = std::ranges::find_if(zones, [&](auto zone) { return same_letters(zone, name); });
  if (written_otherwise != zones.end()) return *written_otherwise;
  // The city without its continent, or with another one.
  const auto elsewhere = std::ranges::find_if(zones, [&](auto zone) { return same_letters(city(zone), city(name)); });
  return elsewhere != zones.end() ? *elsewhere : nearest(name, zones);
}

}  // namespace

std::string unknown_zone(std::string_view name) {
  if (std::string broken = zone_data().trouble(name); !broken.empty()) return broken;
  const std::vector<std::string_view> zones = zone_data().names();
  const std::string_view near = meant(name, zones);
  return fmt::format("the tz database knows no zone \"{}\"; {}", name,
                     near.empty() ? std::string("expected an IANA name such as \"Asia/Shanghai\"")
                                  : fmt::format("did you mean \"{}\"?", near));
}

}  // namespace dun::config
