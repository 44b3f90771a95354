#include "secrets/key_bundle.h"

#include "core/crypto.h"
#include "core/text.h"

#include <argon2.h>
#include <fmt/format.h>

#include <cstdint>
#include <utility>

namespace preloop::secrets {
namespace {

using core::Code;
using core::fail;
using core::Secret;

// The parameters are part of the format: another set is another header.
constexpr std::string_view k_header = "preloop-keys-1 argon2id m=65536 t=3 p=1\n";
constexpr std::uint32_t k_memory_kib = 64 * 1024;
constexpr std::uint32_t k_passes = 3;
constexpr std::size_t k_salt_bytes = 16;
constexpr std::size_t k_min_characters = 12;
constexpr std::string_view k_magic = "preloop-with-keys";
/// A bundle of two keys has about 300 bytes.
constexpr std::size_t k_max_bundle = 65536;

core::Result<Secret> key_of(const Secret& passphrase, std::string_view salt) {
  std::string key(32, '\0');
  const int status = argon2id_hash_raw(k_passes,
                                       k_memory_kib,
                                       1,
                                       passphrase.reveal().data(),
                                       passphrase.reveal().size(),
                                       salt.data(),
                                       salt.size(),
                                       key.data(),
                                       key.size());
  Secret out(std::move(key));
  if (status != ARGON2_OK) {
    return fail(Code::resource_exhausted,
                fmt::format("cannot use the passphrase: {}", argon2_error_message(status)));
  }
  return out;
}

bool is_file_name(std::string_view name) {
  return !name.empty() && !name.starts_with('.') &&
         name.find_first_of(std::string_view("/ \n\0", 4)) == std::string_view::npos;
}

/// One line a file: name, space, content in hex.
Secret to_lines(const std::vector<KeyFile>& files) {
  std::string text;
  for (const KeyFile& file : files) {
    text += file.name + " " + core::to_hex(file.content.reveal()) + "\n";
  }
  return Secret(std::move(text));
}

core::Result<std::vector<KeyFile>> from_lines(const Secret& lines) {
  std::vector<KeyFile> files;
  for (const std::string_view line : core::split(lines.reveal(), '\n')) {
    if (line.empty()) {
      continue;
    }
    const auto space = line.find(' ');
    auto content =
        space == std::string_view::npos ? std::nullopt : core::from_hex(line.substr(space + 1));
    if (!content || !is_file_name(line.substr(0, space))) {
      return fail(Code::data_loss, "the keys in this backup cannot be read");
    }
    files.push_back({std::string(line.substr(0, space)), Secret(std::move(*content))});
  }
  return files;
}

}  // namespace

core::Result<std::string> seal_key_files(const std::vector<KeyFile>& files,
                                         const Secret& passphrase) {
  if (core::utf8_length(passphrase.reveal()) < k_min_characters) {
    return fail(Code::invalid_argument,
                fmt::format("the passphrase needs at least {} characters: whoever finds the file "
                            "can try as many as they like",
                            k_min_characters));
  }
  const std::string salt = core::random_bytes(k_salt_bytes);
  PRELOOP_TRY(const Secret key, key_of(passphrase, salt));
  const std::string head = std::string(k_header) + salt;
  return head + core::aes256_gcm_seal(key, to_lines(files).reveal(), head);
}

core::Result<std::vector<KeyFile>> open_key_files(std::string_view sealed,
                                                  const Secret& passphrase) {
  const std::size_t head_size = k_header.size() + k_salt_bytes;
  if (!sealed.starts_with(k_header) || sealed.size() < head_size) {
    return fail(Code::data_loss,
                "the keys in this backup cannot be read; was it made by a newer version?");
  }
  const std::string_view head = sealed.substr(0, head_size);
  PRELOOP_TRY(const Secret key, key_of(passphrase, head.substr(k_header.size())));
  const auto lines = core::aes256_gcm_open(key, sealed.substr(head_size), head);
  if (!lines) {
    return fail(Code::permission_denied,
                "this passphrase does not open the keys in the backup, or the file was changed");
  }
  return from_lines(*lines);
}

std::string bundle_trailer(std::string_view bundle) {
  std::string out(bundle);
  for (int shift = 56; shift >= 0; shift -= 8) {
    out += static_cast<char>((std::uint64_t{bundle.size()} >> shift) & 0xFF);
  }
  out += k_magic;
  return out;
}

std::size_t bundle_size(std::string_view file_end) {
  if (file_end.size() != k_trailer_end_size || !file_end.ends_with(k_magic)) {
    return 0;
  }
  std::uint64_t size = 0;
  for (const char byte : file_end.substr(0, 8)) {
    size = size << 8 | static_cast<unsigned char>(byte);
  }
  return size <= k_max_bundle ? static_cast<std::size_t>(size) : 0;
}

}  // namespace preloop::secrets
