// What the numbers of the command line must be, said in words: CLI11's own say the largest double in 309 digits.
#pragma once

#include <CLI/CLI.hpp>

#include <cmath>
#include <string>

namespace dun::tools {

namespace validators {
inline CLI::Validator number(std::string name, std::string what, bool (*accepts)(double)) {
  return {[what = std::move(what), accepts](std::string& text) {
            double value = 0;
            const bool is_right = CLI::detail::lexical_cast(text, value) && std::isfinite(value) && accepts(value);
            return is_right ? std::string() : "expected " + what + ", found " + text;
          },
          std::move(name)};
}
}  // namespace validators

inline CLI::Validator positive() {
  return validators::number("NUMBER > 0", "a number above 0", [](double value) { return value > 0; });
}

/// Also for options that are kept without a sign, where -1 would be read as the largest number there is.
inline CLI::Validator not_negative() {
  return validators::number("NUMBER >= 0", "0 or more", [](double value) { return value >= 0; });
}

}  // namespace dun::tools
