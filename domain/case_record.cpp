#include "domain/case_record.hpp"

#include "domain/credit_event.hpp"

namespace dun {
namespace {

constexpr std::string_view alert_prefix = "alert/";
constexpr std::string_view task_prefix = "task/";

}  // namespace

AccountFacts facts_of(const AccountRecord& record) {
  return {.msisdn = record.profile.msisdn,
          .brand = record.profile.brand,
          .manager = record.profile.manager,
          .credit_level = record.profile.credit_level,
          .credit = record.credit,
          .service = record.service,
          .episode = record.episode.key,
          .cause = record.episode.cause,
          .caused_at = record.episode.caused_at};
}

CaseId alert_case(const std::string& name, const std::string& subject) {
  return CaseId(std::string(alert_prefix) + name + "/" + subject);
}

CaseId task_case(const AccountId& account) {
  return CaseId(std::string(task_prefix) + account.str());
}

std::optional<AccountId> account_of_task(const CaseId& id) {
  if (!id.str().starts_with(task_prefix)) return std::nullopt;
  const std::string account = id.str().substr(task_prefix.size());
  return is_account_id(account) ? std::optional(AccountId(account)) : std::nullopt;
}

std::optional<AccountId> account_of(const Subject& subject) {
  return subject.is_case() ? account_of_task(subject.case_id()) : AccountId(subject.str());
}

}  // namespace dun
