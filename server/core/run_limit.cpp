// How long one attempt may run, whatever is extended: when it is over, the lease ends as a failure.
#include "server/core/cancel.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <string>

namespace baton::core {

void end_run(State& state, Queue& queue, LeaseBatch& batch, std::uint32_t position, Offset offset, TimeMs now,
             Round& round) {
    remember_end(queue, batch.number, offset, RefusalCode::run_time_exceeded);
    tell_revoked(queue, batch, {{offset, 1}}, RevokeReason::run_limit, 0, round);
    Fail fail;
    fail.error_class = run_limit_class;
    fail.reason = "it ran longer than " + std::to_string(batch.ends_of(position) - batch.delivered_at) + " ms";
    fail_lease(state, queue, batch, offset, fail, now, round);
}

}  // namespace baton::core
