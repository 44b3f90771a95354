# One precompiled header for every module: the standard set, <expected> and Asio's awaitable.
# Headers must not rely on it; scripts/check_headers compiles each alone without it.
add_library(preloop_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
target_link_libraries(preloop_pch PRIVATE preloop_options)
target_compile_options(preloop_pch PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
target_precompile_headers(preloop_pch PRIVATE
  <algorithm> <array> <atomic> <chrono> <cstdint> <deque> <expected> <functional> <map> <memory>
  <optional> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>
  <fmt/format.h> <boost/asio/awaitable.hpp>)

function(preloop_use_pch target)
  target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  target_precompile_headers(${target} REUSE_FROM preloop_pch)
endfunction()
