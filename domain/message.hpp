// What a text is made from, and what it becomes: the seam between policies (who is told what) and messages (in which
// words).
#pragma once

#include "domain/ids.hpp"
#include "domain/money.hpp"
#include "domain/time.hpp"
#include "domain/vocabulary.hpp"

#include <optional>
#include <string>

namespace dun {

/// Everything a text may mention. Which texts use what is the catalogue's business.
struct MessageContext {
  NoticeKind kind = NoticeKind::dunning;
  int step = 0;
  std::string lang;  ///< BCP 47 of the receiver; empty: the catalogue's default
  std::string zone;  ///< IANA, always one that the tz database knows
  std::string brand;
  AccountId account;
  Instant event_time{};
  Instant now{};
  bool held = false;  ///< held longer than the policy's bound: the text must say so
  /// What has to be paid, positive: what lies below zero or, where the account has a credit limit and is beyond it,
  /// what lies beyond that. None if nothing is owed, or how much is not known.
  std::optional<Amount> owed;
  std::optional<Amount> credit_limit;  ///< set where `owed` is what lies beyond it
  std::optional<Amount> balance;       ///< as billing signs it: negative is owed
  std::string currency;                ///< of `owed`, `credit_limit` and `balance`
  std::optional<Instant> as_of;        ///< when these became true, where that is not `event_time`
  std::optional<Amount> amount;        ///< of the payment, refund or charge
  std::string amount_currency;
  std::optional<Instant> due_at, suspend_at, exhausts_at, charge_at;
  std::string product;
  // Notices to an account manager:
  std::string manager_name, customer_msisdn;
  TaskId task;
  CreditState state = CreditState::clear;  ///< `suspended` while the service is stopped for a debt
  /// Why the service was or will be stopped; `debt` only while something is owed (a text without the reason else).
  SuspensionReason reason = SuspensionReason::debt;
  int credit_level = 0;
};

struct Rendered {
  std::string text;  ///< UTF-8
  Encoding encoding = Encoding::gsm7;
  int parts = 1;        ///< SMS segments
  std::string version;  ///< short hash of the catalogue that was in force (E30)
};

}  // namespace dun
