#include "tests/integration/daemon/daemon_process.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>

namespace baton::test {

namespace {

constexpr int wait_ms_max = 30'000;

/// Reads what is there; false at the end.
bool read_some(int fd, std::string& into) {
    char bytes[4096];
    const ssize_t got = ::read(fd, bytes, sizeof bytes);
    if (got <= 0) {
        return false;
    }
    into.append(bytes, static_cast<std::size_t>(got));
    return true;
}

}  // namespace

TestDirectory::TestDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "baton-daemon-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
}

TestDirectory::~TestDirectory() { std::filesystem::remove_all(path_); }

std::vector<std::string> usual_arguments(const std::string& data_dir) {
    return {"--data-dir", data_dir, "--listen", "127.0.0.1:0", "--reserve", "1MiB"};
}

std::vector<std::string> virtual_clock_arguments(const std::string& data_dir) {
    std::vector<std::string> arguments = usual_arguments(data_dir);
    arguments.push_back("--virtual-clock");
    return arguments;
}

DaemonProcess::DaemonProcess(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
    int out[2], err[2];
    REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(err, O_CLOEXEC) == 0);
    std::vector<std::string> words{BATOND_PATH};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    std::vector<std::string> variables = environment;
    std::vector<char*> envp;
    for (std::string& variable : variables) {
        envp.push_back(variable.data());
    }
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
        envp.push_back(*entry);
    }
    envp.push_back(nullptr);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
        ::dup2(out[1], STDOUT_FILENO);
        ::dup2(err[1], STDERR_FILENO);
        ::execve(argv[0], argv.data(), envp.data());
        ::_exit(127);
    }
    ::close(out[1]);
    ::close(err[1]);
    out_ = out[0];
    err_ = err[0];
}

DaemonProcess::~DaemonProcess() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    ::close(out_);
    ::close(err_);
}

void DaemonProcess::read_output(bool to_end) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_ms_max);
    bool out_open = true, err_open = true;
    while (out_open || err_open) {
        if (!to_end && ending_.out.find('\n') != std::string::npos) {
            return;
        }
        INFO(ending_.err);
        REQUIRE(std::chrono::steady_clock::now() < until);
        pollfd readable[2] = {{out_open ? out_ : -1, POLLIN, 0}, {err_open ? err_ : -1, POLLIN, 0}};
        REQUIRE(::poll(readable, 2, wait_ms_max) > 0);
        if (readable[0].revents != 0) {
            out_open = read_some(out_, ending_.out);
        }
        if (readable[1].revents != 0) {
            err_open = read_some(err_, ending_.err);
        }
    }
}

void DaemonProcess::wait_until_ready() {
    const bool ready = ready_or_ended();
    INFO(ending_.out << ending_.err);
    REQUIRE(ready);
}

bool DaemonProcess::ready_or_ended() {
    read_output(false);
    const std::string start = "batond ready on ";
    if (!ending_.out.starts_with(start)) {
        return false;
    }
    std::string rest = ending_.out.substr(start.size(), ending_.out.find('\n') - start.size());
    const std::size_t http = rest.find(" http ");
    address_ = rest.substr(0, http);
    http_address_ = http == std::string::npos ? "" : rest.substr(http + 6);
    return true;
}

void DaemonProcess::signal(int number) const { REQUIRE(::kill(pid_, number) == 0); }

Ending DaemonProcess::wait_for_end() {
    read_output(true);
    int status = 0;
    REQUIRE(::waitpid(pid_, &status, 0) == pid_);
    pid_ = -1;
    ending_.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return ending_;
}

}  // namespace baton::test
