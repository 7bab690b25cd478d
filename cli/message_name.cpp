#include "cli/message_name.hpp"

#include "baton/message.hpp"

#include <charconv>
#include <stdexcept>

namespace baton::cli {

std::uint64_t offset_of(const std::string& text) {
    if (const auto id = MessageId::parse(text)) {
        return id->offset;
    }
    std::uint64_t offset = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw std::invalid_argument("'" + text + "' is neither an offset nor a message id");
    }
    return offset;
}

std::vector<std::uint64_t> offsets_of(const std::vector<std::string>& texts) {
    std::vector<std::uint64_t> offsets;
    for (const std::string& text : texts) {
        offsets.push_back(offset_of(text));
    }
    return offsets;
}

std::string check_own_id(const std::string& id) { return id.empty() ? "an id has 1 to 256 bytes" : ""; }

}  // namespace baton::cli
