#pragma once
#include <boost/asio/awaitable.hpp>

namespace preloop::core {

/// What every suspending function returns, mostly as `Task<Result<T>>`. Lazy: nothing runs until it
/// is awaited or spawned through a TaskScope. A Task runs on the loop that awaits it.
///
/// Parameters are values, or references to services that `app` owns for the program's life. A view
/// is allowed only when the caller awaits directly.
template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace preloop::core
