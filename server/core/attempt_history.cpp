#include "server/core/attempt_history.hpp"

#include "server/core/limits.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace baton::core {

namespace {

std::size_t bytes_of(const Attempt& attempt) {
    return attempt.worker.size() + attempt.error_class.size() + attempt.reason.size() + attempt.stack.size();
}

}  // namespace

std::size_t history_bytes(const std::vector<Attempt>& history) {
    std::size_t bytes = 0;
    for (const Attempt& one : history) {
        bytes += bytes_of(one);
    }
    return bytes;
}

void add_attempt(std::vector<Attempt>& history, Attempt&& attempt) {
    attempt.reason.resize(std::min(attempt.reason.size(), limits::reason_bytes_max));
    attempt.stack.resize(std::min(attempt.stack.size(), limits::stack_bytes_kept_max));
    history.push_back(std::move(attempt));
    if (history.size() > limits::attempts_kept_max) {
        history.erase(history.begin());
    }
    std::size_t bytes = history_bytes(history);
    for (std::size_t i = 0; i + 1 < history.size() && bytes > limits::history_bytes_max; ++i) {
        bytes -= history[i].stack.size();
        history[i].stack = std::string();
    }
    while (bytes > limits::history_bytes_max && history.size() > 1) {
        bytes -= bytes_of(history.front());
        history.erase(history.begin());
    }
}

}  // namespace baton::core
