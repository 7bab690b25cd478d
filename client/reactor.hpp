#pragma once
// The event loop of one or more transports, and the thread that runs it. Shared by them; may be destroyed on any
// thread, its own included.

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <thread>

namespace baton::detail {

class Reactor {
public:
    Reactor();
    /// Ends the loop. What is still posted does not run.
    ~Reactor();
    Reactor(const Reactor&) = delete;
    Reactor& operator=(const Reactor&) = delete;

    boost::asio::io_context& io() { return loop_->io; }
    bool on_its_thread() const { return thread_.get_id() == std::this_thread::get_id(); }

private:
    /// Held by the thread too: when the reactor is destroyed by a handler, its loop has still to unwind.
    struct Loop {
        boost::asio::io_context io{1};
        boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
    };
    std::shared_ptr<Loop> loop_;
    std::thread thread_;
};

}  // namespace baton::detail
