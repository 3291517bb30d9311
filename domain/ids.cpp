#include "domain/ids.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace dun {
namespace {

// SipHash-2-4-128 (Aumasson, Bernstein, 2012), with the key fixed to the bytes 0 to 15.
class SipState {
 public:
  void absorb(std::uint64_t word) {
    v3_ ^= word;
    rounds(2);
    v0_ ^= word;
  }
  Hash128 finish() {
    v2_ ^= 0xee;
    rounds(4);
    const std::uint64_t first = v0_ ^ v1_ ^ v2_ ^ v3_;
    v1_ ^= 0xdd;
    rounds(4);
    return {.high = first, .low = v0_ ^ v1_ ^ v2_ ^ v3_};
  }

 private:
  void rounds(int count) {
    for (int i = 0; i < count; ++i) {
      v0_ += v1_;
      v1_ = std::rotl(v1_, 13) ^ v0_;
      v0_ = std::rotl(v0_, 32);
      v2_ += v3_;
      v3_ = std::rotl(v3_, 16) ^ v2_;
      v0_ += v3_;
      v3_ = std::rotl(v3_, 21) ^ v0_;
      v2_ += v1_;
      v1_ = std::rotl(v1_, 17) ^ v2_;
      v2_ = std::rotl(v2_, 32);
    }
  }
  static constexpr std::uint64_t key0 = 0x0706050403020100;
  static constexpr std::uint64_t key1 = 0x0f0e0d0c0b0a0908;
  std::uint64_t v0_ = 0x736f6d6570736575 ^ key0;
  std::uint64_t v1_ = 0x646f72616e646f6d ^ key1 ^ 0xee;
  std::uint64_t v2_ = 0x6c7967656e657261 ^ key0;
  std::uint64_t v3_ = 0x7465646279746573 ^ key1;
};

std::uint64_t load_little(const char* at, std::size_t size) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < size; ++i) word |= std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
  return word;
}

constexpr std::array<std::uint16_t, 256> make_crc_table() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    unsigned crc = i << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000U) != 0 ? crc << 1 ^ 0x1021U : crc << 1;
    table[i] = static_cast<std::uint16_t>(crc);
  }
  return table;
}

}  // namespace

std::string_view account_part(std::string_view id) {
  return id.substr(0, id.find(id_mark));
}

Hash128 hash128(std::string_view bytes) {
  SipState state;
  const std::size_t whole = bytes.size() / 8 * 8;
  for (std::size_t at = 0; at < whole; at += 8) state.absorb(load_little(bytes.data() + at, 8));
  state.absorb(load_little(bytes.data() + whole, bytes.size() - whole) | std::uint64_t{bytes.size() & 0xff} << 56);
  return state.finish();
}

std::uint64_t hash48(std::string_view bytes) {
  return hash128(bytes).high >> 16;
}

std::string base32(Hash128 hash) {
  static constexpr std::string_view letters = "0123456789abcdefghjkmnpqrstvwxyz";
  std::string text;
  for (int i = 0; i < 12; ++i) text += letters[hash.high >> (5 * i) & 31];
  for (int i = 0; i < 4; ++i) text += letters[hash.low >> (5 * i) & 31];
  return text;
}

IdBuilder& IdBuilder::add(std::string_view part) {
  bytes_ += std::to_string(part.size());
  bytes_ += ':';
  bytes_ += part;
  return *this;
}

IdBuilder& IdBuilder::add(std::int64_t number) {
  return add(std::string_view(std::to_string(number)));
}

std::uint16_t crc16(std::string_view bytes) {
  static constexpr auto table = make_crc_table();
  unsigned crc = 0;
  for (const char c : bytes) crc = (crc << 8 ^ table[(crc >> 8 ^ static_cast<unsigned char>(c)) & 0xff]) & 0xffff;
  return static_cast<std::uint16_t>(crc);
}

int partition_of(std::string_view account, int partitions) {
  return crc16(account) % partitions;
}

}  // namespace dun
