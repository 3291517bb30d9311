// A type of its own for each kind of identifier, so that one cannot be passed for another.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace dun {

template <typename Tag>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(std::string value) : value_(std::move(value)) {}
  [[nodiscard]] const std::string& str() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  friend bool operator==(const StrongId&, const StrongId&) = default;
  friend auto operator<=>(const StrongId&, const StrongId&) = default;

 private:
  std::string value_;
};

using AccountId = StrongId<struct AccountTag>;
using EventId = StrongId<struct EventTag>;
using NoticeId = StrongId<struct NoticeTag>;
using TaskId = StrongId<struct TaskTag>;
/// `KIND/...`. An account has no slash in its name.
using CaseId = StrongId<struct CaseTag>;

/// Ends the account in an id or a reference that is made of one (`ACCOUNT~NOTICE`, `ACCOUNT~NOTICE~TAG`): no account
/// has it in its name.
inline constexpr char id_mark = '~';
/// The account that such an id begins with; all of it where there is no mark.
[[nodiscard]] std::string_view account_part(std::string_view id);

/// SipHash-2-4 with 128 bits of result under a fixed key: the one hash behind every derived id. Not a secret, not a
/// signature; the same bytes give the same value on every machine and in every version.
struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};
[[nodiscard]] Hash128 hash128(std::string_view bytes);

/// The first 48 bits of hash128: what an account record remembers of an event id.
[[nodiscard]] std::uint64_t hash48(std::string_view bytes);

/// 80 bits as sixteen characters of lower-case base 32 (digits and letters without i l o u).
[[nodiscard]] std::string base32(Hash128 hash);

/// Incrementally joins parts into one string whose parts cannot run into each other, and hashes it.
class IdBuilder {
 public:
  IdBuilder& add(std::string_view part);
  IdBuilder& add(std::int64_t number);
  [[nodiscard]] Hash128 hash() const { return hash128(bytes_); }

 private:
  std::string bytes_;
};

/// CRC16 of Redis Cluster (XMODEM); contract section 3: `partition = CRC16(account) mod partitions`.
[[nodiscard]] std::uint16_t crc16(std::string_view bytes);
[[nodiscard]] int partition_of(std::string_view account, int partitions);

}  // namespace dun

template <typename Tag>
struct std::hash<dun::StrongId<Tag>> {
  std::size_t operator()(const dun::StrongId<Tag>& id) const noexcept { return std::hash<std::string>{}(id.str()); }
};
