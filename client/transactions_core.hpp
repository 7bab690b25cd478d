#pragma once
// The identity by which transactions that are sent again are known, and what one transaction gathers.

#include "baton/transaction.hpp"
#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"
#include "client/sequence_window.hpp"
#include "client/settle_queue.hpp"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace baton::detail {

/// Thread-safe.
class TransactionsCore {
public:
    explicit TransactionsCore(std::shared_ptr<ClientCore> client);

    ClientCore& client() const { return *client_; }
    std::uint64_t producer_id() const { return producer_id_; }
    std::int64_t created_ms() const { return created_ms_; }
    /// Waits while too many are open behind the oldest one, as long as a request may take. Throws too_many_requests.
    std::uint64_t next_sequence();
    void close(std::uint64_t sequence);
    std::uint64_t acked_through() const;

private:
    const std::shared_ptr<ClientCore> client_;
    const std::uint64_t producer_id_;
    const std::int64_t created_ms_;
    mutable std::mutex mutex_;  // Guards the rest.
    std::condition_variable closed_;
    SequenceWindow sequences_;
};

struct TransactionParts {
    struct Settled {
        Batch messages;
        SettleAction action;
    };
    std::vector<Settled> settled;
    struct Produced {
        std::string queue;
        EncodedBatch batch;
    };
    std::vector<Produced> produced;
    /// Of each message, in order: which of the above it is in, and where.
    std::vector<std::pair<std::size_t, std::uint32_t>> messages;
    std::optional<v1::ChangeJob> change;
    std::optional<v1::UpsertSchedule> schedule;
    /// From the first commit until the last; 0 before and after.
    std::uint64_t sequence = 0;
    /// It is done.
    std::optional<TransactionReceipt> receipt;
};

}  // namespace baton::detail
