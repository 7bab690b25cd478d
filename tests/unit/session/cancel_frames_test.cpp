// Cancels on the wire: the request, its answer, and what a holder is told.
#include "server/core/limits.hpp"
#include "server/session/encode/encode.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

namespace baton::session::test {

TEST_CASE("a cancel names messages and a grace, both bounded") {
    const auto feed = [](Machine& machine, const v1::CancelJobs& cancel) {
        v1::ClientFrame frame;
        frame.set_request_id(2);
        *frame.mutable_cancel_jobs() = cancel;
        machine.say_hello();
        machine.feed(framed(frame));
    };
    const auto refused = [&](const v1::CancelJobs& cancel) {
        Machine machine;
        feed(machine, cancel);
        CHECK(machine.inputs.empty());
        return machine.said().at(0).error().field();
    };
    v1::CancelJobs cancel;
    cancel.set_queue("q");
    CHECK(refused(cancel) == "cancel_jobs.offsets");
    cancel.add_offsets(7);
    cancel.add_offsets(9);
    Machine machine;
    feed(machine, cancel);
    const auto requests = machine.requests();
    REQUIRE(requests.size() == 1);
    const auto& read = std::get<core::CancelJobs>(requests[0].body);
    CHECK(read.offsets == std::vector<core::Offset>{7, 9});
    CHECK(read.grace_ms == core::limits::cancel_grace_ms_default);
    cancel.set_grace_ms(core::limits::cancel_grace_ms_max + 1);
    CHECK(refused(cancel) == "cancel_jobs.grace_ms");
    cancel.set_queue("a b");
    CHECK(refused(cancel) == "cancel_jobs.queue");
}

TEST_CASE("a cancel is answered by message, and a revocation names its delivery") {
    Machine machine;
    machine.say_hello();
    machine.protocol.apply(core::LeaseRevoked{core::ConnectionId{5},
                                              core::ConsumerId{3},
                                              {1, core::QueueId{2}, 9},
                                              {{40, 2}},
                                              core::RevokeReason::cancelled,
                                              1'500});
    const auto pushed = machine.said();
    REQUIRE(pushed.size() == 1);
    CHECK(pushed[0].request_id() == 0);
    const v1::LeaseRevoked& revoked = pushed[0].lease_revoked();
    CHECK(revoked.consumer_id() == 3);
    CHECK(revoked.token().batch() == 9);
    CHECK(revoked.ranges(0).first() == 40);
    CHECK(revoked.ranges(0).count() == 2);
    CHECK(revoked.reason() == v1::LeaseRevoked::CANCELLED);
    CHECK(revoked.grace_ms() == 1'500);

    SendQueue out;
    core::JobsCancelled done;
    done.cancelled = {1, 2};
    done.cancelling = {3};
    done.refused.emplace_back(4, core::Refusal{core::RefusalCode::message_not_found, "gone", "offset"});
    encode_jobs_cancelled(core::RequestId{6}, std::move(done), out);
    const v1::JobsCancelled answer = parse_frames(drain(out)).at(0).jobs_cancelled();
    CHECK(answer.cancelled_size() == 2);
    CHECK(answer.cancelling(0) == 3);
    CHECK(answer.refusals(0).error().code() == v1::MESSAGE_NOT_FOUND);
}

}  // namespace baton::session::test
