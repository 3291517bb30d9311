// `{env:NAME}` and `{file:PATH}` in configured texts: what stands for something outside of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dun {

struct Setting {
  enum class Kind : std::uint8_t { environment, file };
  Kind kind = Kind::environment;
  std::string_view name;                      ///< of the variable, or the path; may be empty, which names nothing
  std::optional<std::string_view> otherwise;  ///< of `env:NAME:-x` the x, which holds where the variable is not set
};

/// Reads what stands between the braces; nothing where that is no setting.
[[nodiscard]] std::optional<Setting> parse_setting(std::string_view inside);

}  // namespace dun
