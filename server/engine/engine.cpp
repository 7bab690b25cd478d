#include "server/engine/engine.hpp"

#include "server/engine/broker_clock.hpp"
#include "server/engine/commit_pipe.hpp"
#include "server/engine/core_loop.hpp"
#include "server/engine/inbox.hpp"
#include "server/engine/kill_point.hpp"
#include "server/engine/read_queue.hpp"

#include <atomic>
#include <chrono>
#include <exception>
#include <future>
#include <thread>
#include <utility>

namespace baton::engine {

namespace {

core::CoreOptions with_epoch(core::CoreOptions options, std::uint64_t epoch) {
    options.epoch = epoch;
    return options;
}

BrokerClock loaded_clock(storage::Store& store, core::Core& core, const EngineOptions& options) {
    const core::TimeMs last = store.status().last_time;
    BrokerClock clock = options.core.virtual_clock ? BrokerClock::stopped(last, read_system_clock)
                                                   : BrokerClock(last, read_system_clock, options.accept_clock);
    store.load([&core](core::Mutation&& record) { core.restore(record); });
    core.restored(clock.now());
    return clock;
}

}  // namespace

class Engine::Impl {
public:
    Impl(storage::Store& store, EngineOptions options, EngineSink sink)
        : sink_(std::move(sink)),
          epoch_(store.status().epoch),
          core_(with_epoch(options.core, epoch_)),
          inbox_(options.inbox_bytes_max),
          reads_(store, inbox_, [this](const std::string& reason) { fail(reason); }),
          pipe_(store,
                CommitPipe::Hooks{[this](std::vector<core::Effect>&& effects) { sink_.effects(std::move(effects)); },
                                  [this](std::vector<core::ReadRequest>& reads) { reads_.put(reads); },
                                  [this] { inbox_.wake(); }, [this](const std::string& reason) { fail(reason); }},
                KillPoint(options.kill_point)),
          loop_(core_, loaded_clock(store, core_, options), store, inbox_, pipe_, reads_, options.adaptive_linger,
                std::chrono::milliseconds(options.stop_wait_ms)) {}

    ~Impl() { stop(); }

    void start() {
        reads_.start();
        pipe_.start();
        thread_ = std::thread([this] { run_core(); });
    }

    void run_core() {
        try {
            loop_.run();
        } catch (const std::exception& broken) {
            fail(std::string("the core thread ended: ") + broken.what());
        }
    }

    void fail(const std::string& reason) {
        loop_.fail();
        inbox_.wake();
        if (!failed_.exchange(true)) {
            sink_.failed(reason);
        }
    }

    void stop() {
        loop_.stop();
        inbox_.wake();
        if (thread_.joinable()) {
            thread_.join();
        }
        pipe_.stop();
        reads_.stop();
    }

    EngineStatus status() const {
        const CoreGauges& core = loop_.gauges();
        const CommitCounters& pipe = pipe_.counters();
        const std::int64_t now_us = steady_us();
        const auto since = [now_us](std::int64_t then_us) {
            return then_us != 0 && now_us > then_us ? static_cast<std::uint64_t>(now_us - then_us) : 0;
        };
        EngineStatus status;
        status.rounds = core.rounds.load(std::memory_order_relaxed);
        status.commits = pipe.commits.load(std::memory_order_relaxed);
        status.synced_commits = pipe.synced_commits.load(std::memory_order_relaxed);
        status.requests = core.requests.load(std::memory_order_relaxed);
        status.effects = pipe.effects.load(std::memory_order_relaxed);
        status.committed_bytes = pipe.committed_bytes.load(std::memory_order_relaxed);
        status.last_commit_us = pipe.last_commit_us.load(std::memory_order_relaxed);
        status.max_commit_us = pipe.max_commit_us.load(std::memory_order_relaxed);
        status.commit_in_flight_us = since(pipe.began_us.load(std::memory_order_acquire));
        status.timer_late_ms = since(core.due_us.load(std::memory_order_relaxed)) / 1000;
        status.core_idle_us = since(core.turned_us.load(std::memory_order_relaxed));
        status.inbox_bytes = inbox_.bytes();
        status.space = core.space.load(std::memory_order_relaxed);
        status.queues = core.queues.load(std::memory_order_relaxed);
        status.broker_time = core.broker_time.load(std::memory_order_relaxed);
        return status;
    }

    std::vector<core::QueueInfo> queue_infos(std::int64_t timeout_ms) {
        // Shared with the question, which may be answered after this thread has given up.
        auto answer = std::make_shared<std::promise<std::vector<core::QueueInfo>>>();
        auto arrived = answer->get_future();
        inbox_.ask([this, answer] {
            answer->set_value(core_.queue_infos(loop_.gauges().broker_time.load(std::memory_order_relaxed)));
        });
        if (arrived.wait_for(std::chrono::milliseconds(timeout_ms)) != std::future_status::ready) {
            return {};
        }
        return arrived.get();
    }

    bool submit(core::Request&& request, std::size_t bytes, std::function<void()> resume) {
        return inbox_.put(std::move(request), bytes, std::move(resume));
    }

    void submitted() { inbox_.flush(); }

    void stop_delivering() {
        inbox_.ask([this] { core_.stop_delivering(); });
    }

    std::uint64_t epoch() const { return epoch_; }

private:
    EngineSink sink_;
    std::uint64_t epoch_;
    core::Core core_;
    Inbox inbox_;
    ReadQueue reads_;
    CommitPipe pipe_;
    CoreLoop loop_;
    std::atomic<bool> failed_{false};
    std::thread thread_;
};

Engine::Engine(storage::Store& store, EngineOptions options, EngineSink sink)
    : impl_(std::make_unique<Impl>(store, std::move(options), std::move(sink))) {}
Engine::~Engine() = default;
void Engine::start() { impl_->start(); }
bool Engine::submit(core::Request&& request, std::size_t bytes, std::function<void()> resume) {
    return impl_->submit(std::move(request), bytes, std::move(resume));
}
void Engine::submitted() { impl_->submitted(); }
void Engine::stop_delivering() { impl_->stop_delivering(); }
void Engine::stop() { impl_->stop(); }
EngineStatus Engine::status() const { return impl_->status(); }
std::uint64_t Engine::epoch() const { return impl_->epoch(); }
std::vector<core::QueueInfo> Engine::queue_infos(std::int64_t timeout_ms) { return impl_->queue_infos(timeout_ms); }

}  // namespace baton::engine
