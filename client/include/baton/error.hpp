#pragma once
// Errors of the client library. Blocking calls throw Exception, which carries an Error; asynchronous calls hand a
// Result to their callback. Values only: safe to copy between threads.

#include "baton/error_code.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace baton {

/// What went wrong: the code is for programs, the message for people.
struct Error {
    ErrorCode code = ErrorCode::ok;
    std::string message;
    /// The same request may succeed later.
    bool retryable = false;
    /// The field at fault in the dotted names of the .proto files, and the limit it broke; empty and 0 when none.
    std::string field;
    std::uint64_t limit = 0;
    /// Not before this many milliseconds; 0 when unknown.
    std::uint64_t retry_after_ms = 0;
};

/// What blocking calls throw. what() is "CODE_NAME: message".
class Exception : public std::runtime_error {
public:
    explicit Exception(Error error);
    const Error& error() const { return error_; }
    ErrorCode code() const { return error_.code; }

private:
    Error error_;
};

/// A value or an Error. Asking a failed one for its value throws the Exception.
template <typename T>
class Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }
    const T& value() const& {
        require_value();
        return std::get<0>(state_);
    }
    T&& value() && {
        require_value();
        return std::get<0>(std::move(state_));
    }
    /// Only on a failed result.
    const Error& error() const { return std::get<1>(state_); }

private:
    void require_value() const {
        if (const Error* error = std::get_if<1>(&state_)) {
            throw Exception(*error);
        }
    }

    std::variant<T, Error> state_;
};

}  // namespace baton
