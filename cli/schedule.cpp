#include "cli/command.hpp"
#include "cli/count_option.hpp"
#include "cli/header_option.hpp"
#include "cli/message_output.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <stdexcept>

namespace baton::cli {

namespace {

namespace json = boost::json;

std::string time_or_dash(std::int64_t ms) { return ms == 0 ? "-" : format_time(ms); }

std::string timing_text(const ScheduleTiming& timing) {
    return timing.cron.empty() ? "every " + format_duration(timing.every)
                               : timing.cron + (timing.zone.empty() ? "" : " " + timing.zone);
}

json::object to_json(const ScheduleInfo& info) {
    const Schedule& schedule = info.schedule;
    const ScheduleTiming& timing = schedule.timing;
    json::object out{{"name", info.name}, {"generation", info.generation}, {"queue", schedule.queue}};
    if (timing.cron.empty()) {
        out["every_ms"] = timing.every.count();
    } else {
        out["cron"] = timing.cron;
        out["zone"] = timing.zone.empty() ? "UTC" : timing.zone;
    }
    if (timing.anchor_ms) {
        out["anchor"] = format_time(*timing.anchor_ms);
    }
    for (const auto& [key, ms] :
         {std::pair{"start", timing.start_ms}, std::pair{"end", timing.end_ms}, std::pair{"next", info.next_ms},
          std::pair{"next_due", info.next_due_ms}, std::pair{"last_firing", info.last_firing_ms},
          std::pair{"last_run", info.last_run_ms}, std::pair{"created", info.created_ms}}) {
        if (ms != 0) {
            out[key] = format_time(ms);
        }
    }
    out["limit"] = timing.limit;
    out["jitter_ms"] = timing.jitter.count();
    out["offset_ms"] = timing.offset.count();
    out["overlap"] = to_text(schedule.overlap);
    out["missed"] = to_text(schedule.missed);
    out["missed_max"] = schedule.missed_max;
    out["priority"] = schedule.message.options.priority.value_or(0);
    out["lifo"] = schedule.message.options.lifo;
    out["paused"] = info.paused;
    out["running"] = info.running;
    out["fired"] = info.fired;
    out["skipped"] = info.skipped;
    out["last_error"] = info.last_error;
    return out;
}

void show(const Context& context, const ScheduleInfo& info) {
    if (context.json) {
        print_json(to_json(info));
        return;
    }
    const Schedule& schedule = info.schedule;
    fmt::print("{} (generation {}){}{}\n", info.name, info.generation, info.paused ? "  paused" : "",
               info.running ? "  running" : "");
    fmt::print("    {} to queue {}, overlap {}, missed {}{}\n", timing_text(schedule.timing), schedule.queue,
               to_text(schedule.overlap), to_text(schedule.missed),
               schedule.missed == MissedRuns::run_all ? fmt::format(" {}", schedule.missed_max) : "");
    fmt::print("    next {}, last {}, fired {}, skipped {}\n", time_or_dash(info.next_due_ms),
               time_or_dash(info.last_run_ms), info.fired, info.skipped);
    if (!info.last_error.empty()) {
        fmt::print("    last error {}: {}\n", format_time(info.last_error_ms), printable(info.last_error, 500));
    }
}

/// Local time of the zone with its distance from UTC.
std::string local_text(const Firing& firing) {
    const std::string shown = format_time(firing.at_ms + firing.offset.count() * 1'000);
    const std::int64_t minutes = std::abs(firing.offset.count()) / 60;
    return fmt::format("{} {}{:02}:{:02}", shown.substr(0, 19), firing.offset.count() < 0 ? '-' : '+', minutes / 60,
                       minutes % 60);
}

void show(const Context& context, const std::vector<Firing>& firings) {
    for (const Firing& firing : firings) {
        if (context.json) {
            print_json({{"at", format_time(firing.at_ms)}, {"local", local_text(firing)}});
        } else {
            fmt::print("{}   {}\n", format_time(firing.at_ms), local_text(firing));
        }
    }
}

struct TimingOptions {
    std::string cron, zone, every, anchor, start, end, jitter, offset;
    std::uint64_t limit = 0;

    ScheduleTiming timing() const {
        ScheduleTiming out;
        out.cron = cron;
        out.zone = zone;
        out.limit = limit;
        const auto duration = [](const std::string& text) {
            return text.empty() ? std::chrono::milliseconds(0) : parse_duration(text);
        };
        const auto time = [](const std::string& text) { return text.empty() ? 0 : parse_time_ms(text); };
        out.every = duration(every);
        out.jitter = duration(jitter);
        out.offset = duration(offset);
        out.start_ms = time(start);
        out.end_ms = time(end);
        if (!anchor.empty()) {
            out.anchor_ms = parse_time_ms(anchor);
        }
        return out;
    }
};

std::shared_ptr<TimingOptions> add_timing(CLI::App& command) {
    auto options = std::make_shared<TimingOptions>();
    command.add_option("--cron", options->cron, "Pattern: 5 fields, 6 with seconds first, or @daily and the like");
    command.add_option("--zone", options->zone, "Time zone of the pattern: Europe/Berlin; UTC when absent");
    command.add_option("--every", options->every, "Interval: 30s, 5m, 2h")->excludes("--cron");
    command.add_option("--anchor", options->anchor, "A time that the interval goes through");
    command.add_option("--start", options->start, "No firing before this time: 2026-11-25T08:00:00Z");
    command.add_option("--end", options->end, "No firing after this time");
    command.add_option("--limit", options->limit, "So many firings in all");
    command.add_option("--jitter", options->jitter, "Each firing is late by up to this");
    command.add_option("--offset", options->offset, "Each firing is this much later than the pattern says");
    return options;
}

struct UpsertOptions {
    std::string name, queue, payload, message_name, overlap = "skip", missed = "run-once", ttl, lease;
    std::vector<std::string> headers;
    std::uint32_t missed_max = 0, priority = 0;
    bool lifo = false;
    std::int64_t if_generation = -1;

    Schedule schedule(const ScheduleTiming& timing) const {
        Schedule out;
        out.queue = queue;
        out.timing = timing;
        out.message.payload = payload;
        out.message.name = message_name;
        for (const std::string& header : headers) {
            out.message.headers.push_back(parse_header(header));
        }
        if (!ttl.empty()) {
            out.message.options.ttl = parse_duration(ttl);
        }
        if (!lease.empty()) {
            out.message.options.lease = parse_duration(lease);
        }
        if (priority != 0) {
            out.message.options.priority = priority;
        }
        out.message.options.lifo = lifo;
        out.overlap = overlap == "skip" ? Overlap::skip : overlap == "queue" ? Overlap::queue : Overlap::replace;
        out.missed = missed == "skip"       ? MissedRuns::skip
                     : missed == "run-once" ? MissedRuns::run_once
                                            : MissedRuns::run_all;
        out.missed_max = missed_max;
        return out;
    }
};

void add_schedule_upsert(CLI::App& group, Context& context) {
    CLI::App* command = group.add_subcommand("upsert", "Makes a schedule or changes it; the same again does nothing");
    const auto options = std::make_shared<UpsertOptions>();
    command->add_option("name", options->name, "Name of the schedule")->required();
    command->add_option("queue", options->queue, "Queue to append to")->required();
    command->add_option("payload", options->payload, "Payload of the message");
    const auto timing = add_timing(*command);
    command->add_option("--name", options->message_name, "Name of the message");
    command->add_option("--header", options->headers, "KEY=VALUE; may be given more than once");
    command->add_option("--ttl", options->ttl, "The message is gone when not acked this long after it was stored");
    command->add_option("--lease", options->lease, "Lease of the message");
    command->add_option("--priority", options->priority, "1 to 2097151, lower goes first; 0 = none, before all others")
        ->check(CLI::Range(0, 2'097'151));
    command->add_flag("--lifo", options->lifo, "In front of its priority instead of behind it");
    command->add_option("--overlap", options->overlap, "While the last run is not done: skip, queue or replace")
        ->check(CLI::IsMember({"skip", "queue", "replace"}))
        ->capture_default_str();
    command->add_option("--missed", options->missed, "After an outage: skip, run-once or run-all")
        ->check(CLI::IsMember({"skip", "run-once", "run-all"}))
        ->capture_default_str();
    command->add_option("--missed-max", options->missed_max, "With run-all: how many at most");
    command->add_option("--if-generation", options->if_generation, "Only over this generation; 0 = only a new one")
        ->check(CLI::NonNegativeNumber);
    command->footer(
        "Examples:\n  baton schedule upsert nightly reports '{}' --cron '30 2 * * *' --zone Europe/Berlin\n"
        "  baton schedule upsert heartbeat pings ping --every 30s --overlap queue\n"
        "  baton schedule upsert billing jobs '{}' --cron '0 6 L * *' --missed run-all --missed-max 3");
    command->callback([&context, options, timing] {
        context.run = [&context, options, timing] {
            const Schedule schedule = options->schedule(timing->timing());
            Client client = context.connect();
            std::optional<std::uint64_t> generation;
            if (options->if_generation >= 0) {
                generation = static_cast<std::uint64_t>(options->if_generation);
            }
            show(context, Schedules(client).upsert(options->name, schedule, generation));
            return ExitCode::ok;
        };
    });
}

void add_schedule_list(CLI::App& group, Context& context) {
    CLI::App* command = group.add_subcommand("list", "Lists schedules with their next and last runs");
    const auto prefix = std::make_shared<std::string>();
    command->add_option("prefix", *prefix, "Only names that begin with this");
    command->footer("Examples:\n  baton schedule list\n  baton --output json schedule list report.");
    command->callback([&context, prefix] {
        context.run = [&context, prefix] {
            Client client = context.connect();
            Schedules schedules(client);
            if (!context.json) {
                fmt::print("{:24} {:28} {:20} {:24} {:>8} {:>8}\n", "SCHEDULE", "WHEN", "QUEUE", "NEXT", "FIRED",
                           "SKIPPED");
            }
            std::string after;
            do {
                const SchedulePage page = schedules.list(*prefix, after, 1'000);
                for (const ScheduleInfo& info : page.schedules) {
                    if (context.json) {
                        print_json(to_json(info));
                        continue;
                    }
                    fmt::print("{:24} {:28} {:20} {:24} {:>8} {:>8}{}{}\n", info.name,
                               timing_text(info.schedule.timing), info.schedule.queue, time_or_dash(info.next_due_ms),
                               info.fired, info.skipped, info.paused ? "  paused" : "",
                               info.last_error.empty() ? "" : "  error");
                }
                after = page.next;
            } while (!after.empty());
            return ExitCode::ok;
        };
    });
}

void add_schedule_preview(CLI::App& group, Context& context) {
    CLI::App* command = group.add_subcommand("preview", "Shows the next firings of a schedule, or of a pattern");
    const auto name = std::make_shared<std::string>();
    const auto count = std::make_shared<std::uint32_t>(10);
    command->add_option("name", *name, "Name of a stored schedule; without it, --cron or --every says when");
    add_count_option(*command, *count, "How many", 1'000);
    const auto timing = add_timing(*command);
    command->footer(
        "Examples:\n  baton schedule preview nightly -n 3\n"
        "  baton schedule preview --cron '0 9 * * mon#1' --zone America/New_York");
    command->callback([&context, name, count, timing] {
        context.run = [&context, name, count, timing] {
            const ScheduleTiming given = timing->timing();
            Client client = context.connect();
            Schedules schedules(client);
            show(context, name->empty() ? schedules.preview(given, *count) : schedules.preview(*name, *count));
            return ExitCode::ok;
        };
    });
}

/// A command with the name of one schedule.
template <typename Action>
void add_schedule_simple(CLI::App& group, Context& context, const char* verb, const char* help, Action action) {
    CLI::App* command = group.add_subcommand(verb, help);
    const auto name = std::make_shared<std::string>();
    command->add_option("name", *name, "Name of the schedule")->required();
    command->footer(fmt::format("Examples:\n  baton schedule {} nightly", verb));
    command->callback([&context, name, action] {
        context.run = [&context, name, action] {
            Client client = context.connect();
            Schedules schedules(client);
            action(schedules, *name);
            return ExitCode::ok;
        };
    });
}

}  // namespace

void add_schedule(CLI::App& app, Context& context) {
    CLI::App* group = app.add_subcommand("schedule", "Messages that the server makes by a pattern or an interval");
    group->require_subcommand(1);
    add_schedule_upsert(*group, context);
    add_schedule_list(*group, context);
    add_schedule_simple(
        *group, context, "show", "Shows a schedule: when, next and last run, counts, last error",
        [&context](Schedules& schedules, const std::string& name) { show(context, schedules.show(name)); });
    add_schedule_preview(*group, context);
    add_schedule_simple(
        *group, context, "pause", "Fires no more until it is resumed",
        [&context](Schedules& schedules, const std::string& name) { show(context, schedules.pause(name)); });
    add_schedule_simple(
        *group, context, "resume", "Fires again; what came due in between is not made up for",
        [&context](Schedules& schedules, const std::string& name) { show(context, schedules.resume(name)); });
    add_schedule_simple(*group, context, "run", "Appends a message now, besides the firings",
                        [&context](Schedules& schedules, const std::string& name) {
                            const std::string id = schedules.run_now(name).to_string();
                            if (context.json) {
                                print_json({{"id", id}});
                            } else {
                                fmt::print("{}\n", id);
                            }
                        });
    add_schedule_simple(*group, context, "delete", "Removes a schedule; messages that it made stay",
                        [](Schedules& schedules, const std::string& name) { schedules.remove(name); });
}

}  // namespace baton::cli
