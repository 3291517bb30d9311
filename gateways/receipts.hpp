// Delivery receipts: from what a gateway sends to our HTTP listener to what it says about which message. Pure; any
// bytes are a request.
#pragma once

#include "base/http/message.hpp"
#include "gateways/http.hpp"
#include "gateways/spec.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dun::gateways {

struct Receipt {
  std::string client_ref;
  ReceiptStatus status = ReceiptStatus::pending;
  std::string gateway_id;
  std::optional<Instant> time;
  std::string detail;   ///< masked
  std::string unheard;  ///< the status as it came, masked, where no `status_map` lists it
  friend bool operator==(const Receipt&, const Receipt&) = default;
};

struct ReceiptBatch {
  std::vector<Receipt> receipts;
  std::vector<std::string> problems;  ///< of entries that cannot be read; the others count all the same
};

/// Why nothing was taken: the HTTP status to answer with, and what was expected.
struct ReceiptRefusal {
  int status = 400;
  std::string message;
};

/// Whether a request to this path is this gateway's: its receipts path, with a slash behind it too, and what follows it
/// where a token is asked for.
[[nodiscard]] bool takes_receipts_at(const ReceiptsSpec& receipts, std::string_view path);

/// When what the receipt says became true: as it says, but not in the future. What it says is not believed where that
/// is longer ago than a message can be on its way; then it is `now`, when it came.
[[nodiscard]] Instant became_true(const Receipt& receipt, Instant now);

/// Status words that no `status_map` lists, such as a new one of the provider's: somebody has to say what they mean.
class UnheardWords {
 public:
  /// Whether it is the first time, and to be said. After a hundred different words there is nothing to be learnt.
  bool add(const std::string& word);
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  static constexpr std::size_t words_max = 100;
  std::set<std::string, std::less<>> words_;
  std::uint64_t count_ = 0;
};

/// What a provider sends that tries a URL before it trusts it: HEAD, GET without a query, an empty body, `{}`, `[]`.
[[nodiscard]] bool names_no_receipt(const http::Request& request);

/// Verifies and reads. A request of which nothing can be read is refused; where some entries can be read, they count.
/// One that names no receipt is an empty batch, whatever its method and signature.
[[nodiscard]] std::expected<ReceiptBatch, ReceiptRefusal> read_receipts(const GatewaySpec& gateway,
                                                                        const http::Request& request);

}  // namespace dun::gateways
