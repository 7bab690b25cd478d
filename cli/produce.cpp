#include "cli/command.hpp"
#include "cli/message_name.hpp"
#include "cli/message_output.hpp"
#include "cli/progress.hpp"
#include "cli/retry_options.hpp"
#include "cli/splitter.hpp"
#include "cli/stored_ranges.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <optional>

namespace baton::cli {

namespace {

struct ProduceOptions {
    std::string queue;
    std::vector<std::string> texts;
    std::string file;
    std::string split = "line";
    std::string name;
    std::vector<std::string> headers;
    std::string delay, due, ttl;
    std::string backoff, run_limit;
    std::uint32_t attempts = 0;
    std::uint32_t priority = 0;
    bool lifo = false;
    std::string group;
    std::string id;
    std::string dedup_id, dedup_mode = "simple", dedup_ttl;
    bool dedup_extend = false, dedup_replace = false;
    std::uint32_t batch = 1'000;
};

Dedup dedup_of(const ProduceOptions& options) {
    Dedup dedup;
    dedup.id = options.dedup_id;
    for (const auto mode :
         {Dedup::Mode::simple, Dedup::Mode::throttle, Dedup::Mode::debounce, Dedup::Mode::keep_last}) {
        std::string text = to_text(mode);
        std::replace(text.begin(), text.end(), '_', '-');
        dedup.mode = text == options.dedup_mode ? mode : dedup.mode;
    }
    if (!options.dedup_ttl.empty()) {
        dedup.ttl = parse_duration(options.dedup_ttl);
    }
    dedup.extend = options.dedup_extend;
    dedup.replace = options.dedup_replace;
    return dedup;
}

Split split_named(const std::string& name) {
    return name == "nul"          ? Split::nul
           : name == "blank-line" ? Split::blank_line
           : name == "none"       ? Split::none
                                  : Split::line;
}

/// Gathers messages into batches and keeps several on their way.
class Sending {
public:
    Sending(const Client& client, const ProduceOptions& options)
        : options_(options), producer_(client, options.queue), batch_(producer_.new_batch()) {
        for (const std::string& header : options.headers) {
            const std::size_t equals = header.find('=');
            if (equals == std::string::npos) {
                throw std::invalid_argument("--header takes KEY=VALUE, not '" + header + "'");
            }
            headers_.push_back({header.substr(0, equals), header.substr(equals + 1)});
        }
        if (!options.delay.empty()) {
            message_options_.delay = parse_duration(options.delay);
        }
        if (!options.due.empty()) {
            message_options_.due_ms = parse_time_ms(options.due);
        }
        if (!options.ttl.empty()) {
            message_options_.ttl = parse_duration(options.ttl);
        }
        if (options.priority != 0) {
            message_options_.priority = options.priority;
        }
        message_options_.lifo = options.lifo;
        if (options.attempts != 0) {
            message_options_.max_attempts = options.attempts;
        }
        if (!options.run_limit.empty()) {
            message_options_.run_limit = parse_duration(options.run_limit);
        }
        if (!options.backoff.empty()) {
            message_options_.backoff = parse_backoff(options.backoff);
        }
        message_options_.group = options.group;
        if (!options.id.empty()) {
            message_options_.id = options.id;
        }
        if (!options.dedup_id.empty()) {
            message_options_.dedup = dedup_of(options);
        }
    }

    void add(std::string_view payload) {
        constexpr std::size_t batch_bytes_max = 1024 * 1024;
        // A large message goes alone: together with others it might not fit into a frame.
        if (batch_.bytes() + payload.size() > batch_bytes_max) {
            send();
        }
        batch_.add(payload, options_.name, headers_, message_options_);
        sent_ += 1;
        if (batch_.count() >= options_.batch || batch_.bytes() >= batch_bytes_max) {
            send();
        }
    }

    /// Waits for every answer; throws the first refusal.
    BatchReceipt finish() {
        send();
        producer_.flush(std::chrono::minutes(10));
        const std::lock_guard lock(mutex_);
        check();
        return last_;
    }
    std::uint64_t sent() const { return sent_; }
    /// How many messages came to this; after finish().
    std::uint64_t count(ProduceOutcome::Kind kind) const { return outcomes_[static_cast<std::size_t>(kind)]; }
    /// Where they are; after finish().
    const StoredRanges& ranges() const { return ranges_; }

private:
    void send() {
        if (batch_.empty()) {
            return;
        }
        producer_.send_batch(std::move(batch_), [this](const Result<BatchReceipt>& result) {
            const std::lock_guard lock(mutex_);
            if (result.ok()) {
                last_ = result.value();
                stored_ += result.value().accepted;
                ranges_.add(result.value());
                for (const auto& [index, outcome] : result.value().outcomes) {
                    outcomes_[static_cast<std::size_t>(outcome.kind)] += 1;
                }
            } else if (!failed_) {
                failed_ = result.error();
            }
        });
        batch_ = producer_.new_batch();
        const std::lock_guard lock(mutex_);
        check();
    }

    /// With the lock held. Tells how far it came, so that the rest can be sent again.
    void check() const {
        if (failed_) {
            Error error = *failed_;
            error.message += fmt::format(" ({} messages were stored)", stored_);
            throw Exception(std::move(error));
        }
    }

    const ProduceOptions& options_;
    std::vector<Header> headers_;
    MessageOptions message_options_;
    std::uint64_t sent_ = 0;
    std::mutex mutex_;
    std::optional<Error> failed_;
    std::uint64_t stored_ = 0;
    std::array<std::uint64_t, 4> outcomes_{};
    BatchReceipt last_;
    StoredRanges ranges_;
    // Last, so that it is closed before what its callbacks use is gone.
    Producer producer_;
    EncodedBatch batch_;
};

void send_file(const ProduceOptions& options, std::size_t message_bytes_max, Sending& sending) {
    std::ifstream file;
    std::uint64_t total = 0;
    if (options.file != "-") {
        file.open(options.file, std::ios::binary);
        if (!file) {
            throw InputError("cannot read " + options.file);
        }
        std::error_code ignored;
        total = std::filesystem::file_size(options.file, ignored);
        total = ignored ? 0 : total;
    }
    std::istream& in = options.file == "-" ? std::cin : file;
    Splitter splitter(split_named(options.split), message_bytes_max);
    Progress progress(total);
    const auto each = [&](std::string_view message) { sending.add(message); };
    std::vector<char> block(256 * 1024);
    std::uint64_t bytes = 0;
    while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
        const auto n = static_cast<std::size_t>(in.gcount());
        bytes += n;
        splitter.feed({block.data(), n}, each);
        progress.at(bytes, sending.sent());
    }
    if (in.bad()) {
        throw InputError("cannot read " + options.file);
    }
    splitter.finish(each);
}

void say(const Context& context, const Sending& sending, const BatchReceipt& last) {
    const bool alone = sending.sent() == 1 && !last.outcomes.empty();
    const ProduceOutcome outcome = alone ? last.outcomes.front().second : ProduceOutcome{};
    MessageId id{last.queue_id, last.first_offset + (last.accepted == 0 ? 0 : last.accepted - 1)};
    id = outcome.stored() ? id : outcome.other;
    const std::uint64_t duplicates = sending.count(ProduceOutcome::Kind::duplicate),
                        replaced = sending.count(ProduceOutcome::Kind::replaced),
                        parked = sending.count(ProduceOutcome::Kind::parked);
    if (context.json) {
        print_json({{"messages", sending.sent()},
                    {"last_id", sending.sent() == 0 ? std::string() : id.to_string()},
                    {"stored", sending.ranges().json()},
                    {"durability", to_text(last.durability)},
                    {"duplicates", duplicates},
                    {"replaced", replaced},
                    {"parked", parked}});
    } else if (alone) {
        fmt::print("{} {} {}\n", id.to_string(), to_text(outcome.kind), outcome.other.to_string());
    } else if (sending.sent() == 1) {
        fmt::print("{}\n", id.to_string());
    } else {
        const std::string stored = sending.ranges().empty() ? "" : ", stored as " + sending.ranges().text();
        const bool plain = duplicates + replaced + parked == 0;
        fmt::print("{} messages{}{}\n", sending.sent(),
                   plain ? std::string(" produced")
                         : fmt::format(": {} duplicates, {} replaced another, {} parked", duplicates, replaced, parked),
                   stored);
    }
}

ExitCode produce(const Context& context, const ProduceOptions& options) {
    Client client = context.connect();
    Sending sending(client, options);
    for (const std::string& text : options.texts) {
        sending.add(text);
    }
    if (!options.file.empty() || options.texts.empty()) {
        send_file(options, client.server().message_bytes_max, sending);
    }
    const BatchReceipt last = sending.finish();
    say(context, sending, last);
    return ExitCode::ok;
}

/// An option that would come to nothing is a mistake.
void check_dedup(const ProduceOptions& options) {
    const auto refuse = [&](const char* option, const std::string& why) {
        throw CLI::ValidationError(option, why + " --dedup-mode " + options.dedup_mode);
    };
    const bool windowed = options.dedup_mode == "throttle" || options.dedup_mode == "debounce";
    if (!options.dedup_ttl.empty() && !windowed) {
        refuse("--dedup-ttl", "has no effect with");
    }
    if (!options.dedup_ttl.empty() && parse_duration(options.dedup_ttl) == std::chrono::milliseconds{0}) {
        refuse("--dedup-ttl", "is longer than 0 with");
    }
    if (options.dedup_extend && !windowed) {
        refuse("--dedup-extend", "has no effect with");
    }
    if (options.dedup_extend && options.dedup_ttl.empty()) {
        refuse("--dedup-extend", "has no effect without --dedup-ttl with");
    }
}

void add_identity_options(CLI::App& command, ProduceOptions& options) {
    command.add_option("--id", options.id, "The message's own id: while another has it, this one is not stored")
        ->check(check_own_id);
    CLI::Option* key =
        command.add_option("--dedup-id", options.dedup_id, "What it asks for, by which repeats are told")
            ->check(check_own_id);
    command.add_option("--dedup-mode", options.dedup_mode, "What a repeat comes to")
        ->check(CLI::IsMember({"simple", "throttle", "debounce", "keep-last"}))
        ->needs(key)
        ->capture_default_str();
    command
        .add_option("--dedup-ttl", options.dedup_ttl,
                    "How long a repeat is one, for throttle and debounce: 10s, 5m, 2h")
        ->needs(key);
    command.add_flag("--dedup-extend", options.dedup_extend, "A repeat begins that time again")->needs(key);
    command.add_flag("--dedup-replace", options.dedup_replace, "A repeat takes the place of one that waits")
        ->needs(key);
}

}  // namespace

void add_produce(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("produce", "Produces messages from arguments, a file or standard input");
    const auto options = std::make_shared<ProduceOptions>();
    command->add_option("queue", options->queue, "Name of the queue")->required();
    command->add_option("text", options->texts, "Payloads; without any and without --file, standard input is read");
    command->add_option("--file", options->file, "File to read, - for standard input");
    command->add_option("--split", options->split, "How the file is cut: line, nul, blank-line or none")
        ->check(CLI::IsMember({"line", "nul", "blank-line", "none"}))
        ->capture_default_str();
    command->add_option("--name", options->name, "Name of the messages, for handlers that switch on it");
    command->add_option("--header", options->headers, "KEY=VALUE; may be given more than once")
        ->allow_extra_args(false);
    command->add_option("--delay", options->delay, "Not before this long from now: 10s, 5m, 2h");
    command->add_option("--due", options->due, "Not before this time: 2026-11-25T08:00:00Z");
    command->add_option("--ttl", options->ttl, "Gone when not acked this long after it was stored");
    command->add_option("--priority", options->priority, "1 to 2097151, lower goes first; 0 = none, before all others")
        ->check(CLI::Range(0, 2'097'151));
    command->add_flag("--lifo", options->lifo, "In front of its priority instead of behind it");
    command
        ->add_option("--attempts", options->attempts,
                     "Failures before a message goes to the failed set; 0 = the queue's")
        ->check(CLI::Range(0, 65'535));
    command->add_option("--backoff", options->backoff, "KIND:BASE[:CAP[:JITTER]] or list:1s,5s,1m; '' = the queue's");
    command->add_option("--run-limit", options->run_limit, "How long one attempt may run; '' = the queue's");
    command->add_option("--group", options->group,
                        "Group of the messages, for queues that take turns by groups; in a topic their key");
    add_identity_options(*command, *options);
    command->add_option("--batch", options->batch, "Messages a request")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    command->footer(
        "Examples:\n  baton produce emails 'hello' 'world'\n"
        "  baton produce emails --file mails.jsonl --header source=import\n"
        "  apt-cache dumpavail | baton produce packages --file - --split blank-line\n"
        "  baton produce reminders 'call back' --delay 2h\n"
        "  baton produce emails 'reset your password' --priority 1\n"
        "  baton produce emails 'welcome' --id welcome-4711\n"
        "  baton produce index 'page 7' --dedup-id page-7 --dedup-mode debounce --dedup-ttl 5s --delay 5s");
    command->callback([&context, options] {
        if (options->texts.empty() && options->file.empty()) {
            options->file = "-";
        }
        check_dedup(*options);
        context.run = [&context, options] { return produce(context, *options); };
    });
}

}  // namespace baton::cli
