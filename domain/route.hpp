// The ways that notices take out of the house.
#pragma once

#include "base/assert.hpp"
#include "domain/enum_index.hpp"
#include "domain/vocabulary.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace dun {

/// Where a lane leads: its notices wait on shelves of their own, and go through the gateways of the route.
struct Route {
  Channel channel = Channel::sms;
  Lane lane = Lane::normal;
  std::vector<std::string> gateways;  ///< by preference, at least one; the first is used, and no other so far

  [[nodiscard]] const std::string& gateway() const {
    DUN_ASSERT(!gateways.empty());
    return gateways.front();
  }
  friend bool operator==(const Route&, const Route&) = default;
};

/// One a lane.
class Routes {
 public:
  Routes() {
    for (const Lane lane : all_lanes) of(lane).lane = lane;
  }
  /// By SMS, through one gateway each, in the order of the lanes.
  explicit Routes(std::array<std::string, all_lanes.size()> gateways) : Routes() {
    for (const Lane lane : all_lanes) of(lane).gateways = {std::move(gateways.at(enum_index(lane)))};
  }

  [[nodiscard]] Route& of(Lane lane) { return routes_.at(enum_index(lane)); }
  [[nodiscard]] const Route& of(Lane lane) const { return routes_.at(enum_index(lane)); }
  friend bool operator==(const Routes&, const Routes&) = default;

 private:
  std::array<Route, all_lanes.size()> routes_;
};

}  // namespace dun
