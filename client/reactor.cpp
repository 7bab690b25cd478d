#include "client/reactor.hpp"

#include "baton/io_thread.hpp"

namespace baton {

namespace detail {

Reactor::Reactor() : loop_(std::make_shared<Loop>()), thread_([loop = loop_] { loop->io.run(); }) {}

Reactor::~Reactor() {
    loop_->work.reset();
    loop_->io.stop();
    if (on_its_thread()) {
        thread_.detach();
    } else {
        thread_.join();
    }
}

}  // namespace detail

IoThread::IoThread() : reactor_(std::make_shared<detail::Reactor>()) {}
IoThread::~IoThread() = default;

}  // namespace baton
