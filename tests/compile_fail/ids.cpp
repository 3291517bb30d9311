// An id of one kind is not one of another, and a bare text is none. How these files are read: CMakeLists.txt.
#include "domain/ids.hpp"

#include <map>

namespace dun {

void tell(const NoticeId& notice);

void ids_of_two_kinds(const AccountId& account, const NoticeId& notice) {
  tell(notice);
  tell(account);  // expected-error {{no matching function for call to 'tell'}}
  tell(NoticeId("n1"));
  tell("n1");               // expected-error {{no matching function for call to 'tell'}}
  tell(std::string("n1"));  // expected-error {{no matching function for call to 'tell'}}
}

NoticeId converted(const AccountId& account) {
  if (account.empty()) return NoticeId(account.str());
  return account;  // expected-error {{no viable conversion from returned value}}
}

void compared(const AccountId& account, const NoticeId& notice, const EventId& event, const TaskId& task) {
  (void)(account == account && notice < notice);
  (void)(account == notice);              // expected-error {{invalid operands to binary expression}}
  (void)(event < task);                   // expected-error {{invalid operands to binary expression}}
  (void)(account == std::string("A-1"));  // expected-error {{invalid operands to binary expression}}
}

void looked_up(const std::map<AccountId, int>& by_account, const AccountId& account, const EventId& event) {
  (void)by_account.find(account);
  (void)by_account.find(event);  // expected-error {{no matching member function for call to 'find'}}
}

void shown(const AccountId& account) {
  std::string text = account.str();
  text = account;  // expected-error {{no viable overloaded '='}}
}

}  // namespace dun
