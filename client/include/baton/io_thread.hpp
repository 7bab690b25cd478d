#pragma once
// A network thread that several clients may share, for programs with many connections: requests and answers of all of
// them are handled in one turn, instead of waking a thread for each. A client that is given none makes its own.
//
// The thread runs until the last client that uses it and the last reference to it are gone.

#include <memory>

namespace baton {

namespace detail {
class Reactor;
}

class IoThread {
public:
    /// Starts the thread. Throws std::system_error when the system gives none.
    IoThread();
    ~IoThread();
    IoThread(const IoThread&) = delete;
    IoThread& operator=(const IoThread&) = delete;

    /// For the other classes of the library.
    const std::shared_ptr<detail::Reactor>& reactor() const { return reactor_; }

private:
    std::shared_ptr<detail::Reactor> reactor_;
};

}  // namespace baton
