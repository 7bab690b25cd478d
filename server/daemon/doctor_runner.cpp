#include "server/daemon/doctor_runner.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>
#include <utility>

namespace baton::daemon {

using session::DoctorFacts;

DoctorRunner::~DoctorRunner() {
    stopping_.store(true);
    if (thread_.joinable()) {
        thread_.join();
    }
}

void DoctorRunner::begin(std::string ns, std::string queue, Done done) {
    const std::scoped_lock lock(mutex_);
    if (running_) {
        DoctorFacts facts;
        facts.fault = DoctorFacts::Fault::busy;
        done(std::move(facts));
        return;
    }
    if (thread_.joinable()) {
        thread_.join();
    }
    running_ = true;
    thread_ = std::thread([this, ns = std::move(ns), queue = std::move(queue), done = std::move(done)]() mutable {
        DoctorFacts facts = examine(std::move(ns), std::move(queue));
        {
            const std::scoped_lock ended(mutex_);
            running_ = false;
        }
        done(std::move(facts));
    });
}

DoctorFacts DoctorRunner::examine(std::string&& ns, std::string&& queue) {
    DoctorFacts facts;
    storage::Examination wanted;
    wanted.ns = std::move(ns);
    wanted.queue = queue;
    wanted.go_on = [this] {
        // A pause after each slice leaves the cores to the broker.
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return !stopping_.load();
    };
    try {
        storage::Diagnosis found = store_.examine(wanted);
        facts.commit_seq = found.commit_seq;
        facts.queues = found.queues;
        facts.records = found.records;
        facts.found = found.found;
        for (storage::Ailment& ailment : found.ailments) {
            spdlog::warn("doctor: queue {}: {}", ailment.queue, ailment.text);
            facts.ailments.push_back(
                {static_cast<std::uint8_t>(ailment.kind), std::move(ailment.queue), std::move(ailment.text)});
        }
        if (found.stopped) {
            facts.fault = DoctorFacts::Fault::stopped;
        } else if (found.queues == 0 && !queue.empty()) {
            facts.fault = DoctorFacts::Fault::no_such_queue;
            facts.text = std::move(queue);
        } else {
            spdlog::info("doctor: {} queues, {} records as of commit {}, {} things do not fit", facts.queues,
                         facts.records, facts.commit_seq, facts.found);
        }
    } catch (const std::exception& failure) {
        facts.fault = DoctorFacts::Fault::failed;
        facts.text = failure.what();
        spdlog::error("doctor: {}", failure.what());
    }
    return facts;
}

}  // namespace baton::daemon
