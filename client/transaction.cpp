#include "baton/transaction.hpp"

#include "client/consumer_core.hpp"
#include "client/job_convert.hpp"
#include "client/parsed.hpp"
#include "client/produce_encoder.hpp"
#include "client/producer_identity.hpp"
#include "client/proto_convert.hpp"
#include "client/receipts.hpp"
#include "client/schedule_convert.hpp"
#include "client/transactions_core.hpp"
#include "client/wire_time.hpp"
#include "client/wire_writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace baton {

using detail::SettleAction;
using detail::Settlement;

namespace {

constexpr std::uint32_t field_transaction = 95, reply_transaction_done = 95;

/// The fields of a Transaction, whose produces are written verbatim.
std::string encode_transaction(const detail::TransactionsCore& core, const detail::TransactionParts& parts,
                               const std::vector<Settlement>& settlements) {
    std::string out;
    for (const auto& [queue, batch] : parts.produced) {
        std::string produce = detail::encode_produce_head({queue,
                                                           core.producer_id(),
                                                           core.created_ms(),
                                                           parts.sequence,
                                                           core.acked_through(),
                                                           {},
                                                           batch.options(),
                                                           false});
        produce += batch.entries();
        detail::put_bytes_field(out, 1, produce);
    }
    if (!settlements.empty()) {
        detail::put_bytes_field(out, 2, detail::encode_settlements(settlements));
    }
    if (parts.change) {
        detail::put_bytes_field(out, 3, parts.change->SerializeAsString());
    }
    if (parts.schedule) {
        detail::put_bytes_field(out, 4, parts.schedule->SerializeAsString());
    }
    return out;
}

TransactionReceipt receipt_of(const v1::TransactionDone& done, const detail::TransactionParts& parts) {
    TransactionReceipt out;
    out.repeated = done.repeated();
    if (done.has_schedule()) {
        out.schedule = detail::from_proto(done.schedule());
    }
    if (static_cast<std::size_t>(done.produced_size()) != parts.produced.size()) {
        return out;  // Known by its settles: it produced nothing.
    }
    std::vector<BatchReceipt> batches;
    for (const v1::Produced& produced : done.produced()) {
        batches.push_back(detail::from_proto(produced).value());
    }
    std::vector<detail::Receipts> receipts(batches.begin(), batches.end());
    for (const auto& [batch, index] : parts.messages) {
        out.receipts.push_back(receipts[batch].next(index).value());
    }
    return out;
}

/// What a commit that was carried out before is answered.
TransactionReceipt as_repeated(TransactionReceipt receipt) {
    receipt.repeated = true;
    for (Receipt& one : receipt.receipts) {
        one.duplicate = true;
    }
    return receipt;
}

}  // namespace

namespace detail {

TransactionsCore::TransactionsCore(std::shared_ptr<ClientCore> client)
    : client_(std::move(client)), producer_id_(random_producer_id()), created_ms_(wall_clock_ms()) {}

std::uint64_t TransactionsCore::next_sequence() {
    std::unique_lock lock(mutex_);
    if (!closed_.wait_for(lock, client_->options().request_timeout, [this] { return sequences_.has_room(); })) {
        throw Exception({ErrorCode::too_many_requests,
                         "too many transactions came behind one whose commit failed and that was not destroyed", true,
                         "", SequenceWindow::open_max});
    }
    return sequences_.next();
}

void TransactionsCore::close(std::uint64_t sequence) {
    const std::lock_guard lock(mutex_);
    sequences_.answer(sequence);
    closed_.notify_all();  // One that is closed may have held back many.
}

std::uint64_t TransactionsCore::acked_through() const {
    const std::lock_guard lock(mutex_);
    return sequences_.acked_through();
}

}  // namespace detail

Transaction::Transaction(std::shared_ptr<detail::TransactionsCore> core)
    : core_(std::move(core)), parts_(std::make_unique<detail::TransactionParts>()) {}

Transaction::~Transaction() {
    if (parts_ != nullptr && parts_->sequence != 0) {
        core_->close(parts_->sequence);
    }
}

Transaction::Transaction(Transaction&&) noexcept = default;

Transaction& Transaction::operator=(Transaction&& other) noexcept {
    std::swap(core_, other.core_);
    std::swap(parts_, other.parts_);
    return *this;
}

void Transaction::ack(const Batch& messages, std::optional<JobResult> result) {
    SettleAction action{.kind = SettleAction::Kind::ack};
    action.result = std::move(result);
    parts_->settled.push_back({messages, std::move(action)});
}

void Transaction::ack(const Received& message, std::optional<JobResult> result) {
    ack(message.batch(), std::move(result));
}

void Transaction::fail(const Received& message, FailOptions options) {
    parts_->settled.push_back({message.batch(), detail::fail_action(std::move(options))});
}

void Transaction::release(const Received& message, std::chrono::milliseconds delay) {
    parts_->settled.push_back(
        {message.batch(), {.kind = SettleAction::Kind::release, .time_ms = detail::count_of(delay)}});
}

void Transaction::produce(const std::string& queue, const Message& message) {
    auto& produced = parts_->produced;
    auto at = std::find_if(produced.begin(), produced.end(), [&](const auto& one) { return one.queue == queue; });
    if (at == produced.end()) {
        at = produced.insert(produced.end(), {queue, {}});
    }
    parts_->messages.emplace_back(static_cast<std::size_t>(at - produced.begin()), at->batch.count());
    at->batch.add(message);
}

void Transaction::change_job(const std::string& queue, const JobName& job, const JobChange& change) {
    parts_->change.emplace();
    detail::to_proto(queue, job, change, *parts_->change);
}

void Transaction::upsert_schedule(const std::string& name, const Schedule& schedule,
                                  std::optional<std::uint64_t> if_generation) {
    v1::UpsertSchedule& upsert = parts_->schedule.emplace();
    upsert.set_name(name);
    detail::to_proto(schedule, *upsert.mutable_spec());
    if (if_generation) {
        upsert.set_if_generation(*if_generation);
    }
}

TransactionReceipt Transaction::commit() {
    core_->client().require_may_block();
    std::vector<Settlement> settlements;
    for (const auto& [messages, action] : parts_->settled) {
        settlements.push_back({messages.frame(), messages.consumer()->unsettled_of(messages), action, {}});
    }
    std::erase_if(settlements, [](const Settlement& settlement) { return settlement.ranges.empty(); });
    if (settlements.size() != parts_->settled.size()) {
        throw Exception({ErrorCode::already_settled, "a message of the transaction is settled", false, "settlements"});
    }
    if (parts_->receipt) {
        return as_repeated(*parts_->receipt);
    }
    if (parts_->sequence == 0) {
        parts_->sequence = core_->next_sequence();
    }
    const auto done = detail::parsed<v1::TransactionDone>(core_->client().call_encoded(
        field_transaction, encode_transaction(*core_, *parts_, settlements), reply_transaction_done));
    for (const auto& [messages, action] : parts_->settled) {
        messages.consumer()->settled_in_transaction(messages);
    }
    parts_->receipt = receipt_of(done, *parts_);
    core_->close(std::exchange(parts_->sequence, 0));
    return *parts_->receipt;
}

Transactions::Transactions(const Client& client) : core_(std::make_shared<detail::TransactionsCore>(client.core())) {}

Transaction Transactions::begin() const { return Transaction(core_); }

}  // namespace baton
