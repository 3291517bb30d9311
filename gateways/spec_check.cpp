#include "base/text/nearest.hpp"
#include "base/text/url_path.hpp"
#include "domain/enum_index.hpp"
#include "gateways/codec.hpp"
#include "gateways/json_body.hpp"
#include "gateways/json_pointer.hpp"
#include "gateways/options.hpp"
#include "gateways/spec.hpp"

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

/// Everything that a request is made from, each with its key, which begins with `table`.
template <typename Visit>
void visit_request(const std::string& table, const RequestSpec& request, Visit visit) {
  visit(table + ".url", request.url);
  for (const Parameter& parameter : request.query) visit(table + ".query." + parameter.name, parameter.value);
  for (const Parameter& parameter : request.headers) visit(table + ".headers." + parameter.name, parameter.value);
  for (const Parameter& parameter : request.form) visit(table + ".form." + parameter.name, parameter.value);
  for (const JsonMember& member : request.json)
    if (const auto* text = std::get_if<Template>(&member.value)) visit(table + ".json." + member.pointer, *text);
  visit(table + ".raw", request.raw);
  if (request.basic_user) visit(table + ".basic_user", *request.basic_user);
  if (request.basic_password) visit(table + ".basic_password", *request.basic_password);
  if (request.bearer) visit(table + ".bearer", *request.bearer);
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
    if (asked()) check_whole("status", gateway_.status.request);
    check_whole("request", gateway_.request);
    check_transport();
    check_message();
    for (std::size_t i = 0; i < gateway_.responses.size(); ++i)
      check_response(gateway_.responses[i], fmt::format("response.{}", i));
    if (std::ranges::find(gateway_.responses, ResultKind::accepted, &ResponseRule::result) == gateway_.responses.end())
      add("response", "no rule says what an accepted message looks like; without one every answer is unknown");
    check_status();
    check_receipts();
    check_mentions();
    collect_secrets();
    return std::move(problems_);
  }

 private:
  using Names = std::set<std::string, std::less<>>;

  [[nodiscard]] bool asked() const { return gateway_.status.configured(); }

  /// What follows is about this request, until the next call; its keys begin with `table`.
  void turn_to(std::string table, const RequestSpec& request) {
    table_ = std::move(table);
    request_ = &request;
  }

  void check_whole(const std::string& table, RequestSpec& request) {
    turn_to(table, request);
    mark_sorted(request.form, {"sorted_form", "sorted_form_raw"});
    mark_sorted(request.query, {"sorted_query", "sorted_query_raw"});
    check_circles();
    check_url();
    check_request();
  }

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
      if (contains(request_value_names(), value.name) || contains(status_value_names(), value.name) ||
          contains(receipt_value_names(), value.name))
        add("values." + value.name, fmt::format("\"{}\" is a name of Dun's own; take another", value.name));
    }
  }

  // ------------------------------------------------------------------------------------------------- references

  void check_references() {
    std::vector<std::string_view> all(request_value_names().begin(), request_value_names().end());
    all.insert(all.end(), status_value_names().begin(), status_value_names().end());
    all.insert(all.end(), receipt_value_names().begin(), receipt_value_names().end());
    for (const ValueSpec& value : gateway_.values) {
      check_template("values." + value.name, value.gsm7, all);
      if (value.ucs2.source() != value.gsm7.source()) check_template("values." + value.name, value.ucs2, all);
    }
    visit_request("request", gateway_.request, [&](const std::string& key, const Template& text) {
      check_template(key, text, request_value_names());
    });
    visit_request("status", gateway_.status.request, [&](const std::string& key, const Template& text) {
      check_template(key, text, status_value_names());
    });
    check_template("receipts.signature", gateway_.receipts.signature, receipt_value_names());
  }

  void check_template(const std::string& key, const Template& text, std::span<const std::string_view> names) {
    for (const Template::Reference& reference : text.references()) {
      if (!contains(names, reference.name) && own_value(reference.name) == nullptr) {
        std::vector<std::string_view> known(names.begin(), names.end());
        for (const ValueSpec& value : gateway_.values) known.push_back(value.name);
        add(key, fmt::format("unknown value \"{}\"{}", reference.name, hint(reference.name, known)), reference.offset);
      } else if (reference.name == "utc" || reference.name == "sent_utc") {
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
      add(key,
          fmt::format(
              "{0} needs a form such as {{{0}:%Y-%m-%dT%H:%M:%SZ}}, made of %Y %m %d %H %M %S %y %j %F %T %a %b "
              "%B %%",
              reference.name),
          reference.offset);
  }

  // ------------------------------------------------------------------------------------------------ dependencies

  static void add_references(Names& names, const Template& text) {
    for (const Template::Reference& reference : text.references()) names.insert(reference.name);
  }

  /// What the value of `name` is made from.
  Names needs(std::string_view name) const {
    Names names;
    const RequestSpec& request = *request_;
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
      add(own == way.end() ? table_ : "values." + *own,
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

  [[nodiscard]] std::string key(std::string_view name) const { return fmt::format("{}.{}", table_, name); }

  /// Of the URL as it was written, from behind the scheme on.
  [[nodiscard]] std::string_view path_of_source() const {
    std::string_view source = request_->url.source();
    if (const std::size_t scheme = source.find("://"); scheme != std::string_view::npos)
      source.remove_prefix(scheme + 3);
    return source.substr(0, source.find('?'));
  }

  void check_url() {
    const std::string base = request_->url.constant_beginning(Escape::url);
    const std::size_t scheme = base.starts_with("http://") ? 7 : base.starts_with("https://") ? 8 : 0;
    if (scheme == 0) return add(key("url"), "expected a URL that begins with http:// or https://");
    const std::size_t end = std::min(base.find_first_of("/?", scheme), base.size());
    const std::string_view host = std::string_view(base).substr(scheme, end - scheme);
    if (host.empty()) return add(key("url"), "the URL names no host");
    if (host.contains('@')) return add(key("url"), "no user or password in the URL: use basic_user and basic_password");
    if (end == base.size() && !request_->url.constant())
      return add(key("url"), "the host must be the same for every message");
    std::string path = base.substr(end, base.find('?', end) - end);
    if (!request_->url.constant()) path.resize(path.rfind('/') + 1);  // a value may go on behind the last slash
    if (has_dot_segment(path) || has_dot_segment(path_of_source()))
      return add(key("url"), "a segment of the path is \".\" or \"..\": write the path that is meant");
    static constexpr std::string_view never = " \t\r\n#";
    if (base.find_first_of(never) != std::string::npos || host.contains('%') ||
        request_->url.source().find_first_of(never) != std::string::npos)
      add(key("url"), "a URL holds no spaces, no line breaks, no # and no % in its host");
  }

  void check_request() {
    const RequestSpec& request = *request_;
    if (!is_token(request.method) || request.method != upper_case(request.method))
      add(key("method"), "expected an HTTP method in capital letters, such as POST");
    if (request.method == "GET" && request.body != BodyKind::none) add(key("body"), "a GET has no body");
    check_unused(key("form"), request.form.empty(), BodyKind::form);
    check_unused(key("json"), request.json.empty(), BodyKind::json);
    check_unused(key("raw"), request.raw.source().empty(), BodyKind::raw);
    if (request.body == BodyKind::raw && request.content_type.empty())
      add(key("content_type"), "a raw body needs its content type");
    else if (request.body == BodyKind::raw && !escape_of(request.content_type) && !request.raw.constant())
      add(key("content_type"),
          "how values are escaped in a raw body follows from its content type: expected one of JSON or XML, "
          "application/x-www-form-urlencoded, or text/plain, where they are not");
    if (request.basic_user.has_value() != request.basic_password.has_value())
      add(key("basic_user"), "basic_user and basic_password go together");
    if (request.basic_user && request.basic_user->constant_beginning().contains(':'))
      add(key("basic_user"), "a colon ends the user's name (RFC 7617), so it cannot have one");
    if (request.basic_user && request.bearer) add(key("bearer"), "either basic or bearer, not both");
    for (const Parameter& header : request.headers) check_header(header.name);
    if (const auto problem = check_json_members(request.json)) add(key("json.") + problem->first, problem->second);
  }

  void check_unused(std::string name, bool empty, BodyKind kind) {
    const auto word = body_kind_names()[enum_index(kind)];
    if ((request_->body == kind) == empty)
      add(name, empty ? fmt::format("body = \"{}\" needs [{}]", word, name)
                      : fmt::format("this is used only with body = \"{}\"", word));
  }

  void check_header(const std::string& name) {
    static constexpr std::array<std::string_view, 5> ours = {"host", "content-length", "transfer-encoding",
                                                             "connection", "content-type"};
    const std::string header = key("headers.") + name;
    if (!is_token(name)) add(header, "not a header name");
    if (contains(ours, lower_case(name)))
      add(header, lower_case(name) == "content-type" ? fmt::format("set {} instead", key("content_type"))
                                                     : "Dun sets this header itself");
    if (lower_case(name) == "authorization" && (request_->basic_user || request_->bearer))
      add(header, "basic and bearer already set this header");
  }

  void check_transport() {
    const TransportSpec& transport = gateway_.transport;
    if (transport.tls_certificate.empty() != transport.tls_key.empty())
      add("transport.tls_certificate", "tls_certificate and tls_key go together");
    if (!transport.tls_verify && !transport.tls_ca.empty())
      add("transport.tls_ca", "with tls_verify = false nothing is checked against tls_ca");
  }

  void check_message() {
    const MessageSpec& message = gateway_.message;
    if (message.number != NumberForm::national && !message.country.empty())
      add("message.country", "a country is used only with number = \"national\"");
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
    visit_request("request", gateway_.request, [&](const std::string& key, const Template& text) {
      Names here = reach(text);
      for (const std::string_view name : receipt_value_names())
        if (here.contains(name) && !contains(request_value_names(), name))
          add(key, fmt::format("{} is known only when a receipt comes", name));
      for (const std::string_view name : status_value_names())
        if (here.contains(name) && !contains(request_value_names(), name))
          add(key, fmt::format("{} is known only when a message is asked about", name));
      reached.merge(here);
    });
    for (const std::string_view name : {"to", "text"})
      if (!reached.contains(name)) add("request", fmt::format("nothing in the request mentions {{{}}}", name));
    if (gateway_.remembers_for > Millis(0) && !reached.contains("client_ref"))
      add("remembers_for", "a gateway knows a repeat by {client_ref}, but nothing in the request mentions it");
  }

  // --------------------------------------------------------------------------------------------------- responses

  void check_response(const ResponseRule& rule, const std::string& key) {
    const bool looks_at_answer = !rule.status.empty() || !rule.headers.empty() || !rule.json.empty() || rule.body;
    if (!rule.transport.empty() && looks_at_answer)
      add(key, "a rule is about an answer or, with transport, about its absence, not both");
    if (!std::ranges::all_of(rule.transport, surely_not_sent) && rule.result != ResultKind::unknown)
      add(key,
          "after dns, connect, tls, proxy and not_sent the message has surely not been taken; after any other "
          "failure it may have been, and the result must be unknown");
    if (rule.result == ResultKind::accepted && !looks_at_answer)
      add(key, "an accepting rule must look at the answer: at status, header, json or body");
    const auto is_of_answer = [](const Extract& extract) {
      return extract.from != Extract::From::nowhere && extract.from != Extract::From::fixed;
    };
    if (!rule.transport.empty() && (is_of_answer(rule.after) || rule.detail.from != Extract::From::nowhere))
      add(key, "where there is no answer, nothing can be taken from it: only after = \"30s\" means something");
    check_extracts(rule, key, {ResultKind::throttled, ResultKind::retry});
    check_groups(rule, key);
  }

  /// What would be read and never used. `waits`: the results with a pause.
  void check_extracts(const ResponseRule& rule, const std::string& key, std::initializer_list<ResultKind> waits) {
    const auto given = [](const Extract& extract) { return extract.from != Extract::From::nowhere; };
    const bool accepts = rule.result == ResultKind::accepted;
    if (!accepts && (given(rule.id) || given(rule.segments)))
      add(key, "id and segments are of messages that were taken, but the result is another");
    if (accepts && given(rule.detail))
      add(key, "detail says why a message was not taken, but the result is that it was");
    if (given(rule.after) && std::ranges::find(waits, rule.result) == waits.end())
      add(key, "after is how long to wait, but nothing waits for this result");
    if (rule.after_form != AfterForm::retry_after && (!given(rule.after) || rule.after.from == Extract::From::fixed))
      add(key, "after_form is about what the gateway says in after = \"header:...\", \"json:...\" or \"body:...\"");
  }

  void check_groups(const ResponseRule& rule, const std::string& key) {
    for (const Extract* extract : {&rule.id, &rule.segments, &rule.after, &rule.detail})
      if (extract->from == Extract::From::body && (!rule.body || extract->group > rule.body->groups()))
        add(key, fmt::format("body:{} needs that many groups in the rule's body pattern", extract->group));
  }

  // ------------------------------------------------------------------------------------------------------ status

  void check_status() {
    const StatusSpec& status = gateway_.status;
    if (!asked()) {
      if (!status.responses.empty()) add("status", "without a url nothing can be asked");
      return;
    }
    check_status_mentions();
    if (const auto problem = pointer_problem(status.each)) add("status.each", *problem);
    if (!status.each.empty() && status.our_ref.empty())
      add("status.each", "a listing needs our_ref: the field of an entry that holds our reference");
    for (std::size_t i = 0; i < status.responses.size(); ++i)
      check_status_response(status.responses[i], fmt::format("status.response.{}", i));
    if (std::ranges::find(status.responses, ResultKind::accepted, &ResponseRule::result) == status.responses.end())
      add("status", "no response rule says what a message looks like that was taken");
  }

  void check_status_mentions() {
    const StatusSpec& status = gateway_.status;
    turn_to("status", status.request);
    Names reached;
    visit_request("status", status.request, [&](const std::string& key, const Template& text) {
      Names here = reach(text);
      for (const std::string& name : here)
        if (own_value(name) == nullptr && !contains(status_value_names(), name))
          add(key, fmt::format("{} is not known when a message is asked about", name));
      reached.merge(here);
    });
    if (status.our_ref.empty() && !reached.contains("client_ref"))
      add("status", "nothing in the question mentions {client_ref}; a listing needs our_ref");
    turn_to("request", gateway_.request);
  }

  void check_status_response(const ResponseRule& rule, const std::string& key) {
    if (!rule.transport.empty())
      return add(key, "a question that was not answered is asked again; transport has no place");
    if (rule.listed && gateway_.status.our_ref.empty())
      add(key, "listed is about listings, whose entries hold our reference in our_ref");
    const bool looks_inside = !rule.headers.empty() || !rule.json.empty() || rule.body || rule.listed;
    if (rule.result == ResultKind::accepted && rule.status.empty() && !looks_inside)
      add(key, "a rule for what was taken must look at the answer: at status, header, json, body or listed");
    // A wrong address, a proxy or a gateway in maintenance answers 404 too.
    if (rule.result == ResultKind::retry && !looks_inside)
      add(key,
          "\"not_taken\" sends the message again: the rule must look at header, json, body or listed, not at the "
          "status alone");
    check_extracts(rule, key, {ResultKind::throttled});
    check_groups(rule, key);
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
    const auto collect_all = [&](const std::string& key, const Template& text) {
      collect(text, key.ends_with(".url"));
    };
    visit_request("request", gateway_.request, collect_all);
    visit_request("status", gateway_.status.request, collect_all);
    collect(gateway_.receipts.signature, false);
    if (!gateway_.receipts.token.empty()) insert(gateway_.receipts.token);
    gateway_.secrets.assign(secrets.begin(), secrets.end());
    // The longest first: where one secret holds another, the whole is covered.
    std::ranges::sort(gateway_.secrets, std::greater(), &std::string::size);
  }

  GatewaySpec& gateway_;
  std::string table_ = "request";
  const RequestSpec* request_ = &gateway_.request;
  std::vector<SpecProblem> problems_;
};

}  // namespace

std::vector<SpecProblem> finish(GatewaySpec& gateway) {
  return Checker(gateway).run();
}

}  // namespace dun::gateways
