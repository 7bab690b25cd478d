#include "cli/why.hpp"

#include "cli/message_output.hpp"
#include "cli/named_messages.hpp"
#include "cli/units.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <string>

namespace baton::cli {

namespace {

/// The kinds as sentences; what holds a group begins with its name.
std::string sentence(const Obstacle& obstacle) {
    using Kind = Obstacle::Kind;
    switch (obstacle.kind) {
        case Kind::paused:
        case Kind::paused_until:
            return "is paused";
        case Kind::penalty:
            return "is held back by a penalty";
        case Kind::rate:
            return "has used up its rate";
        case Kind::in_flight:
            return obstacle.count != 0 ? fmt::format("has {} in flight, as many as it may", obstacle.count)
                                       : "has as many in flight as it may";
        case Kind::restart:
            return "is held, since it may have been delivered before the server's restart";
        case Kind::retry:
            return "keeps its order, and its first message waits to be tried again";
        case Kind::groups_held:
            return fmt::format("has {} groups with messages, all held back", obstacle.count);
        case Kind::no_consumer:
            return "has no consumer";
        case Kind::consumers_away:
            return fmt::format("has {} consumers, none of them connected", obstacle.count);
        case Kind::credit_used:
            return fmt::format("has {} consumers, each holding as much as it wants", obstacle.count);
        case Kind::isolated:
            return "is delivered alone, and each consumer holds one such already";
        case Kind::draining:
            return "is served by a server that is about to stop";
        case Kind::nothing_ready:
            return obstacle.count != 0 ? fmt::format("has nothing ready, {} messages delayed", obstacle.count)
                                       : "is empty";
        case Kind::not_due:
            return obstacle.name.empty() ? "is not due" : fmt::format("is to be tried again: {}", obstacle.name);
        case Kind::others_before:
            return fmt::format("comes behind at most {} others", obstacle.count);
        case Kind::leased:
            return fmt::format("is leased by '{}'", obstacle.name);
        case Kind::cancelled:
            return "is cancelled, and gone when its lease ends";
        case Kind::completed:
            return "is done";
        case Kind::failed:
            return fmt::format("has failed: {}", obstacle.name);
        case Kind::waiting_children:
            return "waits for its children";
        case Kind::unspecified:
            break;
    }
    return "is held back for a reason that this program does not know";
}

bool may_be_of_group(Obstacle::Kind kind) { return kind >= Obstacle::Kind::paused && kind <= Obstacle::Kind::retry; }

}  // namespace

void print_explanation(const Context& context, const Explanation& why) {
    if (context.json) {
        boost::json::array obstacles;
        for (const Obstacle& one : why.obstacles) {
            boost::json::object out{{"kind", to_text(one.kind)}};
            if (one.until_ms != 0) {
                out["until"] = format_time(one.until_ms);
                out["for_ms"] = one.until_ms - why.now_ms;
            }
            if (one.count != 0) {
                out["count"] = one.count;
            }
            if (!one.name.empty()) {
                out["name"] = one.name;
            }
            obstacles.push_back(std::move(out));
        }
        boost::json::object out{{"obstacles", std::move(obstacles)}};
        if (why.message) {
            out["id"] = why.message->to_string();
            out["state"] = to_text(why.state);
        }
        print_json(out);
        return;
    }
    if (why.message) {
        fmt::print("{} is {}\n", why.message->to_string(), to_text(why.state));
    }
    for (const Obstacle& one : why.obstacles) {
        const bool group = may_be_of_group(one.kind) && !one.name.empty();
        const bool job = one.kind >= Obstacle::Kind::not_due || one.kind == Obstacle::Kind::isolated;
        fmt::print("{} {}{}\n",
                   group ? "its group '" + one.name + "'"
                   : job ? "it"
                         : "the queue",
                   sentence(one), one.until_ms == 0 ? std::string() : ", until " + format_time(one.until_ms));
    }
    if (why.obstacles.empty()) {
        fmt::print("nothing holds it up\n");
    }
}

void add_queue_why(CLI::App& queue, Context& context) {
    CLI::App* command = queue.add_subcommand("why", "Says what keeps the messages of a queue from being delivered");
    const auto name = std::make_shared<std::string>();
    command->add_option("queue", *name, "Name of the queue")->required();
    command->footer("Examples:\n  baton queue why emails");
    command->callback([&context, name] {
        context.run = [&context, name] {
            Client client = context.connect();
            print_explanation(context, Admin(client).why_queue(*name));
            return ExitCode::ok;
        };
    });
}

void add_job_why(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("why", "Says what keeps a message from being delivered");
    const auto asked = add_named_message(*command);
    command->footer("Examples:\n  baton job why emails 3-17\n  baton job why emails --id welcome-4711");
    command->callback([&context, asked] {
        context.run = [&context, asked] {
            Client client = context.connect();
            Admin admin(client);
            print_explanation(context, admin.why_job(asked->queue, asked->job(admin)));
            return ExitCode::ok;
        };
    });
}

}  // namespace baton::cli
