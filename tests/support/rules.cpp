#include "tests/support/rules.hpp"

#include <stdexcept>

namespace dun::test {

messages::Catalogue plain_catalogue() {
  messages::CatalogueOptions options{.default_lang = "en"};
  messages::LanguageSource english{.lang = "en", .file = "plain"};
  english.texts.push_back({.kind = "held", .pattern = " (held)", .file = "plain"});
  for (const std::string_view kind : notice_kind_names())
    english.texts.push_back({.kind = std::string(kind),
                             .pattern = std::string(kind) +
                                        " {step} at {event_time, date, ::yyyyMMddHHmm} owed {owed, select, none "
                                        "{nothing} other {{owed, number, ::unit-width-iso-code}}} of {account}"
                                        "{amount, select, none {} other { {amount, number, ::unit-width-iso-code}}}"
                                        "{balance, select, none {} other { {balance, number, ::unit-width-iso-code}}}",
                             .file = "plain"});
  options.languages.push_back(std::move(english));
  auto catalogue = messages::Catalogue::compile(options);
  if (!catalogue) throw std::runtime_error(catalogue.error().front().message);
  return *std::move(catalogue);
}

policies::PolicySet policies_with_people() {
  auto set = policies::shipped_policies();
  set.hash = "test";
  set.people.people["li.na"] = {
      .id = "li.na", .name = "Li Na", .phone = "+8613900000001", .zone = "Asia/Shanghai", .lang = "en"};
  set.people.people["desk"] = {
      .id = "desk", .name = "Desk", .phone = "+8613900000002", .zone = "Asia/Shanghai", .lang = "en"};
  set.people.default_manager = "desk";
  return set;
}

std::shared_ptr<const scheduler::Rules> rules(policies::PolicySet policies) {
  return std::make_shared<const scheduler::Rules>(
      scheduler::Rules{.policies = std::move(policies), .catalogue = plain_catalogue()});
}

}  // namespace dun::test
