// What proves to an installation that something came from itself: the keyed part of the references that gateways get,
// and of the events that it writes to its own streams (ADR 0015). Pure.
#pragma once

#include "base/crypto/mac.hpp"
#include "domain/credit_event.hpp"
#include "domain/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace dun::scheduler {

/// One key an installation. The same notice has the same reference in every process and every replay, and nobody who
/// lacks the key can compute one, though he knows the account and all of its events.
///
/// A value, cheap to copy; safe to use from several threads.
class Seal {
 public:
  /// With the key `dun simulate`: what `dun simulate` and tests use, which talk to nobody outside. It is in this
  /// source, so it protects nothing.
  Seal() : Seal("dun simulate") {}
  explicit Seal(std::string_view key) : key_(key) {}

  /// The reference that a gateway gets with the notice: `NOTICE~TAG`, where the tag is 50 bits of a keyed hash.
  [[nodiscard]] std::string reference(const NoticeId& notice) const;

  struct Reference {
    AccountId account;
    NoticeId notice;
    bool sealed = false;  ///< none of it is keyed: it was handed out before installations had keys, or made up
  };
  enum class Foreign : std::uint8_t {
    not_ours,   ///< of another form than ours: somebody else's message
    wrong_tag,  ///< of our form, and not made by us
  };
  /// What a reference names that came back.
  [[nodiscard]] std::expected<Reference, Foreign> read(std::string_view reference) const;

  /// Events whose type begins with `dun.` are only Dun's own.
  [[nodiscard]] static bool is_internal(const Fields& event);
  /// Appends the field `mac`, over all that stand before it.
  void sign(Fields& event) const;
  /// The event without its `mac`; none where that is missing, wrong, or not last.
  [[nodiscard]] std::optional<Fields> open(const Fields& event) const;

 private:
  [[nodiscard]] std::string mac(const Fields& event) const;

  Mac key_;
};

}  // namespace dun::scheduler
