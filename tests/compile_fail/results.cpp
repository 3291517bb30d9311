// Whatever can fail, and whatever has effects to be carried out, is not dropped by forgetting it.
#include "domain/account_record.hpp"
#include "policies/step.hpp"

namespace dun {

void may_fail(std::string_view text) {
  (void)parse_rfc3339(text);
  parse_rfc3339(text);     // expected-error {{ignoring return value of function declared with 'nodiscard'}}
  parse_span(text);        // expected-error {{ignoring return value of function declared with 'nodiscard'}}
  Amount::parse(text);     // expected-error {{ignoring return value of function declared with 'nodiscard'}}
  normalise_msisdn(text);  // expected-error {{ignoring return value of function declared with 'nodiscard'}}
}

Instant read(std::string_view text) {
  if (const auto at = parse_rfc3339(text)) return *at;
  return parse_rfc3339(text);  // expected-error {{no viable conversion from returned value}}
}

void values(Amount balance) {
  balance = balance.plus(balance);
  balance.plus(balance);  // expected-error {{ignoring return value of function declared with 'nodiscard'}}
}

namespace policies {

Effects stepped(const AccountId& account, AccountRecord& record, const CreditEvent& event, const PolicySet& policies) {
  const Instant now = event.time;
  // expected-error@+1 {{ignoring return value of function declared with 'nodiscard'}}
  step(account, record, EventArrived{&event}, policies, now);
  step(account, record, event, policies, now);  // expected-error {{no matching function for call to 'step'}}
  return step(account, record, EventArrived{&event}, policies, now);
}

/// One answer, one shape: what only a lost answer has cannot be read from a refusal.
void answered(Settled& settled, const Attempt& attempt) {
  settled = {.attempt = attempt, .verdict = Rejected{}};
  settled.verdict = InDoubt{.until = attempt.claimed_at};
  settled.verdict =
      Rejected{.until = attempt.claimed_at};  // expected-error {{field designator 'until' does not refer}}
  settled.verdict = attempt;                  // expected-error {{no viable overloaded '='}}
}

}  // namespace policies
}  // namespace dun
