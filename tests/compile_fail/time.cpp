// An instant, a span and a local time are three things, and none is a bare number.
#include "domain/time.hpp"
#include "scheduler/ports/look.hpp"

namespace dun {

void wake(Instant at);
void wait(Millis span);

void instants(std::int64_t ms, Instant at, Millis span) {
  wake(Instant(Millis(ms)));
  wake(ms);           // expected-error {{no matching function for call to 'wake'}}
  wake(Instant(ms));  // expected-error {{no matching conversion for functional-style cast}}
  wake(span);         // expected-error {{no matching function for call to 'wake'}}
  wait(at.time_since_epoch());
  wait(at);  // expected-error {{no matching function for call to 'wait'}}
}

void spans(int count) {
  wait(Millis(count));
  wait(Seconds(count));
  wait(count);                               // expected-error {{no matching function for call to 'wait'}}
  wait(std::chrono::microseconds(count));    // expected-error {{no matching function for call to 'wait'}}
  wait(std::chrono::duration<double>(0.5));  // expected-error {{no matching function for call to 'wait'}}
}

void reckoned(Instant a, Instant b, Millis span) {
  wait(a - b);
  wake(a + span);
  wake(a - span);
  wake(a + b);      // expected-error {{invalid operands to binary expression}}
  wake(a - b);      // expected-error {{no matching function for call to 'wake'}}
  wake(a + 20);     // expected-error {{invalid operands to binary expression}}
  wait(span + 20);  // expected-error {{invalid operands to binary expression}}
  (void)(a < b && span < Seconds(20));
  (void)(span < 20);  // expected-error {{invalid operands to binary expression}}
  (void)(a < span);   // expected-error {{invalid operands to binary expression}}
}

/// What a wall clock shows is no instant until a zone was asked, with its gaps and overlaps.
void local(Instant at, date::local_time<Millis> shown) {
  wake(at);
  wake(shown);         // expected-error {{no matching function for call to 'wake'}}
  wait(shown - at);    // expected-error {{invalid operands to binary expression}}
  (void)(shown < at);  // expected-error {{invalid operands to binary expression}}
}

/// Shelves open at a second and timers are listed by the minute; neither is counted in anything else by accident.
void shelved(scheduler::ShelfKey& shelf, scheduler::ReadRequest::Minute& timers, Instant at, std::int64_t count) {
  shelf.at = scheduler::ShelfSecond(Seconds(count));
  shelf.at = count;  // expected-error {{no viable overloaded '='}}
  shelf.at = at;     // expected-error {{no viable overloaded '='}}
  timers.minute = date::floor<std::chrono::minutes>(at);
  timers.minute = count;     // expected-error {{no viable overloaded '='}}
  timers.minute = shelf.at;  // expected-error {{no viable overloaded '='}}
  wake(shelf.at);
  wake(timers.minute);
}

}  // namespace dun
