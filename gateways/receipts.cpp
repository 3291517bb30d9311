#include "gateways/receipts.hpp"

#include "base/crypto/mac.hpp"
#include "base/text/trim.hpp"
#include "gateways/codec.hpp"
#include "gateways/json_pointer.hpp"
#include "gateways/mask.hpp"
#include "gateways/options.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>

namespace dun::gateways {
namespace {

using Address = std::array<std::uint8_t, 16>;

constexpr std::size_t ref_size_max = 128;
constexpr std::size_t receipt_detail_max = 200;
constexpr std::size_t word_size_max = 40;
/// No gateway tries for longer; a time before that is a clock that was never set, or another form than we were told.
constexpr Millis age_max = date::days(30);

/// IPv4 as IPv4-mapped IPv6, so that a listener on either sees the same.
std::optional<Address> parse_address(const std::string& text) {
  Address address{};
  if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  address.fill(0);
  address[10] = address[11] = 0xFF;
  if (inet_pton(AF_INET, text.c_str(), address.data() + 12) == 1) return address;
  return std::nullopt;
}

bool within(const Address& address, const SourceRange& range) {
  for (int bit = 0; bit < range.bits; ++bit) {
    const auto byte = static_cast<std::size_t>(bit / 8);
    const int mask = 0x80 >> bit % 8;
    if ((address.at(byte) & mask) != (range.address.at(byte) & mask)) return false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------------- verification

/// What the template of a receipt's signature may name.
class ReceiptValues final : public TemplateValues {
 public:
  ReceiptValues(const GatewaySpec& gateway, const http::Request& request) : gateway_(gateway), request_(request) {}

  TemplateValue value(std::string_view name, std::string_view) override {
    const auto own = std::ranges::find(gateway_.values, name, &ValueSpec::name);
    if (own != gateway_.values.end()) return own->gsm7.render(*this, own->url ? Escape::url : Escape::none);
    if (name == "method") return request_.method;
    if (name == "path") return request_.path;
    if (name == "query") return request_.query;
    if (name == "body") return request_.body;
    return std::nullopt;
  }

 private:
  const GatewaySpec& gateway_;
  const http::Request& request_;
};

/// Of `/path/TOKEN` the token, of `/path/TOKEN/` too.
bool has_token(const ReceiptsSpec& spec, std::string_view path) {
  std::string_view given = path.substr(std::min(spec.path.size() + 1, path.size()));
  if (given.ends_with('/') && !spec.token.ends_with('/')) given.remove_suffix(1);
  return equal_secrets(percent_decode(given, false), spec.token);
}

/// Whether it came the right way: what can be said before anything is read.
std::optional<ReceiptRefusal> verify_way(const GatewaySpec& gateway, const http::Request& request) {
  const ReceiptsSpec& spec = gateway.receipts;
  if (!spec.token.empty() && !has_token(spec, request.path))
    return ReceiptRefusal{.status = 403, .message = "the token in the path is wrong"};
  if (!spec.sources.empty()) {
    const auto address = parse_address(request.source);
    if (!address ||
        std::ranges::none_of(spec.sources, [&](const SourceRange& range) { return within(*address, range); }))
      return ReceiptRefusal{.status = 403, .message = fmt::format("{} may not send receipts", request.source)};
  }
  return std::nullopt;
}

std::optional<ReceiptRefusal> verify_signature(const GatewaySpec& gateway, const http::Request& request) {
  const ReceiptsSpec& spec = gateway.receipts;
  if (!spec.signature_header.empty()) {
    ReceiptValues values(gateway, request);
    const auto expected = spec.signature.render(values);
    const auto given = std::ranges::find_if(
        request.headers, [&](const auto& header) { return equal_ignoring_case(header.first, spec.signature_header); });
    const bool right =
        expected && *expected && given != request.headers.end() && equal_secrets(trimmed(given->second), **expected);
    if (!right)
      return ReceiptRefusal{.status = 403, .message = fmt::format("{} is missing or wrong", spec.signature_header)};
  }
  return std::nullopt;
}

// --------------------------------------------------------------------------------------------------------- entries

using FieldOf = std::function<std::optional<std::string>(const std::string& name)>;

std::expected<Receipt, std::string> read_entry(const GatewaySpec& gateway, const FieldOf& field) {
  const ReceiptsSpec& spec = gateway.receipts;
  const auto optional_field = [&](const std::string& name) {
    return name.empty() ? std::string() : field(name).value_or("");
  };
  auto ref = field(spec.our_ref);
  if (ref && spec.our_ref_hex) ref = unhex(*ref);
  if (!ref || ref->empty() || ref->size() > ref_size_max || printable(*ref, ref_size_max) != *ref)
    return std::unexpected(fmt::format("no usable reference in {}", spec.our_ref));
  const auto status = field(spec.status);
  if (!status) return std::unexpected(fmt::format("no status in {}", spec.status));
  const auto known = spec.status_map.find(*status);
  const bool is_known = known != spec.status_map.end();
  return Receipt{.client_ref = *std::move(ref),
                 .status = is_known ? known->second : spec.status_default,
                 .gateway_id = printable(optional_field(spec.gateway_id), ref_size_max),
                 .time = read_instant(spec.time_form, optional_field(spec.time)),
                 .detail = printable(masked(optional_field(spec.detail), gateway.secrets), receipt_detail_max),
                 .unheard = is_known ? "" : printable(masked(*status, gateway.secrets), word_size_max)};
}

void add_entry(const GatewaySpec& gateway, const FieldOf& field, ReceiptBatch& batch) {
  auto receipt = read_entry(gateway, field);
  if (receipt)
    batch.receipts.push_back(*std::move(receipt));
  else
    batch.problems.push_back(std::move(receipt.error()));
}

ReceiptBatch read_fields(const GatewaySpec& gateway, const NameValues& fields) {
  ReceiptBatch batch;
  add_entry(
      gateway,
      [&](const std::string& name) -> std::optional<std::string> {
        const auto found = std::ranges::find(fields, name, &NameValues::value_type::first);
        return found == fields.end() ? std::nullopt : std::optional(found->second);
      },
      batch);
  return batch;
}

std::expected<ReceiptBatch, ReceiptRefusal> read_json(const GatewaySpec& gateway, std::string_view body) {
  const auto document = json::read(body);
  if (!document)
    return std::unexpected(ReceiptRefusal{.status = 400, .message = "the body: " + document.error().message});
  std::vector<const json::Value*> entries;
  const auto places = find_all(*document, gateway.receipts.each);
  if (places.empty())
    return std::unexpected(
        ReceiptRefusal{.status = 400, .message = fmt::format("the body has nothing at {}", gateway.receipts.each)});
  for (const json::Value* place : places) {
    if (place->kind != json::Value::Kind::array) entries.push_back(place);
    for (const json::Value& entry : place->elements) entries.push_back(&entry);
  }
  ReceiptBatch batch;
  for (const json::Value* entry : entries)
    add_entry(gateway, [&](const std::string& name) { return find_field(*entry, name); }, batch);
  return batch;
}

}  // namespace

std::expected<SourceRange, std::string> parse_source_range(std::string_view text) {
  const std::string_view address_text = text.substr(0, text.find('/'));
  const auto address = parse_address(std::string(address_text));
  if (!address)
    return std::unexpected("expected an address or a range such as 192.0.2.7, 10.1.0.0/16 or 2001:db8::/32");
  SourceRange range{.address = *address, .bits = 128};
  if (address_text.size() == text.size()) return range;
  const int bits_max = address_text.contains(':') ? 128 : 32;
  const std::string_view bits = text.substr(address_text.size() + 1);
  int given = 0;
  const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), given);
  if (error != std::errc() || end != bits.data() + bits.size() || given < 0 || given > bits_max)
    return std::unexpected(fmt::format("expected /0 to /{} after the address", bits_max));
  range.bits = 128 - bits_max + given;
  return range;
}

bool takes_receipts_at(const ReceiptsSpec& receipts, std::string_view path) {
  if (receipts.path.empty() || !path.starts_with(receipts.path)) return false;
  const std::string_view rest = path.substr(receipts.path.size());
  return receipts.token.empty() ? rest.empty() || rest == "/" : rest.starts_with('/');
}

bool is_protected(const ReceiptsSpec& receipts) {
  return !receipts.token.empty() || !receipts.sources.empty() || !receipts.signature_header.empty();
}

bool names_no_receipt(const http::Request& request) {
  if (request.method == "HEAD") return true;
  if (!request.query.empty() || (request.method != "GET" && request.method != "POST")) return false;
  std::string body = request.body.substr(0, 64);
  std::erase_if(body, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  return body.empty() ? request.body.size() <= 64 : body == "{}" || body == "[]";
}

Instant became_true(const Receipt& receipt, Instant now) {
  return receipt.time && *receipt.time > now - age_max ? std::min(*receipt.time, now) : now;
}

bool UnheardWords::add(const std::string& word) {
  ++count_;
  return !word.empty() && words_.size() < words_max && words_.insert(word).second;
}

std::expected<ReceiptBatch, ReceiptRefusal> read_receipts(const GatewaySpec& gateway, const http::Request& request) {
  const ReceiptsSpec& spec = gateway.receipts;
  if (auto refusal = verify_way(gateway, request)) return std::unexpected(*std::move(refusal));
  if (names_no_receipt(request)) return ReceiptBatch();
  if (std::ranges::find(spec.methods, request.method) == spec.methods.end())
    return std::unexpected(
        ReceiptRefusal{.status = 405, .message = fmt::format("expected {}", fmt::join(spec.methods, " or "))});
  if (auto refusal = verify_signature(gateway, request)) return std::unexpected(*std::move(refusal));
  auto batch =
      spec.format == ReceiptFormat::json
          ? read_json(gateway, request.body)
          : read_fields(gateway, parse_query(spec.format == ReceiptFormat::query ? request.query : request.body));
  if (batch && batch->receipts.empty() && !batch->problems.empty())
    return std::unexpected(ReceiptRefusal{.status = 400, .message = batch->problems.front()});
  return batch;
}

}  // namespace dun::gateways
