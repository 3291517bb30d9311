#include "redis/link.hpp"
#include "tests/redis/fake_server.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/run_async.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <gmock/gmock.h>

#include <cstdlib>

namespace dun::redis {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class LinkTest : public testing::Test {
 protected:
  ~LinkTest() override {
    for (const auto& link : links_) test::run(context_, link->close());
  }
  Link& open(const std::string& url, LinkOptions options = {}) {
    return *links_.emplace_back(
        std::make_unique<Link>(context_.get_executor(), parse_address(url).value(), std::move(options)));
  }
  Link& open(Address address, LinkOptions options = {}) {
    return *links_.emplace_back(
        std::make_unique<Link>(context_.get_executor(), std::move(address), std::move(options)));
  }
  Link::Replies execute(Link& link, Operation operation, std::optional<std::uint64_t> connection = {},
                        std::optional<Millis> deadline = {}) {
    return test::run(context_, link.execute(std::move(operation), connection, deadline));
  }
  /// The error of the first attempt; the server is expected not to welcome us.
  LinkError refusal(Link& link) {
    const auto connected = test::run(context_, link.connected());
    EXPECT_FALSE(connected.has_value());
    return connected ? LinkError() : connected.error();
  }
  /// Asks again and again, as owners of links do, until the server answers.
  std::vector<Value> until_answered(Link& link, const Operation& operation) {
    while (true)
      if (auto replies = execute(link, operation)) return *std::move(replies);
  }

  boost::asio::io_context context_;
  std::vector<std::unique_ptr<Link>> links_;
};

TEST_F(LinkTest, AnswersOverUnixSocketAndTcp) {
  test::RedisServer server;
  for (const std::string& url : {server.socket_url(), server.port_url()}) {
    Link& link = open(url);
    const auto connected = test::run(context_, link.connected());
    ASSERT_TRUE(connected.has_value()) << connected.error().message;
    EXPECT_THAT(connected->version, testing::StartsWith("7."));
    EXPECT_THAT(execute(link, {{"SET", "k", std::string("\0\xff", 2)}, {"GET", "k"}, {"LPUSH", "k", "x"}}).value(),
                ElementsAre(text_value("OK"), text_value(std::string("\0\xff", 2)),
                            error_value("WRONGTYPE Operation against a key holding the wrong kind of value")));
  }
}

TEST_F(LinkTest, UsesTheDatabaseOfTheUrl) {
  test::RedisServer server;
  EXPECT_TRUE(execute(open(server.port_url() + "/3"), {{"SET", "k", "three"}}).has_value());
  EXPECT_TRUE(execute(open(server.socket_url() + "?db=4"), {{"SET", "k", "four"}}).has_value());
  EXPECT_EQ(server.command({"DBSIZE"}), integer_value(0));
  server.command({"SELECT", "3"});
  EXPECT_EQ(server.command({"GET", "k"}), text_value("three"));
  const LinkError error = refusal(open(server.port_url() + "/16"));
  EXPECT_TRUE(error.misconfigured);
  EXPECT_THAT(error.message, HasSubstr("database 16 cannot be selected"));
}

TEST_F(LinkTest, ManyOperationsAreUnderWayAtOnce) {
  test::RedisServer server;
  Link& link = open(server.socket_url());
  int answered = 0;
  constexpr int count = 500;
  for (int i = 0; i < count; ++i) {
    boost::asio::co_spawn(context_, link.execute({{"ECHO", std::to_string(i)}, {"INCR", "n"}}),
                          [&, i](std::exception_ptr failure, Link::Replies replies) {
                            ASSERT_FALSE(failure);
                            ASSERT_TRUE(replies.has_value()) << replies.error().message;
                            EXPECT_THAT(*replies, ElementsAre(text_value(std::to_string(i)), integer_value(i + 1)));
                            ++answered;
                          });
  }
  while (answered < count) context_.run_one();
}

TEST_F(LinkTest, LargeValuesPass) {
  test::RedisServer server;
  const std::string large(20'000'000, 'x');
  EXPECT_THAT(execute(open(server.port_url()), {{"SET", "k", large}, {"GET", "k"}}).value(),
              ElementsAre(text_value("OK"), text_value(large)));
}

TEST_F(LinkTest, APasswordOpensAndAWrongOneIsNamed) {
  test::RedisServer server;
  server.command({"ACL", "SETUSER", "alice", "on", ">s@cret/1", "~*", "&*", "+@all"});
  const std::string at = "@127.0.0.1:" + std::to_string(server.port());
  EXPECT_EQ(execute(open("redis://alice:s%40cret%2F1" + at), {{"ACL", "WHOAMI"}}).value().front(), text_value("alice"));

  const LinkError wrong = refusal(open("redis://alice:guess" + at));
  EXPECT_TRUE(wrong.misconfigured);
  EXPECT_THAT(wrong.message,
              AllOf(HasSubstr("wrong user or password"), HasSubstr("Redis URL"), Not(HasSubstr("guess"))));

  server.command({"CONFIG", "SET", "requirepass", "secret"});
  const LinkError none = refusal(open(server.port_url()));
  EXPECT_TRUE(none.misconfigured);
  EXPECT_THAT(none.message, HasSubstr("asks for a password"));
  EXPECT_TRUE(execute(open("redis://:secret" + at), {{"PING"}}).has_value());
}

// A server that asks for the name is as good as a Sentinel that does: it is greeted as somebody first.
TEST_F(LinkTest, SentinelsHaveAUserAndAPasswordOfTheirOwn) {
  test::RedisServer server;
  server.command({"ACL", "SETUSER", "watcher", "on", ">w4tch", "~*", "&*", "+@all"});
  server.command({"ACL", "SETUSER", "default", "off"});
  const auto refused = [&](const std::string& user, const std::string& password) {
    Site site =
        parse_site("redis+sentinel://alice:secret@127.0.0.1:" + std::to_string(server.port()) + "/main").value();
    site.sentinel_user = user;
    site.sentinel_password = password;
    return refusal(*links_.emplace_back(std::make_unique<Link>(context_.get_executor(), std::move(site)))).message;
  };
  EXPECT_THAT(refused("watcher", "w4tch"), HasSubstr("not a Sentinel"));
  for (const auto& [user, password] : {std::pair("watcher", "secret"), std::pair("", "w4tch"), std::pair("", "")})
    EXPECT_THAT(refused(user, password), Not(HasSubstr("not a Sentinel"))) << user << password;
}

struct Greeting {
  const char* name;
  const char* answer;
  bool misconfigured;
  const char* says;
};
class UnwelcomeServer : public LinkTest, public testing::WithParamInterface<Greeting> {};

TEST_P(UnwelcomeServer, IsNamedWithTheRemedy) {
  test::FakeServer server(context_, GetParam().answer);
  Link& link = open(server.url());
  const LinkError error = refusal(link);
  EXPECT_EQ(error.misconfigured, GetParam().misconfigured);
  EXPECT_THAT(error.message, AllOf(HasSubstr(server.url()), HasSubstr(GetParam().says)));
  test::run(context_, server.close());
}

#define HELLO_OF(version, mode)                                     \
  "*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n" version \
  "$5\r\nproto\r\n:2\r\n$2\r\nid\r\n:4\r\n$4\r\nmode\r\n" mode "$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n"

INSTANTIATE_TEST_SUITE_P(
    Greetings, UnwelcomeServer,
    testing::Values(Greeting{"Old6", HELLO_OF("$5\r\n6.2.7\r\n", "$10\r\nstandalone\r\n"), true,
                             "Redis 6.2.7; Dun needs 7.0 or later"},
                    Greeting{"Old5", "-ERR unknown command `HELLO`, with args beginning with: `2`, \r\n", true,
                             "older than Redis 6; Dun needs Redis 7.0"},
                    Greeting{"NoVersion", HELLO_OF("$1\r\n?\r\n", "$10\r\nstandalone\r\n"), true, "7.0 or later"},
                    Greeting{"Sentinel", HELLO_OF("$6\r\n7.0.15\r\n", "$8\r\nsentinel\r\n"), true, "Sentinel"},
                    Greeting{"Protected", "-DENIED Redis is running in protected mode\r\n", false, "protected mode"},
                    Greeting{"Loading", "-LOADING Redis is loading the dataset in memory\r\n", false,
                             "loading its data"},
                    Greeting{"Forbidden", "-NOPERM this user has no permissions to run the 'hello' command\r\n", true,
                             "may not say HELLO"},
                    Greeting{"Http", "HTTP/1.1 400 Bad Request\r\n\r\n", true, "is this the port of a Redis server?"},
                    Greeting{"Empty", "*0\r\n", true, "7.0 or later"},
                    Greeting{"Number", ":7\r\n", true, "7.0 or later"}),
    [](const auto& info) { return info.param.name; });

TEST_F(LinkTest, AServerThatClosesAtOnceIsSuspectedOfTls) {
  test::FakeServer server(context_, "", test::FakeServer::Then::close);
  EXPECT_THAT(refusal(open(server.url())).message, HasSubstr("rediss://"));
  test::run(context_, server.close());
}

TEST_F(LinkTest, NobodyListeningFailsAtOnceAndNamesTheAddress) {
  const std::string url = "redis://127.0.0.1:" + std::to_string(test::free_port());
  const LinkError error = refusal(open(url));
  EXPECT_FALSE(error.misconfigured);
  EXPECT_THAT(error.message, AllOf(HasSubstr(url), HasSubstr("cannot connect"), HasSubstr("refused")));
  EXPECT_THAT(refusal(open("unix:///nowhere/redis.sock")).message, HasSubstr("No such file"));
  EXPECT_THAT(refusal(open("redis://no-such-host.invalid")).message, HasSubstr("host no-such-host.invalid"));
}

TEST_F(LinkTest, AKilledServerFailsWhatIsInFlightAndIsFoundAgain) {
  test::RedisServer server;
  std::vector<std::string> changes;
  LinkOptions options{.backoff_first = Millis(1), .backoff_max = Millis(20)};
  options.on_change = [&](bool up, const std::string& what) { changes.push_back((up ? "up " : "down ") + what); };
  Link& link = open(server.socket_url(), options);
  const std::uint64_t first = test::run(context_, link.connected())->connection;

  bool failed = false;
  boost::asio::co_spawn(context_, link.execute({{"BLPOP", "nothing", "0"}}, {}, Millis(600'000)),
                        [&](std::exception_ptr, Link::Replies replies) { failed = !replies.has_value(); });
  execute(link, {}, first + 1);  // lets the operation above leave
  server.kill();
  while (!failed) context_.run_one();
  server.start();
  EXPECT_THAT(until_answered(link, {{"PING"}}), ElementsAre(text_value("PONG")));

  const std::uint64_t second = test::run(context_, link.connected())->connection;
  EXPECT_GT(second, first);
  const auto late = execute(link, {{"PING"}}, first);
  ASSERT_FALSE(late.has_value());
  EXPECT_THAT(late.error().message, HasSubstr("was lost"));
  EXPECT_TRUE(execute(link, {{"PING"}}, second).has_value());
  EXPECT_THAT(changes.front(), HasSubstr("up "));
  EXPECT_THAT(changes.at(1), AllOf(HasSubstr("down "), HasSubstr(server.socket_url())));
  EXPECT_THAT(changes.back(), HasSubstr("up "));
}

TEST_F(LinkTest, AnOperationEndsByItsDeadlineAndTheConnectionIsMadeAnew) {
  test::RedisServer server;
  Link& link = open(server.socket_url(), {.backoff_first = Millis(1)});
  const std::uint64_t first = test::run(context_, link.connected())->connection;
  const auto late = execute(link, {{"BLPOP", "nothing", "0"}}, {}, Millis(20));
  ASSERT_FALSE(late.has_value());
  EXPECT_THAT(late.error().message, HasSubstr("no answer within 20ms"));
  until_answered(link, {{"PING"}});
  EXPECT_GT(test::run(context_, link.connected())->connection, first);

  // Where nothing else is asked for, that of all operations.
  Link& hasty = open(server.socket_url(), {.deadline = Millis(20)});
  EXPECT_THAT(execute(hasty, {{"BLPOP", "nothing", "0"}}).error().message, HasSubstr("no answer within 20ms"));
}

TEST_F(LinkTest, AServerThatAcceptsAndSaysNothingIsGivenUp) {
  test::FakeServer server(context_, "");
  Link& link = open(server.url(), {.connect_timeout = Millis(30)});
  EXPECT_THAT(refusal(link).message, HasSubstr("not connected within 30ms"));
  test::run(context_, server.close());
}

TEST_F(LinkTest, GarbageBehindTheGreetingBreaksTheConnection) {
  test::FakeServer server(context_, HELLO_OF("$6\r\n7.0.15\r\n", "$10\r\nstandalone\r\n") "!garbage\r\n");
  Link& link = open(server.url());
  const auto replies = execute(link, {{"PING"}});
  ASSERT_FALSE(replies.has_value());
  EXPECT_THAT(replies.error().message, HasSubstr("not a Redis reply"));
  test::run(context_, server.close());
}

TEST_F(LinkTest, ClosingFailsWhatIsUnderWayAndEverythingAfter) {
  test::RedisServer server;
  Link& link = open(server.socket_url());
  test::run(context_, link.connected());
  std::string error;
  boost::asio::co_spawn(context_, link.execute({{"BLPOP", "nothing", "0"}}, {}, Millis(600'000)),
                        [&](std::exception_ptr, Link::Replies replies) { error = replies.error().message; });
  execute(link, {}, 99);
  test::run(context_, link.close());
  while (error.empty()) context_.run_one();
  EXPECT_THAT(error, HasSubstr("closed"));
  EXPECT_THAT(execute(link, {{"PING"}}).error().message, HasSubstr("closed"));
}

TEST_F(LinkTest, CancellingAWaiterLeavesTheConnectionAlone) {
  test::RedisServer server;
  Link& link = open(server.socket_url());
  const std::uint64_t connection = test::run(context_, link.connected())->connection;
  async::TaskGroup tasks(context_.get_executor());
  bool begun = false;
  const auto wait = [](Link& on, bool& flag) -> Awaitable<void> {
    flag = true;
    co_await on.execute({{"BLPOP", "nothing", "0"}}, {}, Millis(600'000));
    ADD_FAILURE() << "went on after being cancelled";
  };
  tasks.spawn(wait(link, begun));
  while (!begun) context_.run_one();
  tasks.cancel();
  test::run(context_, tasks.join());
  server.command({"RPUSH", "nothing", "x"});  // ends the blocked command; its reply belongs to nobody
  EXPECT_THAT(execute(link, {{"ECHO", "mine"}}, connection).value(), ElementsAre(text_value("mine")));
}

// ------------------------------------------------------------------------------------------------------------ TLS

class TlsTest : public LinkTest {
 protected:
  TlsTest() {
    const std::string name = (directory_ / "server").string();
    const std::string make =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost -keyout " +
        name + ".key -out " + name + ".crt 2>/dev/null";
    if (std::system(make.c_str()) != 0) throw std::runtime_error("openssl could not make a certificate");
    tls_port_ = test::free_port();
    server_ = std::make_unique<test::RedisServer>(std::vector<std::string>{
        "--tls-port", std::to_string(tls_port_), "--tls-cert-file", name + ".crt", "--tls-key-file", name + ".key",
        "--tls-ca-cert-file", name + ".crt", "--tls-auth-clients", "optional"});
  }
  ~TlsTest() override { std::filesystem::remove_all(directory_); }
  Address address(std::string host, TlsOptions tls) const {
    return {.kind = Address::Kind::tls, .host = std::move(host), .port = tls_port_, .tls = std::move(tls)};
  }
  [[nodiscard]] std::string file(const char* name) const { return (directory_ / name).string(); }

  std::filesystem::path directory_ = test::make_temporary_directory();
  std::uint16_t tls_port_ = 0;
  std::unique_ptr<test::RedisServer> server_;
};

TEST_F(TlsTest, ATrustedServerIsSpokenToInSecret) {
  Link& link = open(address("localhost", {.ca_file = file("server.crt")}));
  const std::string large(1'000'000, 'x');
  const auto replies = execute(link, {{"SET", "k", large}, {"GET", "k"}});
  ASSERT_TRUE(replies.has_value()) << replies.error().message;
  EXPECT_EQ(replies->at(1), text_value(large));
}

TEST_F(TlsTest, AClientCertificateIsShownToAServerThatAsksForIt) {
  server_->command({"CONFIG", "SET", "tls-auth-clients", "yes"});
  const LinkError error = refusal(open(address("localhost", {.ca_file = file("server.crt")})));
  EXPECT_FALSE(error.message.empty());
  Link& link = open(address(
      "localhost", {.ca_file = file("server.crt"), .cert_file = file("server.crt"), .key_file = file("server.key")}));
  EXPECT_TRUE(execute(link, {{"PING"}}).has_value());
}

TEST_F(TlsTest, AnUnknownAuthorityIsNotTrustedUnlessVerificationIsOff) {
  const LinkError error = refusal(open(address("localhost", {})));
  EXPECT_TRUE(error.misconfigured);
  EXPECT_THAT(error.message, AllOf(HasSubstr("not trusted"), HasSubstr("CA file")));
  EXPECT_TRUE(execute(open(address("localhost", {.verify = false})), {{"PING"}}).has_value());
}

TEST_F(TlsTest, ACertificateForAnotherNameIsNotTrusted) {
  const LinkError error = refusal(open(address("127.0.0.1", {.ca_file = file("server.crt")})));
  EXPECT_TRUE(error.misconfigured);
  EXPECT_THAT(error.message, HasSubstr("not trusted"));
}

TEST_F(TlsTest, APortThatSpeaksTheOtherProtocolIsNamed) {
  Address plain = address("localhost", {.ca_file = file("server.crt")});
  plain.port = server_->port();
  EXPECT_THAT(refusal(open(plain, {.connect_timeout = Millis(100)})).message, HasSubstr("does not speak TLS"));
  const LinkError only_tls = refusal(open("redis://localhost:" + std::to_string(tls_port_)));
  EXPECT_THAT(only_tls.message, HasSubstr("rediss://"));
}

TEST_F(TlsTest, AMissingFileIsNamed) {
  const LinkError error = refusal(open(address("localhost", {.ca_file = file("nothing.pem")})));
  EXPECT_TRUE(error.misconfigured);
  EXPECT_THAT(error.message, HasSubstr("nothing.pem"));
}

}  // namespace
}  // namespace dun::redis
