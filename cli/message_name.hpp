#pragma once
// How a person names a message of a queue: its offset, its id "<queue_id>-<offset>", or the id that its producer gave
// it.

#include <cstdint>
#include <string>
#include <vector>

namespace baton {
class Admin;
class Client;
}  // namespace baton

namespace baton::cli {

/// Of messages of one queue. Throws std::invalid_argument when a text is neither an offset nor an id, and
/// message_not_found when an id is of another queue.
std::vector<std::uint64_t> offsets_in(Admin& admin, const std::string& queue, const std::vector<std::string>& texts);
std::uint64_t offset_in(const Client& client, const std::string& queue, const std::string& text);
/// For CLI::Option::check: what is wrong with an id that a producer gives, or nothing. An empty one would mean none,
/// and the command another message.
std::string check_own_id(const std::string& id);

}  // namespace baton::cli
