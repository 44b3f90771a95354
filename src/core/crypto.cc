#include "core/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace preloop::core {
namespace {

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// For calls that fail only when OpenSSL itself is broken or memory is out.
void must(bool ok, const char* what) {
  if (!ok) {
    std::fprintf(stderr, "preloop: cryptography failed: %s\n", what);
    std::abort();
  }
}

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using MdPtr = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;

constexpr std::size_t k_nonce = 12;
constexpr std::size_t k_tag = 16;

KeyPtr ed25519_private(const Secret& seed) {
  const std::string& raw = seed.reveal();
  must(raw.size() == 32, "an Ed25519 seed has 32 bytes");
  KeyPtr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes(raw), raw.size()));
  must(key != nullptr, "Ed25519 key");
  return key;
}

}  // namespace

void wipe(void* data, std::size_t size) {
  if (size > 0) {
    OPENSSL_cleanse(data, size);
  }
}

namespace {

/// Random bytes drawn ahead, because a draw costs a microsecond whatever its size. What was handed
/// out is wiped, and a thread's pool is its own. We never fork without exec.
class RandomPool {
 public:
  ~RandomPool() { wipe(bytes_.data(), bytes_.size()); }
  void take(unsigned char* to, std::size_t size) {
    if (size > left_) {
      draw(bytes_.data(), bytes_.size());
      left_ = bytes_.size();
    }
    left_ -= size;
    std::memcpy(to, bytes_.data() + left_, size);
    wipe(bytes_.data() + left_, size);
  }
  static void draw(unsigned char* to, std::size_t size) {
    must(RAND_bytes(to, static_cast<int>(size)) == 1, "random bytes");
  }

 private:
  std::array<unsigned char, 1024> bytes_{};
  std::size_t left_ = 0;
};

}  // namespace

void random_bytes(void* data, std::size_t size) {
  constexpr std::size_t k_pooled = 64;
  auto* const to = static_cast<unsigned char*>(data);
  if (size > k_pooled) {
    RandomPool::draw(to, size);
    return;
  }
  thread_local RandomPool t_pool;
  t_pool.take(to, size);
}

std::string random_bytes(std::size_t size) {
  std::string out(size, '\0');
  random_bytes(out.data(), size);
  return out;
}

struct Sha256::State {
  MdPtr context{EVP_MD_CTX_new()};
};

namespace {

/// Looked up once: with EVP_sha256() every digest would look it up again, under a lock.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const k_algorithm = [] {
    const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    must(fetched != nullptr, "SHA-256");
    return fetched;
  }();
  return k_algorithm;
}

}  // namespace

/// A context that this thread used before: making one costs as much as hashing 500 bytes.
std::unique_ptr<Sha256::State>& Sha256::spare() {
  thread_local std::unique_ptr<State> t_spare;
  return t_spare;
}

Sha256::Sha256() : state_(std::move(spare())) {
  if (!state_) {
    state_ = std::make_unique<State>();
  }
  must(EVP_DigestInit_ex(state_->context.get(), sha256_algorithm(), nullptr) == 1, "SHA-256");
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256::~Sha256() {
  if (state_) {
    spare() = std::move(state_);
  }
}

Sha256& Sha256::update(std::string_view data) {
  must(EVP_DigestUpdate(state_->context.get(), data.data(), data.size()) == 1, "SHA-256");
  return *this;
}

Sha256& Sha256::update_field(std::string_view data) {
  char length[8];
  for (int i = 0; i < 8; ++i) {
    length[i] = static_cast<char>(static_cast<std::uint64_t>(data.size()) >> (56 - 8 * i));
  }
  return update({length, sizeof length}).update(data);
}

Digest Sha256::finish() {
  Digest digest;
  must(EVP_DigestFinal_ex(state_->context.get(), digest.data(), nullptr) == 1, "SHA-256");
  return digest;
}

Digest sha256(std::string_view data) {
  return Sha256().update(data).finish();
}

Digest hmac_sha256(std::string_view key, std::string_view data) {
  Digest digest;
  unsigned int size = 0;
  must(HMAC(EVP_sha256(),
            key.data(),
            static_cast<int>(key.size()),
            bytes(data),
            data.size(),
            digest.data(),
            &size) != nullptr,
       "HMAC");
  return digest;
}

bool constant_time_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Secret hkdf_sha256(const Secret& key, std::string_view label, std::size_t size) {
  const KeyContextPtr context(EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr));
  const std::string& raw = key.reveal();
  std::string out(size, '\0');
  std::size_t written = size;
  must(context && EVP_PKEY_derive_init(context.get()) == 1 &&
           EVP_PKEY_CTX_set_hkdf_md(context.get(), EVP_sha256()) == 1 &&
           EVP_PKEY_CTX_set1_hkdf_salt(context.get(), bytes(""), 0) == 1 &&
           EVP_PKEY_CTX_set1_hkdf_key(context.get(), bytes(raw), static_cast<int>(raw.size())) ==
               1 &&
           EVP_PKEY_CTX_add1_hkdf_info(
               context.get(), bytes(label), static_cast<int>(label.size())) == 1 &&
           EVP_PKEY_derive(context.get(), reinterpret_cast<unsigned char*>(out.data()), &written) ==
               1,
       "HKDF");
  return Secret(std::move(out));
}

std::string aes256_gcm_seal(const Secret& key, std::string_view plain, std::string_view aad) {
  must(key.reveal().size() == 32, "an AES-256 key has 32 bytes");
  std::string out = random_bytes(k_nonce);
  out.resize(k_nonce + plain.size() + k_tag);
  auto* const data = reinterpret_cast<unsigned char*>(out.data());
  const CipherPtr context(EVP_CIPHER_CTX_new());
  int count = 0;
  must(context &&
           EVP_EncryptInit_ex(
               context.get(), EVP_aes_256_gcm(), nullptr, bytes(key.reveal()), data) == 1 &&
           EVP_EncryptUpdate(
               context.get(), nullptr, &count, bytes(aad), static_cast<int>(aad.size())) == 1 &&
           EVP_EncryptUpdate(context.get(),
                             data + k_nonce,
                             &count,
                             bytes(plain),
                             static_cast<int>(plain.size())) == 1 &&
           EVP_EncryptFinal_ex(context.get(), data + k_nonce + plain.size(), &count) == 1 &&
           EVP_CIPHER_CTX_ctrl(
               context.get(), EVP_CTRL_GCM_GET_TAG, k_tag, data + k_nonce + plain.size()) == 1,
       "AES-GCM");
  return out;
}

Result<Secret> aes256_gcm_open(const Secret& key, std::string_view sealed, std::string_view aad) {
  must(key.reveal().size() == 32, "an AES-256 key has 32 bytes");
  if (sealed.size() < k_nonce + k_tag) {
    return fail(Code::data_loss, "encrypted value is too short");
  }
  const std::size_t size = sealed.size() - k_nonce - k_tag;
  std::string plain(size, '\0');
  std::string tag(sealed.substr(k_nonce + size));
  const CipherPtr context(EVP_CIPHER_CTX_new());
  int count = 0;
  must(
      context &&
          EVP_DecryptInit_ex(
              context.get(), EVP_aes_256_gcm(), nullptr, bytes(key.reveal()), bytes(sealed)) == 1 &&
          EVP_DecryptUpdate(
              context.get(), nullptr, &count, bytes(aad), static_cast<int>(aad.size())) == 1 &&
          EVP_DecryptUpdate(context.get(),
                            reinterpret_cast<unsigned char*>(plain.data()),
                            &count,
                            bytes(sealed.substr(k_nonce)),
                            static_cast<int>(size)) == 1 &&
          EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, k_tag, tag.data()) == 1,
      "AES-GCM");
  if (EVP_DecryptFinal_ex(
          context.get(), reinterpret_cast<unsigned char*>(plain.data()) + size, &count) != 1) {
    wipe(plain.data(), plain.size());
    return fail(Code::data_loss, "encrypted value does not belong to this key");
  }
  return Secret(std::move(plain));
}

std::string ed25519_public_key(const Secret& seed) {
  const KeyPtr key = ed25519_private(seed);
  std::string out(32, '\0');
  std::size_t size = out.size();
  must(EVP_PKEY_get_raw_public_key(
           key.get(), reinterpret_cast<unsigned char*>(out.data()), &size) == 1,
       "Ed25519 public key");
  return out;
}

std::string ed25519_sign(const Secret& seed, std::string_view message) {
  const KeyPtr key = ed25519_private(seed);
  const MdPtr context(EVP_MD_CTX_new());
  std::string out(64, '\0');
  std::size_t size = out.size();
  must(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestSign(context.get(),
                          reinterpret_cast<unsigned char*>(out.data()),
                          &size,
                          bytes(message),
                          message.size()) == 1,
       "Ed25519 signature");
  return out;
}

bool ed25519_verify(std::string_view public_key,
                    std::string_view message,
                    std::string_view signature) {
  if (public_key.size() != 32 || signature.size() != 64) {
    return false;
  }
  const KeyPtr key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(public_key), public_key.size()));
  const MdPtr context(EVP_MD_CTX_new());
  return key && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(
             context.get(), bytes(signature), signature.size(), bytes(message), message.size()) ==
             1;
}

std::uint32_t crc32(std::string_view data) {
  static constexpr auto k_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) {
        value = (value & 1) != 0 ? 0xEDB88320U ^ (value >> 1) : value >> 1;
      }
      table[i] = value;
    }
    return table;
  }();
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : data) {
    crc = k_table[(crc ^ static_cast<unsigned char>(c)) & 0xFF] ^ (crc >> 8);
  }
  return ~crc;
}

}  // namespace preloop::core
