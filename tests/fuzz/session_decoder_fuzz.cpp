// One client frame of any bytes: ends in a request within its bounds or in a typed error.

#include "server/core/limits.hpp"
#include "server/session/decode/frame.hpp"
#include "tests/fuzz/invariant.hpp"

#include <baton/v1/wire.pb.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

using baton::fuzz::require;
namespace core = baton::core;

namespace {

void check_produce(const core::Produce& produce, std::string_view frame) {
    const core::EntryRun& run = produce.entries;
    require(run.count >= 1 && run.count <= core::limits::batch_messages_max, "a batch keeps its bound");
    require(run.index && run.index->bounds.size() == run.count + 1U, "every entry has its bounds");
    std::uint32_t largest = 0;
    for (std::uint32_t i = 0; i < run.count; ++i) {
        require(run.index->bounds[i] < run.index->bounds[i + 1], "entries follow each other");
        largest = std::max(largest, run.size_of(i));
    }
    require(largest == produce.largest_entry_bytes, "the largest entry is known");
    require(run.index->bounds[run.count] <= run.buffer.view.size(), "the entries lie in their buffer");
    require(frame.find(run.bytes()) != std::string_view::npos, "entries are kept as they came");
    baton::v1::ClientFrame parsed;
    if (parsed.ParseFromArray(frame.data(), static_cast<int>(frame.size())) && parsed.has_produce()) {
        require(static_cast<std::uint32_t>(parsed.produce().entries_size()) == run.count, "no entry is missed");
        require(parsed.produce().queue() == produce.queue, "the queue reads the same");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto owner = std::make_shared<const std::string>(reinterpret_cast<const char*>(data), size);
    const std::string_view frame(*owner);
    const auto request = baton::session::decode_frame(core::Buffer{owner, frame});
    if (const auto* error = std::get_if<baton::session::WireError>(&request.body)) {
        require(error->code != 0 && !error->message.empty(), "an error says what is wrong");
        require(error->message.size() + error->field.size() < 4096, "an error does not echo what it got");
    } else if (const auto* body = std::get_if<core::RequestBody>(&request.body)) {
        if (const auto* produce = std::get_if<core::Produce>(body)) {
            check_produce(*produce, frame);
        }
    }
    return 0;
}
