// Money is decimal and says what it counts: no binary floating point, no bare number (E40).
#include "domain/money.hpp"

namespace dun {

void charge(Amount amount);

void from_numbers(std::int64_t micros, double yuan) {
  charge(Amount::from_micros(micros));
  charge(micros);                     // expected-error {{no matching function for call to 'charge'}}
  charge(yuan);                       // expected-error {{no matching function for call to 'charge'}}
  charge(0);                          // expected-error {{no matching function for call to 'charge'}}
  charge(Amount(micros));             // expected-error {{calling a private constructor of class 'dun::Amount'}}
  charge(Amount::from_micros(yuan));  // expected-error {{implicit conversion turns floating-point number into integer}}
}

void from_text() {
  charge(Amount::parse("12.50").value_or(Amount()));
  charge("12.50");                 // expected-error {{no matching function for call to 'charge'}}
  charge(Amount::parse("12.50"));  // expected-error {{no matching function for call to 'charge'}}
}

void reckoned(Amount a, Amount b) {
  charge(a.plus(-b));
  charge(a + b);  // expected-error {{invalid operands to binary expression}}
  charge(a * 2);  // expected-error {{invalid operands to binary expression}}
  (void)(a < b && a < Amount());
  (void)(a < 0);  // expected-error {{invalid operands to binary expression}}
  const std::int64_t micros = a.micros();
  const double yuan = a;  // expected-error {{no viable conversion from 'Amount' to 'const double'}}
  (void)(micros < 0 || yuan < 0);
}

}  // namespace dun
