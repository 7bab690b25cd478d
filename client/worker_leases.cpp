// The leases of a worker: prolonged on the client's I/O thread, and what becomes of jobs that lose theirs.
#include "client/worker_core.hpp"

#include <algorithm>
#include <utility>

namespace baton::detail {

namespace {

/// How often leases are looked at. Much shorter than the shortest lease of a second.
constexpr std::chrono::milliseconds lease_look_interval{100};

}  // namespace

void WorkerCore::look_after_leases() {
    if (!extending_) {
        return;
    }
    consumer_->extend_held(options_.lease, options_.extend_interval,
                           [weak = weak_from_this()](std::uint64_t batch, const Result<SettleReport>& result) {
                               if (const auto self = weak.lock()) {
                                   self->on_extended(batch, result);
                               }
                           });
    client_->after(lease_look_interval, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->look_after_leases();
        }
    });
}

void WorkerCore::on_extended(std::uint64_t batch, const Result<SettleReport>& result) {
    if (!result) {
        return;
    }
    std::vector<Received> lost;
    {
        const std::lock_guard lock(mutex_);
        for (const SettleRefusal& refusal : result.value().refusals) {
            const auto end = jobs_.lower_bound(refusal.first.offset + refusal.count);
            for (auto job = jobs_.lower_bound(refusal.first.offset); job != end; ++job) {
                // The same message may run here again, by a later delivery.
                if (job->second->batch != batch) {
                    continue;
                }
                if (auto one = lose(*job->second, false)) {
                    lost.push_back(std::move(*one));
                }
            }
        }
    }
    tell_stalled(lost);
}

void WorkerCore::on_revoked(const LeaseRevocation& revoked) {
    constexpr std::size_t early_max = 1'000;
    const bool cancelled = revoked.reason == LeaseRevocation::Reason::cancelled;
    std::vector<Received> lost;
    {
        const std::lock_guard lock(mutex_);
        for (std::uint64_t offset = revoked.first.offset; offset < revoked.first.offset + revoked.count; ++offset) {
            const auto [begin, end] = jobs_.equal_range(offset);
            const auto job =
                std::find_if(begin, end, [&](const auto& one) { return one.second->batch == revoked.batch; });
            if (job != end) {
                if (auto one = lose(*job->second, cancelled)) {
                    lost.push_back(std::move(*one));
                }
                continue;
            }
            if (revoked_early_.size() == early_max) {
                revoked_early_.erase(revoked_early_.begin());  // Of the oldest delivery: settled without a run.
            }
            revoked_early_[{revoked.batch, offset}] = cancelled;
        }
    }
    tell_stalled(lost);
}

std::optional<Received> WorkerCore::lose(JobState& job, bool cancelled) {
    const bool first = !(cancelled ? job.cancelled : job.lease_lost).exchange(true);
    job.stop.request_stop();
    return first && !cancelled ? std::optional(*job.received) : std::nullopt;
}

void WorkerCore::tell_stalled(const std::vector<Received>& lost) const {
    if (options_.events.stalled) {
        std::for_each(lost.begin(), lost.end(), options_.events.stalled);
    }
}

}  // namespace baton::detail
