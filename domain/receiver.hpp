// Whom a notice is for, and how they are reached.
#pragma once

#include "domain/quiet_window.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace date {
class time_zone;
}

namespace dun {

/// Worked out when it is asked for and kept by nobody: a profile or people.toml may say another thing at the next turn.
struct Receiver {
  enum class Who : std::uint8_t {
    customer,
    person,  ///< of people.toml: their duty, whatever the customer wishes
  };
  Who who = Who::customer;
  std::string name;                       ///< of a person
  std::string address;                    ///< on the route's channel: a number in E.164; empty if there is none (E20)
  std::string lang;                       ///< BCP 47; empty: the default of the texts
  const date::time_zone* zone = nullptr;  ///< on whose wall clock their hours and times are read (E34, E39); never null
  std::span<const QuietWindow> quiet;     ///< when this notice may not disturb them; of the policies in force
};

}  // namespace dun
