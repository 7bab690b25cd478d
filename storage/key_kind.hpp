#pragma once
// The kinds of records, by the byte that tells them apart in a key (keys.hpp has the grammar). On disk: do not change
// these values.

#include <cstdint>

namespace baton::storage {

enum class KeyKind : std::uint8_t {
    chunk = 0x10,
    events = 0x12,
    timed = 0x20,
    failed = 0x21,
    prioritized = 0x22,
    grouped = 0x23,
    completed = 0x24,
    waiting_children = 0x25,
    ack_page = 0x40,
    lease = 0x41,
    returned = 0x42,
    producer = 0x43,
    locator = 0x44,
    group = 0x45,
    expiry = 0x49,
    finished = 0x48,
    name = 0x46,
    name_end = 0x47,
    flow = 0x4C,
    flow_result = 0x4D,
    flow_news = 0x4E,
    flow_member = 0x4F,
    queue = 0x50,
    queue_state = 0x51,
    schedule = 0x52,
    report = 0x53,
    task = 0x54,
    job_minutes = 0x55,
    binding = 0x56,
    fill = 0x57,
    last_of_key = 0x59,
    name_space = 0xE1,
    shard = 0xE2,
    identity = 0xE3,
    commit = 0xEF,
};

}  // namespace baton::storage
