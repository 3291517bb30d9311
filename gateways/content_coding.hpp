// Compressed answers of servers that were not asked to compress.
#pragma once

#include "gateways/http.hpp"

#include <cstddef>

namespace dun::gateways {

/// Unpacks the body where Content-Encoding names gzip or deflate, or where it begins as gzip does. What is not what it
/// says it is stays as it came: proxies that unpack and leave the header are about.
/// False: unpacked it is longer than `most`.
[[nodiscard]] bool decode_content(HttpResponse& response, std::size_t most);

}  // namespace dun::gateways
