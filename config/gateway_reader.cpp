#include "config/gateway_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace dun::config {
namespace {

using namespace gateways;

constexpr std::array<std::string_view, 4> unknown_rule_names = {"same_ref", "wait_receipt", "hold", "query"};

/// What the answer to a question means, as configuration says it.
enum class StatusResult : std::uint8_t { taken, delivered, failed, not_taken, throttled, gateway_down, unknown };
constexpr std::array<std::string_view, 7> status_result_names = {"taken",     "delivered",    "failed", "not_taken",
                                                                 "throttled", "gateway_down", "unknown"};

ResultKind kind_of(StatusResult result) {
  switch (result) {
    case StatusResult::taken:
    case StatusResult::delivered:
    case StatusResult::failed:
      return ResultKind::accepted;
    case StatusResult::not_taken:
      return ResultKind::retry;
    case StatusResult::throttled:
      return ResultKind::throttled;
    case StatusResult::gateway_down:
      return ResultKind::gateway_down;
    case StatusResult::unknown:
      break;
  }
  return ResultKind::unknown;
}

constexpr std::array<std::string_view, 2> then_names = {"give_up", "repeat"};  // by repeat_unreceipted
constexpr std::array<std::string_view, 3> receipt_status_names = {"delivered", "failed", "pending"};

constexpr Millis span_max = std::chrono::hours(24 * 30);

/// In place of the element of that name, or behind all.
template <typename Element>
Element& named(std::vector<Element>& list, const std::string& name, std::string Element::* member) {
  const auto found = std::ranges::find(list, name, member);
  if (found != list.end()) return *found;
  list.emplace_back();
  list.back().*member = name;
  return list.back();
}

std::optional<int> to_int(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// `202`, `2xx`, `500-504`.
std::optional<StatusRange> to_status(std::string_view text) {
  StatusRange range;
  if (text.size() == 3 && text.ends_with("xx")) {
    const auto hundreds = to_int(text.substr(0, 1));
    range = {.first = hundreds.value_or(0) * 100, .last = hundreds.value_or(0) * 100 + 99};
  } else if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
    range = {.first = to_int(text.substr(0, dash)).value_or(0), .last = to_int(text.substr(dash + 1)).value_or(0)};
  } else {
    range = {.first = to_int(text).value_or(0), .last = to_int(text).value_or(0)};
  }
  if (range.first < 100 || range.last > 599 || range.last < range.first) return std::nullopt;
  return range;
}

void read_statuses(const Section& section, std::vector<StatusRange>& target) {
  std::vector<Word> words;
  if (!section.read_words("status", words)) return;
  for (const Word& word : words) {
    if (const auto range = to_status(word.text))
      target.push_back(*range);
    else
      section.mistake(word.location, fmt::format("status: expected an HTTP status such as 202, \"2xx\" or \"500-504\", "
                                                 "found \"{}\"",
                                                 word.text));
  }
}

std::optional<Pattern> read_pattern(const Section& section, std::string_view key) {
  std::string source;
  if (!section.read_text(key, source)) return std::nullopt;
  auto pattern = Pattern::compile(source);
  if (pattern) return *std::move(pattern);
  section.mistake(key, fmt::format("{}: not a regular expression in RE2's syntax: {}", key, pattern.error()));
  return std::nullopt;
}

void read_headers(const Section& section, std::vector<HeaderCondition>& target) {
  for (const Word& name : section.keys())
    if (auto pattern = read_pattern(section, name.text))
      target.push_back({.name = name.text, .pattern = *std::move(pattern)});
}

void check_pointer(const Section& section, Location location, std::string_view pointer) {
  if (pointer.empty()) section.mistake(location, "expected a JSON pointer such as \"/code\"");
  if (const auto problem = pointer_problem(pointer)) section.mistake(location, *problem);
}

/// `json = { "/code" = "OK", "/status" = [0, 3], "/ok" = true }`.
void read_json_conditions(const Section& section, std::vector<JsonCondition>& target) {
  for (const Word& pointer : section.keys()) {
    JsonCondition condition{.pointer = pointer.text, .texts = {}};
    check_pointer(section, pointer.location, pointer.text);
    std::vector<Word> words;
    if (bool flag = false; section.form(pointer.text) == Form::flag) {
      if (section.read_bool(pointer.text, flag)) condition.texts.emplace_back(flag ? "true" : "false");
    } else if (section.read_words(pointer.text, words)) {
      for (const Word& word : words) condition.texts.push_back(word.text);
    }
    target.push_back(std::move(condition));
  }
}

/// From the opening quote of a text to what is wrong in it; the quote itself where it is the whole.
int columns(std::size_t offset) {
  return offset == 0 ? 0 : static_cast<int>(offset) + 1;
}

/// What is meant to be a place is not taken for a text.
bool names_a_place(std::string_view text) {
  return text.starts_with("header:") || text.starts_with("json:") || text.starts_with("body:");
}

enum class Fixed : std::uint8_t { no, span, text };

/// `header:NAME`, `json:/POINTER`, `body:GROUP`, and where `fixed` allows it a span or any other text.
void read_extract(const Section& section, std::string_view key, Fixed fixed, Extract& target) {
  std::string text;
  if (!section.read_text(key, text)) return;
  const std::string rest = text.substr(std::min(text.find(':') + 1, text.size()));
  const auto group = to_int(rest);
  if (text.starts_with("header:") && !rest.empty()) {
    target = {.from = Extract::From::header, .what = rest};
  } else if (text.starts_with("json:/")) {
    check_pointer(section, section.location(key), rest);
    target = {.from = Extract::From::json, .what = rest};
  } else if (text.starts_with("body:") && group && *group > 0) {
    target = {.from = Extract::From::body, .what = {}, .group = *group};
  } else if ((fixed == Fixed::text && !names_a_place(text)) || (fixed == Fixed::span && parse_span(text))) {
    target = {.from = Extract::From::fixed, .what = text};
  } else {
    section.mistake(
        key,
        fmt::format("{}: expected \"header:NAME\", \"json:/POINTER\"{} or \"body:GROUP\", found \"{}\"{}", key,
                    fixed == Fixed::span ? ", a span such as \"30s\"" : "", text,
                    text.starts_with("body:") ? "; GROUP is the number of a group in the rule's body pattern" : ""));
  }
}

/// A key's parents in turn: `request.query.a`, `request.query`, `request`, and at last nothing.
bool shorten(std::string& key) {
  if (key.empty()) return false;
  const std::size_t dot = key.rfind('.');
  key.resize(dot == std::string::npos ? 0 : dot);
  return true;
}

}  // namespace

GatewayReader::GatewayReader(std::string name, const Settings& settings) : settings_(settings) {
  spec_.name = std::move(name);
  options_.name = spec_.name;
}

void GatewayReader::remember(const std::string& key, const Section& section, Location location, bool single_line) {
  origins_.insert_or_assign(key, Origin{.section = section, .location = location, .single_line = single_line});
}

const GatewayReader::Origin& GatewayReader::origin_of(const std::string& problem) const {
  const std::string_view key = problem;
  for (const auto& [rules, origins] : {std::pair{std::string_view("response."), &rule_origins_},
                                       std::pair{std::string_view("status.response."), &status_origins_}})
    if (key.starts_with(rules))
      return origins->at(static_cast<std::size_t>(to_int(key.substr(rules.size())).value_or(0)));
  return origin(problem);
}

const GatewayReader::Origin& GatewayReader::origin(std::string key) const {
  while (!origins_.contains(key) && shorten(key)) {
  }
  return origins_.find(key)->second;
}

void GatewayReader::read(const Section& section) {
  remember("", section, section.location());
  for (const std::string_view part : {"request", "message", "values", "receipts", "status"})
    if (section.has(part)) remember(std::string(part), section, section.location(part));
  if (section.read_span("remembers_for", spec_.remembers_for, Millis(0), span_max))
    remember("remembers_for", section, section.location("remembers_for"));
  read_transport(section.section("transport"));
  read_flow(section.section("flow"));
  read_unknown(section.section("unknown"));
  read_message(section.section("message"));
  read_values(section.section("values"));
  read_request(section.section("request"), "request", spec_.request);
  read_status(section.section("status"));
  read_receipts(section.section("receipts"));
  std::vector<ResponseRule> rules;
  std::vector<Origin> origins;
  for (const Section& table : section.sections("response")) {
    read_response(table, rules.emplace_back());
    origins.push_back({.section = table, .location = table.location()});
  }
  // One's own rules are exceptions from the preset's: they come first.
  spec_.responses.insert(spec_.responses.begin(), rules.begin(), rules.end());
  rule_origins_.insert(rule_origins_.begin(), origins.begin(), origins.end());
}

void GatewayReader::check() {
  const auto problems = finish(spec_);
  for (const SpecProblem& problem : problems) {
    const Origin& from = origin_of(problem.key);
    Location location = from.location;
    location.column += from.single_line ? columns(problem.offset) : 0;
    from.section.mistake(location, fmt::format("gateway \"{}\", {}: {}", spec_.name, problem.key, problem.message));
  }
  // Without its settings a request is not what it will be.
  if (problems.empty() && !settings_.missing)
    if (const auto fault = configuration_fault(spec_))
      origin("request").section.mistake(origin("request").location,
                                        fmt::format("gateway \"{}\": no request can be built: {}", spec_.name, *fault));
  check_unknown();
  // What the engine reckons with is said where the gateway is described.
  options_.connections = spec_.transport.connections;
  const bool back = spec_.message.signature_place == gateways::SignaturePlace::back;
  (back ? options_.signature_back : options_.signature_front) = spec_.message.signature;
}

void GatewayReader::check_unknown() {
  const auto mistake = [&](const std::string& key, std::string_view message) {
    origin(key).section.mistake(origin(key).location, fmt::format("gateway \"{}\": {}", spec_.name, message));
  };
  switch (options_.unknown) {
    case scheduler::UnknownRule::same_ref:
      if (spec_.remembers_for == Millis(0))
        mistake("unknown",
                "rule = \"same_ref\" repeats a message, so the gateway must remove duplicates: say for how long in "
                "remembers_for, or take \"query\", \"wait_receipt\" or \"hold\"");
      break;
    case scheduler::UnknownRule::wait_receipt:
      if (spec_.receipts.path.empty())
        mistake("unknown", "rule = \"wait_receipt\" needs [receipts]; without them take \"hold\"");
      break;
    case scheduler::UnknownRule::query:
      if (!spec_.status.configured())
        return mistake("unknown", "rule = \"query\" needs [status]: what to ask, and where");
      return check_questions();
    case scheduler::UnknownRule::hold:
      break;
  }
  if (spec_.status.configured()) mistake("status", "[status] is used only with rule = \"query\" in [unknown]");
}

/// Whether what the gateway says can be believed in time, and not too early.
void GatewayReader::check_questions() {
  const scheduler::QuestionOptions& question = options_.question;
  const Origin& from = origin("status");
  const Millis under_way = spec_.transport.connect_timeout + spec_.transport.total_timeout;
  if (question.listed_within < under_way)
    from.section.mistake(from.location,
                         fmt::format("gateway \"{}\": listed_within is {}, but a request may be under way for {} "
                                     "(connect_timeout and total_timeout): a message would be sent again that still "
                                     "arrives",
                                     spec_.name, dun::to_text(question.listed_within), dun::to_text(under_way)));
  const Millis last = question.first + (question.most - 1) * question.pause;
  if (last < question.listed_within)
    from.section.mistake(from.location,
                         fmt::format("gateway \"{}\": the last question is asked after {}, before "
                                     "listed_within ({}): \"not_taken\" would never be believed",
                                     spec_.name, dun::to_text(last), dun::to_text(question.listed_within)));
}

// -------------------------------------------------------------------------------------------------------- templates

std::optional<Template> GatewayReader::parse(const Section& section, std::string_view name, const std::string& key) {
  std::string text;
  if (!section.read_text(name, text)) return std::nullopt;
  const bool single_line = !text.contains('\n');
  remember(key, section, section.location(name), single_line);
  auto parsed = Template::parse(text, settings_);
  if (parsed) return *std::move(parsed);
  Location location = section.location(name);
  location.column += single_line ? columns(parsed.error().offset) : 0;
  section.mistake(location, fmt::format("{}: {}", name, parsed.error().message));
  return std::nullopt;
}

void GatewayReader::read_template(const Section& section, std::string_view name, const std::string& key,
                                  Template& target) {
  if (auto parsed = parse(section, name, key)) target = *std::move(parsed);
}

void GatewayReader::read_template(const Section& section, std::string_view name, const std::string& key,
                                  std::optional<Template>& target) {
  if (auto parsed = parse(section, name, key)) target = *std::move(parsed);
}

void GatewayReader::read_setting(const Section& section, std::string_view name, std::string& target) {
  const auto parsed = parse(section, name, fmt::format("{}.{}", section.path(), name));
  if (!parsed) return;
  if (parsed->constant())
    target = parsed->constant_beginning();
  else
    section.mistake(name, fmt::format("{}: only {{env:NAME}} and {{file:PATH}} mean something here", name));
}

void GatewayReader::read_parameters(const Section& section, const std::string& table,
                                    std::vector<Parameter>& parameters) {
  for (const Word& name : section.keys())
    read_template(section, name.text, fmt::format("{}.{}", table, name.text),
                  named(parameters, name.text, &Parameter::name).value);
}

// ------------------------------------------------------------------------------------------------------------ parts

void GatewayReader::read_transport(const Section& section) {
  TransportSpec& transport = spec_.transport;
  for (const std::string_view key : {"tls_ca", "tls_certificate"})
    if (section.has(key)) remember(fmt::format("transport.{}", key), section, section.location(key));
  section.read_span("connect_timeout", transport.connect_timeout, Millis(1), std::chrono::minutes(5));
  section.read_span("total_timeout", transport.total_timeout, Millis(1), std::chrono::minutes(10));
  section.read_int("connections", transport.connections, 1, 1000);
  section.read_bool("keep_alive", transport.keep_alive);
  Millis idle_max = transport.idle_max;
  if (section.read_span("idle_max", idle_max, std::chrono::seconds(1), std::chrono::hours(1)))
    transport.idle_max = std::chrono::duration_cast<Seconds>(idle_max);
  section.read_bool("tls_verify", transport.tls_verify);
  read_setting(section, "tls_ca", transport.tls_ca);
  read_setting(section, "tls_certificate", transport.tls_certificate);
  read_setting(section, "tls_key", transport.tls_key);
  read_setting(section, "proxy", transport.proxy);
}

void GatewayReader::read_flow(const Section& section) {
  scheduler::FlowOptions& flow = options_.flow;
  section.read_number("rate", flow.rate, 0.001, 1e6);
  section.read_number("burst", flow.burst, 1, 1e6);
  section.read_int("in_flight_max", flow.in_flight_max, 1, 10'000);
  section.read_int("in_flight_min", flow.in_flight_min, 1, 10'000);
  if (flow.in_flight_min > flow.in_flight_max)
    section.mistake("in_flight_min", "in_flight_min lies above in_flight_max");
  section.read_span("ramp", flow.ramp, Millis(0), span_max);
  section.read_span("ramp_after", flow.ramp_after, Millis(0), span_max);
  section.read_span("latency_target", flow.latency_target, Millis(1), span_max);
  section.read_span("throttle_pause", flow.throttle_pause, Millis(100), span_max);
  section.read_int("breaker_failures", flow.breaker_failures, 1, 10'000);
  section.read_span("breaker_pause", flow.breaker_pause, Millis(1), span_max);
  section.read_span("breaker_pause_max", flow.breaker_pause_max, Millis(1), span_max);
  if (flow.breaker_pause > flow.breaker_pause_max)
    section.mistake("breaker_pause", "breaker_pause lies above breaker_pause_max");
}

void GatewayReader::read_unknown(const Section& section) {
  if (section) remember("unknown", section, section.location("rule"));
  section.read_choice("rule", options_.unknown, unknown_rule_names);
  section.read_span("receipt_wait", options_.receipt_wait, Millis(1), span_max);
  section.read_choice("then", options_.repeat_unreceipted, then_names);
}

void GatewayReader::read_message(const Section& section) {
  MessageSpec& message = spec_.message;
  for (const std::string_view key : {"country", "signature", "validity_min"})
    if (section.has(key)) remember(fmt::format("message.{}", key), section, section.location(key));
  section.read_choice("number", message.number, number_form_names());
  section.read_text("country", message.country);
  section.read_int("segments_max", message.segments_max, 1, 255);
  section.read_int("characters_max", message.characters_max, 0, 100'000);
  section.read_text("signature", message.signature);
  section.read_choice("signature_place", message.signature_place, signature_place_names());
  section.read_choice("validity_unit", message.validity_unit, validity_unit_names());
  section.read_span("validity_min", message.validity_min, Millis(0), span_max);
  section.read_span("validity_max", message.validity_max, Millis(0), span_max);
}

/// A text; `{ gsm7 = "0", ucs2 = "2" }` for what depends on the encoding; `{ url = "..." }` for a URL.
void GatewayReader::read_values(const Section& section) {
  for (const Word& name : section.keys()) {
    ValueSpec& value = named(spec_.values, name.text, &ValueSpec::name);
    const std::string key = "values." + name.text;
    remember(key, section, name.location);
    if (section.form(name.text) != Form::table) {
      read_template(section, name.text, key, value.gsm7);
      value.ucs2 = value.gsm7;
      value.url = false;
      continue;
    }
    const Section forms = section.section(name.text);
    value.url = forms.has("url");
    if (value.url) {
      read_template(forms, "url", key, value.gsm7);
      value.ucs2 = value.gsm7;
    } else if (forms.require("gsm7", "the value for texts in GSM-7") && forms.require("ucs2", "and in UCS-2")) {
      read_template(forms, "ucs2", key, value.ucs2);
      read_template(forms, "gsm7", key, value.gsm7);
    }
  }
}

void GatewayReader::read_request(const Section& section, const std::string& table, RequestSpec& request) {
  for (const std::string_view key : {"method", "body", "content_type", "query", "headers", "form", "json"})
    if (section.has(key)) remember(fmt::format("{}.{}", table, key), section, section.location(key));
  section.read_text("method", request.method);
  read_template(section, "url", table + ".url", request.url);
  section.read_choice("body", request.body, body_kind_names());
  section.read_text("content_type", request.content_type);
  read_template(section, "basic_user", table + ".basic_user", request.basic_user);
  read_template(section, "basic_password", table + ".basic_password", request.basic_password);
  read_template(section, "bearer", table + ".bearer", request.bearer);
  read_template(section, "raw", table + ".raw", request.raw);
  read_parameters(section.section("query"), table + ".query", request.query);
  read_parameters(section.section("headers"), table + ".headers", request.headers);
  read_parameters(section.section("form"), table + ".form", request.form);
  read_json(section.section("json"), table, request.json);
}

/// A name is a member of the body; one that begins with a slash is a pointer to a deeper one.
void GatewayReader::read_json(const Section& section, const std::string& table, std::vector<JsonMember>& members) {
  for (const Word& name : section.keys()) {
    const std::string pointer = name.text.starts_with('/') ? name.text : "/" + name.text;
    const std::string key = table + ".json." + pointer;
    remember(key, section, name.location);
    JsonMember& member = named(members, pointer, &JsonMember::pointer);
    bool flag = false;
    int number = 0;
    if (section.form(name.text) == Form::flag && section.read_bool(name.text, flag)) {
      member.value = flag ? "true" : "false";
    } else if (section.form(name.text) == Form::integer) {
      if (section.read_int(name.text, number)) member.value = std::to_string(number);
    } else if (auto text = parse(section, name.text, key)) {
      member.value = *std::move(text);
    }
  }
}

void GatewayReader::read_conditions(const Section& section, ResponseRule& rule) {
  read_statuses(section, rule.status);
  read_headers(section.section("header"), rule.headers);
  read_json_conditions(section.section("json"), rule.json);
  rule.body = read_pattern(section, "body");
  section.require("result", "what an answer that matches means");
  read_extract(section, "id", Fixed::no, rule.id);
  read_extract(section, "after", Fixed::span, rule.after);
  section.read_choice("after_form", rule.after_form, after_form_names());
  read_extract(section, "detail", Fixed::text, rule.detail);
}

void GatewayReader::read_response(const Section& section, ResponseRule& rule) {
  section.read_choices("transport", rule.transport, transport_kind_names());
  read_conditions(section, rule);
  section.read_choice("result", rule.result, result_kind_names());
  read_extract(section, "segments", Fixed::no, rule.segments);
}

/// When to ask, what to ask, and what an answer means.
void GatewayReader::read_status(const Section& section) {
  scheduler::QuestionOptions& question = options_.question;
  section.read_span("first", question.first, Millis(1), span_max);
  section.read_span("pause", question.pause, Millis(1), span_max);
  section.read_int("questions_max", question.most, 1, 100'000);
  section.read_span("listed_within", question.listed_within, Millis(0), span_max);
  StatusSpec& status = spec_.status;
  for (const std::string_view key : {"each", "our_ref"})
    if (section.has(key)) remember(fmt::format("status.{}", key), section, section.location(key));
  section.read_text("each", status.each);
  section.read_text("our_ref", status.our_ref);
  read_request(section, "status", status.request);
  std::vector<ResponseRule> rules;
  std::vector<Origin> origins;
  for (const Section& table : section.sections("response")) {
    ResponseRule& rule = rules.emplace_back();
    read_conditions(table, rule);
    StatusResult result = StatusResult::unknown;
    table.read_choice("result", result, status_result_names);
    rule.result = kind_of(result);
    if (result == StatusResult::delivered) rule.receipt = ReceiptStatus::delivered;
    if (result == StatusResult::failed) rule.receipt = ReceiptStatus::failed;
    if (bool listed = false; table.has("listed") && table.read_bool("listed", listed)) rule.listed = listed;
    origins.push_back({.section = table, .location = table.location()});
  }
  status.responses.insert(status.responses.begin(), rules.begin(), rules.end());
  status_origins_.insert(status_origins_.begin(), origins.begin(), origins.end());
}

void GatewayReader::read_receipts(const Section& section) {
  ReceiptsSpec& receipts = spec_.receipts;
  for (const std::string_view key : {"path", "public_url", "methods", "our_ref", "token"})
    if (section.has(key)) remember(fmt::format("receipts.{}", key), section, section.location(key));
  read_setting(section, "path", receipts.path);
  read_setting(section, "public_url", receipts.public_url);
  section.read_texts("methods", receipts.methods);
  section.read_choice("format", receipts.format, receipt_format_names());
  section.read_text("each", receipts.each);
  section.read_text("our_ref", receipts.our_ref);
  section.read_bool("our_ref_hex", receipts.our_ref_hex);
  section.read_text("gateway_id", receipts.gateway_id);
  section.read_text("status", receipts.status);
  section.read_text("time", receipts.time);
  section.read_choice("time_form", receipts.time_form, instant_form_names());
  section.read_text("detail", receipts.detail);
  const Section map = section.section("status_map");
  for (const Word& word : map.keys()) {
    ReceiptStatus status = ReceiptStatus::pending;
    if (map.read_choice(word.text, status, receipt_status_names))
      receipts.status_map.insert_or_assign(word.text, status);
  }
  section.read_choice("status_default", receipts.status_default, receipt_status_names);
  read_setting(section, "token", receipts.token);
  read_sources(section);
  section.read_int("rate", receipts.rate, 1, 1'000'000'000);
  section.read_text("signature_header", receipts.signature_header);
  read_template(section, "signature", "receipts.signature", receipts.signature);
  const Section acknowledge = section.section("acknowledge");
  acknowledge.read_int("status", receipts.acknowledge_status, 200, 299);
  acknowledge.read_text("content_type", receipts.acknowledge_type);
  acknowledge.read_text("body", receipts.acknowledge_body);
}

void GatewayReader::read_sources(const Section& section) {
  std::vector<Word> sources;
  if (!section.read_words("sources", sources)) return;
  spec_.receipts.sources.clear();
  for (const Word& source : sources) {
    if (const auto range = parse_source_range(source.text))
      spec_.receipts.sources.push_back(*range);
    else
      section.mistake(source.location, fmt::format("sources: {}, found \"{}\"", range.error(), source.text));
  }
}

}  // namespace dun::config
