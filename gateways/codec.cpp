#include "gateways/codec.hpp"

#include "base/assert.hpp"
#include "base/text/utf8.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <unicode/unistr.h>
#include <boost/algorithm/hex.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/grammar/ci_string.hpp>
#include <boost/url/grammar/hexdig_chars.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <algorithm>
#include <array>
#include <iterator>

namespace dun::gateways {
namespace urls = boost::urls;  // header-only parts of it
namespace {

const EVP_MD* implementation(Digest algorithm) {
  switch (algorithm) {
    case Digest::md5:
      return EVP_md5();
    case Digest::sha1:
      return EVP_sha1();
    case Digest::sha256:
      return EVP_sha256();
    case Digest::sha512:
      return EVP_sha512();
  }
  return nullptr;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_string(const std::array<unsigned char, EVP_MAX_MD_SIZE>& buffer, unsigned int size) {
  return {reinterpret_cast<const char*>(buffer.data()), size};
}

template <typename Change>
std::string changed(std::string_view text, Change change) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), change);
  return result;
}

}  // namespace

std::string digest(Digest algorithm, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> buffer{};
  unsigned int size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), buffer.data(), &size, implementation(algorithm), nullptr);
  DUN_ASSERT(done == 1);
  return to_string(buffer, size);
}

std::string hmac(Digest algorithm, std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> buffer{};
  unsigned int size = 0;
  // HMAC takes a null key pointer for "the key of the last call"; an empty key must not be one.
  const char* key_bytes = key.empty() ? "" : key.data();
  const unsigned char* done = HMAC(implementation(algorithm), key_bytes, static_cast<int>(key.size()), bytes_of(bytes),
                                   bytes.size(), buffer.data(), &size);
  DUN_ASSERT(done != nullptr);
  return to_string(buffer, size);
}

std::string hex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  boost::algorithm::hex_lower(bytes, std::back_inserter(text));
  return text;
}

std::optional<std::string> unhex(std::string_view text) {
  // Looked at before, because Boost throws.
  if (text.size() % 2 != 0 || !std::ranges::all_of(text, urls::grammar::hexdig_chars)) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  boost::algorithm::unhex(text, std::back_inserter(bytes));
  return bytes;
}

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a zero
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string base64url(std::string_view bytes) {
  std::string text = base64(bytes);
  text.erase(std::min(text.find('='), text.size()));
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::string percent_encode(std::string_view bytes) {
  return urls::encode(bytes, urls::unreserved_chars);
}

// By hand: Boost.URL decodes only where every % is followed by two digits.
std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool pair = text[i] == '%' && i + 2 < text.size();
    const int high = pair ? urls::grammar::hexdig_value(text[i + 1]) : -1;
    const int low = pair ? urls::grammar::hexdig_value(text[i + 2]) : -1;
    if (high >= 0 && low >= 0) {
      bytes += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      bytes += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return bytes;
}

std::string to_query(const NameValues& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters) {
    if (!text.empty()) text += '&';
    text += percent_encode(name);
    text += '=';
    text += percent_encode(value);
  }
  return text;
}

NameValues parse_query(std::string_view text) {
  NameValues parameters;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    parameters.emplace_back(percent_decode(part.substr(0, equals), true),
                            percent_decode(part.substr(std::min(equals + 1, part.size())), true));
  }
  return parameters;
}

std::optional<std::string> utf16be(std::string_view utf8) {
  if (!is_utf8(utf8)) return std::nullopt;
  const auto units = icu::UnicodeString::fromUTF8(utf8);
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(units.length()) * 2);
  for (std::int32_t i = 0; i < units.length(); ++i) {
    bytes += static_cast<char>(units[i] >> 8);
    bytes += static_cast<char>(units[i] & 0xFF);
  }
  return bytes;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, urls::grammar::to_lower, urls::grammar::to_lower);
}

std::string lower_case(std::string_view text) {
  return changed(text, urls::grammar::to_lower);
}

std::string upper_case(std::string_view text) {
  return changed(text, urls::grammar::to_upper);
}

}  // namespace dun::gateways
