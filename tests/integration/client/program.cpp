#include "tests/integration/client/program.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>

namespace baton::tests {

ProgramResult run_program(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const std::string& word : command) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    int ends[2];
    if (::pipe(ends) != 0) {
        throw std::runtime_error("no pipe");
    }
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::dup2(ends[1], STDOUT_FILENO);
        ::dup2(ends[1], STDERR_FILENO);
        ::close(ends[0]);
        ::close(ends[1]);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    ::close(ends[1]);
    ProgramResult result;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{180};
    std::array<char, 4096> bytes;
    while (true) {
        pollfd readable{ends[0], POLLIN, 0};
        if (::poll(&readable, 1, 1'000) > 0) {
            const ssize_t n = ::read(ends[0], bytes.data(), bytes.size());
            if (n <= 0) {
                break;
            }
            result.output.append(bytes.data(), static_cast<std::size_t>(n));
        }
        if (std::chrono::steady_clock::now() > until) {
            ::kill(pid, SIGKILL);
        }
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (!WIFEXITED(status)) {
        throw std::runtime_error("the program did not end by itself: " + result.output);
    }
    result.exit_code = WEXITSTATUS(status);
    return result;
}

}  // namespace baton::tests
