#include "store/sqlite/sqlite_database.h"

#include "store/lock_file.h"
#include "store/migration.h"
#include "store/sqlite/backup.h"
#include "store/sqlite/checkpointer.h"
#include "store/sqlite/migrate.h"
#include "store/sqlite/read_pool.h"
#include "store/sqlite/writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

namespace preloop::store::sqlite {
namespace {

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::string path,
                 LockFile lock,
                 std::unique_ptr<Connection> writer,
                 std::unique_ptr<Connection> checkpoint,
                 std::size_t read_threads)
      : path_(path),
        lock_(std::move(lock)),
        writer_(path, std::move(writer)),
        checkpointer_(std::move(checkpoint), writer_),
        reads_(std::move(path), read_threads) {
    writer_.start([this](Durability durability, std::uint64_t wal_bytes) {
      checkpointer_.note(durability, wal_bytes);
    });
  }
  ~SqliteDatabase() override { close(); }

  core::Task<core::Result<Rows>> query(Statement statement) override {
    return reads_.query(std::move(statement));
  }
  core::Task<core::Status> commit(Unit unit, Durability durability) override {
    return writer_.commit(std::move(unit), durability);
  }
  void set_sealer(Sealer* sealer) override { writer_.set_sealer(sealer); }
  void set_commit_listener(std::function<void()> listener) override {
    writer_.set_listener(std::move(listener));
  }
  Health health() const override {
    Health out;
    writer_.fill(out);
    return out;
  }
  core::Task<core::Status> backup(std::string target) override {
    return reads_.run([this, target = std::move(target)] {
      return back_up(path_, target, [this] { return reads_.is_closing(); });
    });
  }
  std::string_view dialect() const override { return "sqlite"; }
  core::Task<void> stop() override {
    return reads_.run_always([this] { close(); });
  }

 private:
  /// The writer's connection closes last but for the lock: it empties the WAL, so that the next
  /// start has nothing to recover.
  void close() {
    const std::lock_guard once(closing_);
    if (!lock_) {
      return;
    }
    writer_.drain();
    checkpointer_.stop();
    reads_.close();
    writer_.stop();
    lock_.reset();
  }

  std::string path_;
  std::mutex closing_;
  std::optional<LockFile> lock_;
  Writer writer_;
  Checkpointer checkpointer_;
  ReadPool reads_;
};

core::Status prepare_folder(const std::string& data_dir) {
  if (::mkdir(data_dir.c_str(), 0700) != 0 && errno != EEXIST) {
    return core::fail(core::Code::unavailable,
                      fmt::format("cannot create {}: {}", data_dir, std::strerror(errno)));
  }
  return {};
}

/// SQLite would create it readable for others. Only when it is missing: a second descriptor on an
/// open database drops its locks when it is closed (decision 24).
core::Status prepare_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0 && errno != EEXIST) {
    return core::fail(core::Code::unavailable,
                      fmt::format("cannot create {}: {}", path, std::strerror(errno)));
  }
  if (descriptor >= 0) {
    ::close(descriptor);
  }
  return {};
}

}  // namespace

core::Result<std::unique_ptr<Database>> open(const Options& options) {
  PRELOOP_CHECK(prepare_folder(options.data_dir));
  PRELOOP_TRY(LockFile lock, LockFile::acquire(options.data_dir + "/lock", options.holder));
  const std::string path = options.data_dir + "/preloop.db";
  PRELOOP_CHECK(prepare_file(path));
  PRELOOP_TRY(auto writer, Connection::open(path, Role::writer));
  PRELOOP_TRY(const auto migrations, embedded_migrations(Dialect::sqlite));
  PRELOOP_CHECK(migrate(*writer, migrations, core::SystemClock{}.wall()));
  PRELOOP_TRY(auto checkpoint, Connection::open(path, Role::checkpoint));
  return std::make_unique<SqliteDatabase>(
      path, std::move(lock), std::move(writer), std::move(checkpoint), options.read_threads);
}

}  // namespace preloop::store::sqlite
