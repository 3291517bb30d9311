// Phone numbers as people and systems write them.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace dun {

/// E.164 by form: `+`, a first digit that is not 0, 7 to 15 digits. Normalised away are full-width digits and `+`;
/// separators (spaces of any width, dashes, dots, slashes, brackets); the marks that word processors and chat programs
/// put around a number to keep its direction; and a trunk prefix in brackets, as in `+49 (0)171 1234567`, which is
/// dialled at home and never behind the country code. Where the 0 belongs to the number (`+39 06 ...`) it stays.
[[nodiscard]] std::expected<std::string, std::string> normalise_msisdn(std::string_view text);

}  // namespace dun
