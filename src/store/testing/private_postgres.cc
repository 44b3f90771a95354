#include "store/testing/private_postgres.h"

#include "core/text.h"
#include "store/testing/databases.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <vector>

namespace preloop::store::testing {
namespace {

constexpr const char* k_programs = "/usr/lib/postgresql/15/bin";

// $1 is the folder, $2 the programs. Prints "ready", then waits for the end of its input, which
// comes when the test process ends in whatever way.
constexpr const char* k_guardian = R"(
trap '' INT TERM HUP PIPE
finish() { cd /; rm -rf "$1/data" "$1/log"; rmdir "$1"; }
"$2/initdb" -D "$1/data" --no-sync --locale=C.UTF-8 --encoding=UTF8 --auth=trust \
  --username=postgres >"$1/log" 2>&1 &&
"$2/pg_ctl" -D "$1/data" -w -t 60 -l "$1/log" -o "-k '$1' -c listen_addresses='' \
  -c shared_buffers=32MB -c max_connections=60 -c dynamic_shared_memory_type=mmap" start \
  >/dev/null 2>&1 </dev/null || { tail -n 1 "$1/log"; finish "$1"; exit 1; }
echo ready
exec >/dev/null 2>&1
while read -r _; do :; done
"$2/pg_ctl" -D "$1/data" -m immediate -w stop </dev/null
finish "$1"
)";

struct Pipe {
  int read = -1;
  int write = -1;
};

core::Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return core::fail(core::Code::unavailable, "no pipe");
  }
  return Pipe{ends[0], ends[1]};
}

/// initdb refuses root, so the server then runs as nobody.
core::Result<std::string> make_folder() {
  // Short: the path of a Unix socket has at most 108 bytes.
  std::string folder = "/tmp/plpg-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    return core::fail(core::Code::unavailable, "no temporary folder");
  }
  if (geteuid() == 0) {
    const passwd* const nobody = getpwnam("nobody");
    if (nobody == nullptr || chown(folder.c_str(), nobody->pw_uid, nobody->pw_gid) != 0) {
      return core::fail(core::Code::unavailable, "cannot give the folder to nobody");
    }
  }
  return folder;
}

std::string read_line(int descriptor) {
  std::string line;
  char byte = 0;
  while (line.size() < 1'000 && read(descriptor, &byte, 1) == 1 && byte != '\n') {
    line += byte;
  }
  return line;
}

core::Result<int> spawn_guardian(const std::string& folder, int input, int output) {
  std::vector<std::string> words;
  if (geteuid() == 0) {
    words = {"/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"};
  }
  for (const std::string& word : {std::string("/bin/sh"),
                                  std::string("-c"),
                                  std::string(k_guardian),
                                  std::string("guardian"),
                                  folder,
                                  std::string(k_programs)}) {
    words.push_back(word);
  }
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawn_file_actions_addchdir_np(&actions, "/");
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A group of its own: Ctrl-C ends the test, and the pipe then ends the guardian.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  const std::array<char, 40> path_text{"PATH=/usr/bin:/bin"};
  const std::array<char*, 2> environment{const_cast<char*>(path_text.data()), nullptr};
  pid_t child = -1;
  const int failed = posix_spawn(
      &child, arguments[0], &actions, &attributes, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) {
    return core::fail(core::Code::unavailable, std::string("no guardian: ") + strerror(failed));
  }
  return child;
}

}  // namespace

core::Result<std::unique_ptr<PrivatePostgres>> PrivatePostgres::start() {
  if (access((std::string(k_programs) + "/postgres").c_str(), X_OK) != 0) {
    return core::fail(core::Code::unavailable, "PostgreSQL 15 is not installed");
  }
  std::unique_ptr<PrivatePostgres> server(new PrivatePostgres());
  PRELOOP_TRY(server->folder_, make_folder());
  PRELOOP_TRY(const Pipe lifeline, make_pipe());
  PRELOOP_TRY(const Pipe report, make_pipe());
  auto spawned = spawn_guardian(server->folder_, lifeline.read, report.write);
  close(lifeline.read);
  close(report.write);
  server->lifeline_ = lifeline.write;
  std::string said;
  if (spawned) {
    server->guardian_ = *spawned;
    said = read_line(report.read);
  }
  close(report.read);
  PRELOOP_CHECK(spawned);
  if (said != "ready") {
    return core::fail(core::Code::unavailable,
                      "PostgreSQL does not start: " + core::printable(said));
  }
  return server;
}

core::Result<PrivatePostgres*> PrivatePostgres::shared() {
  static const core::Result<std::unique_ptr<PrivatePostgres>> server = start();
  if (!server) {
    return std::unexpected(server.error());
  }
  return server->get();
}

PrivatePostgres::~PrivatePostgres() {
  close(lifeline_);
  if (guardian_ > 0) {
    waitpid(guardian_, nullptr, 0);
  }
}

core::Result<std::string> PrivatePostgres::new_database() {
  static std::atomic<int> last = 0;
  const std::string name = "t" + std::to_string(++last);
  const std::string url_start = "postgresql://postgres@/";
  const std::string url_end = "?host=" + folder_;
  PRELOOP_CHECK(
      execute(url_start + "postgres" + url_end, "CREATE DATABASE " + name + " TEMPLATE template0"));
  return url_start + name + url_end;
}

core::Result<std::string> PrivatePostgres::execute(const std::string& url, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()),
                                                                &PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                             &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    return core::fail(core::Code::unavailable, PQerrorMessage(connection.get()));
  }
  const bool any = PQntuples(result.get()) > 0 && PQnfields(result.get()) > 0;
  return any ? std::string(PQgetvalue(result.get(), 0, 0)) : std::string();
}

core::Result<std::string> new_postgres_database() {
  PRELOOP_TRY(PrivatePostgres* const server, PrivatePostgres::shared());
  return server->new_database();
}

}  // namespace preloop::store::testing
