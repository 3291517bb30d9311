#include "domain/credit_event.hpp"

#include "base/text/utf8.hpp"
#include "domain/enum_index.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace dun {
namespace {

using Problem = std::optional<std::string>;  // what is wrong with a value

Problem set_instant(std::optional<Instant>& target, std::string_view text, const EventBounds& bounds) {
  const auto parsed = parse_rfc3339(text);
  if (!parsed) return parsed.error();
  if (std::chrono::abs(*parsed - bounds.now) > bounds.plausible)
    return "not within " + to_text(bounds.plausible) + " of now, so hardly meant; check the producer's clock and unit";
  target = *parsed;
  return {};
}

Problem set_amount(std::optional<Amount>& target, std::string_view text) {
  const auto parsed = Amount::parse(text);
  if (!parsed) return parsed.error();
  target = *parsed;
  return {};
}

template <typename Integer>
Problem set_integer(std::optional<Integer>& target, std::string_view text) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return "expected a whole number";
  target = value;
  return {};
}

Problem check_text(std::string_view text, std::size_t size_max) {
  if (text.size() > size_max) return "longer than " + std::to_string(size_max) + " bytes";
  for (std::string_view rest = text; !rest.empty();) {
    const auto character = take_character(rest);
    if (!character) return "not UTF-8";
    if (is_control(*character)) return "holds a control character";
  }
  return {};
}

Problem set_text(std::string& target, std::string_view text, std::size_t size_max) {
  if (auto problem = check_text(text, size_max)) return problem;
  target = text;
  return {};
}

Problem set_text(std::optional<std::string>& target, std::string_view text, std::size_t size_max) {
  std::string value;
  if (auto problem = set_text(value, text, size_max)) return problem;
  target = std::move(value);
  return {};
}

std::string list_of(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) {
    if (!text.empty()) text += ' ';
    text += name;
  }
  return text;
}

Problem set_kinds(std::optional<KindSet>& target, std::string_view text) {
  KindSet kinds;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view name = text.substr(0, comma);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    const auto kind = notice_kind(name);
    if (!kind) return "expected a comma list of notice kinds (" + list_of(notice_kind_names()) + ")";
    kinds.add(*kind);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  target = kinds;
  return {};
}

Problem set_msisdn(std::optional<std::string>& target, std::string_view text) {
  auto number = normalise_msisdn(text);
  if (!number) return number.error();
  target = *std::move(number);
  return {};
}

Problem set_currency(std::string& target, std::string_view text) {
  if (!is_known_currency(text)) return "expected a currency of ISO 4217 by its three capital letters, such as CNY";
  target = text;
  return {};
}

Problem set_state(std::optional<CreditState>& target, std::string_view text) {
  target = credit_state(text);
  if (!target) return "expected one of " + list_of(credit_state_names());
  return {};
}

Problem set_reason(std::optional<SuspensionReason>& target, std::string_view text) {
  target = suspension_reason(text);
  if (!target) return "expected one of " + list_of(suspension_reason_names());
  return {};
}

Problem set_receipt(std::optional<ReceiptStatus>& target, std::string_view text) {
  target = receipt_status(text);
  if (!target) return "expected delivered, failed or pending";
  return {};
}

Problem set_type(EventType& target, std::string_view text) {
  const auto type = event_type(text);
  if (!type) return "expected one of " + list_of(event_type_names());
  target = *type;
  return {};
}

Problem set_account(AccountId& target, std::string_view text) {
  if (!is_account_id(text)) return "expected 1 to 64 of the characters A-Z a-z 0-9 . _ : @ + -";
  target = AccountId(std::string(text));
  return {};
}

Problem set_id(EventId& target, std::string_view text) {
  if (text.size() > 128) return "longer than 128 bytes";
  target = EventId(std::string(text));
  return {};
}

Problem set_time(Instant& target, std::string_view text, const EventBounds& bounds) {
  const auto read = parse_rfc3339(text);
  if (!read) return read.error();
  if (*read > bounds.latest)
    return "lies in the future (beyond " + to_rfc3339(bounds.latest) + "); check the producer's clock and offset";
  if (*read < bounds.earliest)
    return "lies too far in the past (before " + to_rfc3339(bounds.earliest) + "); check the producer's clock";
  target = *read;
  return {};
}

Problem set_balance(std::optional<Amount>& target, std::string_view text, const EventBounds& bounds) {
  auto problem = set_amount(target, text);
  if (!problem && bounds.balance_means == BalanceMeans::debt) target = -*target;
  return problem;
}

using Bounds = const EventBounds&;

struct Reader {
  std::string_view name;
  Problem (*read)(CreditEvent&, std::string_view, Bounds);
  bool empty_counts = false;   // an empty value is a value
  bool receipts_only = false;  // Dun's own; to billing it is a name like any other that the contract does not list
};

// Every field of the contract, and how it is read. `type` comes first: what other fields mean may depend on it.
constexpr std::array readers = {
    Reader{"type", [](CreditEvent& e, std::string_view v, Bounds) { return set_type(e.type, v); }},
    Reader{"id", [](CreditEvent& e, std::string_view v, Bounds) { return set_id(e.id, v); }},
    Reader{"account", [](CreditEvent& e, std::string_view v, Bounds) { return set_account(e.account, v); }},
    Reader{"time", [](CreditEvent& e, std::string_view v, Bounds b) { return set_time(e.time, v, b); }},
    Reader{"seq", [](CreditEvent& e, std::string_view v, Bounds) { return set_integer(e.seq, v); }},
    Reader{"source", [](CreditEvent& e, std::string_view v, Bounds) { return set_text(e.source, v, 128); }},
    Reader{"msisdn", [](CreditEvent& e, std::string_view v, Bounds) { return set_msisdn(e.profile.msisdn, v); }},
    Reader{"zone", [](CreditEvent& e, std::string_view v, Bounds) { return set_text(e.profile.zone, v, 64); }},
    Reader{"lang", [](CreditEvent& e, std::string_view v, Bounds) { return set_text(e.profile.lang, v, 35); }},
    Reader{"brand", [](CreditEvent& e, std::string_view v, Bounds) { return set_text(e.profile.brand, v, 64); }},
    Reader{"segment", [](CreditEvent& e, std::string_view v, Bounds) { return set_text(e.profile.segment, v, 64); }},
    Reader{"credit_level",
           [](CreditEvent& e, std::string_view v, Bounds) { return set_integer(e.profile.credit_level, v); }},
    Reader{"manager", [](CreditEvent& e, std::string_view v, Bounds) { return set_text(e.profile.manager, v, 64); }},
    Reader{"email", [](CreditEvent& e, std::string_view v, Bounds) { return set_text(e.profile.email, v, 254); }},
    Reader{"channels", [](CreditEvent& e, std::string_view v, Bounds) { return set_text(e.profile.channels, v, 128); }},
    Reader{.name = "opt_in",
           .read = [](CreditEvent& e, std::string_view v, Bounds) { return set_kinds(e.profile.opt_in, v); },
           .empty_counts = true},
    Reader{.name = "opt_out",
           .read = [](CreditEvent& e, std::string_view v, Bounds) { return set_kinds(e.profile.opt_out, v); },
           .empty_counts = true},
    Reader{"region", [](CreditEvent&, std::string_view v, Bounds) { return check_text(v, 64); }},
    Reader{"customer", [](CreditEvent&, std::string_view v, Bounds) { return check_text(v, 64); }},
    Reader{"balance", [](CreditEvent& e, std::string_view v, Bounds b) { return set_balance(e.balance, v, b); }},
    Reader{"credit_limit", [](CreditEvent& e, std::string_view v, Bounds) { return set_amount(e.credit_limit, v); }},
    Reader{"amount", [](CreditEvent& e, std::string_view v, Bounds) { return set_amount(e.amount, v); }},
    Reader{"currency", [](CreditEvent& e, std::string_view v, Bounds) { return set_currency(e.currency, v); }},
    Reader{"state", [](CreditEvent& e, std::string_view v, Bounds) { return set_state(e.state, v); }},
    Reader{"reason", [](CreditEvent& e, std::string_view v, Bounds) { return set_reason(e.reason, v); }},
    Reader{"due_at", [](CreditEvent& e, std::string_view v, Bounds b) { return set_instant(e.due_at, v, b); }},
    Reader{"suspend_at", [](CreditEvent& e, std::string_view v, Bounds b) { return set_instant(e.suspend_at, v, b); }},
    Reader{"exhausts_at",
           [](CreditEvent& e, std::string_view v, Bounds b) { return set_instant(e.exhausts_at, v, b); }},
    Reader{"charge_at", [](CreditEvent& e, std::string_view v, Bounds b) { return set_instant(e.charge_at, v, b); }},
    Reader{"until", [](CreditEvent& e, std::string_view v, Bounds b) { return set_instant(e.until, v, b); }},
    Reader{"order", [](CreditEvent& e, std::string_view v, Bounds) { return set_text(e.order, v, 128); }},
    Reader{"product", [](CreditEvent& e, std::string_view v, Bounds) { return set_text(e.product, v, 128); }},
    Reader{"topic", [](CreditEvent& e, std::string_view v, Bounds) { return set_text(e.topic, v, 128); }},
    Reader{"notice", [](CreditEvent& e, std::string_view v, Bounds) { return set_text(e.notice, v, 128); }},
    Reader{.name = "status",
           .read = [](CreditEvent& e, std::string_view v, Bounds) { return set_receipt(e.receipt, v); },
           .receipts_only = true},
    Reader{.name = "gateway",
           .read = [](CreditEvent& e, std::string_view v, Bounds) { return set_text(e.gateway, v, 64); },
           .receipts_only = true},
    Reader{.name = "gateway_id",
           .read = [](CreditEvent& e, std::string_view v, Bounds) { return set_text(e.gateway_id, v, 128); },
           .receipts_only = true},
    Reader{.name = "detail",
           .read = [](CreditEvent& e, std::string_view v, Bounds) { return set_text(e.detail, v, 512); },
           .receipts_only = true},
};

// What rules and texts cannot do without, by type, in the order of the enumeration; docs/states.md shows it too. What a
// text may mention (`order product topic`) is not among it: a fact is not lost for an ornament.
constexpr std::array used_fields = {
    std::string_view("state balance credit_limit currency due_at suspend_at exhausts_at"),  // credit.changed
    std::string_view("amount currency balance"),                                            // payment.received
    std::string_view("amount currency balance"),                                            // payment.reversed
    std::string_view("suspend_at reason"),                                                  // suspension.scheduled
    std::string_view(),                                                                     // suspension.cancelled
    std::string_view("reason"),                                                             // service.suspended
    std::string_view(),                                                                     // resume.ordered
    std::string_view(),                                                                     // service.resumed
    std::string_view("amount currency"),                                                    // refund.credited
    std::string_view("amount currency charge_at"),                                          // charge.upcoming
    std::string_view(),                                                                     // account.updated
    std::string_view(),                                                                     // account.closed
    std::string_view(),                                                                     // account.reopened
    std::string_view("until"),                                                              // dispute.opened
    std::string_view(),                                                                     // dispute.closed
    std::string_view("until"),                                                              // promise.made
    std::string_view(),                                                                     // promise.withdrawn
    std::string_view(),                                                                     // complaint.filed
    std::string_view("source"),                                                             // source.heartbeat
    std::string_view("notice status"),                                                      // dun.receipt
};
static_assert(used_fields.size() == enum_index(EventType::receipt) + 1);

/// Whether the event cannot be taken without this field being right.
bool is_used(EventType type, std::string_view name) {
  if (name == "id" || name == "type" || name == "time") return true;
  if (name == "account") return type != EventType::source_heartbeat;
  for (std::string_view names = fields_used(type); !names.empty();) {
    const std::size_t space = std::min(names.find(' '), names.size());
    if (names.substr(0, space) == name) return true;
    names.remove_prefix(std::min(space + 1, names.size()));
  }
  return false;
}

std::string_view without_ornaments(std::string_view text) {
  const auto is_ornament = [](std::string_view mark) {
    const auto character = take_character(mark);
    return character && mark.empty() && is_invisible(*character);
  };
  // In UTF-8 the Arabic letter mark takes two bytes, all other such marks three.
  for (const std::size_t size : {3U, 2U, 3U}) {
    while (text.size() >= size && is_ornament(text.substr(0, size))) text.remove_prefix(size);
    while (text.size() >= size && is_ornament(text.substr(text.size() - size))) text.remove_suffix(size);
  }
  return text;
}

/// Fit to be shown: cut, and without what is no text.
std::string visible(std::string_view text) {
  constexpr std::size_t most = 48;
  std::string shown;
  while (!text.empty() && shown.size() < most) {
    const std::string_view before = text;
    const auto character = take_character(text);
    const bool plain = character && !is_control(*character) && !is_invisible(*character);
    shown += plain ? before.substr(0, before.size() - text.size()) : "\xef\xbf\xbd";
  }
  return text.empty() ? shown : shown + "...";
}

/// Reads the fields of one event.
class EventReader {
 public:
  EventReader(std::span<const Field> fields, const EventBounds& bounds) : fields_(fields), bounds_(bounds) {}

  std::expected<CreditEvent, Rejection> read() {
    for (const Reader& reader : readers)
      if (auto rejection = read_field(reader)) return std::unexpected(*std::move(rejection));
    for (const auto& [name, value] : fields_)
      if (!value.empty() && find_reader(name) == nullptr) refuse(name, "no field of this name");
    if (auto lack = missing()) return std::unexpected(because_of_refusal(*std::move(lack)));
    if (auto nonsense = contradiction()) return std::unexpected(*std::move(nonsense));
    event_.identity = identity();
    event_.content_hash = content_hash();
    return std::move(event_);
  }

 private:
  using Verdict = std::optional<Rejection>;

  /// Over the source as it was given, so that one that cannot be read tells events apart too. Numbers are of a source:
  /// where it is not known whose they are, they say nothing.
  std::uint64_t identity() {
    std::vector<std::string_view> given;
    for (const auto& [name, value] : fields_)
      if (name == "source" && !value.empty()) given.push_back(value);
    if (given.empty()) return hash48(event_.id.str());
    if (event_.source.empty()) event_.seq.reset();
    std::ranges::sort(given);
    std::string text;
    for (const std::string_view source : given) text += std::string(source) + '\n';
    return hash48(text + event_.id.str());
  }

  [[nodiscard]] const Reader* find_reader(std::string_view name) const {
    const auto reader = std::ranges::find(readers, name, &Reader::name);
    if (reader == readers.end() || (reader->receipts_only && event_.type != EventType::receipt)) return nullptr;
    return &*reader;
  }

  Verdict read_field(const Reader& reader) {
    if (find_reader(reader.name) == nullptr) return {};
    const auto is_given = [&](const Field& field) { return field.first == reader.name && !field.second.empty(); };
    const auto count = std::ranges::count_if(fields_, is_given);
    const bool cleared = reader.empty_counts && std::ranges::find(fields_, reader.name, &Field::first) != fields_.end();
    if (count == 0 && !cleared) {
      if (reader.name == "type") return need("type", "expected one of " + list_of(event_type_names()));
      if (reader.name == "time") return need("time", "when it became true in billing, RFC 3339 with an offset");
      return {};
    }
    const std::string_view value = field_value(fields_, reader.name);
    auto problem = count > 1 ? Problem("given twice") : reader.read(event_, bare(reader, value), bounds_);
    if (!problem) return {};
    if (count == 1) *problem += ", found \"" + visible(value) + '"';
    if (is_used(event_.type, reader.name))
      return Rejection{.field = std::string(reader.name), .reason = *std::move(problem)};
    refuse(reader.name, *std::move(problem));
    return {};
  }

  /// Who looked at these before took them as they are.
  static std::string_view bare(const Reader& reader, std::string_view value) {
    return reader.name == "id" || reader.name == "type" || reader.name == "account" ? value : without_ornaments(value);
  }

  void refuse(std::string_view field, std::string reason) {
    constexpr std::size_t most = 64;  // an event of a thousand unknown fields is as wrong as one of so many
    if (event_.refused.size() < most)
      event_.refused.push_back({.field = std::string(field), .reason = std::move(reason)});
  }

  static Rejection need(std::string_view field, std::string_view why) {
    return {.field = std::string(field), .reason = "missing; " + std::string(why)};
  }

  /// What is missing because it could not be read says that.
  Rejection because_of_refusal(Rejection lack) const {
    const auto refused = std::ranges::find(event_.refused, lack.field, &RefusedField::field);
    if (refused != event_.refused.end()) lack.reason = refused->reason;
    return lack;
  }

  /// What a type cannot be understood without (contract section 2).
  [[nodiscard]] Verdict missing() const {
    const EventType type = event_.type;
    if (event_.id.empty()) return need("id", "every event needs an id of its own");
    if (event_.account.empty() && type != EventType::source_heartbeat)
      return need("account", "every event but source.heartbeat needs the billing account");
    if (type == EventType::source_heartbeat && event_.source.empty())
      return need("source", "a heartbeat says who is alive");
    if (type == EventType::credit_changed && !event_.state && !event_.balance)
      return need("state", "credit.changed needs a state or a balance to derive it from");
    if (type == EventType::dispute_opened && !event_.until)
      return need("until", "a hold without an end is not accepted");
    if (type == EventType::receipt && event_.notice.empty()) return need("notice", "a receipt is for a notice");
    if (type == EventType::receipt && !event_.receipt)
      return need("status", "a receipt says delivered, failed or pending");
    return {};
  }

  /// What the fields say together, or of this type, that cannot be.
  [[nodiscard]] Verdict contradiction() const {
    if (event_.amount && is_used(event_.type, "amount")) {
      const Amount amount = truncated_to_unit(*event_.amount, event_.currency);
      if (event_.amount->negative())
        return Rejection{.field = "amount", .reason = "below zero; a payment that is taken back is payment.reversed"};
      if (amount == Amount() && event_.type != EventType::payment_received)
        return Rejection{.field = "amount", .reason = "expected more than zero"};
    }
    const bool claims_debt = event_.state == CreditState::arrears || event_.state == CreditState::suspension_due;
    if (event_.type == EventType::credit_changed && claims_debt && event_.balance && bounds_.balance_means &&
        !truncated_to_unit(*event_.balance, event_.currency).negative())
      return Rejection{.field = "state,balance",
                       .reason = std::string(to_text(*event_.state)) +
                                 " and a balance that owes nothing; where billing "
                                 "counts debts as positive, set balance_means in [credit] of policies.toml"};
    return {};
  }

  /// Of what the contract lists: what else a producer adds, such as the time of publishing, makes no other change of
  /// it.
  [[nodiscard]] std::uint64_t content_hash() const {
    std::vector<const Field*> sorted;
    for (const Field& field : fields_) {
      const auto& [name, value] = field;
      const Reader* reader = find_reader(name);
      if (reader == nullptr || name == "id" || name == "seq" || name == "source") continue;
      // An empty value counts only where it clears, and not beside another.
      if (!value.empty() || (reader->empty_counts && field_value(fields_, name).empty())) sorted.push_back(&field);
    }
    const auto by_value = [](const Field* field) -> const Field& { return *field; };
    std::ranges::sort(sorted, {}, by_value);
    const auto repeated = std::ranges::unique(sorted, {}, by_value);
    sorted.erase(repeated.begin(), repeated.end());
    IdBuilder builder;
    for (const Field* field : sorted) builder.add(field->first).add(field->second);
    return builder.hash().high >> 16;
  }

  std::span<const Field> fields_;
  const EventBounds& bounds_;
  CreditEvent event_;
};

}  // namespace

bool is_account_id(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("._:@+-").find(c) != std::string_view::npos;
  });
}

std::string_view field_value(std::span<const Field> fields, std::string_view name) {
  const auto found =
      std::ranges::find_if(fields, [&](const Field& field) { return field.first == name && !field.second.empty(); });
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view fields_used(EventType type) {
  return used_fields.at(enum_index(type));
}

std::string describe_refused(std::span<const RefusedField> refused) {
  constexpr std::size_t most = 8;
  std::string text;
  for (const RefusedField& each : refused.first(std::min(refused.size(), most)))
    text += (text.empty() ? "left out: " : ", ") + visible(each.field) + " (" + each.reason + ')';
  if (refused.size() > most) text += " and " + std::to_string(refused.size() - most) + " more";
  return text;
}

std::expected<CreditEvent, Rejection> parse_event(std::span<const Field> fields, const EventBounds& bounds) {
  return EventReader(fields, bounds).read();
}

}  // namespace dun
