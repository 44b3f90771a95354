#pragma once
#include "core/result.h"
#include "core/secret.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace preloop::cli {

/// Exit codes (surface.md).
constexpr int k_done = 0;
constexpr int k_refused = 1;
constexpr int k_usage = 2;

enum class Output : std::uint8_t { table, json, yaml };

/// What every command shares: global options, then who to talk to. Filled by the parser.
struct Context {
  std::string program = "preloop";  ///< as the user called it, for commands we print
  std::string url;                  ///< --url, PRELOOP_URL, the client file, http://127.0.0.1:8000
  std::string token;                ///< --token, PRELOOP_TOKEN, the client file
  std::string agent_token;  ///< of `tools`: PRELOOP_TOKEN when it is an agent's, the client file
  std::string agent;        ///< --agent of `tools`: one of those in the client file
  Output output = Output::table;
  std::string data_dir;  ///< --data-dir of `admin` and `doctor`
  int exit_code = k_done;
};

/// Registers one noun's commands. Each command is a callback that runs after parsing; it reports
/// failures with `failed` and never throws.
void add_serve(CLI::App& app, Context& context);
void add_login(CLI::App& app, Context& context);
void add_tools(CLI::App& app, Context& context);
void add_servers(CLI::App& app, Context& context);
void add_approvals(CLI::App& app, Context& context);
void add_halt(CLI::App& app, Context& context);
void add_policy(CLI::App& app, Context& context);
void add_secrets(CLI::App& app, Context& context);
void add_audit(CLI::App& app, Context& context);
void add_admin(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);

/// One line on standard error: what happened and what to do next. Sets the exit code.
void failed(Context& context, const core::Error& error);
void failed(Context& context, std::string_view message, int exit_code = k_refused);

/// A request that no key may make (decision 36: commands on this machine) but who holds the data
/// dir may: asks the local server through admin.sock. `refused` is what the API said; it is
/// returned when it was about something else, or when there is no such server here.
core::Result<std::string> ask_data_dir(const Context& context,
                                       const core::Error& refused,
                                       std::string request);

/// PRELOOP_DATA_DIR, or where a server of this user keeps its data.
std::string default_data_dir();
/// The environment variable, empty when unset.
std::string environment(const char* name);
/// The whole file, or standard input for "-".
core::Result<std::string> read_file(const std::string& path);
/// Asks at the terminal without echo; failed_precondition when there is none, with the sentence
/// `no_terminal` when it is given.
core::Result<core::Secret> ask_secret(std::string_view prompt, std::string_view no_terminal = {});
bool is_terminal(int descriptor);

}  // namespace preloop::cli
