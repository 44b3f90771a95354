#include "app/config.h"

#include <doctest/doctest.h>

#include <filesystem>

namespace preloop::app {
namespace {

struct Given {
  std::map<std::string, std::vector<std::string>> flags;
  std::map<std::string, std::string, std::less<>> environment{{"HOME", "/users/ana"}};
  std::string file;
  std::size_t cores = 2;
  bool root = false;

  core::Result<LoadedConfig> load() const {
    ConfigSources sources;
    sources.flags = flags;
    sources.environment = [this](std::string_view name) {
      const auto found = environment.find(name);
      return found == environment.end() ? std::nullopt : std::optional(found->second);
    };
    sources.read_file = [this](const std::string&) { return core::Result<std::string>(file); };
    sources.cores = cores;
    sources.root = root;
    return load_config(sources);
  }
  std::string problem() const {
    const auto loaded = load();
    return loaded ? "" : loaded.error().message;
  }
};

TEST_CASE("defaults") {
  const auto loaded = Given{}.load();
  REQUIRE(loaded);
  CHECK(loaded->config.data_dir == "/users/ana/.local/share/preloop");
  CHECK(loaded->config.listen.front().port == 8000);
  CHECK(loaded->config.io_threads == 1);
  CHECK(loaded->config.allow_stdio);
  CHECK(loaded->config.example);
  CHECK(loaded->config.log_format == core::log::Format::json);
}

TEST_CASE("root's default data dir is one that another user can be given") {
  CHECK(Given{.root = true}.load()->config.data_dir == "/var/lib/preloop");
}

TEST_CASE("flag beats environment beats file beats default, and each says where it came from") {
  Given given;
  given.file = "io_threads: 7\nlisten: [\"127.0.0.1:1\", \"127.0.0.1:2\"]\ndata-dir: /file\n";
  given.environment["PRELOOP_CONFIG"] = "/c.yaml";
  given.environment["PRELOOP_DATA_DIR"] = "/env";
  given.flags["listen"] = {"127.0.0.1:9"};
  const auto loaded = given.load();
  REQUIRE(loaded);
  CHECK(loaded->config.io_threads == 7);
  CHECK(loaded->config.data_dir == "/env");
  CHECK(loaded->config.listen.size() == 1);
  const auto origin = [&](std::string_view name) {
    for (const auto& [setting, value, where] : loaded->values) {
      if (setting == name) {
        return where;
      }
    }
    return Origin::fallback;
  };
  CHECK(origin("io-threads") == Origin::file);
  CHECK(origin("data-dir") == Origin::environment);
  CHECK(origin("listen") == Origin::flag);
  CHECK(origin("log-level") == Origin::fallback);
}

TEST_CASE("a relative data dir is one of the working directory") {
  const auto loaded = Given{.flags = {{"data-dir", {"here/../data"}}}}.load();
  REQUIRE(loaded);
  CHECK(loaded->config.data_dir == std::filesystem::current_path() / "data");
}

TEST_CASE("what cannot work is refused with the setting's name") {
  CHECK(Given{.flags = {{"listen", {"0.0.0.0:8000"}}}}.problem().find("--listen") == 0);
  CHECK(Given{.flags = {{"listen", {"0.0.0.0:8000"}}, {"insecure-http", {"true"}}}}.problem() ==
        "");
  CHECK(
      Given{.flags = {{"listen", {"0.0.0.0:8000"}}, {"trusted-proxy", {"10.0.0.0/8"}}}}.problem() ==
      "");
  CHECK(Given{.flags = {{"trusted-proxy", {"10.0.0.0/99"}}}}.problem().find("--trusted-proxy") ==
        0);
  CHECK(Given{.flags = {{"listen", {"nowhere"}}}}.problem() != "");
  CHECK(Given{.flags = {{"io-threads", {"0"}}}}.problem() != "");
  CHECK(Given{.flags = {{"tls-cert", {"c.pem"}}}}.problem().find("both") != std::string::npos);
  CHECK(Given{.flags = {{"log-level", {"loud"}}}}.problem() != "");
  CHECK(Given{.flags = {{"database-url", {"mysql://x"}}}}.problem() != "");
  CHECK(Given{.flags = {{"database-url", {"postgresql://x"}}}}.problem().find("master key") !=
        std::string::npos);
  CHECK(Given{.flags = {{"public-url", {"ftp://x"}}}}.problem() != "");
  CHECK(Given{.flags = {{"config", {"c.yaml"}}}, .file = "io_thread: 3\n"}.problem() ==
        "c.yaml:1:1: unknown setting 'io_thread'; did you mean 'io-threads'?");
}

TEST_CASE("the database URL, which may hold a password, is not shown") {
  const auto loaded =
      Given{.flags = {{"database-url", {"postgresql://u:pass@h/d"}}, {"master-key-file", {"/k"}}}}
          .load();
  REQUIRE(loaded);
  for (const auto& [name, value, origin] : loaded->values) {
    CHECK(value.find("pass") == std::string::npos);
  }
}

TEST_CASE("beyond loopback stdio servers need to be allowed") {
  Given given{.flags = {{"listen", {"0.0.0.0:1"}}, {"insecure-http", {"true"}}}};
  CHECK_FALSE(given.load()->config.allow_stdio);
  given.flags["allow-stdio"] = {"true"};
  CHECK(given.load()->config.allow_stdio);
}

}  // namespace
}  // namespace preloop::app
