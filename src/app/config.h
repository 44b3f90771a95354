#pragma once
#include "core/log.h"
#include "core/result.h"
#include "core/secret.h"
#include "net/http_server.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::app {

/// One row of the table that flags, environment, configuration file and help are made from
/// (surface.md, "preloop serve").
struct SettingInfo {
  std::string_view name;  ///< flag without dashes, and key of the file with `_` for `-`
  std::string_view environment;
  enum class Kind : std::uint8_t { text, list, number, flag, secret } kind = Kind::text;
  std::string_view metavar;
  std::string_view help;
  std::string_view fallback;  ///< shown in help; computed ones in words
};
std::span<const SettingInfo> settings();

enum class Origin : std::uint8_t { fallback, file, environment, flag };
std::string_view to_string(Origin origin);

/// What `preloop serve` runs with. Every value is checked and complete.
struct Config {
  std::vector<net::ListenAddress> listen;
  std::string data_dir;
  std::optional<core::Secret> database_url;  ///< absent: SQLite in the data dir
  std::string public_url;
  std::vector<std::string> allowed_hosts;  ///< besides loopback names and the public URL's host
  std::size_t io_threads = 1;
  std::optional<net::TlsFiles> tls;
  std::vector<std::string> trusted_proxies;
  bool insecure_http = false;
  std::string run_as;
  std::optional<net::ListenAddress> metrics_listen;
  bool example = true;
  bool allow_stdio = true;
  core::log::Format log_format = core::log::Format::text;
  core::log::Level log_level = core::log::Level::info;
  int retention_days = 0;              ///< of the record; 0 keeps everything
  std::uint64_t disk_quota_bytes = 0;  ///< of the data dir; 0: only the disk's own end
  std::string master_key_file;
  std::string master_key_command;

  bool listens_beyond_loopback() const;
};

/// Where the values come from. Tests give their own environment.
struct ConfigSources {
  std::map<std::string, std::vector<std::string>> flags;  ///< by SettingInfo::name
  std::function<std::optional<std::string>(std::string_view)> environment;
  /// Reads the file named by `config`.
  std::function<core::Result<std::string>(const std::string&)> read_file;
  bool terminal = false;  ///< standard error is one: text logs
  bool root = false;      ///< started as root, to run as somebody else
  std::size_t cores = 1;
};

struct LoadedConfig {
  Config config;
  /// name → (value as text, origin), in table order, secrets masked: `--print-config`.
  std::vector<std::tuple<std::string, std::string, Origin>> values;
};

/// Precedence: flag, environment, file, default. invalid_argument names the setting, where it came
/// from and what to write instead. Refuses to listen beyond loopback without TLS, a trusted proxy
/// or
/// --insecure-http.
core::Result<LoadedConfig> load_config(const ConfigSources& sources);

}  // namespace preloop::app
