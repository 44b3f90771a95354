#include "policy/document.h"
#include "targets.h"

#include <string>

namespace preloop::fuzz {

/// A document that is accepted reads back from what `export` writes of it, unchanged.
void policy(std::string_view bytes) {
  if (bytes.size() > 64 * 1024) {
    return;
  }
  const auto document = policy::parse_document(bytes);
  if (!document) {
    check(!document.error().message.empty(), "a refusal says why");
    return;
  }
  const std::string written = policy::write_document(*document);
  const auto again = policy::parse_document(written);
  check(again.has_value(), "what we write can be read");
  check(*again == *document, "and says the same");
  check(policy::write_document(*again) == written, "and is written the same way");
}

}  // namespace preloop::fuzz
