// What the engine is told about a gateway, so that it reckons as the gateway does.
#include "gateways/request_builder.hpp"
#include "messages/segmentation.hpp"
#include "tests/gateways/support.hpp"

#include <gmock/gmock.h>

namespace dun::gateways {
namespace {

constexpr std::string_view base = R"(
unknown = { rule = "hold" }
transport = { connections = 7 }
request = { url = "http://h/s", query = { to = "{to}", text = "{text}", parts = "{parts}", encoding = "{encoding}" } }
response = [{ status = 200, result = "accepted" }]
)";

config::GatewaysOptions load(std::string_view more) {
  const auto loaded =
      test::load_gateways("[gateways.g]" + std::string(base) + std::string(more) + "\n[routing]\ndefault = \"g\"\n");
  EXPECT_TRUE(loaded.mistakes.empty()) << to_text(loaded.mistakes.front());
  return loaded.options;
}

TEST(FieldCases, S42_EngineAndRequestCountTheSame) {
  struct Row {
    std::string_view message;
    std::string front, back;
  };
  for (const Row& row :
       {Row{"", "", ""}, Row{"message = { signature = \"【Acme】\", signature_place = \"front\" }", "【Acme】", ""},
        Row{"message = { signature = \" Acme\", signature_place = \"back\" }", "", " Acme"},
        Row{"message = { signature = \"【Acme】\", signature_place = \"provider\" }", "【Acme】", ""}}) {
    SCOPED_TRACE(row.message);
    const auto options = load(row.message);
    const scheduler::GatewayOptions& engine = options.dispatch.gateways.at(0);
    EXPECT_EQ(engine.signature_front, row.front);
    EXPECT_EQ(engine.signature_back, row.back);
    for (const std::size_t length : {1U, 66U, 155U, 160U, 300U}) {
      const std::string text(length, 'x');
      const auto counted = messages::count(engine.signature_front + text + engine.signature_back);
      const auto request =
          build_request(options.gateways.at(0), {.client_ref = "a~1", .to = "+8613800138000", .text = text},
                        {.uuid = [] { return std::string("u"); }});
      ASSERT_TRUE(request) << request.error();
      EXPECT_THAT(request->url, testing::HasSubstr("parts=" + std::to_string(counted->parts) + "&"));
      EXPECT_THAT(request->url, testing::EndsWith("encoding=" + std::string(to_text(counted->encoding))));
    }
  }
}

TEST(FieldCases, TheEngineKnowsHowManyConnectionsThereAre) {
  EXPECT_EQ(load("").dispatch.gateways.at(0).connections, 7);
}

}  // namespace
}  // namespace dun::gateways
