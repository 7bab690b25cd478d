#pragma once
// The bounds of flows: a part of the table in limits.hpp, which is what others include.

#include <cstddef>
#include <cstdint>

namespace baton::core::limits {

/// Messages that one request adds as flows, children of one parent, levels of flows, and parents of one message.
inline constexpr std::uint32_t flow_nodes_max = 1'000, flow_children_max = 10'000;
inline constexpr std::uint32_t flow_depth_max = 64, flow_parents_max = 16;
/// Children that a page of a flow's record holds, and what of a result and of an error stays in it.
inline constexpr std::uint32_t flow_page_children = 64;
inline constexpr std::size_t flow_result_bytes_inline = 256;
inline constexpr std::size_t flow_error_bytes_kept = 512;
/// Flows that one step looks at for lost children, and finished batches whose children it looks for.
inline constexpr std::uint32_t flow_members_per_step_max = 256, finished_batches_with_parents_max = 4;
/// Flows in memory, those that wait for nothing in it aside, and what they take: others are read when a child ends.
inline constexpr std::size_t flows_in_memory_max = 65'536;
inline constexpr std::size_t flow_bytes_in_memory_max = 32 * 1024 * 1024;
/// Jobs of a flow that one request cancels, removes or retries, how many of them it acts on at once, how many such
/// requests there are, and when a slice is tried again that met a busy queue.
inline constexpr std::size_t flow_walk_jobs_max = 10'000;
inline constexpr std::uint32_t flow_walk_slice = 256, flow_walks_max = 64;
inline constexpr std::int64_t flow_walk_again_ms = 100;
/// What one answer shows of flows.
inline constexpr std::uint32_t flows_shown_max = 1'000;
inline constexpr std::uint32_t flow_depth_shown_max = 16, flow_width_shown_max = 1'000;

}  // namespace baton::core::limits
