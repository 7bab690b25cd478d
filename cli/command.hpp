#pragma once
// How a command is put together: add_<group>() declares its options on the parser and says what to run; main parses,
// runs and turns errors into exit codes. One thread.

#include "baton/baton.hpp"
#include "cli/exit_code.hpp"

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace baton::cli {

struct Context {
    std::string server = "127.0.0.1:7450";
    std::string name_space;
    bool json = false;
    /// Set by the command that was named.
    std::function<ExitCode()> run;

    /// A client with the options given. Throws baton::Exception.
    Client connect() const;
};

void add_ping(CLI::App& app, Context& context);
void add_queue(CLI::App& app, Context& context);
void add_peek(CLI::App& app, Context& context);
void add_produce(CLI::App& app, Context& context);
void add_consume(CLI::App& app, Context& context);
void add_failed(CLI::App& app, Context& context);
void add_flow(CLI::App& app, Context& context);
void add_group(CLI::App& app, Context& context);
void add_dedup(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);
void add_job(CLI::App& app, Context& context);
void add_redrive(CLI::App& app, Context& context);
void add_backup(CLI::App& app, Context& context);
void add_bench(CLI::App& app, Context& context);
void add_clock(CLI::App& app, Context& context);
void add_events(CLI::App& app, Context& context);
void add_schedule(CLI::App& app, Context& context);
void add_task(CLI::App& app, Context& context);
void add_topic(CLI::App& app, Context& context);
void add_subscription(CLI::App& app, Context& context);
void add_binding(CLI::App& app, Context& context);
/// Those of the command group `queue`.
void add_queue_tasks(CLI::App& queue, Context& context);
void add_queue_monitor(CLI::App& queue, Context& context);
void add_completion(CLI::App& app, Context& context);

}  // namespace baton::cli
