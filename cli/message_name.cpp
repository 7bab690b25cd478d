#include "cli/message_name.hpp"

#include "baton/admin.hpp"
#include "baton/message.hpp"

#include <charconv>
#include <optional>
#include <stdexcept>

namespace baton::cli {

namespace {

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

}  // namespace

std::vector<std::uint64_t> offsets_in(Admin& admin, const std::string& queue, const std::vector<std::string>& texts) {
    std::vector<std::uint64_t> offsets;
    std::optional<std::uint64_t> queue_id;
    for (const std::string& text : texts) {
        offsets.push_back(offset_of(text));
        const auto id = MessageId::parse(text);
        if (!id) {
            continue;
        }
        if (!queue_id) {
            queue_id = admin.show_queue(queue).id;
        }
        if (id->queue_id != *queue_id) {
            throw Exception({ErrorCode::message_not_found, text + " is a message of another queue: those of " + queue +
                                                               " begin with " + std::to_string(*queue_id) + "-"});
        }
    }
    return offsets;
}

std::uint64_t offset_in(const Client& client, const std::string& queue, const std::string& text) {
    Admin admin(client);
    return offsets_in(admin, queue, {text}).front();
}

std::string check_own_id(const std::string& id) { return id.empty() ? "an id has 1 to 256 bytes" : ""; }

}  // namespace baton::cli
