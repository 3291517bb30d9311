#include "tests/support/scenario.hpp"

#include <sstream>
#include <stdexcept>

namespace dun::test {

Instant at(const std::string& rfc3339) {
  const auto instant = parse_rfc3339(rfc3339);
  if (!instant) throw std::runtime_error(rfc3339 + ": " + instant.error());
  return *instant;
}

Fields story_event(const std::string& line, int count) {
  std::istringstream words(line);
  std::string time;
  std::string type;
  words >> time >> type;
  Fields fields{{"id", "e" + std::to_string(count)},
                {"type", type},
                {"account", "A1"},
                {"time", time},
                {"msisdn", "+8613800138000"},
                {"zone", "Asia/Shanghai"},
                {"lang", "en"},
                {"currency", "CNY"}};
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    std::erase_if(fields, [&](const Field& field) { return field.first == name; });
    fields.emplace_back(name, word.substr(equals + 1));
  }
  return fields;
}

std::vector<std::string> told_lines(const std::vector<Outcome>& outcomes, const std::vector<std::string>& types) {
  std::vector<std::string> lines;
  for (const Outcome& outcome : outcomes) {
    const std::string full(to_text(outcome.type));
    const std::string type = full.substr(full.find('.') + 1);
    if (full.starts_with("event.") || (!types.empty() && std::ranges::find(types, type) == types.end())) continue;
    std::string line = type;
    if (outcome.kind) line += " " + std::string(to_text(*outcome.kind));
    if (outcome.step > 0) line += " " + std::to_string(outcome.step);
    line += " at " + to_rfc3339(outcome.at, std::chrono::hours(8));
    if (outcome.type == OutcomeType::notice_held)
      line += " until " + to_rfc3339(*outcome.due_at, std::chrono::hours(8));
    lines.push_back(std::move(line));
  }
  return lines;
}

Scenario::Scenario(policies::PolicySet policies)
    : simulation_(rules(std::move(policies)), [this](const Outcome& outcome) { outcomes_.push_back(outcome); }) {}

Scenario& Scenario::event(const std::string& line) {
  return late_event(line.substr(0, line.find(' ')), line);
}

Scenario& Scenario::late_event(const std::string& arrival, const std::string& line) {
  simulation_.publish(story_event(line, ++count_), at(arrival));
  return *this;
}

Scenario& Scenario::until(const std::string& time) {
  simulation_.run_until(at(time));
  return *this;
}

Scenario& Scenario::run_out() {
  simulation_.run_out(simulation_.now() + date::days(60));
  return *this;
}

std::vector<std::string> Scenario::told(const std::vector<std::string>& types) const {
  return told_lines(outcomes_, types);
}

std::vector<Outcome> Scenario::of(OutcomeType type) const {
  std::vector<Outcome> found;
  std::ranges::copy_if(outcomes_, std::back_inserter(found),
                       [&](const Outcome& outcome) { return outcome.type == type; });
  return found;
}

}  // namespace dun::test
