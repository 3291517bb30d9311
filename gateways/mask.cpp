#include "gateways/mask.hpp"

#include "base/text/trim.hpp"
#include "base/text/utf8.hpp"
#include "gateways/codec.hpp"

#include <algorithm>

namespace dun::gateways {
namespace {

constexpr std::string_view cover = "***";
constexpr std::size_t phone_digits_min = 7;
constexpr std::size_t phone_digits_shown = 3;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string without_secrets(std::string text, std::span<const std::string> secrets) {
  for (const std::string& secret : secrets) {
    if (secret.empty()) continue;
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + cover.size()))
      text.replace(at, secret.size(), cover);
  }
  return text;
}

std::string without_numbers(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end - i >= phone_digits_min) {
      result += text.substr(i, phone_digits_shown);
      result += cover;
      i = end;
    } else {
      end = std::max(end, i + 1);
      result += text.substr(i, end - i);
      i = end;
    }
  }
  return result;
}

/// How many bytes of a printable character `text` begins with; 0 where it does not.
std::size_t character_size(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return first >= 0x20 && first != 0x7F ? 1 : 0;
  for (std::size_t size = 2; size <= std::min<std::size_t>(4, text.size()); ++size)
    if (is_utf8(text.substr(0, size))) return size;
  return 0;
}

}  // namespace

std::string masked(std::string_view text, std::span<const std::string> secrets) {
  return without_numbers(without_secrets(std::string(text), secrets));
}

std::string printable(std::string_view bytes, std::size_t size_max) {
  std::string result;
  for (bytes = trimmed(bytes); !bytes.empty() && result.size() < size_max;) {
    const bool blank = bytes.front() == ' ' || bytes.front() == '\t' || bytes.front() == '\r' || bytes.front() == '\n';
    const std::size_t size = character_size(bytes);
    if (blank) {
      if (!result.ends_with(' ')) result += ' ';
    } else if (size == 0) {
      result += '?';
    } else if (result.size() + size <= size_max) {
      result += bytes.substr(0, size);
    } else {
      break;
    }
    bytes.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return result;
}

}  // namespace dun::gateways
