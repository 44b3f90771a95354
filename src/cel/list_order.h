#pragma once
#include "cel/frame.h"
#include "cel/value.h"

#include <span>

namespace preloop::cel {

/// An element and what it is ordered by.
struct Ranked {
  Value key;
  Value item;
};

/// Orders by key, equal keys staying as they were. False when the keys are not all of one kind that
/// has an order (numbers must be of one kind too; NaN comes first). Pays for the comparisons; the
/// order is unspecified when the budget breaks.
bool sort_ranked(Frame& frame, std::span<Ranked> items);

/// A list of the items, in the frame's memory.
Value list_of_items(Frame& frame, std::span<const Ranked> items);

}  // namespace preloop::cel
