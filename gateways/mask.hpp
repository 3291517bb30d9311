// What may be shown of what went to a gateway or came from it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dun::gateways {

/// `text` with each of `secrets` (in the order given) and all but the first three digits of everything that could be a
/// phone number replaced by `***`.
[[nodiscard]] std::string masked(std::string_view text, std::span<const std::string> secrets);

/// At most `size_max` bytes, whole characters, blanks run together; bytes that are not printable UTF-8 become `?`.
[[nodiscard]] std::string printable(std::string_view bytes, std::size_t size_max);

}  // namespace dun::gateways
