// SipHash-2-4 with 128 bits of output and a fixed key.
#include "server/core/group_id.hpp"

#include <bit>

namespace baton::core {

namespace {

struct SipState {
    std::uint64_t v0 = 0x736f6d6570736575ULL, v1 = 0x646f72616e646f6dULL ^ 0xee, v2 = 0x6c7967656e657261ULL,
                  v3 = 0x7465646279746573ULL;

    void round() {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }
    void take(std::uint64_t word) {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }
    std::uint64_t finish() {
        for (int i = 0; i < 4; ++i) {
            round();
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
};

std::uint64_t word_at(std::string_view bytes, std::size_t pos) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 8 && pos + i < bytes.size(); ++i) {
        word |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[pos + i])) << (8 * i);
    }
    return word;
}

}  // namespace

GroupId group_id_of(std::string_view name) {
    SipState state;
    std::size_t pos = 0;
    for (; pos + 8 <= name.size(); pos += 8) {
        state.take(word_at(name, pos));
    }
    state.take(word_at(name, pos) | static_cast<std::uint64_t>(name.size()) << 56);
    GroupId id;
    state.v2 ^= 0xee;
    id.high = state.finish();
    state.v1 ^= 0xdd;
    id.low = state.finish() | 1;  // Never all zero.
    return id;
}

GroupPtr make_group(std::string_view name) {
    return name.empty() ? nullptr : std::make_shared<const GroupName>(GroupName{group_id_of(name), std::string(name)});
}

}  // namespace baton::core
