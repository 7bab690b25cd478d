#include "baton/worker.hpp"

#include "client/worker_core.hpp"

#include <utility>

namespace baton {

bool Job::lease_lost() const { return state_.lease_lost; }

bool Job::cancelled() const { return state_.cancelled; }

std::stop_token Job::stop_token() const { return state_.stop.get_token(); }

bool Job::stopping() const { return *state_.stopping; }

ChildrenWait Job::wait_for_children() const {
    const ChildrenWait verdict = received_.wait_for_children();
    state_.given_up = verdict != ChildrenWait::go_on;
    return verdict;
}

void Job::set_data(std::string payload) const {
    Message data;
    data.payload = std::move(payload);
    data.name = name();
    for (const HeaderView& header : message().headers()) {
        data.headers.push_back({std::string(header.key), std::string(header.value)});
    }
    received_.set_data(data);
}

Worker::Worker(const Client& client, std::string queue, Handler handler, WorkerOptions options)
    : core_(std::make_shared<detail::WorkerCore>(client.core(), queue, std::move(handler), std::move(options))) {
    core_->start();
}

Worker::~Worker() {
    core_->begin_stop();
    core_->join();
}

bool Worker::stop(std::chrono::milliseconds deadline) { return core_->stop(deadline); }

void Worker::set_concurrency(std::uint32_t concurrency) { core_->set_concurrency(concurrency); }

std::uint32_t Worker::running() const { return core_->running(); }

std::uint64_t Worker::finished() const { return core_->finished(); }

std::uint64_t Worker::failed() const { return core_->failed(); }

}  // namespace baton
