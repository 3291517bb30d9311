// What the operations of ports and adapters return.
//
// Every one ends by itself: adapters put their own deadlines on what they wait for.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace dun::scheduler {

template <typename T>
using Awaitable = boost::asio::awaitable<T>;

}  // namespace dun::scheduler
