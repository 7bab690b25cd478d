#include "server/daemon/stop_signal.hpp"

#include <pthread.h>
#include <unistd.h>

#include <csignal>

namespace baton::daemon {

namespace {

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

void end_at_once(int signal) { ::_exit(128 + signal); }

}  // namespace

void block_stop_signals() {
    ::signal(SIGPIPE, SIG_IGN);
    const sigset_t set = stop_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int wait_for_stop_signal() {
    const sigset_t set = stop_signals();
    int signal = 0;
    while (::sigwait(&set, &signal) != 0) {
    }
    ::signal(SIGTERM, end_at_once);
    ::signal(SIGINT, end_at_once);
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    return signal;
}

}  // namespace baton::daemon
