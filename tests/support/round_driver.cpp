#include "tests/support/round_driver.hpp"

#include "tests/support/printing.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace baton::tests {

namespace {

constexpr int slices_max = 10'000;

}  // namespace

RoundDriver::RoundDriver(Options options) : options_(std::move(options)), now_(options_.start) {
    core_ = load(options_.core.epoch);
}

std::unique_ptr<core::Core> RoundDriver::load(std::uint64_t epoch) const {
    core::CoreOptions core_options = options_.core;
    core_options.epoch = epoch;
    auto core = std::make_unique<core::Core>(core_options);
    store_.load([&](core::Mutation&& record) { core->restore(record); });
    core->restored(now_);
    return core;
}

std::unique_ptr<core::Core> RoundDriver::restored_copy() const { return load(options_.core.epoch + 1); }

void RoundDriver::advance_to(core::TimeMs now) { now_ = std::max(now_, now); }

bool RoundDriver::step_clock() {
    const auto stop = core_->next_stop(now_);
    if (stop) {
        advance_to(*stop);
        touched_ = true;
        core_->tick(now_, building_);
    }
    return stop.has_value();
}

void RoundDriver::apply(core::Request&& request) {
    touched_ = true;
    core_->apply(std::move(request), now_, building_);
}

bool RoundDriver::tick() {
    for (int i = 0; i < slices_max; ++i) {
        const auto deadline = core_->next_deadline();
        if (!deadline || *deadline > now_) {
            return true;
        }
        touched_ = true;
        core_->tick(now_, building_);
    }
    return false;
}

bool RoundDriver::wants_round() const {
    const auto deadline = core_->next_deadline();
    return touched_ || !building_.empty() || (deadline && *deadline <= now_);
}

void RoundDriver::seal() {
    if (in_flight_) {
        throw std::logic_error("one commit is in flight at a time");
    }
    core_->seal(now_, building_);
    touched_ = false;
    in_flight_ = std::make_unique<InFlight>();
    in_flight_->round = std::exchange(building_, core::Round{});
    in_flight_->sealed_at = now_;
    in_flight_->number = ++commits_;
    if (digest_kept_) {
        fold(in_flight_->round);
    }
    if (options_.release_before_commit) {
        release(*in_flight_);
    }
}

void RoundDriver::release(InFlight& commit) {
    for (core::Effect& effect : commit.round.effects) {
        released_.push_back(Released{std::move(effect), commit.number, commit.sealed_at});
    }
    commit.round.effects.clear();
}

void RoundDriver::write(InFlight& commit) {
    if (commit.round.mutations.empty()) {
        return;
    }
    if (mutation_watcher_) {
        mutation_watcher_(commit.round.mutations, commit.number);
    }
    store_.commit(std::move(commit.round.mutations), commit.round.needs_sync);
    unsynced_.push_back(commit.number);
    if (commit.round.needs_sync) {
        last_durable_ = commit.number;
        unsynced_.clear();
    }
}

void RoundDriver::finish_commit() {
    InFlight& commit = *in_flight_;
    write(commit);
    if (unsynced_.empty()) {
        last_durable_ = commit.number;
    }
    release(commit);
    for (core::ReadRequest& read : commit.round.reads) {
        reads_.push_back(PendingRead{std::move(read), nullptr});
    }
    in_flight_.reset();
    if (watcher_) {
        watcher_();
    }
}

void RoundDriver::fetch_read(std::size_t i) {
    PendingRead& read = reads_.at(i);
    if (!read.answer) {
        read.answer = std::make_unique<core::ReadAnswer>(store_.read(read.request));
    }
}

void RoundDriver::answer_read(std::size_t i) {
    fetch_read(i);
    touched_ = true;
    core::ReadAnswer answer = std::move(*reads_[i].answer);
    reads_.erase(reads_.begin() + static_cast<std::ptrdiff_t>(i));
    core_->answer(std::move(answer), now_, building_);
}

std::vector<Released> RoundDriver::take_released() { return std::exchange(released_, {}); }

bool RoundDriver::settle() {
    for (int i = 0; i < slices_max; ++i) {
        if (in_flight_) {
            finish_commit();
        }
        while (!reads_.empty()) {
            answer_read(0);
        }
        if (!wants_round() && !step_clock()) {
            return true;
        }
        tick();
        seal();
    }
    return false;
}

RoundDriver::Crash RoundDriver::crash(std::size_t survivors, bool written) {
    if (in_flight_ && written) {
        write(*in_flight_);
    }
    in_flight_.reset();
    reads_.clear();
    building_ = core::Round{};
    touched_ = false;
    const std::size_t lost = store_.crash(survivors);
    Crash result;
    if (lost == 0) {
        result.last_commit = commits_;
    } else {
        result.last_commit = unsynced_.at(unsynced_.size() - lost) - 1;
    }
    unsynced_.clear();
    options_.core.epoch += 1;
    core_ = load(options_.core.epoch);
    return result;
}

void RoundDriver::fold(const core::Round& round) {
    const auto add = [this](const std::string& text) {
        for (const char c : text) {
            digest_ = (digest_ ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
        }
    };
    for (const core::Mutation& mutation : round.mutations) {
        add(to_text(mutation));
    }
    for (const core::Effect& effect : round.effects) {
        add(to_text(effect));
    }
    add(std::to_string(round.reads.size()) + (round.needs_sync ? "s" : "o"));
}

}  // namespace baton::tests
