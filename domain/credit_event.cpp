#include "domain/credit_event.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace dun {
namespace {

using Problem = std::optional<std::string>;  // what is wrong with a value

bool printable(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Problem set_instant(std::optional<Instant>& target, std::string_view text) {
  const auto parsed = parse_rfc3339(text);
  if (!parsed) return parsed.error();
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

Problem set_text(std::string& target, std::string_view text, std::size_t size_max) {
  if (text.size() > size_max) return "longer than " + std::to_string(size_max) + " bytes";
  if (!printable(text)) return "holds a control character";
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
  if (!is_currency(text)) return "expected three capital letters of ISO 4217, such as CNY";
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

Problem set_time(Instant& target, std::string_view text, Instant latest) {
  std::optional<Instant> read;
  if (auto problem = set_instant(read, text)) return problem;
  if (*read > latest)
    return "lies in the future (beyond " + to_rfc3339(latest) + "); check the producer's clock and offset";
  target = *read;
  return {};
}

struct Reader {
  std::string_view name;
  Problem (*read)(CreditEvent&, std::string_view, Instant latest);
  bool empty_counts = false;   // an empty value is a value
  bool receipts_only = false;  // Dun's own; to billing it is a name like any other that the contract does not list
};

// Every field of the contract, and how it is read.
constexpr std::array readers = {
    Reader{"id", [](CreditEvent& e, std::string_view v, Instant) { return set_id(e.id, v); }},
    Reader{"type", [](CreditEvent& e, std::string_view v, Instant) { return set_type(e.type, v); }},
    Reader{"account", [](CreditEvent& e, std::string_view v, Instant) { return set_account(e.account, v); }},
    Reader{"time", [](CreditEvent& e, std::string_view v, Instant latest) { return set_time(e.time, v, latest); }},
    Reader{"seq", [](CreditEvent& e, std::string_view v, Instant) { return set_integer(e.seq, v); }},
    Reader{"source", [](CreditEvent& e, std::string_view v, Instant) { return set_text(e.source, v, 128); }},
    Reader{"msisdn", [](CreditEvent& e, std::string_view v, Instant) { return set_msisdn(e.profile.msisdn, v); }},
    Reader{"zone", [](CreditEvent& e, std::string_view v, Instant) { return set_text(e.profile.zone, v, 64); }},
    Reader{"lang", [](CreditEvent& e, std::string_view v, Instant) { return set_text(e.profile.lang, v, 35); }},
    Reader{"brand", [](CreditEvent& e, std::string_view v, Instant) { return set_text(e.profile.brand, v, 64); }},
    Reader{"segment", [](CreditEvent& e, std::string_view v, Instant) { return set_text(e.profile.segment, v, 64); }},
    Reader{"credit_level",
           [](CreditEvent& e, std::string_view v, Instant) { return set_integer(e.profile.credit_level, v); }},
    Reader{"manager", [](CreditEvent& e, std::string_view v, Instant) { return set_text(e.profile.manager, v, 64); }},
    Reader{"email", [](CreditEvent& e, std::string_view v, Instant) { return set_text(e.profile.email, v, 254); }},
    Reader{"channels",
           [](CreditEvent& e, std::string_view v, Instant) { return set_text(e.profile.channels, v, 128); }},
    Reader{.name = "opt_in",
           .read = [](CreditEvent& e, std::string_view v, Instant) { return set_kinds(e.profile.opt_in, v); },
           .empty_counts = true},
    Reader{.name = "opt_out",
           .read = [](CreditEvent& e, std::string_view v, Instant) { return set_kinds(e.profile.opt_out, v); },
           .empty_counts = true},
    Reader{"balance", [](CreditEvent& e, std::string_view v, Instant) { return set_amount(e.balance, v); }},
    Reader{"credit_limit", [](CreditEvent& e, std::string_view v, Instant) { return set_amount(e.credit_limit, v); }},
    Reader{"amount", [](CreditEvent& e, std::string_view v, Instant) { return set_amount(e.amount, v); }},
    Reader{"currency", [](CreditEvent& e, std::string_view v, Instant) { return set_currency(e.currency, v); }},
    Reader{"state", [](CreditEvent& e, std::string_view v, Instant) { return set_state(e.state, v); }},
    Reader{"reason", [](CreditEvent& e, std::string_view v, Instant) { return set_reason(e.reason, v); }},
    Reader{"due_at", [](CreditEvent& e, std::string_view v, Instant) { return set_instant(e.due_at, v); }},
    Reader{"suspend_at", [](CreditEvent& e, std::string_view v, Instant) { return set_instant(e.suspend_at, v); }},
    Reader{"exhausts_at", [](CreditEvent& e, std::string_view v, Instant) { return set_instant(e.exhausts_at, v); }},
    Reader{"charge_at", [](CreditEvent& e, std::string_view v, Instant) { return set_instant(e.charge_at, v); }},
    Reader{"until", [](CreditEvent& e, std::string_view v, Instant) { return set_instant(e.until, v); }},
    Reader{"order", [](CreditEvent& e, std::string_view v, Instant) { return set_text(e.order, v, 128); }},
    Reader{"product", [](CreditEvent& e, std::string_view v, Instant) { return set_text(e.product, v, 128); }},
    Reader{"topic", [](CreditEvent& e, std::string_view v, Instant) { return set_text(e.topic, v, 128); }},
    Reader{"notice", [](CreditEvent& e, std::string_view v, Instant) { return set_text(e.notice, v, 128); }},
    Reader{.name = "status",
           .read = [](CreditEvent& e, std::string_view v, Instant) { return set_receipt(e.receipt, v); },
           .receipts_only = true},
    Reader{.name = "gateway",
           .read = [](CreditEvent& e, std::string_view v, Instant) { return set_text(e.gateway, v, 64); },
           .receipts_only = true},
    Reader{.name = "gateway_id",
           .read = [](CreditEvent& e, std::string_view v, Instant) { return set_text(e.gateway_id, v, 128); },
           .receipts_only = true},
    Reader{.name = "detail",
           .read = [](CreditEvent& e, std::string_view v, Instant) { return set_text(e.detail, v, 512); },
           .receipts_only = true},
};

/// How the field is read; nothing for a name that is not listed and for a value that counts as absent.
const Reader* reader_of(const Field& field) {
  const auto reader = std::ranges::find(readers, std::string_view(field.first), &Reader::name);
  if (reader == readers.end() || (field.second.empty() && !reader->empty_counts)) return nullptr;
  return &*reader;
}

/// What a type cannot be understood without (CONTRACT section 2).
std::optional<Rejection> missing(const CreditEvent& event) {
  const auto need = [](std::string_view field, std::string_view why) {
    return Rejection{.field = std::string(field), .reason = "missing; " + std::string(why)};
  };
  if (event.id.empty()) return need("id", "every event needs an id of its own");
  if (event.account.empty() && event.type != EventType::source_heartbeat)
    return need("account", "every event but source.heartbeat needs the billing account");
  if (event.type == EventType::source_heartbeat && event.source.empty())
    return need("source", "a heartbeat says who is alive");
  if (event.type == EventType::credit_changed && !event.state && !event.balance)
    return need("state", "credit.changed needs a state or a balance to derive it from");
  if (event.type == EventType::dispute_opened && !event.until)
    return need("until", "a hold without an end is not accepted");
  if (event.type == EventType::receipt && event.notice.empty()) return need("notice", "a receipt is for a notice");
  if (event.type == EventType::receipt && !event.receipt)
    return need("status", "a receipt says delivered, failed or pending");
  return {};
}

std::uint64_t content_hash(std::span<const Field> fields) {
  std::vector<const Field*> sorted;
  for (const Field& field : fields) {
    const bool absent = field.second.empty() && reader_of(field) == nullptr;
    if (!absent && field.first != "id" && field.first != "seq" && field.first != "source") sorted.push_back(&field);
  }
  std::ranges::sort(sorted, {}, [](const Field* field) -> const Field& { return *field; });
  IdBuilder builder;
  for (const Field* field : sorted) builder.add(field->first).add(field->second);
  return builder.hash().high >> 16;
}

/// A normalised digit, `+`, or 0 for a separator; nothing for anything else. Moves past what it read.
std::optional<char> phone_character(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  if (byte(0) == 0xef && byte(1) == 0xbc && ((byte(2) >= 0x90 && byte(2) <= 0x99) || byte(2) == 0x8b)) {
    const unsigned third = byte(2);  // full-width digits U+FF10..FF19 and plus U+FF0B
    text.remove_prefix(3);
    return third == 0x8b ? '+' : static_cast<char>('0' + (third - 0x90));
  }
  const char c = text.front();
  text.remove_prefix(1);
  if ((c >= '0' && c <= '9') || c == '+') return c;
  if (std::string_view(" -./()").find(c) != std::string_view::npos) return '\0';
  return std::nullopt;
}

}  // namespace

bool is_account_id(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("._:@+-").find(c) != std::string_view::npos;
  });
}

std::expected<std::string, std::string> normalise_msisdn(std::string_view text) {
  const auto wrong = [] {
    return std::unexpected<std::string>(
        "expected an E.164 number such as +8613800138000: a plus, then 7 to 15 digits, the first not 0");
  };
  std::string number;
  while (!text.empty()) {
    const auto read = phone_character(text);
    if (!read) return wrong();
    if (*read == '\0') continue;
    if (*read == '+' && !number.empty()) return wrong();
    number += *read;
  }
  if (number.size() < 8 || number.size() > 16 || number[0] != '+' || number[1] == '0') return wrong();
  return number;
}

std::expected<CreditEvent, Rejection> parse_event(std::span<const Field> fields, Instant latest) {
  CreditEvent event;
  std::array<bool, readers.size()> given{};
  // `type` first: what other fields mean may depend on it.
  for (const bool types : {true, false}) {
    for (const Field& field : fields) {
      if ((field.first == "type") != types) continue;
      const Reader* reader = reader_of(field);
      if (reader == nullptr || (reader->receipts_only && event.type != EventType::receipt)) continue;
      bool& seen = given[static_cast<std::size_t>(reader - readers.data())];
      if (seen) return std::unexpected(Rejection{.field = field.first, .reason = "given twice"});
      seen = true;
      if (auto problem = reader->read(event, field.second, latest))
        return std::unexpected(Rejection{.field = field.first, .reason = *std::move(problem)});
    }
    if (types && !given[1])
      return std::unexpected(
          Rejection{.field = "type", .reason = "missing; expected one of " + list_of(event_type_names())});
  }
  if (!given[3])
    return std::unexpected(
        Rejection{.field = "time", .reason = "missing; when it became true in billing, RFC 3339 with an offset"});
  if (auto lack = missing(event)) return std::unexpected(*std::move(lack));
  event.identity = event.source.empty() ? hash48(event.id.str()) : hash48(event.source + '\n' + event.id.str());
  event.content_hash = content_hash(fields);
  return event;
}

}  // namespace dun
