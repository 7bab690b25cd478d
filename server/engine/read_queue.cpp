#include "server/engine/read_queue.hpp"

#include "server/engine/time_zones.hpp"

#include <pthread.h>

#include <exception>
#include <utility>

namespace baton::engine {

ReadQueue::ReadQueue(storage::Store& store, Inbox& inbox, std::function<void(const std::string&)> failed)
    : store_(store), inbox_(inbox), failed_(std::move(failed)) {}

ReadQueue::~ReadQueue() { stop(); }

void ReadQueue::start() { thread_ = std::thread(&ReadQueue::run, this); }

void ReadQueue::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void ReadQueue::put(std::vector<core::ReadRequest>& reads) {
    if (reads.empty()) {
        return;
    }
    pending_.fetch_add(reads.size(), std::memory_order_acq_rel);
    {
        const std::scoped_lock lock(mutex_);
        for (core::ReadRequest& read : reads) {
            waiting_.push_back(std::move(read));
        }
    }
    reads.clear();
    changed_.notify_one();
}

void ReadQueue::run() {
    ::pthread_setname_np(::pthread_self(), "baton-reader");
    while (true) {
        core::ReadRequest request;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            if (stopping_) {
                return;
            }
            request = std::move(waiting_.front());
            waiting_.pop_front();
        }
        try {
            if (const auto* zone = std::get_if<core::ReadZone>(&request.what)) {
                inbox_.put({request.ticket, core::ZoneRead{zone_span(zone->name, zone->from, zone->until)}});
            } else {
                inbox_.put(store_.read(request));
            }
        } catch (const std::exception& failure) {
            failed_(failure.what());
            return;
        }
        pending_.fetch_sub(1, std::memory_order_acq_rel);
    }
}

}  // namespace baton::engine
