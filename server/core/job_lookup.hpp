#pragma once
// A message named by its id: where it is now, and taking it out of there. A plain message is found in its chunk, a
// leased one in the lease table, a failed one by its key, and one in a lane by its locator, which only queues of
// profile job and subscriptions keep. Included by the core's sources only.

#include "server/core/chunk.hpp"
#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"
#include "server/core/refusal.hpp"
#include "server/core/request.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace baton::core {

struct LeaseBatch;
struct Queue;
struct Round;
struct State;

struct FoundJob {
    MessageState state{};
    MessageRecord record;
    /// It is in its chunk, of which `record` was made.
    bool plain = false;
    /// Leased: by which batch, and where in it.
    const LeaseBatch* batch = nullptr;
    std::uint32_t position = 0;
};
/// What must be read before it is known.
enum class UnreadJob : std::uint8_t { chunk, record };
using JobLookup = std::variant<FoundJob, UnreadJob, Refusal>;

/// A message of the plain lane as the record that it would have elsewhere; `chunk` has it.
MessageRecord record_of(const Queue& queue, const ChunkPtr& chunk, Offset offset);
/// Reads nothing itself; what was read for the running request is in the state.
JobLookup look_up_job(State& state, Queue& queue, Offset offset, TimeMs now);
/// Parks `request` until the lane or failed records of these messages are read.
void read_jobs(State& state, Queue& queue, std::vector<Offset> offsets, Request&& request, Round& round);
/// Takes a message that is not leased out of where it is, with its record; the caller puts it elsewhere or counts it
/// out.
MessageRecord take_job(State& state, Queue& queue, FoundJob&& job, Round& round);
/// What users are told: a message that has names but no priority waits like any other.
MessageState state_as_told(const FoundJob& job);
Refusal wrong_state(MessageState state, const char* wanted);
const char* state_in_words(MessageState state);

/// Puts a message that was taken back as ready: in its place, or where memory may not hold it as due now.
void put_ready(State& state, Queue& queue, MessageRecord&& record, TimeMs now, Round& round);
/// The same, or among those that are not due.
void put_in_place(State& state, Queue& queue, MessageRecord&& record, bool ready, TimeMs now, Round& round);
/// It becomes ready at another time. One that was never delivered gets its place and its expiry by that time.
void change_due(MessageRecord& record, TimeMs due);

}  // namespace baton::core
