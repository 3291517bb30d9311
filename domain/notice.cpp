#include "domain/notice.hpp"

namespace dun {

bool to_manager(NoticeKind kind) {
  return kind == NoticeKind::manager_task || kind == NoticeKind::manager_update || kind == NoticeKind::escalation;
}

bool is_held(const PendingNotice& notice) {
  return std::holds_alternative<Held>(notice.state);
}

bool is_parked(const PendingNotice& notice) {
  return std::holds_alternative<Parked>(notice.state);
}

bool is_in_doubt(const PendingNotice& notice) {
  return std::holds_alternative<AwaitingReceipt>(notice.state) || std::holds_alternative<ToBeAsked>(notice.state);
}

Instant due_at(const PendingNotice& notice) {
  struct Due {
    Instant operator()(const Held& held) const { return held.due_at; }
    Instant operator()(const Parked& parked) const { return parked.due_since; }
    Instant operator()(const AwaitingReceipt& doubt) const { return doubt.until; }
    Instant operator()(const ToBeAsked& doubt) const { return doubt.at; }
  };
  return std::visit(Due(), notice.state);
}

}  // namespace dun
