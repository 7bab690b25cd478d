#pragma once
// Bounds of topics: patterns, filters, bindings and listeners. Part of limits.hpp.

#include <cstddef>
#include <cstdint>

namespace baton::core::limits {

/// Queues, topics and subscriptions together.
inline constexpr std::uint64_t queues_max = 1'000'000;
/// Words of one pattern that are `#`.
inline constexpr std::size_t pattern_hashes_max = 4;
/// Of one filter of messages, and what one condition may list.
inline constexpr std::size_t filter_conditions_max = 16, filter_values_max = 64, filter_bytes_max = 16 * 1024;
inline constexpr std::uint32_t bindings_max = 100'000;
inline constexpr std::uint32_t bindings_per_page_max = 256;
inline constexpr std::uint32_t listeners_per_connection_max = 64;
/// What a listener may have allowed and not got yet.
inline constexpr std::uint64_t listen_messages_max = 65'536, listen_bytes_max = 4ULL * 1024 * 1024;
/// Messages that a key-shared subscription has set aside or waits to deliver again, and that one delivery sets aside.
inline constexpr std::size_t keys_set_aside_max = 65'536;
inline constexpr std::uint32_t keys_set_aside_per_delivery = 4'096;
/// Of the attempts of what such a subscription waits to deliver again, all together.
inline constexpr std::uint64_t keys_history_bytes_max = 16ULL << 20;
/// What one look at a topic's past reads for a subscription that selects.
inline constexpr std::uint32_t fill_chunks_per_step = 64;
inline constexpr std::uint64_t fill_bytes_per_step = 4ULL << 20;

}  // namespace baton::core::limits
