// What a request's target names (RFC 9112, section 3.2). Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace dun::http {

struct RequestTarget {
  std::string path;   ///< as sent, never empty: begins with a slash, or is `*`
  std::string query;  ///< as sent, without the question mark
  friend bool operator==(const RequestTarget&, const RequestTarget&) = default;
};

/// Takes the origin form (`/a?b`), the absolute form that proxies and some gateways send (`http://host/a?b`), and `*`.
/// The error says what is wrong: another form, a fragment, or a path with a `.` or `..` segment, also where its dots
/// are percent-encoded: no path of ours has one, and whoever sends it hopes that somebody resolves it.
[[nodiscard]] std::expected<RequestTarget, std::string> parse_target(std::string_view target);

}  // namespace dun::http
