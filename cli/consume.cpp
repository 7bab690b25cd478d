#include "cli/command.hpp"
#include "cli/exec_command.hpp"
#include "cli/lease_keeper.hpp"
#include "cli/message_output.hpp"
#include "cli/stop_signal.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <iostream>
#include <mutex>
#include <thread>

namespace baton::cli {

namespace {

constexpr std::uint32_t print_credit = 1'000;

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
          wait_(parse_duration(options.wait.empty() ? "1s" : options.wait)),
          consumer_(client, options.queue, consumer_options(options)) {}

    /// Says how many messages were taken.
    std::uint64_t run() {
        // Prints come out of one hand; only commands gain from being run at once.
        const std::uint32_t threads_max = options_.exec.empty() ? 1 : options_.concurrency;
        std::vector<std::thread> threads;
        for (std::uint32_t i = 1; i < threads_max; ++i) {
            threads.emplace_back([this] { work(); });
        }
        work();
        for (std::thread& thread : threads) {
            thread.join();
        }
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        consumer_.flush();
        consumer_.close();
        return settled_;
    }

private:
    using Clock = std::chrono::steady_clock;

    /// Nothing is taken that would only have to be given back, or would wait here for a command to end.
    static std::uint32_t first_credit(const ConsumeOptions& options) {
        const std::uint64_t wanted = options.count == 0 ? print_credit : options.count;
        const std::uint64_t at_once = options.exec.empty() ? print_credit : options.concurrency;
        return static_cast<std::uint32_t>(std::min(wanted, at_once));
    }

    static ConsumerOptions consumer_options(const ConsumeOptions& options) {
        ConsumerOptions out;
        out.credit_messages = first_credit(options);
        out.on_refused = [](const SettleRefusal& refusal) {
            fmt::print(stderr, "baton: {} from {} on: {}\n", refusal.count, refusal.first.to_string(), refusal.message);
        };
        if (!options.lease.empty()) {
            out.lease = parse_duration(options.lease);
        }
        return out;
    }

    void work() {
        try {
            options_.exec.empty() ? print_messages() : run_commands();
        } catch (const std::exception&) {
            const std::lock_guard lock(mutex_);
            failure_ = failure_ ? failure_ : std::current_exception();
            stop_ = true;
        }
    }

    bool stopping() const { return stop_ || stop_asked(); }

    /// The next messages; empty when none came for as long as was asked for, or it is time to stop.
    Batch next(std::size_t max) {
        constexpr std::chrono::milliseconds slice(100);  // how late a signal may be noticed
        const auto until = Clock::now() + wait_;
        while (!stopping()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
            const auto timeout = options_.follow ? slice : std::clamp(left, std::chrono::milliseconds(0), slice);
            Batch batch = consumer_.receive_batch(max, timeout);
            if (!batch.empty() || (!options_.follow && left <= slice)) {
                return batch;
            }
        }
        return {};
    }

    /// To be called before `count` messages are settled: that makes room for as many, which is too many near the end.
    void lower_credit(std::size_t count) {
        const std::lock_guard lock(mutex_);
        settled_ += count;
        if (options_.count != 0 && options_.count - settled_ < credit_) {
            credit_ = static_cast<std::uint32_t>(options_.count - settled_);
            consumer_.set_credit(credit_);
        }
    }

    void print_messages() {
        std::uint64_t left = options_.count == 0 ? UINT64_MAX : options_.count;
        while (left > 0) {
            const Batch batch = next(static_cast<std::size_t>(std::min<std::uint64_t>(left, print_credit)));
            if (batch.empty()) {
                return;
            }
            for (const MessageView message : batch) {
                print(message);
            }
            // Acked only once it has left this process: a reader that has gone away loses nothing.
            std::cout.flush();
            if (!std::cout) {
                throw InputError("cannot write to standard output");
            }
            lower_credit(batch.size());
            batch.ack();
            left -= batch.size();
        }
    }

    void print(const MessageView& message) const {
        if (options_.format == "json") {
            print_json(to_json(message));
            return;
        }
        std::cout.write(message.payload().data(), static_cast<std::streamsize>(message.payload().size()));
        std::cout.put(options_.print0 ? '\0' : '\n');
    }

    /// Claims one of the messages that are still wanted.
    bool claim() { return options_.count == 0 || claimed_.fetch_add(1) < options_.count; }

    void run_commands() {
        while (claim()) {
            const Batch one = next(1);
            if (one.empty()) {
                return;
            }
            run_command(Received(one));
        }
    }

    void run_command(const Received& message) {
        const std::uint64_t ticket = leases_.keep(message);
        const ExecResult result = exec_with_input(options_.exec, message.payload());
        leases_.let_go(ticket);
        lower_credit(1);
        if (result.code == 0) {
            message.ack();
        } else if (result.code > 128 && stop_asked()) {
            message.release();  // The signal that stops this process has ended the command too.
        } else {
            FailOptions fail;
            fail.error_class = fmt::format("exit-{}", result.code);
            fail.reason =
                result.last_error_line.empty() ? fmt::format("exit code {}", result.code) : result.last_error_line;
            message.fail(std::move(fail));
        }
    }

    const ConsumeOptions& options_;
    std::chrono::milliseconds wait_;
    Consumer consumer_;
    std::uint32_t credit_ = first_credit(options_);
    std::uint64_t settled_ = 0;
    LeaseKeeper leases_;
    std::atomic<std::uint64_t> claimed_{0};
    std::atomic<bool> stop_{false};
    std::mutex mutex_;
    std::exception_ptr failure_;
};

}  // namespace

void add_consume(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("consume", "Prints messages and acks them, or pipes each to a command");
    const auto options = std::make_shared<ConsumeOptions>();
    command->add_option("queue", options->queue, "Name of the queue")->required();
    command
        ->add_option("-n,--count", options->count,
                     "End after so many messages, with exit code 6 when fewer came; 0 = no end")
        ->capture_default_str();
    command->add_option("--wait", options->wait, "End when no message came for this long (1s)");
    command->add_flag("--follow", options->follow, "Go on until interrupted, or until --count messages");
    command->add_option("--concurrency", options->concurrency, "Commands of --exec that run at once")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    command->add_option("--format", options->format, "raw or json")
        ->check(CLI::IsMember({"raw", "json"}))
        ->capture_default_str();
    command->add_flag("--print0", options->print0, "End each raw payload with a NUL byte instead of a newline");
    command->add_option("--exec", options->exec,
                        "Shell command that gets the payload on its standard input: exit 0 acks, another fails the "
                        "message with the last line of its errors and the error class exit-CODE");
    command->add_option("--lease", options->lease, "How long each message may take");
    command->footer(
        "Examples:\n  baton consume emails -n 1\n  baton consume emails --follow --format json\n"
        "  baton consume emails --follow --concurrency 4 --exec './send-mail'");
    command->callback([&context, options] {
        context.run = [&context, options] {
            if (context.json) {
                options->format = "json";
            }
            catch_stop_signals();
            Client client = context.connect();
            const std::uint64_t taken = Consuming(client, *options).run();
            client.close();
            if (taken < options->count) {
                fmt::print(stderr, "baton: {} of {} messages came\n", taken, options->count);
                return ExitCode::timed_out;
            }
            return ExitCode::ok;
        };
    });
}

}  // namespace baton::cli
