// Message authentication and random keys. OpenSSL computes them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dun {

/// HMAC-SHA-256 (RFC 2104); key and result are raw bytes, 32 of them.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// From the system's generator of secrets, as lower-case hexadecimal digits, two a byte. Throws std::runtime_error
/// where the system has none to give.
[[nodiscard]] std::string random_hex(std::size_t bytes);

/// Takes as long for a wrong guess as for a right one; only the length shows.
[[nodiscard]] bool equal_secrets(std::string_view a, std::string_view b);

}  // namespace dun
