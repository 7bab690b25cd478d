#pragma once
// The arguments by which a command names messages of a queue, one or several.

#include "baton/admin.hpp"
#include "cli/exit_code.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace baton::cli {

/// As many as one request may name.
inline constexpr std::size_t named_at_once_max = 1'000;

/// At most that many of `all`, from the one at `from` on.
template <typename T>
std::vector<T> part_of(const std::vector<T>& all, std::size_t from) {
    const std::size_t to = std::min(all.size(), from + named_at_once_max);
    return {all.begin() + static_cast<std::ptrdiff_t>(from), all.begin() + static_cast<std::ptrdiff_t>(to)};
}

struct NamedMessages {
    std::string queue;
    /// Offsets, or ids with the queue's number.
    std::vector<std::string> ids;
    /// Given by their producers.
    std::vector<std::string> own_ids;

    bool none() const { return ids.empty() && own_ids.empty(); }
    /// Those of `ids`; throws when one is none, or of another queue.
    std::vector<std::uint64_t> offsets(Admin& admin) const;
    std::vector<JobName> jobs(Admin& admin) const;
};
/// `required`: a command line without any is refused.
std::shared_ptr<NamedMessages> add_named_messages(CLI::App& command, bool required);

struct NamedMessage {
    std::string queue, id, own_id;

    JobName job(Admin& admin) const;
};
std::shared_ptr<NamedMessage> add_named_message(CLI::App& command);

/// With none named, all that the options mean.
Counted retry_named(Admin& admin, const NamedMessages& named, RetryOptions options);

/// Prints why messages were left as they are; the exit code, given what it was before. Others go before "not found".
ExitCode say_refused(const std::vector<JobRefusal>& refusals, ExitCode before);

}  // namespace baton::cli
