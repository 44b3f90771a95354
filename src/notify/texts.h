#pragma once
#include "notify/types.h"

#include <string>
#include <string_view>

namespace preloop::notify {

// What people read. Pure. Everything an agent wrote is one printable line: no control, bidi or
// invisible characters, no line breaks of its own.

/// What a message may link to: the decision page, with a token where the recipient can decide there
/// without signing in.
struct Links {
  std::string open;     ///< the page; never decides by being opened
  std::string approve;  ///< the same page with that answer chosen; empty without a token
  std::string decline;
  std::string decide;  ///< POST {"token","decision"}; empty without a token
  std::string token;
};

/// "pay: amount 5000": the tool and the argument that tells most, short enough for a watch.
std::string title_of(const Ask& ask);
/// Who asks and why: one or two sentences.
std::string body_of(const Ask& ask);
/// The argument that tells most, "amount 5000"; empty without arguments.
std::string telling_argument(std::string_view arguments_json);

}  // namespace preloop::notify
