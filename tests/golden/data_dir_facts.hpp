#pragma once
// What the maker of the golden data directory knows and a later build must find again: kept beside the directory, as
// lines "name value".

#include <cstdint>
#include <string>

namespace baton::test {

/// The producer that fills the queue `plain`.
inline constexpr std::uint64_t golden_producer = 0x0123456789abcdef;

struct GoldenFacts {
    /// When the daemon that made it was killed.
    std::int64_t made_ms = 0;
    std::int64_t producer_created_ms = 0;
    std::uint64_t session_id = 0;
    std::uint64_t session_secret = 0;
    /// The batch that its consumer holds in the queue `held`.
    std::uint64_t token_epoch = 0;
    std::uint64_t token_queue = 0;
    std::uint64_t token_batch = 0;
};

void write_facts(const GoldenFacts& facts, const std::string& file);
/// Fails the test when one is missing.
GoldenFacts read_facts(const std::string& file);

}  // namespace baton::test
