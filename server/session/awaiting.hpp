#pragma once
// How the coroutines of this folder wait: for a tuple of error and result, without exceptions.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace baton::session {

inline constexpr auto awaiting = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace baton::session
