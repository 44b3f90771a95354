#include "cel/lexer.h"

#include <doctest/doctest.h>
