#include "server/daemon/daemon.hpp"
#include "server/daemon/exit_code.hpp"
#include "server/daemon/options.hpp"
#include "server/daemon/stop_signal.hpp"

#include <cstdio>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    using namespace baton::daemon;
    block_stop_signals();
    try {
        const CommandLine command_line =
            read_options(std::vector<std::string>(argv + 1, argv + argc), process_environment());
        if (!command_line.print_and_exit.empty()) {
            std::fputs(command_line.print_and_exit.c_str(), stdout);
            return static_cast<int>(ExitCode::ok);
        }
        if (command_line.print_config) {
            std::fputs(print_config(command_line).c_str(), stdout);
            return static_cast<int>(ExitCode::ok);
        }
        return static_cast<int>(run_daemon(command_line));
    } catch (const OptionError& error) {
        std::fprintf(stderr, "batond: %s\n", error.what());
        return static_cast<int>(ExitCode::usage);
    }
}
