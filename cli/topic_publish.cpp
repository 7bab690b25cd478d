// Publishing to a topic from the command line: as produce, and it says how many subscriptions get it.
#include "cli/header_option.hpp"
#include "cli/message_output.hpp"
#include "cli/topic_messages.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

namespace baton::cli {

namespace {

struct PublishArguments {
    std::string topic, name, group;
    std::vector<std::string> texts, headers;
    bool refuse_unrouted = false;
};

std::vector<Message> messages_of(const PublishArguments& arguments) {
    std::vector<Header> headers;
    for (const std::string& text : arguments.headers) {
        headers.push_back(parse_header(text));
    }
    MessageOptions message_options;
    message_options.group = arguments.group;
    std::vector<Message> messages;
    for (const std::string& text : arguments.texts) {
        messages.push_back({text, arguments.name, headers, message_options});
    }
    return messages;
}

ExitCode publish(const Context& context, const PublishArguments& arguments) {
    const std::vector<Message> messages = messages_of(arguments);
    ProducerOptions options;
    options.refuse_unrouted = arguments.refuse_unrouted;
    Client client = context.connect();
    const BatchReceipt receipt = Producer(client, arguments.topic, options).produce(messages);
    if (context.json) {
        print_json({{"first_offset", receipt.first_offset},
                    {"messages", receipt.accepted},
                    {"subscriptions", receipt.subscriptions},
                    {"durability", to_text(receipt.durability)}});
    } else {
        fmt::print("{} messages from offset {} to {} subscriptions and bindings\n", receipt.accepted,
                   receipt.first_offset, receipt.subscriptions);
    }
    return ExitCode::ok;
}

}  // namespace

void add_topic_publish(CLI::App& topic, Context& context) {
    CLI::App* command = topic.add_subcommand("publish", "Publishes messages as one batch, all or nothing");
    const auto arguments = std::make_shared<PublishArguments>();
    command->add_option("topic", arguments->topic, "Name of the topic")->required();
    command->add_option("text", arguments->texts, "Payloads")->required();
    command->add_option("--name", arguments->name, "Name of the messages");
    command->add_option("--header", arguments->headers, "KEY=VALUE; may be given more than once")
        ->allow_extra_args(false);
    command->add_option("--group", arguments->group, "Key of the messages");
    command->add_flag("--refuse-unrouted", arguments->refuse_unrouted,
                      "Refused when no subscription and no binding gets any of it");
    command->footer(
        "Files and standard input are published by `baton produce TOPIC`.\n"
        "Examples:\n  baton topic publish order.created '{\"order\":4711}' --header region=eu");
    command->callback(
        [&context, arguments] { context.run = [&context, arguments] { return publish(context, *arguments); }; });
}

}  // namespace baton::cli
