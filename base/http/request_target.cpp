#include "base/http/request_target.hpp"

#include "base/text/url_path.hpp"

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>

namespace dun::http {
std::expected<RequestTarget, std::string> parse_target(std::string_view target) {
  if (target == "*") return RequestTarget{.path = "*", .query = {}};
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!boost::algorithm::istarts_with(target, scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::size_t authority = std::min(target.find_first_of("/?#"), target.size());
    if (authority == 0) return std::unexpected("the target names no host");
    target.remove_prefix(authority);
    // An empty path is the root (RFC 9110, 4.2.3).
    if (!target.starts_with('/')) return parse_target("/" + std::string(target));
    break;
  }
  if (!target.starts_with('/')) return std::unexpected("expected a target that begins with a slash, or http://");
  if (target.contains('#')) return std::unexpected("a fragment is no part of a target");
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, mark);
  if (has_dot_segment(path)) return std::unexpected("a path has no segments of dots");
  return RequestTarget{.path = std::string(path),
                       .query = std::string(target.substr(std::min(mark + 1, target.size())))};
}

}  // namespace dun::http
