// An HTTP server that does exactly what a test tells it, however wrong: for clients that must cope with it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dun::test {

/// A request as it came.
struct SeenRequest {
  int connection = 0;  ///< counted from 1 in the order of acceptance
  int number = 0;      ///< within its connection, from 1
  std::string method, target, body;
  std::vector<std::pair<std::string, std::string>> headers;

  /// Empty where there is none; names are compared without case.
  [[nodiscard]] std::string header(const std::string& name) const;
};

/// What to do with a request that has been read: send these bytes as they are, and then ...
struct Reaction {
  enum class Then : std::uint8_t {
    keep,   ///< wait for the next request
    close,  ///< close in order
    reset,  ///< close with a reset
    hang,   ///< neither send nor close, until the client closes or the server stops
  };
  std::string bytes;
  Then then = Then::keep;
};

/// `HTTP/1.1 STATUS X` with the body and its length.
[[nodiscard]] std::string http_answer(int status, const std::string& body, const std::string& headers = "");

/// Listens on a free port of the loopback address, with a thread for each connection.
class ScriptedServer {
 public:
  using Script = std::function<Reaction(const SeenRequest&)>;
  explicit ScriptedServer(Script script);
  /// Stops, and joins its threads.
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  /// Resets connections as soon as there is something to read on them, without reading it. For those accepted from
  /// now on.
  void reset_before_reading(bool on);

  /// Sends this on every open connection, asked or not, and closes them if told to. It has arrived on return.
  void speak_up(const std::string& bytes, bool then_close);

  /// From now on new connections are refused; may be called from the script.
  void stop_listening();

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string url(const std::string& path = "/") const;
  [[nodiscard]] std::vector<SeenRequest> seen() const;
  /// Connections that were open at the same time, at most.
  [[nodiscard]] int connections_most() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// A port of the loopback address on which nobody listens.
[[nodiscard]] std::uint16_t closed_port();

}  // namespace dun::test
