#include "redact/redact.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

namespace preloop::redact {
namespace {

constexpr Detectors k_all{Detector::secrets, Detector::credit_card, Detector::email};
constexpr Detectors k_secrets{Detector::secrets};

std::string masked(std::string_view text, Detectors detectors = k_all) {
  const Redaction once = mask(text, detectors);
  CHECK(once.changed() == (once.text != text));
  CHECK(mask(once.text, detectors).text == once.text);
  return once.text;
}
std::string json(const std::string& text, Detectors detectors = k_all) {
  const auto document = core::JsonDocument::parse(text);
  REQUIRE_MESSAGE(document.has_value(), document.error().message);
  const Redaction once = redact_json(document->root(), text, detectors);
  CHECK(once.changed() == (once.text != text));
  const auto again = core::JsonDocument::parse(once.text);
  REQUIRE_MESSAGE(again.has_value(), once.text);
  CHECK(redact_json(again->root(), once.text, detectors).text == once.text);
  return once.text;
}
/// Shapes are built here so that scanners of this repository do not take them for leaks.
std::string shape(std::string_view prefix, std::size_t length, std::string_view of = "aB3dE5") {
  std::string out(prefix);
  for (std::size_t i = 0; i < length; ++i) {
    out += of[i % of.size()];
  }
  return out;
}

TEST_CASE("nothing found: the same bytes") {
  for (const std::string_view text :
       {"",
        "hello",
        "a = b",
        "Bearer of bad news, the token is gone",
        "password: see the vault",
        "max_tokens=4096",
        "next_page_token=abc123456",
        "sk-short",
        "https://a.b/c?d=e",
        "order 4111 1111 1111 1112 is no card",
        "1700000000000000000",
        "a@b",
        "@mention",
        "token = get_token(1234567)",
        "password=${DB_PASSWORD_1}",
        "secret:deployer1",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "the basic principle",
        "task-scheduling",
        "eyJust a word",
        "\xff\xfe not UTF-8 \x80"}) {
    CHECK_MESSAGE(masked(text) == text, text);
  }
  CHECK(masked("ada@example.com 4111111111111111", {}) == "ada@example.com 4111111111111111");
}

TEST_CASE("tokens of a known shape") {
  struct Case {
    std::string token;
    std::string kind;
  };
  const Case cases[] = {
      {shape("AKIA", 16, "ABCD2345"), "aws_key"},
      {shape("ASIA", 16, "ABCD2345"), "aws_key"},
      {shape("ghp_", 36), "github_token"},
      {shape("github_pat_", 60, "aB3_x"), "github_token"},
      {shape("glpat-", 20, "aB3-_x"), "gitlab_token"},
      {shape("xoxb-", 40, "123-aB"), "slack_token"},
      {shape("xapp-1-", 40), "slack_token"},
      {shape("sk-", 48), "openai_key"},
      {shape("sk-proj-", 80, "aB3-_x"), "openai_key"},
      {shape("sk-ant-api03-", 80, "aB3-_x"), "anthropic_key"},
      {shape("sk_live_", 24), "stripe_key"},
      {shape("AIza", 35, "aB3-_x"), "google_key"},
      {shape("npm_", 36), "npm_token"},
      {shape("hf_", 34), "huggingface_token"},
      {shape("plo_", 22) + shape("_", 49), "preloop_key"},
      {shape("pla_", 22) + shape("_", 49), "preloop_key"},
      {shape("plx_", 22) + shape("_", 49), "preloop_key"},
      {shape("eyJ", 20) + shape(".eyJ", 30) + shape(".", 43, "aB3-_x"), "jwt"},
  };
  for (const Case& c : cases) {
    CHECK(masked(c.token) == "[redacted:" + c.kind + "]");
    CHECK(masked("use \"" + c.token + "\", please") == "use \"[redacted:" + c.kind + "]\", please");
    CHECK(masked("(" + c.token + ")") == "([redacted:" + c.kind + "])");
    CHECK_MESSAGE(masked("x" + c.token) == "x" + c.token, c.token);
    CHECK(masked(c.token.substr(0, 10)) == c.token.substr(0, 10));
  }
}

TEST_CASE("private keys, whole; what has no end goes to the end") {
  const std::string dashes = "-----";
  for (const std::string label : {"PRIVATE KEY",
                                  "RSA PRIVATE KEY",
                                  "EC PRIVATE KEY",
                                  "OPENSSH PRIVATE KEY",
                                  "PGP PRIVATE KEY BLOCK"}) {
    const std::string key =
        fmt::format("{0}BEGIN {1}{0}\nMIIEvQIBADAN\nBgkqh==\n{0}END {1}{0}", dashes, label);
    CHECK(masked("key:\n" + key + "\nafter") == "key:\n[redacted:private_key]\nafter");
  }
  CHECK(masked(dashes + "BEGIN PRIVATE KEY" + dashes + "\nMIIE") == "[redacted:private_key]");
}

TEST_CASE("headers and URLs") {
  const std::string token = shape("", 32);
  CHECK(masked("Authorization: Bearer " + token) == "Authorization: [redacted:authorization]");
  CHECK(masked("sent Bearer " + token + ", then") == "sent Bearer [redacted:authorization], then");
  CHECK(masked("bearer " + token) == "bearer [redacted:authorization]");
  CHECK(masked("Basic dXNlcjpwYXNzd29yZA==") == "Basic [redacted:authorization]");
  CHECK(masked("curl -H 'Cookie: a=b1; c=d234' x") == "curl -H 'Cookie: [redacted:cookie]' x");
  CHECK(masked("X-Api-Key: abc123def\r\nHost: a") == "X-Api-Key: [redacted:api_key]\r\nHost: a");
  CHECK(masked("postgres://app:s3cr@t@db:5432/x") ==
        "postgres://app:[redacted:password]@db:5432/x");
  CHECK(masked("https://a.b:8080/c@d") == "https://a.b:8080/c@d");
  CHECK(masked("GET /x?access_token=abc123&y=2") == "GET /x?access_token=[redacted:token]&y=2");
}

TEST_CASE("assignments in files, code and nested JSON") {
  CHECK(masked("DB_PASSWORD=hunter22\nDB_HOST=db1") ==
        "DB_PASSWORD=[redacted:password]\nDB_HOST=db1");
  CHECK(masked("password = \"correct horse\"") == "password = \"[redacted:password]\"");
  CHECK(masked("{\"password\": \"a\\\"b\", \"n\": 1}") ==
        "{\"password\": \"[redacted:password]\", \"n\": 1}");
  CHECK(masked(R"({\"apiKey\":\"x\",\"n\":1})") ==
        R"({\"apiKey\":\"[redacted:api_key]\",\"n\":1})");
  CHECK(masked("client_secret: abc12345") == "client_secret: [redacted:secret]");
  CHECK(masked("'token': 'never closed") == "'token': '[redacted:token]");
  CHECK(masked("password=\"\"") == "password=\"\"");
}

TEST_CASE("sensitive names") {
  const auto kind = [](std::string_view name) {
    return std::string(sensitive_kind(name).value_or("-"));
  };
  for (const char* name : {"password",
                           "PASSWORD",
                           "DB_Password",
                           "newPassword",
                           "password2",
                           "password_confirmation",
                           "user.passwd",
                           "pwd",
                           "PassPhrase"}) {
    CHECK_MESSAGE(kind(name) == "password", name);
  }
  for (const char* name : {"api_key",
                           "apiKey",
                           "API-KEY",
                           "x-api-key",
                           "apikey",
                           "OPENAI_API_KEY",
                           "aws_secret_access_key"}) {
    CHECK_MESSAGE(kind(name) == "api_key", name);
  }
  for (const char* name : {"token", "access_token", "accessToken", "githubtoken", "TOKEN_VALUE"}) {
    CHECK_MESSAGE(kind(name) == "token", name);
  }
  CHECK(kind("client_secret") == "secret");
  CHECK(kind("credentials") == "credential");
  CHECK(kind("Authorization") == "authorization");
  CHECK(kind("Proxy-Authorization") == "authorization");
  CHECK(kind("Set-Cookie") == "cookie");
  CHECK(kind("private key") == "private_key");
  CHECK(kind(std::string(10'000, 'x') + "_password") == "password");
  for (const char* name : {"",
                           "max_tokens",
                           "tokens",
                           "token_count",
                           "next_page_token",
                           "pageToken",
                           "token_type",
                           "password_policy",
                           "secret_name",
                           "key",
                           "public_key",
                           "author",
                           "compass",
                           "name",
                           "42"}) {
    CHECK_MESSAGE(kind(name) == "-", name);
  }
}

TEST_CASE("credit card numbers") {
  CHECK(masked("4111 1111 1111 1111") == "[redacted:credit_card]");
  CHECK(masked("card 4111-1111-1111-1111.") == "card [redacted:credit_card].");
  CHECK(masked("4111111111111111 12/27") == "[redacted:credit_card] 12/27");
  CHECK(masked("4111 1111 1111 1111 12/27") == "[redacted:credit_card] 12/27");
  CHECK(masked("no. 1 4111 1111 1111 1111") == "no. 1 [redacted:credit_card]");
  CHECK(masked("378282246310005") == "[redacted:credit_card]");
  CHECK(masked("5555555555554444,6011111111111117,30569309025904,3530111333300000") ==
        "[redacted:credit_card],[redacted:credit_card],[redacted:credit_card],[redacted:credit_"
        "card]");
  for (const std::string_view text : {"4111111111111112",
                                      "41111111111111110000000",
                                      "x4111111111111111",
                                      "0.4111111111111111",
                                      "4111111111111111a",
                                      "9999999999999995",
                                      "4111  1111 1111 1111"}) {
    CHECK_MESSAGE(masked(text) == text, text);
  }
  CHECK(masked("4111111111111111", k_secrets) == "4111111111111111");
}

TEST_CASE("e-mail addresses") {
  CHECK(masked("to ada.l+x@mail.example.com.") == "to [redacted:email].");
  CHECK(masked("<ada@example.com>") == "<[redacted:email]>");
  CHECK(masked("ada@localhost") == "ada@localhost");
  CHECK(masked("ada@example.c") == "ada@example.c");
  CHECK(masked("ada@example.com", k_secrets) == "ada@example.com");
}

TEST_CASE("JSON: values under sensitive names, whatever they are") {
  CHECK(json(R"({"user":"ada","password":"x"})") ==
        R"({"user":"ada","password":"[redacted:password]"})");
  CHECK(
      json(R"({"credentials":{"a":1},"pin":1,"token":123,"secrets":[1,2]})") ==
      R"({"credentials":"[redacted:credential]","pin":1,"token":"[redacted:token]","secrets":"[redacted:secret]"})");
  CHECK(json(R"({"a":[{"apiKey":"x"}]})") == R"({"a":[{"apiKey":"[redacted:api_key]"}]})");
  CHECK(
      json(R"([{"name":"Authorization","value":"x"},{"name":"Accept","value":"y"}])") ==
      R"([{"name":"Authorization","value":"[redacted:authorization]"},{"name":"Accept","value":"y"}])");
  for (const char* same : {R"({ "password" : null, "token": true , "secret":"", "apiKey": [] })",
                           R"({"max_tokens": 4096, "x": 1.0, "y": "\u00e9"})",
                           "[ ]",
                           "\"text\"",
                           "1e2"}) {
    CHECK(json(same) == same);
  }
  CHECK(json(R"({"password":"x"})", {Detector::email}) == R"({"password":"x"})");
}

TEST_CASE("JSON: inside strings, numbers and names") {
  const std::string token = shape("ghp_", 36);
  CHECK(json(R"({"text":"{\"password\":\"x\"}","n":[4111111111111111,7]})") ==
        R"({"text":"{\"password\":\"[redacted:password]\"}","n":["[redacted:credit_card]",7]})");
  CHECK(
      json("{\"" + token + "\":1,\"" + token + "b\":2,\"[redacted:github_token]\":3}") ==
      R"({"[redacted:github_token] 2":1,"[redacted:github_token] 3":2,"[redacted:github_token]":3})");
  CHECK(json("\"a\\n" + token + "\\n\\u00e9\"") == "\"a\\n[redacted:github_token]\\né\"");
}

TEST_CASE("kinds are counted") {
  const Redaction out = mask("a@example.com b@example.com 4111111111111111", k_all);
  CHECK(out.masked == std::vector<Masked>{{"email", 2}, {"credit_card", 1}});
  CHECK(mask("nothing", k_all).masked.empty());
}

TEST_CASE("detectors are named as in policies") {
  for (const Detector detector : {Detector::secrets, Detector::credit_card, Detector::email}) {
    CHECK(detector_from(to_string(detector)) == detector);
  }
  CHECK(!detector_from("phone").has_value());
}

/// A scanner that reads anything twice per position would not end here.
TEST_CASE("hostile texts are scanned in linear time") {
  for (const std::string_view part : {"eyJ",         "eyJ-",
                                      "eyJ.",        "eyJa.aaaa ",
                                      "token=",      "token=\"",
                                      "token=a",     "password: ",
                                      "sk-",         "ghp_",
                                      "-----BEGIN ", "-----BEGIN PRIVATE KEY",
                                      "//a:",        "//a@",
                                      "4 ",          "4111-",
                                      "a@",          "a@b.",
                                      "Bearer ",     "Cookie: 1",
                                      "= ",          "\\\"token\\\":\\\"",
                                      "token='\\",   " ",
                                      "\"",          "x"}) {
    std::string text;
    while (text.size() < 50'000) {
      text += part;
    }
    const Redaction out = mask(text, k_all);
    CHECK(out.text.size() <= text.size() * 4);
    mask("token" + std::string(50'000, ' ') + "=" + text, k_all);
  }
}

TEST_CASE("account numbers, printed or not, when their check digits are right") {
  constexpr Detectors k_iban{Detector::iban};
  CHECK(mask("pay DE89370400440532013000 now", k_iban).text == "pay [redacted:iban] now");
  CHECK(mask("GB82 WEST 1234 5698 7654 32.", k_iban).text == "[redacted:iban].");
  CHECK_FALSE(mask("DE88370400440532013000", k_iban).changed());
  CHECK_FALSE(mask("XDE89370400440532013000", k_iban).changed());
  CHECK_FALSE(mask("DE89 3704", k_iban).changed());
}

TEST_CASE("a person can tell two masked values apart, but not read them") {
  constexpr Detectors k_all{Detector::secrets, Detector::credit_card};
  const std::string card = mask("4111 1111 1111 1111", k_all, Style::recognisable).text;
  CHECK(card == "[redacted:credit_card, 19 characters, ends 1111]");
  CHECK(mask(card, k_all, Style::recognisable).text == card);
  const std::string text = R"({"password":"short1","note":"ok"})";
  const auto parsed = core::JsonDocument::parse(text);
  CHECK(redact_json(parsed->root(), text, k_all, Style::recognisable).text ==
        R"({"password":"[redacted:password, 6 characters]","note":"ok"})");
}

}  // namespace
}  // namespace preloop::redact
