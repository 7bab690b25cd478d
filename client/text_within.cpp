#include "client/text_within.hpp"

#include "proto/entry_format.hpp"

namespace baton::detail {

std::string text_within(std::string_view text, std::size_t bytes_max) {
    std::string out(text.substr(0, bytes_max));
    if (out.size() < text.size()) {
        while (!out.empty() && (static_cast<unsigned char>(text[out.size()]) & 0xC0) == 0x80) {
            out.pop_back();
        }
    }
    if (!proto::is_utf8(out)) {
        for (char& c : out) {
            c = static_cast<unsigned char>(c) < 0x80 ? c : '?';
        }
    }
    return out;
}

}  // namespace baton::detail
