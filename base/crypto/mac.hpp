// Message authentication and random keys. OpenSSL computes them.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

struct evp_mac_ctx_st;  // OpenSSL's, whose headers are for mac.cpp alone

namespace dun {

/// HMAC-SHA-256 (RFC 2104) under one key, which is prepared once. A value, cheap to copy; safe to use from several
/// threads.
class Mac {
 public:
  /// Throws std::runtime_error where OpenSSL does not have it.
  explicit Mac(std::string_view key);
  /// Of the parts one behind the other: 32 raw bytes.
  [[nodiscard]] std::string of(std::initializer_list<std::string_view> parts) const;

 private:
  std::shared_ptr<const evp_mac_ctx_st> keyed_;
};

/// From the system's generator of secrets, as lower-case hexadecimal digits, two a byte. Throws std::runtime_error
/// where the system has none to give.
[[nodiscard]] std::string random_hex(std::size_t bytes);

/// Takes as long for a wrong guess as for a right one; only the length shows.
[[nodiscard]] bool equal_secrets(std::string_view a, std::string_view b);

}  // namespace dun
