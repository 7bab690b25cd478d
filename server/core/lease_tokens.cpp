#include "server/core/lease_tokens.hpp"

#include "server/core/state.hpp"

namespace baton::core {

namespace {

/// A token that an earlier start can have given out.
bool given_before_restart(const State& state, const Queue& queue, const Token& token) {
    return token.epoch < state.options.epoch && token.batch != 0 && token.batch < queue.first_batch;
}

}  // namespace

bool given_before_restart(const State& state, const Queue& queue, const Token& token, Offset offset) {
    return given_before_restart(state, queue, token) && queue.starts.may_hold(token.epoch, offset);
}

LeaseBatch* batch_of(const State& state, Queue& queue, const Token& token) {
    if (token.batch < queue.token_floor) {
        return nullptr;
    }
    LeaseBatch* batch = queue.leases.find(token.batch);
    if (batch != nullptr && batch->epoch == token.epoch && token.batch != 0) {
        return batch;
    }
    // A token from before the restart: what it held is kept for it in the hold.
    LeaseBatch* hold = queue.leases.find(0);
    return hold != nullptr && given_before_restart(state, queue, token) ? hold : nullptr;
}

bool token_holds(const Queue& queue, const LeaseBatch& batch, const Token& token, Offset offset) {
    const LeasedRun* run = batch.run_of(offset);
    if (run == nullptr || batch.is_settled(batch.position_of(*run, offset))) {
        return false;
    }
    if (!batch.restart_hold) {
        return true;
    }
    if (!queue.starts.may_hold(token.epoch, offset)) {
        return false;
    }
    const auto returned = queue.returned.find(offset);
    return returned == queue.returned.end() || token.batch > returned->second.fence;
}

RefusalCode why_not_held(const State& state, Queue& queue, const Token& token, Offset offset) {
    if (queue.recent_settles.contains(token.batch, offset)) {
        return RefusalCode::already_settled;
    }
    for (const RecentEnd& recent : queue.recent_ends) {
        if (recent.offset == offset && (recent.batch == 0 || recent.batch == token.batch)) {
            return recent.code;
        }
    }
    if (token.batch == 0 || token.batch >= queue.next_batch || token.epoch > state.options.epoch) {
        return RefusalCode::token_unknown;
    }
    if (queue.leases.holder_of(offset) != nullptr) {
        return RefusalCode::lease_superseded;
    }
    const bool waits =
        queue.waiting_again.contains(offset) || queue.lane_fences.contains(offset) || queue.moving.contains(offset);
    if (waits) {
        return RefusalCode::lease_expired;
    }
    return queue.acks.test(offset) ? RefusalCode::message_gone : RefusalCode::token_unknown;
}

}  // namespace baton::core
