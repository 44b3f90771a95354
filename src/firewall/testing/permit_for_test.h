#pragma once
#include "firewall/upstream.h"

namespace preloop::firewall {

/// A permit that no decision stands behind, for tests of upstreams. Never included by the product.
class PermitForTest {
 public:
  PermitForTest() : permit_(core::CallId{}, verdict_) {}
  const Permit& permit() const { return permit_; }

 private:
  policy::Verdict verdict_;
  Permit permit_;
};

}  // namespace preloop::firewall
