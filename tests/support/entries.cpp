#include "tests/support/entries.hpp"

#include "baton/v1/message.pb.h"
#include "proto/entry_format.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace baton::tests {

core::EntryRun make_entries(const std::vector<EntrySpec>& specs) {
    auto bytes = std::make_shared<std::string>();
    auto index = std::make_shared<core::EntryIndex>();
    index->bounds.push_back(0);
    baton::v1::Entry entry;
    std::string body;
    for (const EntrySpec& spec : specs) {
        entry.Clear();
        entry.set_payload(spec.payload);
        entry.set_name(spec.name);
        for (const auto& [key, value] : spec.headers) {
            auto* header = entry.add_headers();
            header->set_key(key);
            header->set_value(value);
        }
        entry.SerializeToString(&body);
        char length[10];
        const std::size_t length_bytes = proto::write_varint(body.size(), length);
        const std::size_t begin = bytes->size();
        bytes->push_back(static_cast<char>(proto::entry_tag));
        bytes->append(length, length_bytes).append(body);
        index->bounds.push_back(static_cast<std::uint32_t>(bytes->size()));
        index->checksums.push_back(proto::entry_checksum(std::string_view(*bytes).substr(begin)));
    }
    const std::string_view view = *bytes;
    const auto count = static_cast<std::uint32_t>(specs.size());
    return core::EntryRun{core::Buffer{std::move(bytes), view}, std::move(index), 0, count};
}

core::EntryRun make_entries(const std::vector<std::string>& payloads) {
    std::vector<EntrySpec> specs;
    specs.reserve(payloads.size());
    for (const std::string& payload : payloads) {
        specs.push_back(EntrySpec{payload, {}, {}});
    }
    return make_entries(specs);
}

std::string_view wire_of(const core::EntryRun& run, std::uint32_t i) { return run.slice(i, 1).bytes(); }

std::string_view payload_of(const core::EntryRun& run, std::uint32_t i) {
    const std::string_view wire = wire_of(run, i);
    std::string_view body;
    const auto end = proto::for_each_entry(wire, [&](std::size_t, std::string_view found) { body = found; });
    const auto entry = proto::read_entry(body);
    if (!end || *end != wire.size() || !entry) {
        throw std::runtime_error("a delivered entry is not an entry on the wire");
    }
    return entry->payload;
}

std::vector<std::string> payloads_of(const core::EntryRun& run) {
    std::vector<std::string> payloads;
    for (std::uint32_t i = 0; i < run.count; ++i) {
        payloads.emplace_back(payload_of(run, i));
    }
    return payloads;
}

std::uint32_t largest_entry_bytes(const core::EntryRun& run) {
    std::uint32_t largest = 0;
    for (std::uint32_t i = 0; i < run.count; ++i) {
        largest = std::max(largest, run.size_of(i));
    }
    return largest;
}

}  // namespace baton::tests
