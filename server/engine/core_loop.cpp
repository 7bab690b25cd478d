#include "server/engine/core_loop.hpp"

#include "server/core/limits.hpp"

#include <pthread.h>
#include <sys/prctl.h>

#include <algorithm>
#include <utility>

namespace baton::engine {

namespace {
using namespace std::chrono_literals;
/// How often the thread goes around when nothing happens; also how often the disk's free space is looked at.
constexpr auto idle_turn = 100ms;
constexpr std::size_t round_requests_max = 1024;
/// What one tick counts for, since it may do as much as many requests.
constexpr std::size_t tick_weight = 32;
/// Rounds up to this size are written by the core thread itself: what comes meanwhile could not be written sooner
/// anyway, and two hops between threads take as long as the write.
constexpr std::size_t own_write_bytes_max = 32 * 1024;
}  // namespace

CoreLoop::CoreLoop(core::Core& core, BrokerClock clock, storage::Store& store, Inbox& inbox, CommitPipe& pipe,
                   ReadQueue& reads, bool linger, std::chrono::milliseconds stop_wait)
    : core_(core),
      clock_(std::move(clock)),
      store_(store),
      inbox_(inbox),
      pipe_(pipe),
      reads_(reads),
      linger_allowed_(linger),
      stop_wait_(stop_wait) {}

void CoreLoop::run() {
    ::pthread_setname_np(::pthread_self(), "baton-core");
    // The default slack of 50 us would double a linger of 100 us.
    ::prctl(PR_SET_TIMERSLACK, 1'000UL);
    while (!finished()) {
        const auto until = next_turn();
        inbox_.take(batch_, until, until == linger_until_ ? linger_.missing() : 1);
        turn();
    }
    inbox_.applied(inbox_.bytes());
}

bool CoreLoop::finished() {
    if (failed_.load(std::memory_order_acquire)) {
        return true;
    }
    if (!stopping_.load(std::memory_order_acquire)) {
        return false;
    }
    if (stop_by_ == Steady::time_point{}) {
        stop_by_ = Steady::now() + stop_wait_;
    }
    const bool answered = !inbox_.has_news() && reads_.pending() == 0 && !unsealed_ && pipe_.idle();
    return answered || Steady::now() > stop_by_;
}

CoreLoop::Steady::time_point CoreLoop::next_turn() const {
    if (linger_until_ != Steady::time_point{}) {
        return linger_until_;
    }
    if (settles_until_ != Steady::time_point{}) {
        return settles_until_;
    }
    const auto now = Steady::now();
    const auto idle_until = now + (stopping_.load(std::memory_order_acquire) ? 1ms : idle_turn);
    if (unsealed_ && pipe_.idle()) {
        return now;
    }
    if (clock_.is_stopped() && pipe_.idle() && core_.next_stop(now_)) {
        return now;
    }
    const auto deadline = core_.next_deadline();
    if (!deadline) {
        return idle_until;
    }
    if (*deadline <= now_) {
        // With a commit in flight there is nowhere to put more work: its end wakes this thread.
        return pipe_.has_room() && !round_full() ? now : idle_until;
    }
    if (clock_.is_stopped()) {
        return idle_until;
    }
    return *deadline - now_ > idle_turn / 1ms ? idle_until : now + std::chrono::milliseconds(*deadline - now_);
}

bool CoreLoop::move_clock() {
    if (!clock_.is_stopped() || unsealed_ || !pipe_.idle()) {
        return false;
    }
    const auto stop = core_.next_stop(clock_.now());
    if (stop) {
        clock_.move_to(*stop);
    }
    return stop.has_value();
}

void CoreLoop::end_fetch_waits() {
    if (fetch_waits_.empty()) {
        return;
    }
    for (core::Request& cancel : fetch_waits_.ended(Steady::now())) {
        core_.apply(std::move(cancel), now_, round_);
        unsealed_ = true;
    }
}

void CoreLoop::turn() {
    gauges_.turned_us.store(steady_us(), std::memory_order_relaxed);
    const bool moved = move_clock();
    now_ = clock_.now();
    gauges_.broker_time.store(now_, std::memory_order_relaxed);
    check_space();
    for (const auto& question : batch_.questions) {
        question();
    }
    for (core::ReadAnswer& answer : batch_.answers) {
        core_.answer(std::move(answer), now_, round_);
        settle_linger_.other();
        unsealed_ = true;
    }
    apply_requests();
    batch_.clear();
    end_fetch_waits();
    const auto deadline = core_.next_deadline();
    if (moved || (deadline && *deadline <= now_ && !round_full())) {
        core_.tick(now_, round_);
        settle_linger_.other();
        requests_in_round_ += tick_weight;
        unsealed_ = true;
    }
    seal_when_possible();
    publish_deadline();
}

void CoreLoop::apply_requests() {
    for (Inbox::Item& item : batch_.requests) {
        if (round_full()) {
            pipe_.wait_for_room();
            if (failed_.load(std::memory_order_acquire)) {
                return;
            }
            seal();
            now_ = clock_.now();
        }
        if (linger_allowed_) {
            linger_.entered(item.request, item.bytes);
            settle_linger_.entered(item.request, Steady::now());
        }
        if (clock_.is_stopped()) {
            fetch_waits_.note(item.request, Steady::now());
        }
        core_.apply(std::move(item.request), now_, round_);
        requests_in_round_ += 1;
        unsealed_ = true;
        inbox_.applied(item.bytes);
    }
    gauges_.requests.fetch_add(batch_.requests.size(), std::memory_order_relaxed);
}

void CoreLoop::check_space() {
    const auto now = Steady::now();
    if (now - space_checked_ < idle_turn) {
        return;
    }
    space_checked_ = now;
    const storage::SpaceState space = store_.space();
    gauges_.space.store(space, std::memory_order_relaxed);
    core_.set_storage_full(space != storage::SpaceState::ample);
    gauges_.queues.store(core_.queue_count(), std::memory_order_relaxed);
}

bool CoreLoop::round_full() const {
    return round_.bytes >= core::limits::commit_bytes_max ||
           round_.mutations.size() >= core::limits::commit_mutations_max || requests_in_round_ >= round_requests_max;
}

bool CoreLoop::hold_settles() {
    settles_until_ = {};
    if (!linger_allowed_ || !round_.needs_sync) {
        return false;
    }
    const auto until = settle_linger_.hold_until();
    if (!until || Steady::now() >= *until || core_.has_ready()) {
        return false;
    }
    settles_until_ = *until;
    return true;
}

bool CoreLoop::linger_on() {
    if (!linger_allowed_ || !linger_.worth_waiting()) {
        return false;
    }
    const auto now = Steady::now();
    if (linger_until_ == Steady::time_point{}) {
        const std::uint64_t last_us = pipe_.counters().last_commit_us.load(std::memory_order_relaxed);
        linger_until_ = now + GroupLinger::wait(std::chrono::microseconds(last_us));
    }
    return now < linger_until_;
}

void CoreLoop::seal_when_possible() {
    if (!unsealed_) {
        return;
    }
    if (round_full()) {
        if (pipe_.has_room()) {
            seal();
        }
        return;
    }
    // Waiting for the commit in flight to end lets this round grow, so that fewer and larger ones are written.
    if (pipe_.idle() && !hold_settles() && !linger_on()) {
        seal();
    }
}

void CoreLoop::seal() {
    core_.seal(now_, round_);
    unsealed_ = false;
    requests_in_round_ = 0;
    if (linger_allowed_) {
        linger_.sealed(linger_until_ != Steady::time_point{});
    }
    settle_linger_.sealed();
    linger_until_ = settles_until_ = {};
    if (round_.empty()) {
        return;
    }
    gauges_.rounds.fetch_add(1, std::memory_order_relaxed);
    if (round_.bytes <= own_write_bytes_max && pipe_.idle()) {
        pipe_.write_here(std::move(round_), now_);
    } else {
        pipe_.put(std::move(round_), now_);
    }
    round_ = pipe_.recycled();
}

void CoreLoop::publish_deadline() {
    const auto deadline = core_.next_deadline();
    std::int64_t due_us = std::numeric_limits<std::int64_t>::max();
    if (deadline && (!clock_.is_stopped() || *deadline <= now_)) {
        // Due work that is still left was begun in this turn, so it counts as late from now on only.
        const std::int64_t until_ms = std::min(std::max(*deadline, now_) - now_, core::limits::ten_years_ms);
        due_us = steady_us() + until_ms * 1000;
    }
    gauges_.due_us.store(due_us, std::memory_order_relaxed);
}

}  // namespace baton::engine
