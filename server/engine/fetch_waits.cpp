#include "server/engine/fetch_waits.hpp"

#include <utility>

namespace baton::engine {

void FetchWaits::note(const core::Request& request, Steady::time_point now) {
    const core::Fetch* fetch = std::get_if<core::Fetch>(&request.body);
    if (const auto* settle = std::get_if<core::Settle>(&request.body); settle != nullptr && settle->fetch) {
        fetch = &*settle->fetch;
    }
    if (fetch == nullptr || fetch->wait_ms <= 0 || fetch->wait_ms > core::limits::fetch_wait_ms_max) {
        return;
    }
    core::Request cancel;
    cancel.connection = request.connection;
    cancel.ns = request.ns;
    cancel.body = core::CancelRequest{request.id};
    waits_.emplace(now + std::chrono::milliseconds(fetch->wait_ms), std::move(cancel));
}

std::vector<core::Request> FetchWaits::ended(Steady::time_point now) {
    std::vector<core::Request> out;
    while (!waits_.empty() && waits_.begin()->first <= now) {
        out.push_back(std::move(waits_.begin()->second));
        waits_.erase(waits_.begin());
    }
    return out;
}

}  // namespace baton::engine
