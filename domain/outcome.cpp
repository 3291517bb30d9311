#include "domain/outcome.hpp"

namespace dun {
namespace {

class Writer {
 public:
  void text(std::string_view name, std::string_view value) {
    if (!value.empty()) fields_.emplace_back(name, value);
  }
  void number(std::string_view name, int value) {
    if (value != 0) fields_.emplace_back(name, std::to_string(value));
  }
  void instant(std::string_view name, const std::optional<Instant>& value) {
    if (value) fields_.emplace_back(name, to_rfc3339(*value));
  }
  Fields take() { return std::move(fields_); }

 private:
  Fields fields_;
};

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += ',';
    text += part;
  }
  return text;
}

}  // namespace

Fields to_fields(const Outcome& outcome) {
  Writer out;
  out.instant("at", outcome.at);
  out.text("type", to_text(outcome.type));
  out.text("account", outcome.account.str());
  out.text("notice", outcome.notice.str());
  out.text("task", outcome.task.str());
  if (outcome.kind) out.text("kind", to_text(*outcome.kind));
  out.number("step", outcome.step);
  out.text("channel", outcome.channel);
  out.text("touchpoint", outcome.touchpoint);
  out.text("cause", outcome.cause.str());
  out.text("event_type", outcome.event_type);
  out.instant("event_time", outcome.event_time);
  out.instant("decided_at", outcome.decided_at);
  out.instant("due_at", outcome.due_at);
  out.instant("sent_at", outcome.sent_at);
  out.text("to", outcome.to);
  out.text("text", outcome.text);
  out.number("parts", outcome.parts);
  if (outcome.encoding) out.text("encoding", to_text(*outcome.encoding));
  out.text("gateway", outcome.gateway);
  out.number("attempt", outcome.attempt);
  out.text("client_ref", outcome.client_ref);
  out.text("gateway_id", outcome.gateway_id);
  out.text("manager", outcome.manager);
  out.text("field", outcome.field);
  out.text("detail", outcome.detail);
  out.text("reasons", join(outcome.reasons));
  out.text("policy", outcome.policy);
  return out.take();
}

bool is_number_field(std::string_view name) {
  return name == "step" || name == "parts" || name == "attempt";
}

}  // namespace dun
