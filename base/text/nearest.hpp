// "Did you mean": which known word somebody who wrote an unknown one probably had in mind.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dun {

/// The known word with the fewest letters to change, insert, drop or swap, if they are fewer than half of it;
/// empty if nothing is that near.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

/// `; did you mean "event_time"?`, or, when nothing is near, `; expected one of: a, b, c`: the end of an error message;
/// nothing where nothing is known.
[[nodiscard]] std::string hint(std::string_view word, std::span<const std::string_view> known);

}  // namespace dun
