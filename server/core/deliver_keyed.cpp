// Delivery of a key-shared subscription: a consumer gets the first message of a key that is its own, or nobody's. What
// stands at the head of the log and is not for it is set aside, so that it holds up no other key.
#include "server/core/delivery.hpp"
#include "server/core/key_shared.hpp"
#include "server/core/limits.hpp"
#include "server/core/state.hpp"

namespace baton::core {

bool Delivery::set_aside(Offset head, const Chunk& chunk, const GroupId& key) {
    queue_.keys->wait(head, key);
    queue_.waiting_again[head] = chunk.stored_at;
    queue_.next = head + 1;
    if (++set_aside_ < limits::keys_set_aside_per_delivery) {
        return true;
    }
    // Other queues get their turn first.
    queue_.keys->looking = reading_ = true;
    state_.arm(queue_, now_);
    return false;
}

bool Delivery::take_by_key() {
    KeyTurns& keys = *queue_.keys;
    const auto read = [this](Offset offset) {
        state_.read_chunks(queue_, offset, std::nullopt, round_);
        reading_ = true;
        return false;
    };
    keys.looking = false;
    if (const auto unread = find_keys(state_, queue_, now_)) {
        return read(*unread);
    }
    keys.wake(now_);
    const ConsumerPlace consumer{consumer_.session, consumer_.id};
    if (const auto offset = keys.first_for(consumer)) {
        if (!queue_.acks.test(*offset)) {
            return take_again(*offset);
        }
        chosen_ = offset;
        const bool taken = take_lane(Lane::timed);
        chosen_.reset();
        return taken;
    }
    const Offset head = queue_.acks.next_clear(queue_.next);
    if (head >= queue_.end || !keys.has_room()) {
        return false;
    }
    const ChunkPtr chunk = queue_.window.resident(head);
    if (!chunk) {
        return read(head);
    }
    const MetaPtr meta = chunk->meta_of(head);
    if (!has_group(meta) || keys.may_take(meta->group->id, consumer)) {
        return take_plain(head, chunk);
    }
    return set_aside(head, *chunk, meta->group->id);
}

}  // namespace baton::core
