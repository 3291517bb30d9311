// Bytes into text forms and back, digests, and the comparisons that request templates, response rules and receipts
// need. Pure; OpenSSL, ICU and Boost do the work.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dun::gateways {

/// Names and values in the order they stood: a query, a form, headers.
using NameValues = std::vector<std::pair<std::string, std::string>>;

enum class Digest : std::uint8_t { md5, sha1, sha256, sha512 };

/// The raw bytes of the digest, not their text form.
[[nodiscard]] std::string digest(Digest algorithm, std::string_view bytes);
/// RFC 2104; key and result are raw bytes, so that results can be keys of the next one.
[[nodiscard]] std::string hmac(Digest algorithm, std::string_view key, std::string_view bytes);

/// Lower case.
[[nodiscard]] std::string hex(std::string_view bytes);
[[nodiscard]] std::optional<std::string> unhex(std::string_view text);
/// RFC 4648 with padding.
[[nodiscard]] std::string base64(std::string_view bytes);
/// RFC 4648 section 5, without padding.
[[nodiscard]] std::string base64url(std::string_view bytes);

/// RFC 3986: everything but unreserved characters becomes %XX, a space %20. Right in a path segment, a query and a
/// form.
[[nodiscard]] std::string percent_encode(std::string_view bytes);
/// Takes `+` for a space where `plus_is_space` says so (queries and forms). A `%` that is not followed by two
/// hexadecimal digits stands for itself, as browsers read it.
[[nodiscard]] std::string percent_decode(std::string_view text, bool plus_is_space);

/// `a=1&b=2`, both sides percent-encoded, in the order given.
[[nodiscard]] std::string to_query(const NameValues& parameters);
/// Reads a query or an `application/x-www-form-urlencoded` body. Any bytes are a query; a part without `=` is a name
/// without a value.
[[nodiscard]] NameValues parse_query(std::string_view text);

/// Big-endian UTF-16, or none where the text is not UTF-8.
[[nodiscard]] std::optional<std::string> utf16be(std::string_view utf8);

/// ASCII letters only, as header names are compared.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] std::string lower_case(std::string_view text);
[[nodiscard]] std::string upper_case(std::string_view text);

}  // namespace dun::gateways
