#include "audit/verify.h"
#include "cli/audit.h"
#include "cli/context.h"
#include "cli/output.h"
#include "core/json_writer.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace preloop::cli {
namespace {

/// Reads a file by pieces; standard input for "-".
class Pieces {
 public:
  explicit Pieces(const std::string& path)
      : file_(path == "-" ? stdin : std::fopen(path.c_str(), "rb")) {}
  ~Pieces() {
    if (file_ != nullptr && file_ != stdin) {
      std::fclose(file_);
    }
  }
  Pieces(const Pieces&) = delete;
  Pieces& operator=(const Pieces&) = delete;

  bool is_open() const { return file_ != nullptr; }
  core::Result<std::string> next() {
    std::string piece(256 * 1024, '\0');
    piece.resize(std::fread(piece.data(), 1, piece.size(), file_));
    if (std::ferror(file_) != 0) {
      return core::fail(core::Code::unavailable, "the file cannot be read");
    }
    return piece;
  }

 private:
  std::FILE* file_;
};

std::string report_json(const audit::Report& report) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object()
      .field("verdict", to_string(report.verdict))
      .field("records", report.records)
      .field("payloads_checked", report.payloads_checked)
      .field("chains", report.chains.size())
      .key("findings")
      .begin_array();
  for (const audit::Finding& finding : report.findings) {
    writer.begin_object().field("line", finding.line).field("what", finding.what).end_object();
  }
  writer.end_array().key("notes").begin_array();
  for (const std::string& text : report.notes) {
    writer.string(text);
  }
  writer.end_array().key("keys").begin_array();
  for (const std::string& key : report.keys) {
    writer.string(key);
  }
  writer.end_array().end_object();
  return out;
}

void verify(Context& context, const std::string& path, const std::vector<std::string>& trusted) {
  Pieces pieces(path);
  if (!pieces.is_open()) {
    return failed(context, fmt::format("cannot read the file {}", path), k_usage);
  }
  const auto report =
      audit::verify_stream([&pieces] { return pieces.next(); }, {.trusted_keys = trusted});
  if (!report) {
    return failed(context, report.error());
  }
  const auto document = core::JsonDocument::parse(report_json(*report));
  print_object(context, document->root());
  if (trusted.empty() && report->verdict == audit::Verdict::intact) {
    std::fprintf(
        stderr,
        "The signing key was taken from the file itself. To rule out a forgery by who runs the "
        "server, compare its id with one you noted before (--trusted-key).\n");
  }
  context.exit_code = audit::exit_code(report->verdict);
}

}  // namespace

void add_audit_verify(CLI::App& audit, Context& context) {
  const auto path = std::make_shared<std::string>();
  const auto trusted = std::make_shared<std::vector<std::string>>();
  CLI::App* const verb = audit.add_subcommand(
      "verify", "Check an export without a server: 0 intact, 1 tampered, 3 incomplete");
  verb->add_option("FILE", *path, "An export, or - for standard input")->required();
  verb->add_option("--trusted-key", *trusted, "Signing key (hex) or its id, known by other means");
  verb->callback([&context, path, trusted] { verify(context, *path, *trusted); });
}

}  // namespace preloop::cli
