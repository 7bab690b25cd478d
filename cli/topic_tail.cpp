// Listening to topics: what is published from now on, without a trace.
#include "cli/message_output.hpp"
#include "cli/stop_signal.hpp"
#include "cli/topic_messages.hpp"
#include "cli/where_options.hpp"
#include "proto/entry_format.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

namespace baton::cli {

namespace {

using namespace std::chrono_literals;

struct TailArguments {
    std::string topics;
    std::uint64_t messages = 0;
};

boost::json::object to_json(const HeardMessage& heard) {
    boost::json::object out{{"topic", heard.topic}, {"offset", heard.offset}, {"stored", time_json(heard.stored_ms)}};
    const std::string& payload = heard.message.payload;
    const bool text = proto::is_utf8(payload);
    out[text ? "payload" : "payload_base64"] = text ? payload : base64(payload);
    if (!heard.message.name.empty()) {
        out["name"] = heard.message.name;
    }
    boost::json::object headers;
    for (const Header& header : heard.message.headers) {
        headers[header.key] = proto::is_utf8(header.value) ? header.value : base64(header.value);
    }
    out["headers"] = headers;
    if (heard.lost_before != 0) {
        out["lost_before"] = heard.lost_before;
    }
    if (heard.gap_before) {
        out["gap_before"] = true;
    }
    return out;
}

void print_heard(const HeardMessage& heard) {
    if (heard.lost_before != 0) {
        fmt::print(stderr, "{} messages were lost: printing is too slow\n", heard.lost_before);
    }
    if (heard.gap_before) {
        fmt::print(stderr, "the connection was lost; what was published meanwhile was not heard\n");
    }
    fmt::print("{} {} {}\n", heard.topic, heard.offset, printable(heard.message.payload, 4'096));
}

ExitCode tail(const Context& context, const TailArguments& arguments, const WhereOptions& where) {
    ListenOptions options;
    options.topics = arguments.topics;
    options.filter = where.filter().value_or(Filter{});
    Client client = context.connect();
    Listener listener(client, options);
    std::uint64_t heard = 0;
    catch_stop_signals();
    while (!stop_asked() && (arguments.messages == 0 || heard < arguments.messages)) {
        const auto next = listener.next(200ms);
        if (!next) {
            continue;
        }
        ++heard;
        if (context.json) {
            print_json(to_json(*next));
        } else {
            print_heard(*next);
        }
        std::fflush(stdout);
    }
    return ExitCode::ok;
}

}  // namespace

void add_topic_tail(CLI::App& topic, Context& context) {
    CLI::App* command = topic.add_subcommand("tail", "Prints what is published from now on, without leaving a trace");
    const auto arguments = std::make_shared<TailArguments>();
    command->add_option("topics", arguments->topics, "A topic, or a pattern: * is one word, # or > the rest")
        ->required();
    command->add_option("--messages", arguments->messages, "Ends after so many; 0 = never");
    const auto where = add_where_options(*command);
    command->footer("Examples:\n  baton topic tail order.created\n  baton topic tail 'order.#' --where region=eu");
    command->callback([&context, arguments, where] {
        context.run = [&context, arguments, where] { return tail(context, *arguments, *where); };
    });
}

}  // namespace baton::cli
