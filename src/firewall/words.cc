#include "firewall/words.h"

#include "core/text.h"

#include <fmt/format.h>

namespace preloop::firewall {

std::string denied_text(const policy::Verdict& verdict) {
  const bool is_sentence = verdict.message.ends_with('.') || verdict.message.ends_with('!') ||
                           verdict.message.ends_with('?');
  return fmt::format("Denied: {}{} Nothing was executed.", verdict.message, is_sentence ? "" : ".");
}

std::string_view halted_text() {
  return "All tool calls are halted by a person. Stop, and wait until somebody releases them; an "
         "approval that was given stays.";
}

std::string pending_text(core::ApprovalId request, std::string_view approvers) {
  return fmt::format(
      "This call waits for approval by {} (request {}). Nothing was executed. To go on, make "
      "exactly "
      "the same call again: it finds the same request, and runs once if it was approved meanwhile.",
      approvers,
      request.to_string());
}

std::string closed_text(const approvals::Request& request) {
  switch (request.state) {
    case approvals::State::declined: {
      std::string comment;
      for (const approvals::Vote& vote : request.votes) {
        if (vote.decision == approvals::Decision::decline && !vote.comment.empty()) {
          comment = fmt::format(" The reason given: \"{}\".", core::printable(vote.comment, 2000));
        }
      }
      return fmt::format("Declined by a person.{} Nothing was executed.", comment);
    }
    case approvals::State::expired:
      return "Nobody approved this call in time. Nothing was executed. Making the same call again "
             "asks again.";
    case approvals::State::cancelled:
      return fmt::format("The request for approval was cancelled{}. Nothing was executed.",
                         request.closing_reason.empty() ? "" : ": " + request.closing_reason);
    case approvals::State::superseded:
      return "The rules have come to ask for another approval. Nothing was executed. Making the "
             "same call again asks.";
    case approvals::State::unknown:
      return "This call was sent, and its outcome was lost. It may have been executed, so it is "
             "not "
             "run again until a person releases it.";
    default:
      return fmt::format("The request for approval is {}.", to_string(request.state));
  }
}

std::string failed_closed_text(const core::Error& error) {
  return fmt::format("Refused, because something failed: {}. Nothing was executed.", error.message);
}

std::string not_sent_text(std::string_view server, const core::Error& error) {
  return fmt::format(
      "The server '{}' cannot be reached: {}. Nothing was executed; try again later.",
      server,
      error.message);
}

std::string unknown_text(std::string_view server, const core::Error& error) {
  return fmt::format(
      "The call was sent to the server '{}', but no answer came ({}). It may have been executed; "
      "check before making it again.",
      server,
      error.message);
}

}  // namespace preloop::firewall
