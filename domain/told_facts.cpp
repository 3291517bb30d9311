#include "domain/told_facts.hpp"

#include <algorithm>
#include <utility>

namespace dun {

const ToldFact* ToldFacts::find(Hearer to, NoticeKind kind) const {
  const auto at =
      std::ranges::find_if(facts_, [&](const ToldFact& fact) { return fact.to == to && fact.kind == kind; });
  return at == facts_.end() ? nullptr : &*at;
}

bool ToldFacts::is_news(Hearer to, NoticeKind kind, const std::optional<Instant>& of) const {
  const ToldFact* fact = find(to, kind);
  return fact == nullptr || (of && of != fact->of);
}

std::optional<Instant> ToldFacts::date(Hearer to, NoticeKind kind) const {
  const ToldFact* fact = find(to, kind);
  return fact == nullptr ? std::nullopt : fact->of;
}

void ToldFacts::tell(Hearer to, NoticeKind kind, std::optional<Instant> of) {
  forget(to, kind);
  const auto behind = std::ranges::find_if(
      facts_, [&](const ToldFact& fact) { return std::pair(fact.to, fact.kind) > std::pair(to, kind); });
  facts_.insert(behind, {.to = to, .kind = kind, .of = of});
}

void ToldFacts::forget_date(Hearer to, NoticeKind kind) {
  if (find(to, kind) != nullptr) tell(to, kind);
}

void ToldFacts::forget(Hearer to, NoticeKind kind) {
  std::erase_if(facts_, [&](const ToldFact& fact) { return fact.to == to && fact.kind == kind; });
}

void ToldFacts::forget(Hearer to) {
  std::erase_if(facts_, [&](const ToldFact& fact) { return fact.to == to; });
}

}  // namespace dun
