#pragma once
// How a person names a message of a queue: its offset, its id "<queue_id>-<offset>", or the id that its producer gave
// it.

#include <cstdint>
#include <string>
#include <vector>

namespace baton {
class Admin;
}

namespace baton::cli {

/// Throws std::invalid_argument when the text is neither.
std::uint64_t offset_of(const std::string& text);
/// The same of messages of one queue: throws message_not_found when an id is of another one.
std::vector<std::uint64_t> offsets_in(Admin& admin, const std::string& queue, const std::vector<std::string>& texts);
/// For CLI::Option::check: what is wrong with an id that a producer gives, or nothing. An empty one would mean none,
/// and the command another message.
std::string check_own_id(const std::string& id);

}  // namespace baton::cli
