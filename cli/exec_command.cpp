#include "cli/exec_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

namespace baton::cli {

namespace {

constexpr std::size_t line_bytes_max = 4 * 1024;

/// Writes the input and reads the errors at once, so that neither pipe can block the other.
std::string converse(int in, int errors, std::string_view input) {
    std::string said;
    ::fcntl(in, F_SETFL, O_NONBLOCK);
    if (input.empty()) {
        ::close(in);
        in = -1;
    }
    std::array<char, 4096> block;
    while (true) {
        std::array<pollfd, 2> fds{pollfd{errors, POLLIN, 0}, pollfd{input.empty() ? -1 : in, POLLOUT, 0}};
        if (::poll(fds.data(), fds.size(), -1) < 0) {
            continue;
        }
        if ((fds[1].revents & (POLLOUT | POLLERR | POLLHUP)) != 0) {
            const ssize_t n = ::write(in, input.data(), input.size());
            input.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : n < 0 && errno == EAGAIN ? 0 : input.size());
        }
        if (input.empty() && in >= 0) {
            ::close(in);
            in = -1;
        }
        if (fds[0].revents != 0) {
            const ssize_t n = ::read(errors, block.data(), block.size());
            if (n <= 0) {
                break;
            }
            said.append(block.data(), static_cast<std::size_t>(n));
            if (said.size() > 4 * line_bytes_max) {
                said.erase(0, said.size() - 2 * line_bytes_max);
            }
        }
    }
    if (in >= 0) {
        ::close(in);
    }
    ::close(errors);
    while (said.ends_with('\n')) {
        said.pop_back();
    }
    const std::size_t line = said.rfind('\n');
    return said.substr(line == std::string::npos ? 0 : line + 1, line_bytes_max);
}

}  // namespace

ExecResult exec_with_input(const std::string& command, std::string_view input) {
    std::array<int, 2> in{}, errors{};
    if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(errors.data(), O_CLOEXEC) != 0) {
        return {127, "no pipe"};
    }
    const pid_t child = ::fork();
    if (child == 0) {
        // An ignored signal stays ignored across exec; a pipeline in the command needs this one.
        ::signal(SIGPIPE, SIG_DFL);
        ::dup2(in[0], STDIN_FILENO);
        ::dup2(errors[1], STDERR_FILENO);
        ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
        ::_exit(127);
    }
    ::close(in[0]);
    ::close(errors[1]);
    ExecResult result;
    result.last_error_line = converse(in[1], errors[0], input);
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) < 0) {
        return {127, "the command could not be started"};
    }
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

}  // namespace baton::cli
