#include "app/admin.h"

#include "app/admin_socket.h"
#include "app/blocking.h"
#include "app/data_dir.h"
#include "app/restore.h"
#include "cli/context.h"
#include "cli/output.h"
#include "core/json_writer.h"
#include "core/log.h"
#include "secrets/key_bundle.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace preloop::cli {
namespace {

constexpr std::string_view k_passphrase_help =
    "this needs a passphrase and there is no terminal to ask at; give it with --passphrase-stdin";

/// Asks the running server, or does it here when none runs.
core::Result<core::JsonDocument> ask(const Context& context, const std::string& request) {
  const std::string data_dir = std::filesystem::absolute(context.data_dir);
  core::LoopPool loops(1);
  loops.start();
  auto answer = app::run_blocking(loops.at(0), app::ask_admin(data_dir, request));
  loops.stop();
  if (!answer && answer.error().code == core::Code::not_found) {
    core::log::configure(core::log::Format::text, core::log::Level::warn);
    app::FoundationOptions options;
    options.data_dir = data_dir;
    options.database_url = core::Secret(environment("PRELOOP_DATABASE_URL"));
    options.master_key_file = environment("PRELOOP_MASTER_KEY_FILE");
    options.master_key_command = environment("PRELOOP_MASTER_KEY_COMMAND");
    options.holder = "preloop admin";
    if (options.database_url.empty() && app::is_fresh_data_dir(data_dir)) {
      return core::fail(
          core::Code::not_found,
          fmt::format("there is no server's data in {}; say where with --data-dir, or "
                      "start one with: preloop serve",
                      context.data_dir));
    }
    PRELOOP_CHECK(app::become_owner_of(data_dir));
    PRELOOP_TRY(const auto foundation, app::Foundation::open(std::move(options)));
    const std::string url = environment("PRELOOP_PUBLIC_URL");
    app::Admin admin(*foundation, url.empty() ? "http://127.0.0.1:8000" : url);
    PRELOOP_TRY(const core::JsonDocument parsed, core::JsonDocument::parse(request));
    answer = app::run_blocking(foundation->loops.at(0), admin.run(parsed.root()));
  }
  PRELOOP_TRY(std::string text, std::move(answer));
  return core::JsonDocument::parse(std::move(text));
}

void run(Context& context, const std::string& request) {
  const auto answer = ask(context, request);
  if (!answer) {
    return failed(context, answer.error());
  }
  print_object(context, answer->root());
}

/// Standard input to its end, without the line's end: a password or passphrase given by a program.
core::Secret secret_from_stdin() {
  std::string text = read_file("-").value_or("");
  while (text.ends_with('\n')) {
    text.pop_back();
  }
  return core::Secret(std::move(text));
}

/// Asked twice, because a mistyped one would be noticed when it is too late.
core::Result<core::Secret> new_passphrase(bool from_stdin) {
  if (from_stdin) {
    return secret_from_stdin();
  }
  PRELOOP_TRY(core::Secret first,
              ask_secret("Passphrase for the keys in the backup: ", k_passphrase_help));
  PRELOOP_TRY(const core::Secret second, ask_secret("The same again: ", k_passphrase_help));
  if (first.reveal() != second.reveal()) {
    return core::fail(core::Code::invalid_argument, "the two passphrases differ");
  }
  return first;
}

core::Result<std::string> sealed_keys(const std::string& data_dir, bool from_stdin) {
  std::vector<secrets::KeyFile> files;
  for (const char* name : {"master.key", "audit.key"}) {
    if (auto content = read_file(data_dir + "/keys/" + name)) {
      files.push_back({name, core::Secret(std::move(*content))});
    }
  }
  if (files.empty() || files.front().name != "master.key") {
    return core::fail(core::Code::failed_precondition,
                      fmt::format("cannot read {}/keys/master.key; when the master key is your "
                                  "own file or command, keep it yourself and leave --with-keys out",
                                  data_dir));
  }
  PRELOOP_TRY(const core::Secret passphrase, new_passphrase(from_stdin));
  return secrets::seal_key_files(files, passphrase);
}

core::Status move_backup(const std::filesystem::path& from,
                         const std::string& to,
                         const std::string& keys) {
  std::error_code error;
  std::filesystem::copy_file(from, to, error);
  const std::string problem = error.message();
  bool copied = !error;
  std::filesystem::remove(from, error);
  if (copied) {
    std::filesystem::permissions(to, std::filesystem::perms(0600), error);
    if (!keys.empty()) {
      std::ofstream file(to, std::ios::binary | std::ios::app);
      file << secrets::bundle_trailer(keys);
      file.flush();
      copied = file.good();
    }
  }
  if (!copied) {
    return core::fail(core::Code::unavailable, fmt::format("cannot write {}: {}", to, problem));
  }
  return {};
}

struct UserOptions {
  std::string email, name, role = "member";
  bool password_stdin = false;
};
struct KeyOptions {
  std::string key_class, name, agent, scopes, person, id;
};

void add_users(CLI::App& admin, Context& context) {
  CLI::App* const user = admin.add_subcommand("user", "People who sign in");
  user->require_subcommand(1);
  const auto options = std::make_shared<UserOptions>();

  CLI::App* const create =
      user->add_subcommand("create", "Make a person; prints their set-up link");
  create->add_option("EMAIL", options->email, "Address")->required();
  create->add_option("--name", options->name, "Name to show");
  create->add_option("--role", options->role, "owner, admin, approver, member or viewer")
      ->capture_default_str();
  create->add_flag("--password-stdin", options->password_stdin, "Read a password instead");
  create->callback([&context, options] {
    std::string request, password;
    if (options->password_stdin) {
      password = secret_from_stdin().reveal();
    }
    core::JsonWriter writer(request);
    writer.begin_object()
        .field("command", "user.create")
        .field("email", options->email)
        .field("name", options->name)
        .field("role", options->role)
        .field("password", password)
        .end_object();
    run(context, request);
  });

  CLI::App* const reset = user->add_subcommand("reset", "A one-time link to set a new password");
  reset->add_option("EMAIL", options->email, "Address")->required();
  reset->callback([&context, options] {
    std::string request;
    core::JsonWriter(request)
        .begin_object()
        .field("command", "user.reset")
        .field("email", options->email)
        .end_object();
    run(context, request);
  });

  user->add_subcommand("setup-link", "A one-time link for the first owner")->callback([&context] {
    run(context, R"({"command":"user.setup_link"})");
  });
}

void add_keys(CLI::App& admin, Context& context) {
  CLI::App* const key = admin.add_subcommand("key", "Keys of agents and operators");
  key->require_subcommand(1);
  const auto options = std::make_shared<KeyOptions>();

  CLI::App* const create = key->add_subcommand("create", "Make a key; it is shown once");
  create->add_option("--class", options->key_class, "agent or operator")->required();
  create->add_option("--name", options->name, "What it is for")->required();
  create->add_option("--agent", options->agent, "The agent it belongs to (default: of that name)");
  create->add_option("--scopes", options->scopes, "operator: read,decide,configure");
  create->add_option("--person", options->person, "operator: whose key (default: the owner's)");
  create->callback([&context, options] {
    std::string request;
    core::JsonWriter(request)
        .begin_object()
        .field("command", "key.create")
        .field("class", options->key_class)
        .field("name", options->name)
        .field("agent", options->agent)
        .field("scopes", options->scopes)
        .field("person", options->person)
        .end_object();
    run(context, request);
  });

  CLI::App* const revoke = key->add_subcommand("revoke", "Revoke a key; its held calls end");
  revoke->add_option("ID", options->id, "The key's id")->required();
  revoke->callback([&context, options] {
    std::string request;
    core::JsonWriter(request)
        .begin_object()
        .field("command", "key.revoke")
        .field("id", options->id)
        .end_object();
    run(context, request);
  });
}

struct BackupOptions {
  std::string path;
  bool with_keys = false;
  bool replace = false;
  bool passphrase_stdin = false;
};

void back_up(Context& context, const BackupOptions& options) {
  if (std::error_code error; std::filesystem::exists(options.path, error)) {
    return failed(context, options.path + " exists already; choose a new file");
  }
  std::string keys;
  if (options.with_keys) {
    auto sealed = sealed_keys(context.data_dir, options.passphrase_stdin);
    if (!sealed) {
      return failed(context, sealed.error());
    }
    keys = std::move(*sealed);
  }
  // The server may run as another user than the one who asks: it writes beside its own data, and
  // whoever may read there puts the file where it is wanted.
  const std::filesystem::path made =
      std::filesystem::absolute(context.data_dir) / fmt::format("backup-{}.db", ::getpid());
  std::string request;
  core::JsonWriter(request)
      .begin_object()
      .field("command", "backup")
      .field("path", made.string())
      .end_object();
  const auto answer = ask(context, request);
  if (!answer) {
    return failed(context, answer.error());
  }
  if (const core::Status moved = move_backup(made, options.path, keys); !moved) {
    return failed(context, moved.error());
  }
  print_line("wrote " + options.path);
  std::fprintf(
      stderr,
      "It holds the database: people, keys' hashes, servers, rules, approvals, the record and "
      "the encrypted secrets.\n%s",
      options.with_keys
          ? "It holds keys/master.key and keys/audit.key too, under the passphrase: nobody can "
            "restore it without.\n"
          : "It does not hold keys/master.key and keys/audit.key of the data dir: keep a copy of "
            "those elsewhere (or use --with-keys); without the first it cannot be restored.\n");
}

void add_backups(CLI::App& admin, Context& context) {
  const auto options = std::make_shared<BackupOptions>();
  CLI::App* const backup =
      admin.add_subcommand("backup", "Copy everything into one file, while serving");
  backup->add_option("FILE", options->path, "A new file, mode 0600")->required();
  backup->add_flag("--with-keys",
                   options->with_keys,
                   "Add the master key and the signing key, under a passphrase");
  backup->add_flag("--passphrase-stdin", options->passphrase_stdin, "Read the passphrase there")
      ->needs("--with-keys");
  backup->callback([&context, options] { back_up(context, *options); });

  CLI::App* const restore =
      admin.add_subcommand("restore", "Put a backup in place of an empty or stopped data dir");
  restore->add_option("FILE", options->path, "A backup")->required();
  restore->add_flag(
      "--replace", options->replace, "Set an existing database aside (a stopped server's)");
  restore->add_flag(
      "--passphrase-stdin", options->passphrase_stdin, "Of a backup made with --with-keys");
  restore->callback([&context, options] {
    if (!environment("PRELOOP_DATABASE_URL").empty()) {
      return failed(context,
                    "PRELOOP_DATABASE_URL is set: a backup is of SQLite; restore PostgreSQL with "
                    "its own tools (pg_restore), or unset the variable");
    }
    core::log::configure(core::log::Format::text, core::log::Level::warn);
    app::RestoreOptions wanted;
    wanted.data_dir = std::filesystem::absolute(context.data_dir);
    wanted.backup = options->path;
    wanted.replace = options->replace;
    wanted.master_key_file = environment("PRELOOP_MASTER_KEY_FILE");
    wanted.master_key_command = environment("PRELOOP_MASTER_KEY_COMMAND");
    wanted.passphrase = [from_stdin = options->passphrase_stdin]() -> core::Result<core::Secret> {
      return from_stdin ? secret_from_stdin()
                        : ask_secret("Passphrase of the keys in the backup: ", k_passphrase_help);
    };
    const auto report = app::restore_backup(wanted);
    if (!report) {
      return failed(context, report.error());
    }
    const auto document = core::JsonDocument::parse(*report);
    print_object(context, document->root());
  });

  CLI::App* const rotate = admin.add_subcommand(
      "rotate-master-key", "A new master key: every secret is encrypted again");
  const auto next = std::make_shared<std::string>();
  rotate->add_option(
      "--next-key-file", *next, "The next key, when you keep the master key yourself");
  rotate->callback([&context, next] {
    std::string request;
    core::JsonWriter(request)
        .begin_object()
        .field("command", "master_key.rotate")
        .field("next_key_file", next->empty() ? "" : std::filesystem::absolute(*next).string())
        .end_object();
    run(context, request);
  });

  admin.add_subcommand("migrate", "Bring the database of a stopped server up to date")
      ->callback([&context] { run(context, R"({"command":"status"})"); });
  admin.add_subcommand("status", "What the holder of the data dir says")->callback([&context] {
    run(context, R"({"command":"status"})");
  });
}

}  // namespace

core::Result<std::string> ask_data_dir(const Context& context,
                                       const core::Error& refused,
                                       std::string request) {
  const core::ErrorDetail wanted{"auth", "console_session"};
  if (std::ranges::find(refused.details, wanted) == refused.details.end()) {
    return std::unexpected(refused);
  }
  core::LoopPool loops(1);
  loops.start();
  auto answer =
      app::run_blocking(loops.at(0), app::ask_admin(context.data_dir, std::move(request)));
  loops.stop();
  if (!answer && answer.error().code == core::Code::not_found) {
    return std::unexpected(refused);
  }
  return answer;
}

void add_admin(CLI::App& app, Context& context) {
  CLI::App* const admin = app.add_subcommand(
      "admin", "For who holds the data dir: people, keys, backup (no sign-in needed)");
  admin->require_subcommand(1);
  context.data_dir = default_data_dir();
  admin->add_option("--data-dir", context.data_dir, "The server's data dir (PRELOOP_DATA_DIR)")
      ->capture_default_str();
  admin->fallthrough();
  add_users(*admin, context);
  add_keys(*admin, context);
  add_backups(*admin, context);
}

}  // namespace preloop::cli
