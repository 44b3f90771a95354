#include "cli/context.h"
#include "cli/output.h"
#include "cli/rest_client.h"
#include "core/json_writer.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

namespace preloop::cli {
namespace {

void set(Context& context, const std::string& name, bool from_stdin) {
  std::string value;
  if (from_stdin || !is_terminal(0)) {
    value = read_file("-").value_or("");
    if (value.ends_with('\n')) {
      value.pop_back();
    }
  } else {
    const auto asked = ask_secret(fmt::format("Value of {}: ", name));
    if (!asked) {
      return failed(context, asked.error());
    }
    value = asked->reveal();
  }
  std::string body;
  core::JsonWriter(body).begin_object().field("value", value).end_object();
  RestClient client(context);
  const auto answer = client.send("PUT", "/secrets/" + net::percent_encode(name), body);
  if (!answer) {
    return failed(context, answer.error());
  }
  print_object(context, answer->root());
}

}  // namespace

void add_secrets(CLI::App& app, Context& context) {
  CLI::App* const noun = app.add_subcommand("secrets", "Credentials of servers; never shown again");
  noun->require_subcommand(1);
  noun->add_subcommand("list", "Their names")->callback([&context] {
    RestClient client(context);
    const auto answer = client.get("/secrets");
    if (!answer) {
      return failed(context, answer.error());
    }
    print_list(context,
               answer->root(),
               {{"NAME", "name"}, {"VERSION", "version"}, {"UPDATED", "updated_at"}});
  });

  const auto name = std::make_shared<std::string>();
  const auto from_stdin = std::make_shared<bool>(false);
  CLI::App* const put =
      noun->add_subcommand("set", "Store one: asks for the value, or reads standard input");
  put->add_option("NAME", *name, "a-z, 0-9, _ . -")->required();
  put->add_flag("--stdin", *from_stdin, "Read the value from standard input");
  put->callback([&context, name, from_stdin] { set(context, *name, *from_stdin); });

  CLI::App* const remove = noun->add_subcommand("remove", "Forget one");
  remove->add_option("NAME", *name, "Its name")->required();
  remove->callback([&context, name] {
    RestClient client(context);
    const auto answer = client.send("DELETE", "/secrets/" + net::percent_encode(*name), {});
    if (!answer) {
      return failed(context, answer.error());
    }
    print_line("removed " + *name);
  });
}

}  // namespace preloop::cli
