#pragma once
#include <array>
#include <string>
#include <string_view>

namespace preloop::bench {

struct Condition {
  std::string_view name;
  std::string_view source;
};

/// The same as in cel/peers.mjs; each is true for the arguments.
inline constexpr std::array k_conditions = {
    Condition{"E1", "args.amount > 1000"},
    Condition{"E2", "args.environment == 'production'"},
    Condition{
        "E3",
        "args.environment in ['production','staging'] && args.replicas <= 10 && !args.dry_run"},
    Condition{"E4", "args.path.startsWith('/etc/') || args.path.matches('^/home/[a-z]+/[.]ssh/')"},
    Condition{"E5", "args.recipients.exists(r, !r.endsWith('@example.com'))"},
};

/// Ten recipients, the last of them elsewhere, so that E5 looks at all.
inline constexpr std::string_view k_condition_arguments =
    R"({"amount":1500,"environment":"production","replicas":3,"dry_run":false,)"
    R"("path":"/home/max/.ssh/id_rsa","recipients":["a@example.com","b@example.com",)"
    R"("c@example.com","d@example.com","e@example.com","f@example.com","g@example.com",)"
    R"("h@example.com","i@example.com","z@evil.com"]})";

/// What a tool that deploys something might take.
inline constexpr std::string_view k_tool_schema =
    R"({"type":"object","properties":{"environment":{"type":"string","enum":["dev","staging",)"
    R"("production"]},"service":{"type":"string","minLength":1,"maxLength":64,)"
    R"("pattern":"^[a-z][a-z0-9-]*$"},"replicas":{"type":"integer","minimum":1,"maximum":100},)"
    R"("dry_run":{"type":"boolean"},"tags":{"type":"array","items":{"type":"string"},)"
    R"("maxItems":20},"env":{"type":"object","additionalProperties":{"type":"string"}},)"
    R"("notes":{"type":"string","maxLength":2000},"limits":{"type":"object","properties":)"
    R"({"cpu":{"type":"number","exclusiveMinimum":0},"memory_mb":{"type":"integer"}},)"
    R"("required":["cpu"],"additionalProperties":false}},"required":["environment","service"],)"
    R"("additionalProperties":false})";

/// 1 KiB of arguments for it.
inline std::string tool_arguments() {
  const std::string head =
      R"({"environment":"production","service":"checkout-api","replicas":6,"dry_run":false,)"
      R"("tags":["blue","canary","eu-west-1","team-payments"],"env":{"LOG_LEVEL":"info",)"
      R"("REGION":"eu-west-1","FEATURES":"a,b,c"},"limits":{"cpu":1.5,"memory_mb":2048},"notes":")";
  return head + std::string(1024 - head.size() - 2, 'n') + R"("})";
}

}  // namespace preloop::bench
