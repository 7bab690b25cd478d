#pragma once
// The parts of the command group `job` that have a file of their own.

namespace CLI {
class App;
}

namespace baton::cli {

struct Context;

void add_job_cancel(CLI::App& job, Context& context);
void add_job_logs(CLI::App& job, Context& context);
void add_job_wait(CLI::App& job, Context& context);
void add_job_list(CLI::App& job, Context& context);

}  // namespace baton::cli
