// What is wrong with a transaction whatever the state.
#include "server/core/settling.hpp"
#include "server/core/state.hpp"
#include "server/core/transaction.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace baton::core {

std::optional<Refusal> check_parts(const Transaction& parts) {
    if (parts.produces.empty() && parts.settlements.empty() && !parts.change && !parts.schedule) {
        return invalid("transaction", "a transaction has at least one part");
    }
    if (parts.produces.size() > limits::transaction_produces_max) {
        return invalid("transaction.produces", "a transaction produces to at most 100 queues",
                       limits::transaction_produces_max);
    }
    const auto sequenced = [](const Produce& produce) { return produce.producer != 0; };
    const auto numbered = std::count_if(parts.produces.begin(), parts.produces.end(), sequenced);
    if (numbered != 0 && static_cast<std::size_t>(numbered) != parts.produces.size()) {
        return invalid("transaction.produces.producer_id", "all produces of a transaction have a sequence, or none");
    }
    std::set<std::string> names;
    for (const Produce& produce : parts.produces) {
        if (!names.insert(produce.queue).second) {
            return invalid("transaction.produces.queue", "the messages for one queue belong into one produce", 1);
        }
        if (produce.per_item) {
            return invalid("transaction.produces.per_item", "a transaction is all or nothing");
        }
        if (produce.entries.count == 0) {
            return invalid("transaction.produces.entries", "a produce has at least one entry", 1);
        }
    }
    std::vector<std::tuple<std::uint64_t, Offset, std::uint32_t>> ranges;
    for (const Settlement& settlement : parts.settlements) {
        for (const OffsetRange& range : settlement.ranges) {
            ranges.emplace_back(value(settlement.token.queue), range.first, range.count);
        }
    }
    std::sort(ranges.begin(), ranges.end());
    for (std::size_t i = 1; i < ranges.size(); ++i) {
        const auto& [queue, first, count] = ranges[i - 1];
        if (queue == std::get<0>(ranges[i]) && first + count > std::get<1>(ranges[i])) {
            return invalid("transaction.settle.settlements.ranges", "a message is settled once");
        }
    }
    return check_settlements(parts.settlements);
}

}  // namespace baton::core
