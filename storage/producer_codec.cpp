#include "storage/producer_codec.hpp"

namespace baton::storage {

void to_proto(const core::PutProducer& record, store::v1::Producer& stored) {
    stored.set_created_ms(record.created_at);
    stored.set_used_ms(record.used_at);
    stored.set_acked_through(record.acked_through);
    for (const auto& one : record.stored) {
        auto& out = *stored.add_stored();
        out.set_sequence(one.sequence);
        out.set_first(one.first);
        out.set_count(one.count);
        for (const auto& [index, why] : one.refused) {
            auto& refused = *out.add_refused();
            refused.set_index(index);
            refused.mutable_refusal()->set_code(static_cast<std::uint32_t>(why.code));
            refused.mutable_refusal()->set_message(why.message);
            refused.mutable_refusal()->set_field(why.field);
            refused.mutable_refusal()->set_limit(why.limit);
            refused.mutable_refusal()->set_retryable(why.retryable);
            refused.mutable_refusal()->set_retry_after_ms(why.retry_after_ms);
        }
        for (const core::ItemOutcome& outcome : one.outcomes) {
            auto& item = *out.add_outcomes();
            item.set_index(outcome.index);
            item.set_kind(static_cast<std::uint32_t>(outcome.kind));
            item.set_offset(outcome.offset);
            item.set_state(static_cast<std::uint32_t>(outcome.state));
        }
    }
}

core::PutProducer from_proto(core::NamespaceId ns, core::QueueId queue, std::uint64_t producer,
                             const store::v1::Producer& stored) {
    core::PutProducer record{ns, queue, producer, stored.created_ms(), stored.used_ms(), stored.acked_through(), {}};
    for (const auto& one : stored.stored()) {
        core::PutProducer::Stored out{one.sequence(), one.first(), one.count(), {}, {}};
        for (const auto& refused : one.refused()) {
            const auto& why = refused.refusal();
            out.refused.emplace_back(
                refused.index(), core::Refusal{static_cast<core::RefusalCode>(why.code()), why.message(), why.field(),
                                               why.limit(), why.retryable(), why.retry_after_ms()});
        }
        for (const auto& item : one.outcomes()) {
            out.outcomes.push_back({item.index(), static_cast<core::ItemOutcome::Kind>(item.kind()), item.offset(),
                                    static_cast<core::MessageState>(item.state())});
        }
        record.stored.push_back(std::move(out));
    }
    return record;
}

}  // namespace baton::storage
