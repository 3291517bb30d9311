// What the contract makes of everything billing says of money and of suspension: one position at a time, stated by one
// event. Where the contract leaves room for doubt the model says "perhaps" and the checker takes the engine's side.
#pragma once

#include "domain/credit_event.hpp"

#include <optional>
#include <string>

namespace dun::test {

enum class Owing : std::uint8_t { no, perhaps, yes };

/// The amount in whole smallest units of its currency, the rest dropped (D16).
[[nodiscard]] std::int64_t whole_units(Amount amount, const std::string& currency);

class PositionModel {
 public:
  void take(const Fields& fields);

  [[nodiscard]] Owing owing() const;
  /// Certainly `clear`: no episode is open.
  [[nodiscard]] bool certainly_clear() const { return sure_ && state_ == CreditState::clear; }
  /// Certainly stopped for a debt that is still there.
  [[nodiscard]] bool stopped_for_debt() const { return stopped_for_debt_ && owing() == Owing::yes; }
  [[nodiscard]] bool in_arrears() const { return state_ == CreditState::arrears && owing() == Owing::yes; }
  [[nodiscard]] bool suspended() const { return sure_ && state_ == CreditState::suspended; }

  struct Debt {
    std::optional<Amount> amount, limit;  ///< what is to be paid; the limit where that is what lies beyond it
    std::string currency;
    Instant stated_at{};
    std::string stated_by;
    bool sure = true;  ///< false: the contract leaves more than one answer
  };
  [[nodiscard]] Debt debt() const;

  /// When billing will suspend the service; `sure` as above.
  struct Announced {
    std::optional<Instant> at;
    bool sure = true;
    std::string by;
  };
  [[nodiscard]] const Announced& suspension() const { return suspension_; }
  [[nodiscard]] std::optional<Instant> exhausts_at() const { return exhausts_at_; }

 private:
  void take_credit(const Fields& fields);
  void take_payment(const Fields& fields);
  void take_reversal(const Fields& fields);
  void take_cancellation();
  void take_stop(const Fields& fields);
  void take_amounts(const Fields& fields);
  void announce(const Fields& fields);
  [[nodiscard]] bool below_limit() const;

  CreditState state_ = CreditState::clear;
  bool sure_ = true;  ///< of the state
  bool anything_stated_ = false;
  std::optional<Amount> balance_, limit_;
  std::string currency_, stated_by_;
  Instant stated_at_{};
  Announced suspension_;
  std::optional<Instant> exhausts_at_;
  bool stopped_for_debt_ = false;
};

}  // namespace dun::test
