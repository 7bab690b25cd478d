#include "cli/command.hpp"
#include "cli/exec_command.hpp"
#include "cli/message_output.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <atomic>
#include <iostream>
#include <mutex>
#include <thread>

namespace baton::cli {

namespace {

struct ConsumeOptions {
    std::string queue;
    std::uint64_t count = 0;
    std::string wait;
    bool follow = false;
    std::uint32_t concurrency = 1;
    std::string format = "raw";
    bool print0 = false;
    std::string exec;
    std::string lease;
};

/// What the threads of one `consume` share.
class Consuming {
public:
    Consuming(const Client& client, const ConsumeOptions& options)
        : options_(options),
          wait_(options.follow && options.wait.empty() ? std::chrono::milliseconds(3'600'000)
                                                       : parse_duration(options.wait.empty() ? "1s" : options.wait)),
          consumer_(client, options.queue, consumer_options(options)) {}

    void run() {
        std::vector<std::thread> threads;
        for (std::uint32_t i = 1; i < options_.concurrency; ++i) {
            threads.emplace_back([this] { work(); });
        }
        work();
        for (std::thread& thread : threads) {
            thread.join();
        }
        consumer_.flush();
        consumer_.close();
        if (failure_) {
            throw Exception(*failure_);
        }
    }
    std::uint64_t done() const { return done_; }

private:
    static ConsumerOptions consumer_options(const ConsumeOptions& options) {
        ConsumerOptions out;
        // With a count, nothing is taken that would only have to be given back.
        out.credit_messages = options.count == 0
                                  ? (options.exec.empty() ? 1'000 : options.concurrency)
                                  : static_cast<std::uint32_t>(std::min<std::uint64_t>(options.count, 1'000));
        if (!options.lease.empty()) {
            out.lease = parse_duration(options.lease);
        }
        return out;
    }

    /// Claims one of the messages that are still wanted.
    bool claim() { return options_.count == 0 || claimed_.fetch_add(1) < options_.count; }

    void work() {
        try {
            while (claim()) {
                const std::optional<Received> message = consumer_.receive(wait_);
                if (!message) {
                    if (!options_.follow) {
                        return;
                    }
                    claimed_.fetch_sub(1);
                    continue;
                }
                handle(*message);
            }
        } catch (const Exception& failure) {
            const std::lock_guard lock(output_);
            failure_ = failure.error();
        }
    }

    void handle(const Received& message) {
        if (options_.exec.empty()) {
            print(message.view());
            message.ack();
            ++done_;
            return;
        }
        const ExecResult result = exec_with_input(options_.exec, message.payload());
        if (result.code == 0) {
            message.ack();
        } else {
            FailOptions fail;
            fail.reason =
                result.last_error_line.empty() ? fmt::format("exit code {}", result.code) : result.last_error_line;
            message.fail(std::move(fail));
        }
        ++done_;
    }

    /// Acked only after it was printed: a reader that has gone away loses nothing.
    void print(const MessageView& message) {
        const std::lock_guard lock(output_);
        if (options_.format == "json") {
            print_json(to_json(message));
        } else {
            std::cout.write(message.payload().data(), static_cast<std::streamsize>(message.payload().size()));
            std::cout.put(options_.print0 ? '\0' : '\n');
        }
        if (consumer_.buffered() == 0) {
            std::cout.flush();
        }
        if (!std::cout) {
            throw Exception(Error{ErrorCode::closed, "standard output is closed"});
        }
    }

    const ConsumeOptions& options_;
    std::chrono::milliseconds wait_;
    Consumer consumer_;
    std::mutex output_;
    std::atomic<std::uint64_t> claimed_{0};
    std::atomic<std::uint64_t> done_{0};
    std::optional<Error> failure_;
};

}  // namespace

void add_consume(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("consume", "Prints messages and acks them, or pipes each to a command");
    const auto options = std::make_shared<ConsumeOptions>();
    command->add_option("queue", options->queue, "Name of the queue")->required();
    command->add_option("-n,--count", options->count, "End after so many messages; 0 = no end")->capture_default_str();
    command->add_option("--wait", options->wait, "End when no message came for this long (1s)");
    command->add_flag("--follow", options->follow, "Go on for ever");
    command->add_option("--concurrency", options->concurrency, "Messages handled at once")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    command->add_option("--format", options->format, "raw or json")
        ->check(CLI::IsMember({"raw", "json"}))
        ->capture_default_str();
    command->add_flag("--print0", options->print0, "End each raw payload with a NUL byte instead of a newline");
    command->add_option("--exec", options->exec,
                        "Shell command that gets the payload on its standard input: exit 0 acks, another fails the "
                        "message with the last line of its errors");
    command->add_option("--lease", options->lease, "How long each message may take");
    command->footer(
        "Examples:\n  baton consume emails -n 1\n  baton consume emails --follow --format json\n"
        "  baton consume emails --follow --concurrency 4 --exec './send-mail'");
    command->callback([&context, options] {
        context.run = [&context, options] {
            if (context.json) {
                options->format = "json";
            }
            Client client = context.connect();
            Consuming consuming(client, *options);
            consuming.run();
            std::cout.flush();
            client.close();
            return ExitCode::ok;
        };
    });
}

}  // namespace baton::cli
