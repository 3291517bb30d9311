#include "base/crypto/mac.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <boost/algorithm/hex.hpp>

#include <stdexcept>
#include <utility>

namespace dun {

namespace {

using Context = std::unique_ptr<EVP_MAC_CTX, decltype([](EVP_MAC_CTX* context) { EVP_MAC_CTX_free(context); })>;

void require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL does not compute HMAC-SHA-256");
}

}  // namespace

Mac::Mac(std::string_view key) {
  EVP_MAC* algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  Context context(EVP_MAC_CTX_new(algorithm));
  EVP_MAC_free(algorithm);  // the context has it
  std::string digest = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                   OSSL_PARAM_construct_end()};
  require(context != nullptr &&
          EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(key.data()), key.size(), parameters) == 1);
  keyed_ = std::move(context);
}

std::string Mac::of(std::initializer_list<std::string_view> parts) const {
  const Context context(EVP_MAC_CTX_dup(keyed_.get()));
  require(context != nullptr);
  for (const std::string_view part : parts)
    require(EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(part.data()), part.size()) == 1);
  std::string result(EVP_MAX_MD_SIZE, '\0');
  std::size_t size = 0;
  require(EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(result.data()), &size, result.size()) == 1);
  result.resize(size);
  return result;
}

std::string random_hex(std::size_t bytes) {
  std::string raw(bytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(raw.data()), static_cast<int>(raw.size())) != 1)
    throw std::runtime_error("the system has no random bytes for a key");
  return boost::algorithm::hex_lower(raw);
}

bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace dun
