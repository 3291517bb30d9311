#include "gateways/content_coding.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace dun::gateways {
namespace {

constexpr std::string_view gzip_magic = "\x1F\x8B\x08";
constexpr int zlib_or_gzip = 15 + 32;
constexpr int bare_deflate = -15;  // which some servers call deflate

enum class Unpacked : std::uint8_t { whole, not_packed, too_long };

Unpacked unpack(const std::string& packed, int format, std::size_t most, std::string& text) {
  z_stream stream{};
  if (inflateInit2(&stream, format) != Z_OK) return Unpacked::not_packed;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::array<char, 4096> piece{};
  int status = Z_OK;
  while (status == Z_OK && text.size() <= most) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(piece.data(), piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (text.size() > most) return Unpacked::too_long;
  return status == Z_STREAM_END ? Unpacked::whole : Unpacked::not_packed;
}

bool says_packed(const HttpResponse& response) {
  return std::ranges::any_of(response.headers, [](const auto& header) {
    return equal_ignoring_case(header.first, "Content-Encoding") &&
           (equal_ignoring_case(header.second, "gzip") || equal_ignoring_case(header.second, "x-gzip") ||
            equal_ignoring_case(header.second, "deflate"));
  });
}

}  // namespace

bool decode_content(HttpResponse& response, std::size_t most) {
  if (response.body.empty() || (!response.body.starts_with(gzip_magic) && !says_packed(response))) return true;
  for (const int format : {zlib_or_gzip, bare_deflate}) {
    std::string text;
    const Unpacked unpacked = unpack(response.body, format, most, text);
    if (unpacked == Unpacked::too_long) return false;
    if (unpacked == Unpacked::not_packed) continue;
    response.body = std::move(text);
    return true;
  }
  return true;
}

}  // namespace dun::gateways
