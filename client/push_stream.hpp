#pragma once
// What the server speaks to without being asked each time: who follows events, who listens to topics. The client knows
// it weakly and calls it on its I/O thread.

#include "baton/error.hpp"
#include "client/request_table.hpp"

#include <optional>
#include <string_view>

namespace baton::detail {

class PushStream {
public:
    virtual ~PushStream() = default;
    /// The body of a frame for it.
    virtual void on_push(std::string_view body) = 0;
    /// There is a connection again. Nothing while it was never opened.
    virtual std::optional<PendingRequest> declare_again() = 0;
    virtual void on_closed(const Error& error) = 0;
};

}  // namespace baton::detail
