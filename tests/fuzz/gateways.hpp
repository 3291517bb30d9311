// The gateways that the fuzz targets talk to: every preset, and one that uses what presets do not.
#pragma once

#include "base/assert.hpp"
#include "config/gateways_loader.hpp"

#include <vector>

namespace dun::test {

inline const std::vector<gateways::GatewaySpec>& fuzzed_gateways() {
  static const std::vector<gateways::GatewaySpec> all = [] {
    config::Mistakes mistakes;
    config::GatewaysOptions options;
    const config::Document document(R"(
routing = { default = "json" }
[gateways.json]
preset = "generic-json"
request = { url = "http://h" }
receipts = { path = "/r/json" }
[gateways.json.unknown]
rule = "query"
[gateways.json.status]
url = "http://h/{client_ref}"
response = [
  { status = "2xx", json = { "/status" = "taken" }, result = "taken", id = "json:/id" },
  { status = 404, json = { "/status" = "not_found" }, result = "not_taken" },
]
[gateways.form]
preset = "generic-form"
request = { url = "http://h" }
receipts = { path = "/r/form" }
[gateways.kannel]
preset = "kannel"
request = { url = "http://h" }
values = { user = "u", password = "p" }
receipts = { path = "/r/kannel" }
[gateways.odd]
unknown = { rule = "query" }
request = { url = "http://h", query = { to = "{to}", text = "{text}", key = "{file:secret}" } }
response = [
  { status = "2xx", json = { "/parts/*/status" = [0, "ok"], "/fine" = true }, result = "accepted", id = "json:/parts/0/id", segments = "json:/n" },
  { status = "2xx", body = '(a+)+(\d{1,9}) (.*)$', result = "accepted", id = "body:3", segments = "body:2" },
  { header = { X-Wait = '^\d' }, result = "throttled", after = "header:x-wait", detail = "json:/why" },
  { status = "4xx", result = "permanent", detail = "body:1", body = 'because (.*)' },
]
[gateways.odd.status]
url = "http://h/messages"
our_ref = "/meta/ref"
each = "/data/*/list"
response = [
  { json = { "/state" = ["sent", 1] }, result = "taken", id = "json:/id" },
  { json = { "/state" = "ok" }, result = "delivered" },
  { listed = true, result = "unknown", detail = "json:/why" },
  { listed = false, status = 200, result = "not_taken" },
  { body = 'never heard of (.*)', result = "not_taken", detail = "body:1" },
  { status = 429, result = "throttled", after = "header:Retry-After" },
]
[gateways.odd.receipts]
path = "/r/odd"
each = "/list/*/inner"
our_ref = "/ref"
status = "/st"
gateway_id = "/a~1b/0"
time = "at"
time_form = "utc_text"
detail = "why"
status_map = { ok = "delivered" }
status_default = "failed"
)",
                                    "fuzz.toml", mistakes);
    const config::GatewaySources sources{.directory = "nowhere", .environment = {}, .settings_required = false};
    config::read_gateways(document.root(), sources, mistakes, options);
    document.finish();
    DUN_ASSERT(mistakes.empty());
    for (gateways::GatewaySpec& gateway : options.gateways) gateway.secrets.emplace_back("s3cret");
    return options.gateways;
  }();
  return all;
}

}  // namespace dun::test
