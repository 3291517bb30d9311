// A word of one closed list is no word of another and no number, and a switch over a list names all of it.
#include "domain/vocabulary.hpp"

namespace dun {

void allow(KindSet kinds);
void shelve(Lane lane);

void words(NoticeKind kind, Lane lane) {
  shelve(lane);
  shelve(kind);  // expected-error {{no matching function for call to 'shelve'}}
  shelve(1);     // expected-error {{no matching function for call to 'shelve'}}
  (void)(lane == Lane::bulk);
  (void)(lane == kind);     // expected-error {{invalid operands to binary expression}}
  (void)(lane == 2);        // expected-error {{invalid operands to binary expression}}
  const int number = lane;  // expected-error {{cannot initialize a variable of type 'const int'}}
  shelve(static_cast<Lane>(number));
}

void kinds(std::uint16_t bits, NoticeKind kind) {
  allow(KindSet(bits));
  allow(bits);  // expected-error {{no matching function for call to 'allow'}}
  allow(kind);  // expected-error {{no matching function for call to 'allow'}}
  KindSet set;
  set.add(kind);
  set.add(Lane::bulk);  // expected-error {{cannot initialize a parameter of type 'NoticeKind'}}
}

int whole(Encoding encoding) {
  switch (encoding) {
    case Encoding::gsm7:
      return 160;
    case Encoding::ucs2:
      return 70;
  }
  return 0;
}

int partial(Encoding encoding) {
  switch (encoding) {  // expected-error {{enumeration value 'ucs2' not handled in switch}}
    case Encoding::gsm7:
      return 160;
  }
  return 0;
}

}  // namespace dun
