#include "tests/support/printing.hpp"

namespace baton::tests {

using namespace core;

const char* to_text(core::RefusalCode code) {
    switch (code) {
        case RefusalCode::invalid_argument:
            return "invalid_argument";
        case RefusalCode::message_too_large:
            return "message_too_large";
        case RefusalCode::batch_too_large:
            return "batch_too_large";
        case RefusalCode::queue_not_found:
            return "queue_not_found";
        case RefusalCode::queue_exists:
            return "queue_exists";
        case RefusalCode::consumer_not_found:
            return "consumer_not_found";
        case RefusalCode::consumer_exists:
            return "consumer_exists";
        case RefusalCode::message_not_found:
            return "message_not_found";
        case RefusalCode::sequence_too_old:
            return "sequence_too_old";
        case RefusalCode::sequence_gap:
            return "sequence_gap";
        case RefusalCode::producer_too_old:
            return "producer_too_old";
        case RefusalCode::queue_deleted:
            return "queue_deleted";
        case RefusalCode::dead_letter_target_missing:
            return "dead_letter_target_missing";
        case RefusalCode::queue_in_use:
            return "queue_in_use";
        case RefusalCode::busy:
            return "busy";
        case RefusalCode::clock_not_virtual:
            return "clock_not_virtual";
        case RefusalCode::queue_full:
            return "queue_full";
        case RefusalCode::too_many_queues:
            return "too_many_queues";
        case RefusalCode::too_many_requests:
            return "too_many_requests";
        case RefusalCode::too_many_consumers:
            return "too_many_consumers";
        case RefusalCode::storage_full:
            return "storage_full";
        case RefusalCode::already_settled:
            return "already_settled";
        case RefusalCode::lease_expired:
            return "lease_expired";
        case RefusalCode::lease_superseded:
            return "lease_superseded";
        case RefusalCode::message_gone:
            return "message_gone";
        case RefusalCode::token_unknown:
            return "token_unknown";
        case RefusalCode::shutting_down:
            return "shutting_down";
    }
    return "unknown refusal";
}

const char* to_text(core::Cause cause) {
    switch (cause) {
        case Cause::none:
            return "none";
        case Cause::failed:
            return "failed";
        case Cause::lease_expired:
            return "lease_expired";
        case Cause::released:
            return "released";
        case Cause::consumer_lost:
            return "consumer_lost";
        case Cause::restart:
            return "restart";
        case Cause::retried:
            return "retried";
        case Cause::redriven:
            return "redriven";
    }
    return "unknown cause";
}

}  // namespace baton::tests

namespace baton::core {

std::ostream& operator<<(std::ostream& out, const Counters& c) {
    return out << c.deliveries << " deliveries, " << c.failures << " failures, " << c.lease_losses << " lease losses";
}
std::ostream& operator<<(std::ostream& out, const Attempt& attempt) {
    return out << attempt.at << ' ' << attempt.worker << ": " << attempt.reason;
}
std::ostream& operator<<(std::ostream& out, RefusalCode code) { return out << tests::to_text(code); }
std::ostream& operator<<(std::ostream& out, Cause cause) { return out << tests::to_text(cause); }
std::ostream& operator<<(std::ostream& out, EndReason reason) { return out << to_text(reason); }

}  // namespace baton::core
