#include "base/text/url_path.hpp"

#include <boost/algorithm/string/replace.hpp>

#include <algorithm>
#include <string>

namespace dun {
namespace {

bool is_dots(std::string_view segment) {
  // The longest is %2e%2e.
  if (segment.empty() || segment.size() > 6) return false;
  const std::string decoded = boost::algorithm::ireplace_all_copy(std::string(segment), "%2e", ".");
  return decoded == "." || decoded == "..";
}

}  // namespace

bool has_dot_segment(std::string_view path) {
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (is_dots(path.substr(begin, end - begin))) return true;
    begin = end + 1;
  }
  return false;
}

}  // namespace dun
