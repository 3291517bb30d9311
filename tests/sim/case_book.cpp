#include "tests/sim/case_book.hpp"

namespace dun::test {

void CaseBook::posted(const std::vector<scheduler::Post>& posts) {
  for (const scheduler::Post& post : posts) posted_.insert(post.id.str());
}

void CaseBook::take(const Outcome& outcome, const std::map<std::string, int>& seen, Violations& out) {
  const std::string& name = outcome.reasons.front();
  Told& told = told_[name];
  const bool raised = outcome.type == OutcomeType::alert_raised;
  ++(raised ? told.raised : told.cleared);
  if (told.raised - told.cleared != (raised ? 1 : 0))
    out.push_back("case: " + name + (raised ? " was raised twice" : " was cleared, and was not raised"));
  const auto said = seen.find(name);
  if (told.raised > (said == seen.end() ? 0 : said->second))
    out.push_back("case: " + name + " was raised, and nobody saw it");
}

bool CaseBook::is_open(const std::string& name) const {
  const auto told = told_.find(name);
  return told != told_.end() && told->second.raised > told->second.cleared;
}

void CaseBook::finish(const std::set<std::string>& taken, Violations& out) const {
  for (const std::string& id : posted_)
    if (!taken.contains(id)) out.push_back("posts: " + id + " was never brought");
  for (const auto& [name, told] : told_)
    if (told.raised != told.cleared) out.push_back("case: " + name + " was never cleared");
}

}  // namespace dun::test
