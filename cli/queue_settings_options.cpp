#include "cli/queue_settings_options.hpp"

#include "cli/retry_options.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <stdexcept>

namespace baton::cli {

namespace {

/// An option whose text goes through `set`; what it throws becomes a usage error that names the option.
template <typename Set>
void add(CLI::App& command, const std::string& name, const std::string& help, Set set) {
    command.add_option_function<std::string>(
        name,
        [name, set](const std::string& text) {
            try {
                set(text);
            } catch (const std::exception& fault) {
                throw CLI::ValidationError(name, fault.what());
            }
        },
        help);
}

Overflow parse_overflow(std::string text) {
    std::replace(text.begin(), text.end(), '-', '_');
    for (const Overflow policy :
         {Overflow::reject, Overflow::drop_oldest, Overflow::dead_letter_oldest, Overflow::block}) {
        if (text == to_text(policy)) {
            return policy;
        }
    }
    throw std::invalid_argument("reject, drop-oldest, dead-letter-oldest or block");
}

std::uint32_t number(const std::string& text) {
    std::size_t used = 0;
    const unsigned long parsed = std::stoul(text, &used);
    if (used != text.size() || parsed > UINT32_MAX) {
        throw std::invalid_argument("'" + text + "' is not a number");
    }
    return static_cast<std::uint32_t>(parsed);
}

void take_rules(const std::vector<std::string>& texts, QueueSettings& settings) {
    std::vector<RetryRule>& rules = settings.retry_rules.emplace();
    for (const std::string& text : texts) {
        try {
            if (text != "none") {
                rules.push_back(parse_retry_rule(text));
            }
        } catch (const std::exception& fault) {
            throw CLI::ValidationError("--retry-rule", fault.what());
        }
    }
}

/// The options about groups.
void add_group_options(CLI::App& command, QueueSettings* set) {
    add(command, "--group-rate", "Deliveries of each group in an interval, for example 10/1s; 'off' ends the limit",
        [set](const std::string& text) { set->group_rate = parse_rate(text); });
    add(command, "--group-max-in-flight", "Most messages of one group leased at a time; 0 = no limit",
        [set](const std::string& text) { set->group_max_in_flight = number(text); });
    add(command, "--group-order", "none, or strict: one of a group after the other, retries included",
        [set](const std::string& text) {
            if (text != "none" && text != "strict") {
                throw std::invalid_argument("none or strict");
            }
            set->group_order = text == "strict" ? GroupOrder::strict : GroupOrder::none;
        });
    add(command, "--group-max-messages", "Most messages of one group that wait or are delayed; 0 = no limit",
        [set](const std::string& text) { set->group_max_messages = parse_size(text); });
    add(command, "--group-overflow", "What a full group does: reject, drop-oldest or dead-letter-oldest",
        [set](std::string text) {
            std::replace(text.begin(), text.end(), '-', '_');
            for (const GroupOverflow policy :
                 {GroupOverflow::reject, GroupOverflow::drop_oldest, GroupOverflow::dead_letter_oldest}) {
                if (text == to_text(policy)) {
                    set->group_overflow = policy;
                    return;
                }
            }
            throw std::invalid_argument("reject, drop-oldest or dead-letter-oldest");
        });
}

}  // namespace

RateLimit parse_rate(const std::string& text) {
    if (text == "off") {
        return {};
    }
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos) {
        throw std::invalid_argument("'" + text + "' is not a rate (100/1s, 5000/1h, off)");
    }
    return {parse_size(text.substr(0, slash)), parse_duration(text.substr(slash + 1)), 0};
}

namespace {

void add_consumer_mode(CLI::App& command, QueueSettings* set) {
    add(command, "--consumers",
        "shared (all take turns), exclusive (there is one), failover (one at a time) or, of a subscription, key-shared "
        "(each key with one)",
        [set](const std::string& text) {
            for (const ConsumerMode mode :
                 {ConsumerMode::shared, ConsumerMode::exclusive, ConsumerMode::failover, ConsumerMode::key_shared}) {
                if (text == to_text(mode)) {
                    set->consumer_mode = mode;
                    return;
                }
            }
            throw std::invalid_argument("shared, exclusive, failover or key-shared");
        });
}

void add_durability(CLI::App& command, QueueSettings* set) {
    add(command, "--durability", "sync (answered after fsync) or os", [set](const std::string& text) {
        if (text != "sync" && text != "os") {
            throw std::invalid_argument("sync or os");
        }
        set->durability = text == "sync" ? Durability::sync : Durability::os;
    });
}

void add_retention_options(CLI::App& command, QueueSettings* set) {
    add(command, "--keep-completed",
        "COUNT[/AGE[/BYTES]] of completed jobs, for example 1000/24h/64M; 0 = no limit; off",
        [set](const std::string& text) {
            set->keep_completed = text != "off";
            if (text != "off") {
                set->completed_retention = parse_retention(text);
            }
        });
    add(command, "--keep-failed", "COUNT[/AGE[/BYTES]] of failed messages, for example 10000/14d; 0 = no limit",
        [set](const std::string& text) { set->failed_retention = parse_retention(text); });
    add(command, "--keep-events", "COUNT[/AGE[/BYTES]] of events, for example 10000/24h/16M; 0 = no limit; off",
        [set](const std::string& text) {
            set->keep_events = text != "off";
            if (text != "off") {
                set->event_retention = parse_retention(text);
            }
        });
    add(command, "--keep-payload", "Bodies up to this size stay with completed jobs (4K); 0 = none",
        [set](const std::string& text) {
            set->completed_payload_bytes = static_cast<std::uint32_t>(parse_size(text));
        });
}

}  // namespace

static void add_job_options(CLI::App& command, QueueSettings* set) {
    add(command, "--aging", "Waiting this long is worth one step of priority; 0 = priorities do not age",
        [set](const std::string& text) { set->aging = parse_duration(text); });
    add(command, "--id-memory", "How long an id is refused after its message is gone; 0 = see --id-memory-count",
        [set](const std::string& text) { set->id_memory = parse_duration(text); });
    add(command, "--id-memory-count", "How many ids of messages that are gone are refused; 0 = see --id-memory",
        [set](const std::string& text) { set->id_memory_count = parse_size(text); });
}

Retention parse_retention(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, '/');) {
        parts.push_back(part);
    }
    if (parts.empty() || parts.size() > 3) {
        throw std::invalid_argument("'" + text + "' is not COUNT[/AGE[/BYTES]], for example 1000/24h/64M");
    }
    Retention keep;
    keep.messages = parse_size(parts[0]);
    if (parts.size() > 1) {
        keep.age = parse_duration(parts[1]);
    }
    if (parts.size() > 2) {
        keep.bytes = parse_size(parts[2]);
    }
    return keep;
}

std::shared_ptr<QueueSettings> add_settings_options(CLI::App& command) {
    auto settings = std::make_shared<QueueSettings>();
    QueueSettings* set = settings.get();
    add(command, "--lease", "How long a consumer holds a message (30s)",
        [set](const std::string& text) { set->lease = parse_duration(text); });
    add(command, "--attempts", "Failures before a message goes to the failed set",
        [set](const std::string& text) { set->max_attempts = number(text); });
    add(command, "--backoff", "KIND:BASE[:CAP[:JITTER]], for example exponential:1s:1h:0.2 or list:1s,5s,1m",
        [set](const std::string& text) { set->backoff = parse_backoff(text); });
    command
        .add_option_function<std::vector<std::string>>(
            "--retry-rule", [set](const std::vector<std::string>& texts) { take_rules(texts, *set); },
            "ERROR-CLASS=retry|fail|retry-after[@BACKOFF], in order, may be given more than once; 'none' drops all")
        ->allow_extra_args(false);
    add(command, "--lease-losses", "Lease losses before a message goes to the failed set; 0 = no cap (3)",
        [set](const std::string& text) { set->max_lease_losses = number(text); });
    add(command, "--run-limit", "How long one attempt may run, whatever is extended; 0 = no limit",
        [set](const std::string& text) { set->run_limit = parse_duration(text); });
    add(command, "--deliveries", "Deliveries before a message goes to the failed set; 0 = no cap",
        [set](const std::string& text) { set->max_deliveries = number(text); });
    add(command, "--dead-letter", "Queue for messages that failed for good; '' = the failed set",
        [set](const std::string& text) { set->dead_letter_queue = text; });
    add(command, "--max-message-size", "Largest message (1M)",
        [set](const std::string& text) { set->max_message_bytes = static_cast<std::uint32_t>(parse_size(text)); });
    add(command, "--max-messages", "Most messages that wait or are delayed; 0 = no limit",
        [set](const std::string& text) { set->max_messages = parse_size(text); });
    add(command, "--max-bytes", "Most bytes in the queue; 0 = no limit",
        [set](const std::string& text) { set->max_bytes = parse_size(text); });
    add(command, "--overflow", "What a full queue does: reject, drop-oldest, dead-letter-oldest or block",
        [set](const std::string& text) { set->overflow = parse_overflow(text); });
    add(command, "--block-timeout", "With --overflow block: how long a produce waits for room (10s)",
        [set](const std::string& text) { set->block_timeout = parse_duration(text); });
    add(command, "--ttl", "Time to live of a message; 0 = none",
        [set](const std::string& text) { set->message_ttl = parse_duration(text); });
    add_durability(command, set);
    add_consumer_mode(command, set);
    add_retention_options(command, set);
    add(command, "--rate", "Deliveries in an interval, for example 100/1s; 'off' ends the limit",
        [set](const std::string& text) {
            const std::uint64_t burst = set->rate_limit ? set->rate_limit->burst : 0;
            set->rate_limit = parse_rate(text);
            set->rate_limit->burst = burst;
        });
    add(command, "--burst", "With --rate: deliveries that may be saved up; 0 = those of one interval",
        [set](const std::string& text) {
            if (!set->rate_limit) {
                set->rate_limit.emplace();
            }
            set->rate_limit->burst = parse_size(text);
        });
    add(command, "--max-in-flight", "Most messages leased at a time by all consumers; 0 = no limit",
        [set](const std::string& text) { set->max_in_flight = number(text); });
    add_group_options(command, set);
    add_job_options(command, set);
    return settings;
}

}  // namespace baton::cli
