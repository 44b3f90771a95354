#include "cli/audit.h"

#include "cli/context.h"
#include "cli/rest_client.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace preloop::cli {
namespace {

struct ExportOptions {
  std::string file = "-", from, until;
  bool payloads = false;
};

void export_record(Context& context, const ExportOptions& options) {
  std::FILE* const out = options.file == "-" ? stdout : std::fopen(options.file.c_str(), "wb");
  if (out == nullptr) {
    return failed(context, fmt::format("cannot write {}: {}", options.file, std::strerror(errno)));
  }
  std::string path =
      options.payloads ? "/audit/export?include=payloads" : "/audit/export?include=records";
  if (!options.from.empty()) {
    path += "&from=" + net::percent_encode(options.from);
  }
  if (!options.until.empty()) {
    path += "&until=" + net::percent_encode(options.until);
  }
  RestClient client(context);
  const core::Status done = client.download(path, [out](std::string_view bytes) -> core::Status {
    if (std::fwrite(bytes.data(), 1, bytes.size(), out) != bytes.size()) {
      return core::fail(core::Code::unavailable, "the file cannot be written");
    }
    return {};
  });
  const bool flushed = std::fflush(out) == 0;
  if (out != stdout) {
    std::fclose(out);
  }
  if (!done) {
    return failed(context, done.error());
  }
  if (!flushed) {
    failed(context, "the file cannot be written");
  }
}

}  // namespace

void add_audit(CLI::App& app, Context& context) {
  CLI::App* const noun = app.add_subcommand("audit", "The record of everything that happened");
  noun->require_subcommand(1);
  const auto options = std::make_shared<ExportOptions>();
  CLI::App* const verb = noun->add_subcommand("export", "Write the record as JSON lines");
  verb->add_option("FILE", options->file, "Where to; - is standard output")->capture_default_str();
  verb->add_option("--from", options->from, "Not older than this time (RFC 3339)");
  verb->add_option("--until", options->until, "Older than this time");
  verb->add_flag(
      "--payloads", options->payloads, "With arguments and results, as far as they are kept");
  verb->callback([&context, options] { export_record(context, *options); });
  add_audit_verify(*noun, context);
}

}  // namespace preloop::cli
