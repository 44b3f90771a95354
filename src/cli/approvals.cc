#include "cli/context.h"
#include "cli/output.h"
#include "cli/rest_client.h"
#include "core/json_writer.h"
#include "core/text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace preloop::cli {
namespace {

const std::vector<Column> k_columns = {{"ID", "id"},
                                       {"STATUS", "status"},
                                       {"AGENT", "agent"},
                                       {"SERVER", "server"},
                                       {"TOOL", "tool"},
                                       {"ARGUMENTS", "arguments"},
                                       {"EXPIRES", "expires_at"}};

void list(Context& context, std::string_view query) {
  RestClient client(context);
  const auto answer = client.get(fmt::format("/approval-requests{}", query));
  if (!answer) {
    return failed(context, answer.error());
  }
  print_list(context, answer->root(), k_columns);
}

void simulate(Context& context, const std::string& workflow) {
  RestClient client(context);
  const auto answer =
      client.get(fmt::format("/approval-workflows/{}/simulate", net::percent_encode(workflow)));
  if (!answer) {
    return failed(context, answer.error());
  }
  print_list(context,
             answer->root(),
             {{"AFTER", "after"},
              {"WHAT", "kind"},
              {"LEVEL", "level"},
              {"ASKED", "approvers"},
              {"MAY DECIDE", "people"},
              {"REACHABLE", "reachable"}});
}

void show(Context& context, const std::string& id, bool reveal) {
  RestClient client(context);
  const std::string path = "/approval-requests/" + net::percent_encode(id);
  const auto answer = reveal ? client.send("POST", path + "/reveal", "") : client.get(path);
  if (!answer) {
    return failed(context, answer.error());
  }
  print_object(context, answer->root());
}

/// The id as given, or the only pending request for "last".
core::Result<std::string> resolve(RestClient& client, const std::string& id) {
  if (id != "last") {
    return id;
  }
  PRELOOP_TRY(const core::JsonDocument list, client.get("/approval-requests?status=pending"));
  const core::Json newest = list.root()["items"].at(0);
  if (!newest.exists()) {
    return core::fail(core::Code::not_found, "nothing waits for approval");
  }
  return std::string(newest["id"].as_string().value_or(""));
}

void decide(Context& context,
            const std::string& id,
            const std::string& verb,
            const std::string& comment) {
  RestClient client(context);
  const auto request = resolve(client, id);
  if (!request) {
    return failed(context, request.error());
  }
  std::string body;
  core::JsonWriter(body).begin_object().field("comment", comment).end_object();
  const auto answer = client.send(
      "POST", fmt::format("/approval-requests/{}/{}", net::percent_encode(*request), verb), body);
  if (!answer) {
    return failed(context, answer.error());
  }
  const core::Json root = answer->root();
  if (context.output != Output::table) {
    return print_object(context, root);
  }
  print_line(fmt::format("{} {} of agent {} is {}",
                         core::printable(root["tool"].as_string().value_or(""), 128),
                         core::printable(root["arguments"].dump(), 400),
                         core::printable(root["agent"].as_string().value_or(""), 128),
                         root["status"].as_string().value_or("")));
}

void watch(Context& context) {
  RestClient client(context);
  const auto print_pending = [&] {
    const auto answer = client.get("/approval-requests?status=pending");
    if (answer) {
      std::fputs("\n", stdout);
      print_list(context, answer->root(), k_columns);
      std::fflush(stdout);
    }
    return answer.has_value();
  };
  if (!print_pending()) {
    return failed(context, "the server cannot be asked; see: preloop doctor");
  }
  // A client of its own: the stream stays open while the list is read again.
  RestClient stream(context);
  const core::Status ended = stream.events("/events", [&](std::string_view type, std::string_view) {
    return !type.starts_with("approval.") || print_pending();
  });
  if (!ended) {
    failed(context, ended.error());
  }
}

}  // namespace

void add_approvals(CLI::App& app, Context& context) {
  CLI::App* const noun = app.add_subcommand("approvals", "Calls that wait for a person");
  noun->require_subcommand(1);
  noun->add_subcommand("pending", "What waits now")->callback([&context] {
    list(context, "?status=pending");
  });
  noun->add_subcommand("list", "Every request, newest first")->callback([&context] {
    list(context, "");
  });
  noun->add_subcommand("watch", "What waits, live")->callback([&context] { watch(context); });

  const auto workflow = std::make_shared<std::string>("default");
  CLI::App* const simulated =
      noun->add_subcommand("simulate", "Who would be asked when, if nobody decided");
  simulated->add_option("--workflow", *workflow, "Its name");
  simulated->callback([&context, workflow] { simulate(context, *workflow); });

  const auto id = std::make_shared<std::string>();
  const auto comment = std::make_shared<std::string>();
  CLI::App* const one = noun->add_subcommand("show", "One request, whole");
  one->add_option("ID", *id, "Its id")->required();
  const auto reveal = std::make_shared<bool>(false);
  one->add_flag("--reveal", *reveal, "The arguments unmasked; the look is recorded");
  one->callback([&context, id, reveal] { show(context, *id, *reveal); });
  for (const auto& [verb, help] :
       {std::pair("approve", "Let the call run, once"),
        std::pair("decline", "Refuse it; the agent reads the comment"),
        std::pair("release", "Let a call whose outcome was lost be made again")}) {
    CLI::App* const command = noun->add_subcommand(verb, help);
    command->add_option("ID", *id, "Its id, or 'last' for the newest that waits")->required();
    command->add_option("--comment", *comment, "For the record and the agent");
    command->callback([&context, id, comment, which = std::string(verb)] {
      decide(context, *id, which, *comment);
    });
  }
}

}  // namespace preloop::cli
