#pragma once
// What each message of a batch was answered.

#include "baton/producer.hpp"

#include <cstddef>
#include <cstdint>

namespace baton::detail {

/// The results of single messages, from that of their batch; to be asked in ascending order.
class Receipts {
public:
    explicit Receipts(const BatchReceipt& batch) : batch_(batch) {}

    Result<Receipt> next(std::uint32_t index) {
        const auto& refusals = batch_.refusals;
        const auto& outcomes = batch_.outcomes;
        for (; refusal_ < refusals.size() && refusals[refusal_].index < index; ++refusal_) {
            ++unstored_;
        }
        for (; outcome_ < outcomes.size() && outcomes[outcome_].first < index; ++outcome_) {
            unstored_ += outcomes[outcome_].second.stored() ? 0 : 1;
        }
        if (refusal_ < refusals.size() && refusals[refusal_].index == index) {
            return refusals[refusal_].error;
        }
        Receipt receipt;
        receipt.duplicate = batch_.duplicate;
        receipt.durability = batch_.durability;
        if (outcome_ < outcomes.size() && outcomes[outcome_].first == index) {
            receipt.outcome = outcomes[outcome_].second;
        }
        receipt.subscriptions = batch_.subscriptions;
        receipt.id = receipt.outcome.stored() ? MessageId{batch_.queue_id, batch_.first_offset + index - unstored_}
                                              : receipt.outcome.other;
        return receipt;
    }

private:
    const BatchReceipt& batch_;
    std::size_t refusal_ = 0, outcome_ = 0;
    std::uint64_t unstored_ = 0;
};

}  // namespace baton::detail
