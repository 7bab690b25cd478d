#pragma once
// The fields of a Produce up to its entries, written by hand. A pure function; a test holds it against the generated
// code.

#include "baton/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace baton::detail {

struct ProduceHead {
    std::string_view queue;
    std::uint64_t producer_id = 0;
    std::int64_t producer_created_ms = 0;
    std::uint64_t sequence = 0;
    std::uint64_t acked_through = 0;
    /// Encoded EntryOptions; empty = none.
    std::string_view defaults;
    /// Encoded fields 7, as EncodedBatch gathers them.
    std::string_view options;
    bool per_item = false;
    bool refuse_unrouted = false;
};

std::string encode_produce_head(const ProduceHead& head);

}  // namespace baton::detail
