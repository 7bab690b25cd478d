#include "client/client_core.hpp"

#include "client/consumer_core.hpp"
#include "client/push_stream.hpp"
#include "client/reactor.hpp"
#include "client/reconnect_schedule.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace baton::detail {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::uint32_t field_goodbye = 5;
constexpr milliseconds goodbye_time_min{100};
/// What a calling thread writes by itself. Larger frames gain from being gathered by the I/O thread.
constexpr std::size_t direct_bytes_max = 16 * 1024;
constexpr std::size_t direct_requests_max = 16;

}  // namespace

ClientCore::ClientCore(Address address, ClientOptions options)
    : address_(std::move(address)),
      options_(std::move(options)),
      random_(std::random_device{}()),
      transport_({[this] { on_connected(); }, [this](const std::string& reason) { on_lost(reason); },
                  [this](std::string_view frame, ReceiveBuffer& buffer) { return on_frame(frame, buffer); },
                  [this] { drain_inbox(); }},
                 options_.io_thread ? options_.io_thread->reactor() : std::make_shared<Reactor>()) {}

ClientCore::~ClientCore() = default;

void ClientCore::connect() {
    auto first = first_connect_.get_future();
    transport_.start(shared_from_this());
    transport_.post([this] {
        started_at_ = steady_clock::now();
        dial();
        tick();
    });
    const Result<bool> connected = first.get();
    if (!connected) {
        close(milliseconds{0});
        throw Exception(connected.error());
    }
}

void ClientCore::close(milliseconds deadline) {
    const auto until = steady_clock::now() + deadline;
    if (!on_io_thread()) {
        settle_down(until);
    }
    {
        const std::lock_guard lock(mutex_);
        if (closed_) {
            return;
        }
        closed_ = true;
    }
    if (on_io_thread()) {
        // Nothing posted would run any more once the thread is told to end.
        const std::uint64_t id = next_id();
        if (state_ == State::ready) {
            transport_.try_write(make_frame(id, options_.namespace_name, field_goodbye, std::string_view{}));
        }
        shut_down();
        transport_.stop();
        return;
    }
    const auto down = std::make_shared<std::promise<void>>();
    auto is_down = down->get_future();
    transport_.post([this, down] {
        if (state_ == State::ready) {
            const std::uint64_t id = next_id();
            PendingRequest goodbye{id, make_frame(id, options_.namespace_name, field_goodbye, std::string_view{}), {}};
            goodbye.handler = [this, down](const Result<Reply>&) {
                shut_down();
                down->set_value();
                return true;
            };
            goodbye.repeatable = false;
            requests_.add(std::move(goodbye));
            send_ready();
            return;
        }
        shut_down();
        down->set_value();
    });
    // Even a client in a hurry says goodbye, so that its leases are given back now and not after the grace.
    is_down.wait_until(std::max(until, steady_clock::now() + goodbye_time_min));
    transport_.post([this] { shut_down(); });
    const auto last = std::make_shared<std::promise<void>>();
    auto done = last->get_future();
    transport_.post([last] { last->set_value(); });
    done.wait();
    transport_.stop();
}

void ClientCore::settle_down(TimePoint until) {
    while (true) {
        // What producers and consumers have gathered becomes requests in turns of the I/O thread that they have posted.
        const auto turn = std::make_shared<std::promise<void>>();
        auto turned = turn->get_future();
        if (!post([turn] { turn->set_value(); }) || turned.wait_until(until) == std::future_status::timeout) {
            return;
        }
        std::unique_lock lock(mutex_);
        const auto quiet = [this] { return unanswered_ == 0 || !connected_ || closed_; };
        if (quiet() || !settled_.wait_until(lock, until, quiet)) {
            return;
        }
    }
}

bool ClientCore::submit(PendingRequest&& request) {
    bool post_drain = false;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) {
            return false;
        }
        const bool small = request.frame->bytes() <= direct_bytes_max && inbox_.size() < direct_requests_max;
        const bool direct = small && may_write_directly_ && !drain_posted_ && !on_io_thread();
        request.sent = direct && transport_.try_write(request.frame);
        post_drain = !request.sent && !std::exchange(drain_posted_, true);
        inbox_.push_back(std::move(request));
        unanswered_ += 1;
    }
    if (post_drain) {
        transport_.post([this] { drain_inbox(); });
    }
    return true;
}

bool ClientCore::post(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    if (closed_) {
        return false;
    }
    transport_.post(std::move(work));
    return true;
}

void ClientCore::send_unanswered(OutFramePtr frame) {
    if (state_ == State::ready) {
        last_sent_ = steady_clock::now();
        transport_.write(std::move(frame));
    }
}

void ClientCore::require_may_block() const {
    if (on_io_thread()) {
        throw Exception({ErrorCode::invalid_argument,
                         "a blocking call was made in a callback, on the thread that would have to answer it"});
    }
}

ServerInfo ClientCore::server() const {
    const std::lock_guard lock(mutex_);
    return server_;
}

bool ClientCore::connected() const {
    const std::lock_guard lock(mutex_);
    return connected_;
}

std::string ClientCore::default_worker() const { return options_.client_name + ":" + std::to_string(::getpid()); }

void ClientCore::add_consumer(std::uint64_t id, std::weak_ptr<ConsumerCore> consumer) {
    const std::lock_guard lock(mutex_);
    consumers_[id] = std::move(consumer);
}

void ClientCore::remove_consumer(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    consumers_.erase(id);
}

void ClientCore::add_stream(std::uint64_t id, std::weak_ptr<PushStream> stream) {
    const std::lock_guard lock(mutex_);
    streams_[id] = std::move(stream);
}

void ClientCore::remove_stream(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    streams_.erase(id);
}

std::vector<std::shared_ptr<PushStream>> ClientCore::streams() {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<PushStream>> alive;
    for (const auto& [id, weak] : streams_) {
        if (auto stream = weak.lock()) {
            alive.push_back(std::move(stream));
        }
    }
    return alive;
}

std::shared_ptr<ConsumerCore> ClientCore::consumer(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    const auto found = consumers_.find(id);
    return found == consumers_.end() ? nullptr : found->second.lock();
}

std::vector<std::shared_ptr<ConsumerCore>> ClientCore::consumers() {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<ConsumerCore>> alive;
    for (const auto& [id, weak] : consumers_) {
        if (auto strong = weak.lock()) {
            alive.push_back(std::move(strong));
        }
    }
    return alive;
}

void ClientCore::take_inbox() {
    std::vector<PendingRequest> arrived;
    {
        const std::lock_guard lock(mutex_);
        arrived.swap(inbox_);
        drain_posted_ = false;
        may_write_directly_ = false;  // Until what arrived has been queued for writing, or the order would be lost.
    }
    for (PendingRequest& request : arrived) {
        requests_.add(std::move(request));
    }
}

void ClientCore::drain_inbox() {
    take_inbox();
    send_ready();
    const bool clean = state_ == State::ready && requests_.unsent() == 0 &&
                       requests_.in_flight() + direct_requests_max < in_flight_max_;
    const std::lock_guard lock(mutex_);
    may_write_directly_ = clean;
}

void ClientCore::send_ready() {
    if (state_ != State::ready) {
        return;
    }
    auto frames = requests_.take_sendable(in_flight_max_);
    if (!frames.empty()) {
        last_sent_ = steady_clock::now();
    }
    for (OutFramePtr& frame : frames) {
        transport_.write(std::move(frame));
    }
}

void ClientCore::fail_requests(std::vector<PendingRequest>&& requests, const Error& error) {
    for (PendingRequest& request : requests) {
        if (request.handler) {  // It is taken out while it runs.
            request.handler(error);
        }
    }
    const std::lock_guard lock(mutex_);
    unanswered_ -= std::min(unanswered_, requests.size());
    settled_.notify_all();
}

void ClientCore::shut_down() {
    if (state_ == State::stopped) {
        return;
    }
    state_ = State::stopped;
    transport_.drop();
    std::vector<PendingRequest> left = requests_.take_all();
    {
        const std::lock_guard lock(mutex_);
        connected_ = false;
        std::move(inbox_.begin(), inbox_.end(), std::back_inserter(left));
        inbox_.clear();
    }
    const Error closed{ErrorCode::closed, "the client was closed"};
    settle_first_connect(&closed);
    fail_requests(std::move(left), closed);
    for (const auto& each : consumers()) {
        each->on_client_closed(closed);
    }
    for (const auto& each : streams()) {
        each->on_closed(closed);
    }
}

void ClientCore::settle_first_connect(const Error* error) {
    if (!std::exchange(first_connect_settled_, true)) {
        first_connect_.set_value(error == nullptr ? Result<bool>(true) : Result<bool>(*error));
    }
}

void ClientCore::tell(const ConnectionEvent& event) const {
    if (options_.on_event) {
        options_.on_event(event);
    }
}

}  // namespace baton::detail
