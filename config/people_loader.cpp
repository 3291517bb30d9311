#include "config/people_loader.hpp"

#include "base/text/nearest.hpp"
#include "config/policies_loader.hpp"
#include "config/zone_names.hpp"
#include "domain/credit_event.hpp"
#include "policies/calendar.hpp"

#include <fmt/format.h>

#include <set>

namespace dun::config {
namespace {

using policies::PeopleOptions;
using policies::Person;

Person read_person(const Section& section, const std::string& default_zone) {
  Person person{.zone = default_zone};
  section.require("id", "what the `manager` of an account names");
  if (section.read_text("id", person.id) && !is_account_id(person.id))
    section.mistake("id", "id: expected 1 to 64 of the characters A-Z a-z 0-9 . _ : @ + -");
  section.require("name", "how texts call this person");
  if (section.read_text("name", person.name) && person.name.empty())
    section.mistake("name", "name: expected how texts call this person");
  section.require("phone", "the number that tasks are sent to");
  std::string phone;
  if (section.read_text("phone", phone)) {
    if (auto number = normalise_msisdn(phone)) {
      person.phone = *std::move(number);
    } else {
      section.mistake("phone", fmt::format("phone: {}", number.error()));
    }
  }
  if (section.read_text("zone", person.zone) && policies::find_zone(person.zone) == nullptr)
    section.mistake("zone", "zone: " + unknown_zone(person.zone));
  section.read_text("lang", person.lang);
  section.read_text("deputy", person.deputy);
  section.read_text("supervisor", person.supervisor);
  read_windows(section, "quiet", WindowNames::optional, person.quiet);
  section.read_wall_time("work_from", person.work_from);
  section.read_wall_time("work_until", person.work_until);
  if (person.work_until <= person.work_from)
    section.mistake(section.has("work_until") ? "work_until" : "work_from",
                    "working hours end after they begin, on the same day");
  read_days(section, "work_days", person.work_days);
  return person;
}

/// Whom `key` names must be listed, and be somebody else.
void check_reference(const Section& section, std::string_view key, const std::string& named, const std::string& self,
                     const PeopleOptions& people) {
  if (named.empty()) return;
  if (!self.empty() && named == self)
    return section.mistake(key, fmt::format("{}: \"{}\" cannot be their own {}", key, named, key));
  if (people.people.contains(named)) return;
  std::vector<std::string_view> ids;
  for (const auto& [id, person] : people.people) ids.push_back(id);
  section.mistake(key, fmt::format("{}: nobody here has the id \"{}\"{}", key, named, hint(named, ids)));
}

/// Somebody's supervisors, and deputies, must lead to an end: in a circle a message would find nobody.
void check_chain(const Section& section, std::string_view key, const Person& person, std::string Person::* next,
                 const PeopleOptions& people) {
  if (person.*next == person.id) return;  // said where references are checked
  std::set<std::string_view> passed;
  for (auto at = people.people.find(person.*next); at != people.people.end();
       at = people.people.find(at->second.*next)) {
    if (at->second.id == person.id)
      return section.mistake(key, fmt::format("{}: \"{}\" is in the end their own {}", key, person.id, key));
    if (!passed.insert(at->second.id).second) return;  // a circle further on: said there
  }
}

}  // namespace

void read_people(const Section& root, const std::string& default_zone, PeopleOptions& people) {
  people.people.clear();
  std::vector<std::pair<Section, Person>> listed;
  for (const Section& section : root.sections("person")) {
    Person person = read_person(section, default_zone);
    if (!person.id.empty() && !people.people.emplace(person.id, person).second)
      section.mistake("id", fmt::format("id: \"{}\" is listed above already", person.id));
    else
      listed.emplace_back(section, std::move(person));
  }
  for (const auto& [section, person] : listed) {
    check_reference(section, "deputy", person.deputy, person.id, people);
    check_reference(section, "supervisor", person.supervisor, person.id, people);
    check_chain(section, "deputy", person, &Person::deputy, people);
    check_chain(section, "supervisor", person, &Person::supervisor, people);
  }
  if (root.read_text("default_manager", people.default_manager))
    check_reference(root, "default_manager", people.default_manager, {}, people);
}

}  // namespace dun::config
