// Entries walked by hand: what passes the check is what any protobuf library will read at the consumer.

#include "proto/entry_format.hpp"
#include "tests/fuzz/invariant.hpp"

#include <baton/v1/message.pb.h>
#include <baton/v1/wire.pb.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

using baton::fuzz::require;
using baton::proto::EntryFault;

namespace {

void check_body(std::string_view body) {
    const auto view = baton::proto::read_entry(body);
    const auto fault = baton::proto::check_entry(body, {255, 64, 16 * 1024});
    require(view.has_value() == (fault != EntryFault::malformed), "reading and checking agree on what is malformed");
    if (!view) {
        return;
    }
    baton::v1::Entry entry;
    require(entry.ParseFromArray(body.data(), static_cast<int>(body.size())), "what passes the check can be parsed");
    require(entry.payload() == view->payload && entry.name() == view->name, "payload and name read the same");
    require(static_cast<std::size_t>(entry.headers_size()) == view->headers.size(), "all headers are seen");
    for (std::size_t i = 0; i < view->headers.size(); ++i) {
        const auto& header = entry.headers(static_cast<int>(i));
        require(header.key() == view->headers[i].key && header.value() == view->headers[i].value,
                "headers read the same");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view wire(reinterpret_cast<const char*>(data), size);
    check_body(wire);
    bool well_formed = true;
    const auto end = baton::proto::for_each_entry(wire, [&](std::size_t begin, std::string_view body) {
        require(begin < wire.size() && body.data() + body.size() <= wire.data() + wire.size(),
                "an entry lies within its bytes");
        well_formed = well_formed && baton::proto::check_entry(body, {255, 64, 16 * 1024}) != EntryFault::malformed;
    });
    require(!end || *end <= wire.size(), "the walk ends within its bytes");
    if (end && well_formed) {
        baton::v1::Run run;
        require(run.ParseFromArray(data, static_cast<int>(*end)), "a walked run can be parsed");
    }
    return 0;
}
