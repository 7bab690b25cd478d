#include "cli/named_messages.hpp"

#include "cli/message_name.hpp"
#include "cli/message_output.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace baton::cli {

namespace {

constexpr const char* no_name = "a message: its id, its offset, or --id";

}  // namespace

std::vector<std::uint64_t> NamedMessages::offsets(Admin& admin) const { return offsets_in(admin, queue, ids); }

std::vector<JobName> NamedMessages::jobs(Admin& admin) const {
    std::vector<JobName> jobs;
    for (const std::uint64_t offset : offsets(admin)) {
        jobs.emplace_back(offset);
    }
    for (const std::string& id : own_ids) {
        jobs.push_back(JobName::by_id(id));
    }
    return jobs;
}

std::shared_ptr<NamedMessages> add_named_messages(CLI::App& command, bool required) {
    auto named = std::make_shared<NamedMessages>();
    command.add_option("queue", named->queue, "Name of the queue")->required();
    command.add_option("ids", named->ids, "Message ids or offsets");
    command.add_option("--id", named->own_ids, "The id that its producer gave it; may be given more than once")
        ->check(check_own_id)
        ->allow_extra_args(false);
    if (required) {
        command.parse_complete_callback([named] {
            if (named->none()) {
                throw CLI::RequiredError(no_name);
            }
        });
    }
    return named;
}

JobName NamedMessage::job(Admin& admin) const {
    return own_id.empty() ? JobName(offsets_in(admin, queue, {id}).front()) : JobName::by_id(own_id);
}

std::shared_ptr<NamedMessage> add_named_message(CLI::App& command) {
    auto named = std::make_shared<NamedMessage>();
    command.add_option("queue", named->queue, "Name of the queue")->required();
    CLI::Option* id = command.add_option("id", named->id, "Message id or offset");
    command.add_option("--id", named->own_id, "The id that its producer gave it, instead")
        ->check(check_own_id)
        ->excludes(id);
    command.parse_complete_callback([named] {
        if (named->id.empty() && named->own_id.empty()) {
            throw CLI::RequiredError(no_name);
        }
    });
    return named;
}

Counted retry_named(Admin& admin, const NamedMessages& named, RetryOptions options) {
    options.offsets = named.offsets(admin);
    Counted counted;
    std::size_t from = 0;
    do {
        options.ids = part_of(named.own_ids, from);
        const Counted some = admin.retry_failed(named.queue, options);
        counted.messages += some.messages;
        counted.skipped += some.skipped;
        options.offsets.clear();
        from += named_at_once_max;
    } while (from < named.own_ids.size());
    return counted;
}

ExitCode say_refused(const std::vector<JobRefusal>& refusals, ExitCode before) {
    for (const JobRefusal& refusal : refusals) {
        fmt::print(stderr, "{}: {}\n", refusal.id.empty() ? std::to_string(refusal.offset) : printable(refusal.id, 256),
                   refusal.error.message);
        if (before == ExitCode::ok || before == ExitCode::not_found) {
            before = exit_code_of(refusal.error.code);
        }
    }
    return before;
}

}  // namespace baton::cli
