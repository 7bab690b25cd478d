#include "server/daemon/doctor_runner.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>
#include <thread>
#include <utility>

namespace baton::daemon {

using session::DoctorFacts;

void DoctorRunner::begin(std::string ns, std::string queue, Done done) {
    const auto begun = work_.begin([this, ns = std::move(ns), queue = std::move(queue), done] {
        return [facts = examine(ns, queue), done]() mutable { done(std::move(facts)); };
    });
    if (begun != BackgroundWork::Begun::yes) {
        DoctorFacts facts;
        facts.fault = begun == BackgroundWork::Begun::busy ? DoctorFacts::Fault::busy : DoctorFacts::Fault::stopped;
        done(std::move(facts));
    }
}

DoctorFacts DoctorRunner::examine(const std::string& ns, const std::string& queue) {
    DoctorFacts facts;
    storage::Examination wanted;
    wanted.ns = ns;
    wanted.queue = queue;
    wanted.go_on = [this] {
        // A pause after each slice leaves the cores to the broker.
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return !work_.stopping();
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
            facts.text = queue;
        } else if (found.no_namespace) {
            facts.fault = DoctorFacts::Fault::no_such_namespace;
            facts.text = ns;
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
