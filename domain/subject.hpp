// Who has notices: an account, or a case.
#pragma once

#include "domain/ids.hpp"

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace dun {

/// An account, or a case: the id of a case has a slash, and no account has one in its name.
class Subject {
 public:
  Subject() = default;
  // An account or case is a subject wherever one is asked for.
  Subject(const AccountId& account) : id_(account.str()) {}  // NOLINT(google-explicit-constructor)
  Subject(const CaseId& about) : id_(about.str()) {}         // NOLINT(google-explicit-constructor)
  explicit Subject(std::string id) : id_(std::move(id)) {}

  [[nodiscard]] bool is_case() const { return id_.find('/') != std::string::npos; }
  [[nodiscard]] const std::string& str() const { return id_; }
  [[nodiscard]] CaseId case_id() const { return CaseId(id_); }
  friend bool operator==(const Subject&, const Subject&) = default;
  friend auto operator<=>(const Subject&, const Subject&) = default;

 private:
  std::string id_;
};

}  // namespace dun

template <>
struct std::hash<dun::Subject> {
  std::size_t operator()(const dun::Subject& subject) const noexcept { return std::hash<std::string>{}(subject.str()); }
};
