// What an episode has told, to whom, and of which date: of another date nobody has heard (D2).
#pragma once

#include "domain/time.hpp"
#include "domain/vocabulary.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace dun {

/// Whom something is told.
enum class Hearer : std::uint8_t {
  customer,
  manager,  ///< in place of the customer
  billing,  ///< `suspension.at_risk`: that the customer is not warned in time
};

struct ToldFact {
  Hearer to = Hearer::customer;
  NoticeKind kind = NoticeKind::dunning;
  std::optional<Instant> of;  ///< the date that was told; none where a kind has none, or it was not known
  friend bool operator==(const ToldFact&, const ToldFact&) = default;
};

/// At most one of each kind for each hearer: the last one that was told. The ladder's steps are not among them; they
/// are counted.
class ToldFacts {
 public:
  /// Whether this is news to them: they were told nothing of the kind, or of another date than `of`. A date that is not
  /// known is none.
  [[nodiscard]] bool is_news(Hearer to, NoticeKind kind, const std::optional<Instant>& of = {}) const;
  /// The date that they were told.
  [[nodiscard]] std::optional<Instant> date(Hearer to, NoticeKind kind) const;
  void tell(Hearer to, NoticeKind kind, std::optional<Instant> of = {});
  /// Of no date any more, but told.
  void forget_date(Hearer to, NoticeKind kind);
  void forget(Hearer to, NoticeKind kind);
  void forget(Hearer to);
  /// In the order of hearers and kinds.
  [[nodiscard]] const std::vector<ToldFact>& all() const { return facts_; }
  friend bool operator==(const ToldFacts&, const ToldFacts&) = default;

 private:
  [[nodiscard]] const ToldFact* find(Hearer to, NoticeKind kind) const;
  std::vector<ToldFact> facts_;
};

}  // namespace dun
