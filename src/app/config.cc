#include "app/config.h"

#include "core/text.h"
#include "core/yaml.h"
#include "net/client_address.h"
#include "net/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

namespace preloop::app {
namespace {

using core::Code;
using core::fail;
using Kind = SettingInfo::Kind;

constexpr std::array k_settings = {
    SettingInfo{"listen",
                "PRELOOP_LISTEN",
                Kind::list,
                "ADDR:PORT",
                "where to serve (repeatable)",
                "127.0.0.1:8000"},
    SettingInfo{"data-dir",
                "PRELOOP_DATA_DIR",
                Kind::text,
                "DIR",
                "keys, database and record",
                "$XDG_DATA_HOME/preloop, ~/.local/share/preloop; as root /var/lib/preloop"},
    SettingInfo{"database-url",
                "PRELOOP_DATABASE_URL",
                Kind::secret,
                "URL",
                "postgresql://… instead of the SQLite file in the data dir",
                "SQLite"},
    SettingInfo{"public-url",
                "PRELOOP_PUBLIC_URL",
                Kind::text,
                "URL",
                "how people and agents reach this server",
                "http:// and the first listen address"},
    SettingInfo{"allowed-host",
                "PRELOOP_ALLOWED_HOST",
                Kind::list,
                "NAME",
                "a further name in Host and Origin (repeatable)",
                ""},
    SettingInfo{"config", "PRELOOP_CONFIG", Kind::text, "FILE", "YAML with the same keys", ""},
    SettingInfo{"io-threads",
                "PRELOOP_IO_THREADS",
                Kind::number,
                "N",
                "event loops",
                "cores - 1, at least 1"},
    SettingInfo{"tls-cert", "PRELOOP_TLS_CERT", Kind::text, "FILE", "certificate chain, PEM", ""},
    SettingInfo{"tls-key", "PRELOOP_TLS_KEY", Kind::text, "FILE", "private key, PEM", ""},
    SettingInfo{"trusted-proxy",
                "PRELOOP_TRUSTED_PROXY",
                Kind::list,
                "CIDR",
                "whose X-Forwarded-For to believe (repeatable)",
                ""},
    SettingInfo{"insecure-http",
                "PRELOOP_INSECURE_HTTP",
                Kind::flag,
                "",
                "serve plain HTTP beyond loopback",
                ""},
    SettingInfo{"run-as",
                "PRELOOP_RUN_AS",
                Kind::text,
                "USER",
                "drop to this user when started as root",
                "the invoking user, else nobody"},
    SettingInfo{"metrics-listen",
                "PRELOOP_METRICS_LISTEN",
                Kind::text,
                "ADDR:PORT",
                "serve /metrics here, without a key",
                ""},
    SettingInfo{"no-example",
                "PRELOOP_NO_EXAMPLE",
                Kind::flag,
                "",
                "do not register the example server on an empty data dir",
                ""},
    SettingInfo{"allow-stdio",
                "PRELOOP_ALLOW_STDIO",
                Kind::flag,
                "",
                "let stdio servers be added over REST when listening beyond loopback",
                ""},
    SettingInfo{"retention-days",
                "PRELOOP_RETENTION_DAYS",
                Kind::number,
                "N",
                "keep the record for so long; 0 keeps everything",
                "0"},
    SettingInfo{"disk-quota-mib",
                "PRELOOP_DISK_QUOTA_MIB",
                Kind::number,
                "N",
                "refuse calls when the data dir is larger; 0: when the disk is full",
                "0"},
    SettingInfo{"master-key-file",
                "PRELOOP_MASTER_KEY_FILE",
                Kind::text,
                "FILE",
                "32 bytes instead of keys/master.key",
                ""},
    SettingInfo{"master-key-command",
                "PRELOOP_MASTER_KEY_COMMAND",
                Kind::text,
                "COMMAND",
                "prints the master key",
                ""},
    SettingInfo{"log-format",
                "PRELOOP_LOG_FORMAT",
                Kind::text,
                "text|json",
                "how log lines look",
                "text on a terminal, json otherwise"},
    SettingInfo{"log-level",
                "PRELOOP_LOG_LEVEL",
                Kind::text,
                "debug|info|warn|error",
                "the least that is logged",
                "info"},
};

struct Value {
  std::vector<std::string> texts;
  Origin origin = Origin::fallback;
};

/// The value of every setting by precedence, still text.
class Gathered {
 public:
  static core::Result<Gathered> from(const ConfigSources& sources) {
    Gathered out;
    for (const SettingInfo& info : k_settings) {
      const auto flag = sources.flags.find(std::string(info.name));
      if (flag != sources.flags.end() && !flag->second.empty()) {
        out.values_[info.name] = {flag->second, Origin::flag};
      } else if (auto text = sources.environment(info.environment); text && !text->empty()) {
        out.values_[info.name] = {split_list(info, *text), Origin::environment};
      }
    }
    if (const Value* const file = out.find("config")) {
      PRELOOP_CHECK(out.add_file(sources, file->texts.front()));
    }
    return out;
  }

  const Value* find(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
  }
  std::string text(std::string_view name) const {
    const Value* const value = find(name);
    return value == nullptr ? std::string() : value->texts.back();
  }
  std::vector<std::string> list(std::string_view name) const {
    const Value* const value = find(name);
    return value == nullptr ? std::vector<std::string>() : value->texts;
  }
  core::Result<bool> flag(std::string_view name) const {
    const std::string value = core::ascii_lower(text(name));
    if (value.empty() || value == "false" || value == "0" || value == "no") {
      return false;
    }
    if (value == "true" || value == "1" || value == "yes") {
      return true;
    }
    return refuse(name, "must be true or false");
  }
  core::Result<std::uint64_t> number(std::string_view name,
                                     std::uint64_t fallback,
                                     std::uint64_t most) const {
    const std::string value = text(name);
    if (value.empty()) {
      return fallback;
    }
    std::uint64_t out = 0;
    const char* const end = value.data() + value.size();
    if (std::from_chars(value.data(), end, out) != std::from_chars_result{end, std::errc()} ||
        out > most) {
      return refuse(name, fmt::format("must be a whole number from 0 to {}", most));
    }
    return out;
  }

  std::unexpected<core::Error> refuse(std::string_view name, std::string_view problem) const {
    const Value* const value = find(name);
    const Origin origin = value == nullptr ? Origin::fallback : value->origin;
    return fail(Code::invalid_argument,
                fmt::format("--{} (from the {}): {}", name, to_string(origin), problem));
  }

 private:
  static std::vector<std::string> split_list(const SettingInfo& info, const std::string& text) {
    if (info.kind != Kind::list) {
      return {text};
    }
    std::vector<std::string> out;
    for (const std::string_view part : core::split(text, ',')) {
      out.emplace_back(core::trim(part));
    }
    return out;
  }

  core::Status add_file(const ConfigSources& sources, const std::string& path) {
    PRELOOP_TRY(const std::string text, sources.read_file(path));
    PRELOOP_TRY(const std::vector<core::YamlNode> documents, core::parse_yaml(text, path));
    if (documents.empty() || documents.front().is_null()) {
      return {};
    }
    const core::YamlNode& root = documents.front();
    if (documents.size() > 1 || root.kind != core::YamlNode::Kind::mapping) {
      return fail(Code::invalid_argument, path + ": must be one mapping of settings");
    }
    for (const auto& [key, value] : root.members) {
      std::string name = key.text;
      std::ranges::replace(name, '_', '-');
      const auto info = std::ranges::find(k_settings, name, &SettingInfo::name);
      if (info == k_settings.end() || name == "config") {
        std::vector<std::string_view> names;
        names.reserve(k_settings.size());
        for (const SettingInfo& setting : k_settings) {
          names.push_back(setting.name);
        }
        const std::string_view near = core::nearest_name(name, names);
        return fail(Code::invalid_argument,
                    fmt::format("{}: unknown setting '{}'{}",
                                key.place(path),
                                core::printable(key.text, 64),
                                near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
      }
      Value read{{}, Origin::file};
      if (value.kind == core::YamlNode::Kind::scalar) {
        read.texts.push_back(value.text);
      } else if (value.kind == core::YamlNode::Kind::sequence && info->kind == Kind::list) {
        for (const core::YamlNode& element : value.elements) {
          read.texts.push_back(element.text);
        }
      } else {
        return fail(Code::invalid_argument,
                    fmt::format("{}: '{}' has the wrong shape", value.place(path), key.text));
      }
      if (!read.texts.empty()) {
        values_.try_emplace(info->name, std::move(read));
      }
    }
    return {};
  }

  std::map<std::string_view, Value> values_;
};

core::Result<std::string> default_data_dir(const ConfigSources& sources) {
  if (const auto xdg = sources.environment("XDG_DATA_HOME"); xdg && xdg->starts_with('/')) {
    return *xdg + "/preloop";
  }
  if (sources.root) {
    // Root's home is closed to the user the server drops to.
    return std::string("/var/lib/preloop");
  }
  if (const auto home = sources.environment("HOME"); home && home->starts_with('/')) {
    return *home + "/.local/share/preloop";
  }
  return fail(Code::invalid_argument, "there is no home directory; say where with --data-dir DIR");
}

bool is_loopback(const net::ListenAddress& address) {
  return address.host == "::1" || address.host.starts_with("127.");
}

core::Status read_network(const Gathered& gathered, Config& config) {
  std::vector<std::string> listen = gathered.list("listen");
  if (listen.empty()) {
    listen.emplace_back("127.0.0.1:8000");
  }
  for (const std::string& text : listen) {
    auto address = net::parse_listen_address(text);
    if (!address) {
      return gathered.refuse("listen", address.error().message);
    }
    config.listen.push_back(*address);
  }
  const std::string certificate = gathered.text("tls-cert"), key = gathered.text("tls-key");
  if (certificate.empty() != key.empty()) {
    return gathered.refuse(certificate.empty() ? "tls-key" : "tls-cert",
                           "TLS needs both --tls-cert and --tls-key");
  }
  if (!certificate.empty()) {
    config.tls = net::TlsFiles{certificate, key};
  }
  config.trusted_proxies = gathered.list("trusted-proxy");
  if (const auto blocks = net::AddressBlocks::parse(config.trusted_proxies); !blocks) {
    return gathered.refuse("trusted-proxy", blocks.error().message);
  }
  PRELOOP_TRY(config.insecure_http, gathered.flag("insecure-http"));
  if (config.listens_beyond_loopback() && !config.tls && config.trusted_proxies.empty() &&
      !config.insecure_http) {
    return gathered.refuse("listen",
                           "beyond loopback needs --tls-cert and --tls-key, or --trusted-proxy for "
                           "the proxy that ends TLS (or --insecure-http, at your own risk)");
  }
  config.public_url = gathered.text("public-url");
  if (!config.public_url.empty()) {
    const auto url = net::Url::parse(config.public_url);
    if (!url || url->target != "/") {
      return gathered.refuse("public-url", "must look like https://preloop.example.com");
    }
    config.public_url = url->origin();
  }
  config.allowed_hosts = gathered.list("allowed-host");
  if (const std::string metrics = gathered.text("metrics-listen"); !metrics.empty()) {
    auto address = net::parse_listen_address(metrics);
    if (!address) {
      return gathered.refuse("metrics-listen", address.error().message);
    }
    config.metrics_listen = *address;
  }
  return {};
}

core::Status read_logging(const Gathered& gathered, const ConfigSources& sources, Config& config) {
  const std::string format = gathered.text("log-format");
  if (!format.empty() && format != "text" && format != "json") {
    return gathered.refuse("log-format", "must be text or json");
  }
  config.log_format = format == "json" || (format.empty() && !sources.terminal)
                          ? core::log::Format::json
                          : core::log::Format::text;
  static constexpr std::pair<std::string_view, core::log::Level> k_levels[] = {
      {"", core::log::Level::info},
      {"debug", core::log::Level::debug},
      {"info", core::log::Level::info},
      {"warn", core::log::Level::warn},
      {"error", core::log::Level::error}};
  const auto level = std::ranges::find(
      k_levels, gathered.text("log-level"), [](const auto& entry) { return entry.first; });
  if (level == std::end(k_levels)) {
    return gathered.refuse("log-level", "must be debug, info, warn or error");
  }
  config.log_level = level->second;
  return {};
}

std::string shown(const Gathered& gathered, const SettingInfo& info, const Config& config) {
  if (const Value* const value = gathered.find(info.name)) {
    if (info.kind == Kind::secret) {
      return "(hidden)";
    }
    return fmt::format("{}", fmt::join(value->texts, ", "));
  }
  if (info.name == "data-dir") {
    return config.data_dir;
  }
  if (info.name == "io-threads") {
    return std::to_string(config.io_threads);
  }
  return std::string(info.fallback);
}

}  // namespace

std::span<const SettingInfo> settings() {
  return k_settings;
}

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::fallback:
      return "default";
    case Origin::file:
      return "file";
    case Origin::environment:
      return "environment";
    case Origin::flag:
      return "flag";
  }
  return "default";
}

bool Config::listens_beyond_loopback() const {
  return !std::ranges::all_of(listen, is_loopback);
}

core::Result<LoadedConfig> load_config(const ConfigSources& sources) {
  PRELOOP_TRY(const Gathered gathered, Gathered::from(sources));
  LoadedConfig loaded;
  Config& config = loaded.config;
  config.data_dir = gathered.text("data-dir");
  if (config.data_dir.empty()) {
    PRELOOP_TRY(config.data_dir, default_data_dir(sources));
  }
  config.data_dir = std::filesystem::absolute(config.data_dir).lexically_normal();
  if (const std::string url = gathered.text("database-url"); !url.empty()) {
    if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) {
      return gathered.refuse("database-url", "must start with postgresql://");
    }
    config.database_url = core::Secret(url);
  }
  PRELOOP_CHECK(read_network(gathered, config));
  PRELOOP_CHECK(read_logging(gathered, sources, config));
  const std::uint64_t cores = std::max<std::uint64_t>(1, sources.cores);
  PRELOOP_TRY(config.io_threads,
              gathered.number("io-threads", std::max<std::uint64_t>(1, cores - 1), 256));
  if (config.io_threads == 0) {
    return gathered.refuse("io-threads", "must be at least 1");
  }
  config.run_as = gathered.text("run-as");
  PRELOOP_TRY(const bool no_example, gathered.flag("no-example"));
  config.example = !no_example;
  PRELOOP_TRY(config.allow_stdio, gathered.flag("allow-stdio"));
  config.allow_stdio = config.allow_stdio || !config.listens_beyond_loopback();
  PRELOOP_TRY(const std::uint64_t days, gathered.number("retention-days", 0, 36'500));
  config.retention_days = static_cast<int>(days);
  PRELOOP_TRY(const std::uint64_t quota, gathered.number("disk-quota-mib", 0, 1ULL << 40));
  config.disk_quota_bytes = quota * 1024 * 1024;
  config.master_key_file = gathered.text("master-key-file");
  config.master_key_command = gathered.text("master-key-command");
  if (!config.master_key_file.empty() && !config.master_key_command.empty()) {
    return gathered.refuse("master-key-command", "give either a file or a command");
  }
  if (config.database_url && config.master_key_file.empty() && config.master_key_command.empty()) {
    return gathered.refuse("master-key-file",
                           "with PostgreSQL the master key must be given (--master-key-file or "
                           "--master-key-command), because several servers share it");
  }
  for (const SettingInfo& info : k_settings) {
    const Value* const value = gathered.find(info.name);
    loaded.values.emplace_back(std::string(info.name),
                               shown(gathered, info, config),
                               value == nullptr ? Origin::fallback : value->origin);
  }
  return loaded;
}

}  // namespace preloop::app
