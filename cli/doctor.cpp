// Has the server hold its counters and indexes against a rescan.
#include "cli/command.hpp"
#include "cli/message_output.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <memory>
#include <string>

namespace baton::cli {

namespace {

void print_diagnosis(const Context& context, const Diagnosis& diagnosis) {
    if (context.json) {
        boost::json::array ailments;
        for (const Ailment& one : diagnosis.ailments) {
            ailments.push_back(
                boost::json::object{{"kind", to_text(one.kind)}, {"queue", one.queue}, {"text", one.text}});
        }
        print_json({{"commit_seq", diagnosis.commit_seq},
                    {"queues", diagnosis.queues},
                    {"records", diagnosis.records},
                    {"found", diagnosis.found},
                    {"ailments", std::move(ailments)}});
        return;
    }
    for (const Ailment& one : diagnosis.ailments) {
        fmt::print("{}: {}: {}\n", one.queue, to_text(one.kind), one.text);
    }
    if (diagnosis.found > diagnosis.ailments.size()) {
        fmt::print("... and {} more\n", diagnosis.found - diagnosis.ailments.size());
    }
    fmt::print("{} queues, {} records as of commit {}: {}\n", diagnosis.queues, diagnosis.records, diagnosis.commit_seq,
               diagnosis.found == 0 ? "all fits" : fmt::format("{} things do not fit", diagnosis.found));
}

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("doctor", "Holds counters, indexes, leases, ids and flows against a rescan");
    const auto queue = std::make_shared<std::string>();
    command->add_option("queue", *queue, "One queue; without it all of the namespace");
    command->footer(
        "It reads in the background and holds up nobody. Exit code 1 when something does not fit.\n"
        "Examples:\n  baton doctor\n  baton doctor emails");
    command->callback([&context, queue] {
        context.run = [&context, queue] {
            Client client = context.connect();
            const Diagnosis diagnosis = Admin(client).doctor(*queue);
            print_diagnosis(context, diagnosis);
            return diagnosis.found == 0 ? ExitCode::ok : ExitCode::failed;
        };
    });
}

}  // namespace baton::cli
