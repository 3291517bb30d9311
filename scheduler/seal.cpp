#include "scheduler/seal.hpp"

#include "domain/vocabulary.hpp"

#include <algorithm>
#include <cstring>

namespace dun::scheduler {
namespace {

constexpr std::string_view mac_field = "mac";
constexpr std::size_t tag_size = 10;  // of base 32: 50 bits

/// 80 bits as text. `use` keeps what is keyed for one purpose from serving another.
std::string keyed(const Mac& key, std::string_view use, std::string_view bytes) {
  const std::string made = key.of({use, ":", bytes});
  Hash128 hash;
  for (std::size_t i = 0; i < 8; ++i) {
    hash.high = hash.high << 8 | static_cast<unsigned char>(made[i]);
    hash.low = hash.low << 8 | static_cast<unsigned char>(made[8 + i]);
  }
  return base32(hash);
}

std::string tag_of(const Mac& key, std::string_view notice) {
  return keyed(key, "reference", notice).substr(0, tag_size);
}

}  // namespace

std::string Seal::reference(const NoticeId& notice) const {
  return notice.str() + id_mark + tag_of(key_, notice.str());
}

std::expected<Seal::Reference, Seal::Foreign> Seal::read(std::string_view reference) const {
  const std::string_view account = account_part(reference);
  if (account.size() + 1 >= reference.size() || !is_account_id(account)) return std::unexpected(Foreign::not_ours);
  const std::size_t second = reference.find(id_mark, account.size() + 1);
  const std::string_view notice = reference.substr(0, second);
  Reference named{.account = AccountId(std::string(account)),
                  .notice = NoticeId(std::string(notice)),
                  .sealed = second != std::string_view::npos};
  if (named.sealed && !equal_secrets(reference.substr(second + 1), tag_of(key_, notice)))
    return std::unexpected(Foreign::wrong_tag);
  return named;
}

bool Seal::is_internal(const Fields& event) {
  // Any of several: it must not matter which one is believed later.
  return std::ranges::any_of(
      event, [](const auto& field) { return field.first == "type" && field.second.starts_with("dun."); });
}

std::string Seal::mac(const Fields& event) const {
  std::string bytes;
  for (const auto& [name, value] : event) {
    bytes += std::to_string(name.size()) + ":" + name;
    bytes += std::to_string(value.size()) + ":" + value;
  }
  return keyed(key_, "event", bytes);
}

void Seal::sign(Fields& event) const {
  event.emplace_back(mac_field, mac(event));
}

std::optional<Fields> Seal::open(const Fields& event) const {
  if (event.empty() || event.back().first != mac_field) return std::nullopt;
  Fields inner(event.begin(), event.end() - 1);
  if (!equal_secrets(event.back().second, mac(inner))) return std::nullopt;
  return inner;
}

}  // namespace dun::scheduler
