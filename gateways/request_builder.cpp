#include "gateways/request_builder.hpp"

#include "gateways/codec.hpp"
#include "gateways/json_body.hpp"
#include "gateways/options.hpp"
#include "messages/segmentation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <locale>
#include <map>

namespace dun::gateways {
namespace {

using Text = std::expected<std::string, std::string>;

Text number_text(const MessageSpec& spec, std::string_view number) {
  const std::string_view digits = number.starts_with('+') ? number.substr(1) : number;
  switch (spec.number) {
    case NumberForm::e164:
      return fmt::format("+{}", digits);
    case NumberForm::no_plus:
      return std::string(digits);
    case NumberForm::national:
      if (!digits.starts_with(spec.country))
        return std::unexpected(fmt::format("the gateway serves numbers of +{} only", spec.country));
      return std::string(digits.substr(spec.country.size()));
  }
  return std::string(digits);
}

/// Whole units, rounded down: the gateway must not deliver later than asked. Never 0, which gateways take for "expired"
/// or for "as long as you like".
std::string validity_text(const MessageSpec& spec, Millis validity) {
  validity = std::max(validity, spec.validity_min);
  if (spec.validity_max != Millis(0)) validity = std::min(validity, spec.validity_max);
  std::int64_t units = validity.count();
  switch (spec.validity_unit) {
    case ValidityUnit::milliseconds:
      break;
    case ValidityUnit::seconds:
      units /= 1000;
      break;
    case ValidityUnit::minutes:
      units /= 60'000;
      break;
    case ValidityUnit::hours:
      units /= 3'600'000;
      break;
  }
  return std::to_string(std::max<std::int64_t>(units, 1));
}

std::size_t characters_of(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// The text as we send it, and what it costs as the handset will show it.
struct SignedText {
  std::string sent;
  messages::SegmentCount count;
};

std::expected<SignedText, std::string> sign(const MessageSpec& spec, const std::string& text) {
  const bool back = spec.signature_place == SignaturePlace::back;
  const std::string shown = back ? text + spec.signature : spec.signature + text;
  const auto count = messages::count(shown);
  if (!count) return std::unexpected(count.error());
  if (count->parts > spec.segments_max)
    return std::unexpected(
        fmt::format("the text takes {} segments, the gateway at most {}", count->parts, spec.segments_max));
  const std::size_t characters = characters_of(shown);
  if (spec.characters_max > 0 && characters > static_cast<std::size_t>(spec.characters_max))
    return std::unexpected(
        fmt::format("the text has {} characters, the gateway takes at most {}", characters, spec.characters_max));
  return SignedText{.sent = spec.signature_place == SignaturePlace::provider ? text : shown, .count = *count};
}

bool fits_header(std::string_view value) {
  return std::ranges::none_of(value,
                              [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; });
}

/// One request in the making: every value is made when something first asks for it, and then kept, so that what was
/// signed is what is sent.
class RequestValues : public TemplateValues {
 public:
  std::expected<HttpRequest, std::string> build() {
    auto number = number_text(gateway_.message, to_);
    if (!number) return std::unexpected(std::move(number.error()));
    to_ = *std::move(number);
    if (auto problem = begin()) return std::unexpected(*std::move(problem));

    HttpRequest result{.method = request_.method, .url = {}, .headers = {}, .body = {}};
    if (auto problem = add_url(result)) return std::unexpected(*std::move(problem));
    if (auto problem = add_headers(result)) return std::unexpected(*std::move(problem));
    auto body = value("body", "");
    if (!body) return std::unexpected(std::move(body.error()));
    result.body = std::move(*body).value_or("");
    return result;
  }

  TemplateValue value(std::string_view name, std::string_view argument) override {
    if (name == "utc") return utc(argument, fresh_.now);
    if (name == "sent_utc")
      if (auto sent = sent_utc(argument)) return sent;
    if (const auto made = made_.find(name); made != made_.end()) return made->second;
    TemplateValue result = make(name);
    if (result) made_.emplace(name, *result);
    return result;
  }

 protected:
  using Problem = std::optional<std::string>;

  RequestValues(const GatewaySpec& gateway, const RequestSpec& request, std::string to, const std::string& client_ref,
                const FreshValues& fresh)
      : gateway_(gateway), request_(request), client_ref_(client_ref), fresh_(fresh), to_(std::move(to)) {}

  /// Why there can be no such request, before any value is made.
  virtual Problem begin() { return {}; }
  /// Values that not every request has.
  virtual std::optional<std::string> further(std::string_view name) = 0;
  virtual std::optional<std::string> sent_utc(std::string_view /*format*/) { return std::nullopt; }
  /// Which of its two forms a value of the gateway's own takes.
  [[nodiscard]] virtual Encoding encoding() const { return Encoding::gsm7; }

  static std::string utc(std::string_view format, Instant at) {
    return date::format(std::locale::classic(), std::string(format), date::floor<Seconds>(at));
  }
  [[nodiscard]] const GatewaySpec& gateway() const { return gateway_; }

 private:
  TemplateValue make(std::string_view name) {
    const auto own = std::ranges::find(gateway_.values, name, &ValueSpec::name);
    if (own != gateway_.values.end()) {
      const Template& text = encoding() == Encoding::ucs2 ? own->ucs2 : own->gsm7;
      return text.render(*this, own->url ? Escape::url : Escape::none);
    }
    if (name == "body") return body();
    if (name.starts_with("sorted_")) return sorted(name);
    return of_any(name);
  }

  TemplateValue of_any(std::string_view name) {
    if (name == "to") return to_;
    if (name == "client_ref") return client_ref_;
    if (name == "account") return std::string(account_part(client_ref_));
    if (name == "gateway") return gateway_.name;
    if (auto value = further(name)) return value;
    if (name == "epoch") return std::to_string(date::floor<Seconds>(fresh_.now).time_since_epoch().count());
    if (name == "epoch_ms") return std::to_string(fresh_.now.time_since_epoch().count());
    if (name == "uuid") return fresh_.uuid();
    if (name == "method") return request_.method;
    return std::nullopt;
  }

  /// What is absent or empty is left out; `chosen` picks among the rest.
  template <typename Chosen>
  std::expected<NameValues, std::string> parameters(const std::vector<Parameter>& list, Chosen chosen) {
    NameValues result;
    for (const Parameter& parameter : list) {
      if (!std::invoke(chosen, parameter)) continue;
      auto rendered = parameter.value.render(*this);
      if (!rendered) return std::unexpected(fmt::format("{}: {}", parameter.name, rendered.error()));
      if (*rendered && !(*rendered)->empty()) result.emplace_back(parameter.name, **std::move(rendered));
    }
    return result;
  }
  std::expected<NameValues, std::string> parameters(const std::vector<Parameter>& list) {
    return parameters(list, [](const Parameter&) { return true; });
  }

  /// `sorted_query`, `sorted_form`: by name, percent-encoded; with `_raw` as they are.
  TemplateValue sorted(std::string_view name) {
    auto list = parameters(name.starts_with("sorted_form") ? request_.form : request_.query, &Parameter::sorted);
    if (!list) return std::unexpected(std::move(list.error()));
    std::ranges::sort(*list);
    if (!name.ends_with("_raw")) return to_query(*list);
    std::string text;
    for (const auto& [key, value] : *list) text += fmt::format("{}{}={}", text.empty() ? "" : "&", key, value);
    return text;
  }

  TemplateValue body() {
    switch (request_.body) {
      case BodyKind::none:
        return std::nullopt;
      case BodyKind::form: {
        auto list = parameters(request_.form);
        if (!list) return std::unexpected(std::move(list.error()));
        return to_query(*list);
      }
      case BodyKind::json: {
        auto text = json_body(request_.json, *this);
        if (!text) return std::unexpected(std::move(text.error()));
        return *std::move(text);
      }
      case BodyKind::raw:
        return request_.raw.render(*this, escape_of(request_.content_type).value_or(Escape::none));
    }
    return std::nullopt;
  }

  Problem add_url(HttpRequest& result) {
    auto url = request_.url.render(*this, Escape::url);
    if (!url) return "url: " + url.error();
    if (!*url) return "url: a value in it is absent";
    result.url = **std::move(url);
    const auto query = parameters(request_.query);
    if (!query) return query.error();
    if (!query->empty()) result.url += (result.url.contains('?') ? "&" : "?") + to_query(*query);
    return {};
  }

  Problem add_headers(HttpRequest& result) {
    auto headers = parameters(request_.headers);
    if (!headers) return headers.error();
    result.headers = *std::move(headers);
    if (!content_type().empty()) result.headers.emplace_back("Content-Type", content_type());
    if (request_.basic_user) {
      const auto user = request_.basic_user->render(*this);
      const auto password = request_.basic_password->render(*this);
      if (!user) return user.error();
      if (!password) return password.error();
      result.headers.emplace_back("Authorization",
                                  "Basic " + base64(user->value_or("") + ":" + password->value_or("")));
    }
    if (request_.bearer) {
      const auto token = request_.bearer->render(*this);
      if (!token) return token.error();
      result.headers.emplace_back("Authorization", "Bearer " + token->value_or(""));
    }
    for (const auto& [name, value] : result.headers)
      if (!fits_header(value)) return fmt::format("{}: the value has a line break or another control character", name);
    return {};
  }

  [[nodiscard]] std::string content_type() const {
    if (!request_.content_type.empty() || request_.body == BodyKind::none) return request_.content_type;
    return request_.body == BodyKind::json ? "application/json" : "application/x-www-form-urlencoded";
  }

  const GatewaySpec& gateway_;
  const RequestSpec& request_;
  const std::string& client_ref_;
  const FreshValues& fresh_;
  std::string to_;
  std::map<std::string, std::optional<std::string>, std::less<>> made_;
};

/// One attempt at a message.
class MessageValues final : public RequestValues {
 public:
  MessageValues(const GatewaySpec& gateway, const scheduler::SendRequest& message, const FreshValues& fresh)
      : RequestValues(gateway, gateway.request, message.to, message.client_ref, fresh), message_(message) {}

 private:
  Problem begin() override {
    auto text = sign(gateway().message, message_.text);
    if (!text) return std::move(text.error());
    text_ = *std::move(text);
    return {};
  }
  std::optional<std::string> further(std::string_view name) override {
    if (name == "text") return text_.sent;
    if (name == "encoding") return std::string(to_text(text_.count.encoding));
    if (name == "parts") return std::to_string(text_.count.parts);
    if (name == "attempt") return std::to_string(message_.attempt);
    if (name == "validity" && message_.validity > Millis(0)) return validity_text(gateway().message, message_.validity);
    if (name == "receipt_url" && !gateway().receipts.public_url.empty()) return receipt_url();
    return std::nullopt;
  }
  [[nodiscard]] Encoding encoding() const override { return text_.count.encoding; }

  [[nodiscard]] std::string receipt_url() const {
    const ReceiptsSpec& receipts = gateway().receipts;
    return receipts.public_url + receipts.path + (receipts.token.empty() ? "" : "/" + percent_encode(receipts.token));
  }

  const scheduler::SendRequest& message_;
  SignedText text_;
};

/// A question about a message of which no more is known than to whom it went, and when.
class QuestionValues final : public RequestValues {
 public:
  QuestionValues(const GatewaySpec& gateway, const scheduler::StatusRequest& question, const FreshValues& fresh)
      : RequestValues(gateway, gateway.status.request, question.to, question.client_ref, fresh),
        submitted_at_(question.submitted_at) {}

 private:
  std::optional<std::string> further(std::string_view name) override {
    const Millis since_epoch = submitted_at_.time_since_epoch();
    if (name == "sent_epoch") return std::to_string(date::floor<Seconds>(since_epoch).count());
    if (name == "sent_epoch_ms") return std::to_string(since_epoch.count());
    return std::nullopt;
  }
  std::optional<std::string> sent_utc(std::string_view format) override { return utc(format, submitted_at_); }

  Instant submitted_at_;
};

/// A message that nothing is odd about.
scheduler::SendRequest sample(const GatewaySpec& gateway, Encoding encoding, Millis validity) {
  const std::string country = gateway.message.number == NumberForm::national ? gateway.message.country : "86";
  return {.gateway = gateway.name,
          .notice = NoticeId("account~0123456789abc"),
          .client_ref = "account~0123456789abc",
          .to = "+" + country + "13800138000",
          .text = encoding == Encoding::ucs2 ? "\u6b20" : "A",
          .encoding = encoding,
          .validity = validity};
}

}  // namespace

std::optional<std::string> configuration_fault(const GatewaySpec& gateway) {
  const FreshValues fresh{.now = Instant(std::chrono::hours(24 * 365 * 50)),
                          .uuid = [] { return std::string("00000000-0000-4000-8000-000000000000"); }};
  for (const Encoding encoding : {Encoding::gsm7, Encoding::ucs2})
    for (const Millis validity : {Millis(0), Millis(std::chrono::hours(1))})
      if (const auto built = build_request(gateway, sample(gateway, encoding, validity), fresh); !built)
        return built.error();
  if (!gateway.status.configured()) return std::nullopt;
  const auto message = sample(gateway, Encoding::gsm7, Millis(0));
  const auto built = build_status_request(gateway,
                                          {.gateway = gateway.name,
                                           .notice = message.notice,
                                           .client_ref = message.client_ref,
                                           .to = message.to,
                                           .submitted_at = fresh.now},
                                          fresh);
  return built ? std::nullopt : std::optional(built.error());
}

std::expected<HttpRequest, std::string> build_request(const GatewaySpec& gateway, const scheduler::SendRequest& message,
                                                      const FreshValues& fresh) {
  return MessageValues(gateway, message, fresh).build();
}

std::expected<HttpRequest, std::string> build_status_request(const GatewaySpec& gateway,
                                                             const scheduler::StatusRequest& question,
                                                             const FreshValues& fresh) {
  return QuestionValues(gateway, question, fresh).build();
}

}  // namespace dun::gateways
