// Each request body on its own: the first byte says which, the rest is the body, so that the fuzzer need not find the
// frame around it.

#include "proto/entry_format.hpp"
#include "server/session/decode/frame.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace {

/// The body fields of ClientFrame.
constexpr std::array<std::uint32_t, 31> fields{3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 20, 21, 22, 23, 24, 25,
                                               26, 27, 28, 29, 30, 40, 41, 60, 61, 62, 63, 64, 65, 66, 67};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    char varint[10];
    const auto put = [&](std::string& out, std::uint64_t value) {
        out.append(varint, baton::proto::write_varint(value, varint));
    };
    auto frame = std::make_shared<std::string>("\x08\x01");
    put(*frame, fields[data[0] % fields.size()] << 3 | 2U);
    put(*frame, size - 1);
    frame->append(reinterpret_cast<const char*>(data) + 1, size - 1);
    baton::session::decode_frame(baton::core::Buffer{frame, *frame});
    return 0;
}
