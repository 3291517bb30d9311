#include "gateways/codec.hpp"
#include "gateways/json_body.hpp"
#include "gateways/json_pointer.hpp"
#include "gateways/spec.hpp"
#include "messages/nearest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace dun::gateways {
namespace {

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// RFC 9110, section 5.6.2: what a method or a header name is made of.
bool is_token(std::string_view text) {
  static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_value_name(std::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

/// Everything that a request is made from, each with its key.
template <typename Visit>
void visit_request(const RequestSpec& request, Visit visit) {
  visit("request.url", request.url);
  for (const Parameter& parameter : request.query) visit("request.query." + parameter.name, parameter.value);
  for (const Parameter& parameter : request.headers) visit("request.headers." + parameter.name, parameter.value);
  for (const Parameter& parameter : request.form) visit("request.form." + parameter.name, parameter.value);
  for (const JsonMember& member : request.json)
    if (const auto* text = std::get_if<Template>(&member.value)) visit("request.json." + member.pointer, *text);
  visit("request.raw", request.raw);
  if (request.basic_user) visit("request.basic_user", *request.basic_user);
  if (request.basic_password) visit("request.basic_password", *request.basic_password);
  if (request.bearer) visit("request.bearer", *request.bearer);
}

/// Values may build on each other, and are made recursively.
constexpr std::size_t values_max = 100;

class Checker {
 public:
  explicit Checker(GatewaySpec& gateway) : gateway_(gateway) {}

  std::vector<SpecProblem> run() {
    check_value_names();
    check_references();
    if (!problems_.empty()) return std::move(problems_);  // what follows walks along the names
    mark_sorted(gateway_.request.form, {"sorted_form", "sorted_form_raw"});
    mark_sorted(gateway_.request.query, {"sorted_query", "sorted_query_raw"});
    check_circles();
    check_url();
    check_request();
    check_message();
    for (std::size_t i = 0; i < gateway_.responses.size(); ++i) check_response(gateway_.responses[i], i);
    if (std::ranges::find(gateway_.responses, ResultKind::accepted, &ResponseRule::result) == gateway_.responses.end())
      add("response", "no rule says what an accepted message looks like; without one every answer is unknown");
    check_receipts();
    check_mentions();
    collect_secrets();
    return std::move(problems_);
  }

 private:
  using Names = std::set<std::string, std::less<>>;

  void add(std::string key, std::string message, std::size_t offset = 0) {
    problems_.push_back({.key = std::move(key), .offset = offset, .message = std::move(message)});
  }

  const ValueSpec* own_value(std::string_view name) const {
    const auto found = std::ranges::find(gateway_.values, name, &ValueSpec::name);
    return found == gateway_.values.end() ? nullptr : &*found;
  }

  void check_value_names() {
    if (gateway_.values.size() > values_max) add("values", fmt::format("more than {} values", values_max));
    for (const ValueSpec& value : gateway_.values) {
      if (!is_value_name(value.name))
        add("values." + value.name, "a value's name is made of lower-case letters, digits and _");
      if (contains(request_value_names(), value.name) || contains(receipt_value_names(), value.name))
        add("values." + value.name, fmt::format("\"{}\" is a name of Dun's own; take another", value.name));
    }
  }

  // ------------------------------------------------------------------------------------------------- references

  void check_references() {
    std::vector<std::string_view> both(request_value_names().begin(), request_value_names().end());
    both.insert(both.end(), receipt_value_names().begin(), receipt_value_names().end());
    for (const ValueSpec& value : gateway_.values) {
      check_template("values." + value.name, value.gsm7, both);
      if (value.ucs2.source() != value.gsm7.source()) check_template("values." + value.name, value.ucs2, both);
    }
    visit_request(gateway_.request, [&](const std::string& key, const Template& text) {
      check_template(key, text, request_value_names());
    });
    check_template("receipts.signature", gateway_.receipts.signature, receipt_value_names());
  }

  void check_template(const std::string& key, const Template& text, std::span<const std::string_view> names) {
    for (const Template::Reference& reference : text.references()) {
      if (!contains(names, reference.name) && own_value(reference.name) == nullptr) {
        std::vector<std::string_view> known(names.begin(), names.end());
        for (const ValueSpec& value : gateway_.values) known.push_back(value.name);
        add(key, fmt::format("unknown value \"{}\"{}", reference.name, messages::hint(reference.name, known)),
            reference.offset);
      } else if (reference.name == "utc") {
        check_time_form(key, reference);
      } else if (!reference.argument.empty()) {
        add(key, fmt::format("{} takes nothing after a colon", reference.name), reference.offset);
      }
    }
  }

  void check_time_form(const std::string& key, const Template::Reference& reference) {
    const std::string_view form = reference.argument;
    bool right = !form.empty();
    for (std::size_t at = form.find('%'); at != std::string_view::npos; at = form.find('%', at + 2))
      right = right && at + 1 < form.size() && std::string_view("%YmdHMSyjFTabB").contains(form[at + 1]);
    if (!right)
      add(key, "utc needs a form such as {utc:%Y-%m-%dT%H:%M:%SZ}, made of %Y %m %d %H %M %S %y %j %F %T %a %b %B %%",
          reference.offset);
  }

  // ------------------------------------------------------------------------------------------------ dependencies

  static void add_references(Names& names, const Template& text) {
    for (const Template::Reference& reference : text.references()) names.insert(reference.name);
  }

  /// What the value of `name` is made from.
  Names needs(std::string_view name) const {
    Names names;
    const RequestSpec& request = gateway_.request;
    if (const ValueSpec* value = own_value(name)) {
      add_references(names, value->gsm7);
      add_references(names, value->ucs2);
    } else if (name == "body") {
      for (const Parameter& parameter : request.form) add_references(names, parameter.value);
      for (const JsonMember& member : request.json)
        if (const auto* text = std::get_if<Template>(&member.value)) add_references(names, *text);
      add_references(names, request.raw);
    } else if (name.starts_with("sorted_")) {
      for (const Parameter& parameter : name.starts_with("sorted_form") ? request.form : request.query)
        if (parameter.sorted) add_references(names, parameter.value);
    }
    return names;
  }

  void reach(std::string_view name, Names& reached) const {
    if (!reached.emplace(name).second) return;
    for (const std::string& next : needs(name)) reach(next, reached);
  }

  Names reach(const Template& text) const {
    Names reached;
    for (const Template::Reference& reference : text.references()) reach(reference.name, reached);
    return reached;
  }

  /// A signature cannot be part of what it signs: parameters made from the sorted parameters are left out of them.
  void mark_sorted(std::vector<Parameter>& parameters, std::initializer_list<std::string_view> sorted_names) {
    std::vector<bool> marks;
    for (const Parameter& parameter : parameters) {
      const Names reached = reach(parameter.value);
      marks.push_back(
          std::ranges::none_of(sorted_names, [&](std::string_view name) { return reached.contains(name); }));
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i].sorted = marks[i];
  }

  void check_circles() {
    std::vector<std::string> way;
    Names done;
    for (const ValueSpec& value : gateway_.values) look_for_circle(value.name, way, done);
    for (const std::string_view name : request_value_names()) look_for_circle(name, way, done);
  }

  void look_for_circle(std::string_view name, std::vector<std::string>& way, Names& done) {
    if (const auto first = std::ranges::find(way, name); first != way.end()) {
      const auto own = std::ranges::find_if(first, way.end(), [&](const auto& step) { return own_value(step); });
      add(own == way.end() ? std::string("request") : "values." + *own,
          fmt::format("these values need each other: {} -> {}", fmt::join(first, way.end(), " -> "), name));
      return;
    }
    if (done.contains(name)) return;
    way.emplace_back(name);
    for (const std::string& next : needs(name)) look_for_circle(next, way, done);
    way.pop_back();
    done.emplace(name);
  }

  // ----------------------------------------------------------------------------------------------------- request

  void check_url() {
    const std::string base = gateway_.request.url.constant_beginning(Escape::url);
    const std::size_t scheme = base.starts_with("http://") ? 7 : base.starts_with("https://") ? 8 : 0;
    if (scheme == 0) return add("request.url", "expected a URL that begins with http:// or https://");
    const std::size_t end = std::min(base.find_first_of("/?", scheme), base.size());
    const std::string_view host = std::string_view(base).substr(scheme, end - scheme);
    if (host.empty()) return add("request.url", "the URL names no host");
    if (host.contains('@'))
      return add("request.url", "no user or password in the URL: use basic_user and basic_password");
    if (end == base.size() && !gateway_.request.url.constant())
      return add("request.url", "the host must be the same for every message");
    static constexpr std::string_view never = " \t\r\n#";
    if (base.find_first_of(never) != std::string::npos || host.contains('%') ||
        gateway_.request.url.source().find_first_of(never) != std::string::npos)
      add("request.url", "a URL holds no spaces, no line breaks, no # and no % in its host");
  }

  void check_request() {
    const RequestSpec& request = gateway_.request;
    if (!is_token(request.method) || request.method != upper_case(request.method))
      add("request.method", "expected an HTTP method in capital letters, such as POST");
    if (request.method == "GET" && request.body != BodyKind::none) add("request.body", "a GET has no body");
    check_unused("request.form", request.form.empty(), BodyKind::form);
    check_unused("request.json", request.json.empty(), BodyKind::json);
    check_unused("request.raw", request.raw.source().empty(), BodyKind::raw);
    if (request.body == BodyKind::raw && request.content_type.empty())
      add("request.content_type", "a raw body needs its content type");
    if (request.basic_user.has_value() != request.basic_password.has_value())
      add("request.basic_user", "basic_user and basic_password go together");
    if (request.basic_user && request.bearer) add("request.bearer", "either basic or bearer, not both");
    for (const Parameter& header : request.headers) check_header(header.name);
    if (const auto problem = check_json_members(request.json)) add("request.json." + problem->first, problem->second);
  }

  void check_unused(std::string key, bool empty, BodyKind kind) {
    const auto word = body_kind_names()[static_cast<std::size_t>(kind)];
    if ((gateway_.request.body == kind) == empty)
      add(key, empty ? fmt::format("body = \"{}\" needs [{}]", word, key)
                     : fmt::format("this is used only with body = \"{}\"", word));
  }

  void check_header(const std::string& name) {
    static constexpr std::array<std::string_view, 5> ours = {"host", "content-length", "transfer-encoding",
                                                             "connection", "content-type"};
    const std::string key = "request.headers." + name;
    if (!is_token(name)) add(key, "not a header name");
    if (contains(ours, lower_case(name)))
      add(key, lower_case(name) == "content-type" ? "set request.content_type instead" : "Dun sets this header itself");
    if (lower_case(name) == "authorization" && (gateway_.request.basic_user || gateway_.request.bearer))
      add(key, "basic and bearer already set this header");
  }

  void check_message() {
    const MessageSpec& message = gateway_.message;
    if (message.number == NumberForm::national && !is_digits(message.country))
      add("message.country", "number = \"national\" needs the country's calling code, such as country = \"86\"");
    if ((message.signature_place == SignaturePlace::none) != message.signature.empty())
      add("message.signature", "signature and signature_place go together");
    if (message.validity_max != Millis(0) && message.validity_min > message.validity_max)
      add("message.validity_min", "validity_min lies above validity_max");
  }

  /// The message and its receiver must reach the gateway, and where it is said to know repeats, so must their mark.
  void check_mentions() {
    Names reached;
    visit_request(gateway_.request, [&](const std::string& key, const Template& text) {
      Names here = reach(text);
      for (const std::string_view name : receipt_value_names())
        if (here.contains(name) && !contains(request_value_names(), name))
          add(key, fmt::format("{} is known only when a receipt comes", name));
      reached.merge(here);
    });
    for (const std::string_view name : {"to", "text"})
      if (!reached.contains(name)) add("request", fmt::format("nothing in the request mentions {{{}}}", name));
    if (gateway_.remembers_for > Millis(0) && !reached.contains("client_ref"))
      add("remembers_for", "a gateway knows a repeat by {client_ref}, but nothing in the request mentions it");
  }

  // --------------------------------------------------------------------------------------------------- responses

  void check_response(const ResponseRule& rule, std::size_t index) {
    const std::string key = fmt::format("response.{}", index);
    const bool looks_at_answer = !rule.status.empty() || !rule.headers.empty() || !rule.json.empty() || rule.body;
    if (!rule.transport.empty() && looks_at_answer)
      add(key, "a rule is about an answer or, with transport, about its absence, not both");
    if (!std::ranges::all_of(rule.transport, surely_not_sent) && rule.result != ResultKind::unknown)
      add(key,
          "after dns, connect, tls, proxy and not_sent the message has surely not been taken; after any other "
          "failure it may have been, and the result must be unknown");
    if (rule.result == ResultKind::accepted && !looks_at_answer)
      add(key, "an accepting rule must look at the answer: at status, header, json or body");
    for (const Extract* extract : {&rule.id, &rule.segments, &rule.after, &rule.detail})
      if (extract->from == Extract::From::body && (!rule.body || extract->group > rule.body->groups()))
        add(key, fmt::format("body:{} needs that many groups in the rule's body pattern", extract->group));
  }

  // ---------------------------------------------------------------------------------------------------- receipts

  void check_receipts() {
    const ReceiptsSpec& receipts = gateway_.receipts;
    if (receipts.path.empty()) {
      if (!receipts.public_url.empty()) add("receipts.public_url", "receipts need a path as well");
      return;
    }
    if (!receipts.path.starts_with('/') || receipts.path.ends_with('/') ||
        receipts.path.find_first_of("?# %") != std::string::npos)
      add("receipts.path", "expected a path such as /receipts/NAME");
    const std::string& url = receipts.public_url;
    if (!url.empty() && ((!url.starts_with("http://") && !url.starts_with("https://")) || url.ends_with('/')))
      add("receipts.public_url", "expected a URL such as https://dun.example.com, without a slash at its end");
    if (receipts.methods.empty()) add("receipts.methods", "expected at least one method");
    if (receipts.our_ref.empty()) add("receipts.our_ref", "expected the name of the field that holds our reference");
    if (const auto problem = pointer_problem(receipts.each)) add("receipts.each", *problem);
    if (receipts.signature_header.empty() != receipts.signature.empty())
      add("receipts.signature", "signature and signature_header go together");
    for (const std::string& name : reach(receipts.signature))
      if (contains(request_value_names(), name) && !contains(receipt_value_names(), name))
        add("receipts.signature", fmt::format("{} is not known when a receipt comes", name));
  }

  void collect_secrets() {
    Names secrets;
    const auto insert = [&](const std::string& secret) {
      secrets.insert(secret);
      secrets.insert(percent_encode(secret));
      secrets.insert(json_escape(secret));
    };
    const auto collect = [&](const Template& text, bool is_url) {
      for (const std::string& secret : text.secrets(is_url)) insert(secret);
    };
    for (const ValueSpec& value : gateway_.values) {
      collect(value.gsm7, value.url);
      collect(value.ucs2, value.url);
    }
    visit_request(gateway_.request,
                  [&](const std::string& key, const Template& text) { collect(text, key == "request.url"); });
    collect(gateway_.receipts.signature, false);
    if (!gateway_.receipts.token.empty()) insert(gateway_.receipts.token);
    gateway_.secrets.assign(secrets.begin(), secrets.end());
    // The longest first: where one secret holds another, the whole is covered.
    std::ranges::sort(gateway_.secrets, std::greater(), &std::string::size);
  }

  GatewaySpec& gateway_;
  std::vector<SpecProblem> problems_;
};

}  // namespace

std::vector<SpecProblem> finish(GatewaySpec& gateway) {
  return Checker(gateway).run();
}

}  // namespace dun::gateways
