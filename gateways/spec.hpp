// A gateway is configuration, not code: what these structs say is all that tells one SMS provider from another.
//
// config/gateways_loader.* fills them from TOML, `finish` checks them, and the rest of this folder interprets them. How
// fast a gateway is fed is not here but in the engine's own options (scheduler/options.hpp).
#pragma once

#include "domain/time.hpp"
#include "domain/vocabulary.hpp"
#include "gateways/http.hpp"
#include "gateways/instants.hpp"
#include "gateways/pattern.hpp"
#include "gateways/template.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dun::gateways {

// ------------------------------------------------------------------------------------------------------- transport

struct TransportSpec {
  /// For name look-up, TCP and TLS. What fails here has surely not been taken.
  Millis connect_timeout = std::chrono::seconds(3);
  /// For the whole request with its answer. What runs out here may have been taken: unknown.
  Millis total_timeout = std::chrono::seconds(10);
  /// Connections that each engine thread opens at most; more requests than that wait for one. One connection keeps
  /// strict order at the gateway.
  int connections = 16;
  /// Reuse connections. Off: a connection for each request.
  bool keep_alive = true;
  /// A connection that was idle for longer is not used again. Keep it below the gateway's own limit: a request that
  /// meets a closing connection ends as unknown.
  Seconds idle_max{4};
  /// An answer longer than this is cut off and counts as unknown; bytes.
  std::size_t answer_max = std::size_t{64} << 10;
  bool tls_verify = true;                ///< the certificate and the name in it
  std::string tls_ca;                    ///< file of PEM certificates in place of the system's
  std::string tls_certificate, tls_key;  ///< client certificate and its key, PEM files
  std::string proxy;                     ///< URL of an HTTP proxy; empty: none, whatever the environment says
};

// --------------------------------------------------------------------------------------------------------- message

enum class NumberForm : std::uint8_t {
  e164,      ///< +8613800138000
  no_plus,   ///< 8613800138000
  national,  ///< 13800138000; a number of another country is refused, because its digits could be somebody else's here
};

enum class SignaturePlace : std::uint8_t {
  none,
  front,
  back,
  provider,  ///< the provider adds it: it counts, but is not sent
};

enum class ValidityUnit : std::uint8_t { milliseconds, seconds, minutes, hours };

struct MessageSpec {
  NumberForm number = NumberForm::e164;
  std::string country;     ///< calling code for `national`, digits only
  int segments_max = 10;   ///< a longer text is refused, never cut; with the signature
  int characters_max = 0;  ///< the same in characters; 0: no bound
  std::string signature;   ///< such as 【Acme】
  SignaturePlace signature_place = SignaturePlace::none;
  ValidityUnit validity_unit = ValidityUnit::seconds;
  Millis validity_min{0};  ///< a shorter validity is raised to this
  Millis validity_max{0};  ///< a longer one is lowered to this; 0: no bound
};

/// A name that templates may use, made afresh for each attempt.
struct ValueSpec {
  std::string name;
  Template gsm7, ucs2;  ///< by the encoding of the text; mostly the same
  bool url = false;     ///< a URL: placeholders in it are percent-encoded
};

// --------------------------------------------------------------------------------------------------------- request

/// A parameter is left out where its value is absent or empty.
struct Parameter {
  std::string name;
  Template value;
  bool sorted = true;  ///< part of `sorted_query` or `sorted_form`: all that do not depend on that themselves
};

/// A member of a JSON body.
struct JsonMember {
  std::string pointer;                        ///< RFC 6901
  std::variant<Template, std::string> value;  ///< a text, or JSON as it is (a number, true, false)
};

enum class BodyKind : std::uint8_t { none, form, json, raw };

struct RequestSpec {
  std::string method = "POST";
  Template url;
  std::vector<Parameter> query, headers;
  BodyKind body = BodyKind::none;
  std::vector<Parameter> form;
  std::vector<JsonMember> json;
  Template raw;
  std::string content_type;  ///< empty: the usual one of the body kind
  std::optional<Template> basic_user, basic_password, bearer;
};

/// How a raw body of that content type is escaped; none where Dun does not know.
[[nodiscard]] std::optional<Escape> escape_of(std::string_view content_type);

// ------------------------------------------------------------------------------------------------------- responses

enum class ResultKind : std::uint8_t {
  accepted,
  throttled,
  retry,
  rejected,  ///< `permanent` in the configuration
  recipient_limited,
  gateway_down,
  unknown,
};

struct StatusRange {
  int first = 0, last = 0;
};
struct HeaderCondition {
  std::string name;
  Pattern pattern;
};
/// Every value that the pointer reaches (`*` stands for each element of an array) is one of `texts`, and there is one.
struct JsonCondition {
  std::string pointer;
  std::vector<std::string> texts;
};

/// Where something stands in an answer, written `header:NAME`, `json:/POINTER`, `body:GROUP`, or the text itself.
struct Extract {
  enum class From : std::uint8_t { nowhere, header, json, body, fixed };
  From from = From::nowhere;
  std::string what;  ///< header name, JSON pointer, or the text itself
  int group = 0;     ///< of the rule's body pattern
};

/// All conditions must hold. A rule without `transport` is about answers, one with it about their absence.
///
/// Of a question (StatusSpec) `accepted` is said of what the gateway took and `retry` of what it surely did not take.
struct ResponseRule {
  std::vector<TransportKind> transport;
  std::vector<StatusRange> status;
  std::vector<HeaderCondition> headers;
  std::vector<JsonCondition> json;
  std::optional<Pattern> body;
  std::optional<bool> listed;  ///< of a question answered by a listing: our message is in it

  ResultKind result = ResultKind::unknown;
  Extract id;        ///< accepted: the gateway's message id
  Extract segments;  ///< accepted: as the gateway counted
  Extract after;     ///< throttled, retry: how long, or until when
  AfterForm after_form = AfterForm::retry_after;
  Extract detail;                        ///< nowhere: the status and the beginning of the body
  std::optional<ReceiptStatus> receipt;  ///< of a question, accepted: delivered, or failed to be
};

// ---------------------------------------------------------------------------------------------------------- status

/// How to ask what became of a message whose submission had no usable answer. Rules: no match is unknown.
struct StatusSpec {
  RequestSpec request{.method = "GET"};  ///< without a URL the gateway cannot be asked
  /// Where the answer is a listing: the field of an entry that holds our reference (a name, or a pointer when it begins
  /// with a slash), and a pointer to the array. Rules then look at the entry of our message. Empty: no listing.
  std::string our_ref, each;
  std::vector<ResponseRule> responses;

  [[nodiscard]] bool configured() const { return !request.url.empty(); }
};

// -------------------------------------------------------------------------------------------------------- receipts

enum class ReceiptFormat : std::uint8_t { query, form, json };

struct SourceRange {
  std::array<std::uint8_t, 16> address{};  ///< IPv6; IPv4 as mapped
  int bits = 128;
};

struct ReceiptsSpec {
  std::string path;  ///< on our own HTTP listener; empty: this gateway sends no receipts
  /// Our listener as the gateway reaches it, such as `http://dun.example:8080`: `{receipt_url}` is this with the path
  /// and the token. Empty: absent, for gateways that are told in some other way where to send receipts.
  std::string public_url;
  std::vector<std::string> methods = {"POST"};
  ReceiptFormat format = ReceiptFormat::json;
  std::string each;  ///< JSON: pointer to the array of receipts; empty: the body is one receipt or an array of them
  /// Names of fields; in JSON, a name that begins with a slash is a pointer.
  std::string our_ref = "client_ref";
  bool our_ref_hex = false;  ///< the reference travels as hexadecimal digits
  std::string gateway_id, status = "status", time, detail;
  std::map<std::string, ReceiptStatus, std::less<>> status_map;
  ReceiptStatus status_default = ReceiptStatus::pending;  ///< for a status that the map does not list
  InstantForm time_form = InstantForm::rfc3339;

  // Who may send receipts; all that are set must hold.
  std::string token;                 ///< the last segment of the path
  std::vector<SourceRange> sources;  ///< addresses
  std::string signature_header;      ///< header that must equal `signature`
  Template signature;                ///< over `method path query body url` and the gateway's values

  /// Receipts a second that are taken of this path, and as many at once; more are answered with 503 and come again.
  int rate = 5000;

  int acknowledge_status = 200;
  std::string acknowledge_type = "text/plain";
  std::string acknowledge_body = "ok";
};

// ------------------------------------------------------------------------------------------------------ everything

struct GatewaySpec {
  std::string name;
  TransportSpec transport;
  MessageSpec message;
  std::vector<ValueSpec> values;
  RequestSpec request;
  std::vector<ResponseRule> responses;  ///< the first that matches decides; none: unknown
  /// How long the gateway remembers a `client_ref` and answers its repeat as it answered the first; 0: it does not.
  Millis remembers_for{0};
  StatusSpec status;
  ReceiptsSpec receipts;

  /// Found by `finish`, in each form in which a URL or a body may hold them; see `masked`.
  std::vector<std::string> secrets;
};

/// What is wrong with a gateway, and where: `request.query.sig`, as its TOML names it.
struct SpecProblem {
  std::string key;
  std::size_t offset = 0;  ///< within the template there
  std::string message;
};

/// Works out what depends on what, collects the secrets, and reports every name that nothing provides, every circle of
/// values, and what contradicts itself. A specification with problems must not be used.
[[nodiscard]] std::vector<SpecProblem> finish(GatewaySpec& gateway);

/// The words that configuration uses, in the order of the enumerations.
[[nodiscard]] std::span<const std::string_view> number_form_names();
[[nodiscard]] std::span<const std::string_view> signature_place_names();
[[nodiscard]] std::span<const std::string_view> validity_unit_names();
[[nodiscard]] std::span<const std::string_view> body_kind_names();
[[nodiscard]] std::span<const std::string_view> transport_kind_names();
[[nodiscard]] std::span<const std::string_view> result_kind_names();
[[nodiscard]] std::span<const std::string_view> receipt_format_names();

/// The values that templates of a request may name, besides the gateway's own.
[[nodiscard]] std::span<const std::string_view> request_value_names();
/// The same for a question.
[[nodiscard]] std::span<const std::string_view> status_value_names();
/// The same for the signature of a receipt.
[[nodiscard]] std::span<const std::string_view> receipt_value_names();

}  // namespace dun::gateways
