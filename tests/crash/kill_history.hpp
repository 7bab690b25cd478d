#pragma once
// What is known of every message of a loop of kills or power cuts, by the number in its payload: which were confirmed,
// and what each reader got and acked. The producer and each reader have a thread of their own; the counts are read at
// the end.

#include "baton/baton.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

namespace baton::tests {

inline constexpr std::uint64_t kill_messages_max = 4'000'000;
inline constexpr std::uint64_t kill_batch_messages = 100;
inline constexpr std::uint64_t kill_keys = 32;

/// Batches go to `queues` queues or topics in turn, so that the number of a message tells where it is.
struct SentMessages {
    explicit SentMessages(std::uint64_t count = 1) : queues(count) {}

    std::uint64_t queue_of(std::uint64_t number) const { return number / kill_batch_messages % queues; }
    std::uint64_t offset_of(std::uint64_t number) const {
        return number / kill_batch_messages / queues * kill_batch_messages + number % kill_batch_messages;
    }

    const std::uint64_t queues;
    std::vector<std::atomic<std::uint8_t>> confirmed = std::vector<std::atomic<std::uint8_t>>(kill_messages_max);
    std::atomic<std::uint64_t> sent{0};
    /// Batches that were refused.
    std::atomic<std::uint64_t> refused{0};
    /// Confirmed at another offset than behind all that was sent to the same queue before.
    std::atomic<std::uint64_t> misplaced{0};

    std::uint64_t confirmed_count() const {
        std::uint64_t count = 0;
        for (std::uint64_t i = 0; i < sent; ++i) {
            count += confirmed[i];
        }
        return count;
    }
};

/// Which messages a reader has, by their number.
using HasNumber = bool (*)(std::uint64_t);
inline bool has_all(std::uint64_t) { return true; }
inline bool has_even(std::uint64_t number) { return number % 2 == 0; }

/// One queue or subscription; several threads may take what it gets.
class KillReader {
public:
    explicit KillReader(const SentMessages& sent, HasNumber has = has_all) : sent_(sent), has_(has) {}

    void take(const Batch& batch) {
        std::vector<std::uint64_t> numbers;
        for (const MessageView message : batch) {
            const std::uint64_t number = std::strtoull(std::string(message.payload()).c_str(), nullptr, 10);
            if (number >= sent_.sent || !has_(number)) {
                unexpected += 1;
                continue;
            }
            elsewhere += !message.topic().empty() && message.topic_offset() != sent_.offset_of(number) ? 1 : 0;
            after_ack += acked_[number];
            const bool repeated = deliveries_[number].exchange(1) != 0;
            without_cause += repeated && (message.deliveries() < 2 || message.cause() == Cause::none) ? 1 : 0;
            if (!repeated) {
                first_taken(number);
            }
            numbers.push_back(number);
        }
        batch.ack([this, numbers](const Result<SettleReport>& report) {
            for (const std::uint64_t number : numbers) {
                if (report.ok() && report.value().refusals.empty()) {
                    acked_[number] = 1;
                }
            }
        });
    }
    /// Confirmed, its own, and never delivered.
    std::uint64_t lost() const {
        std::uint64_t count = 0;
        for (std::uint64_t i = 0; i < sent_.sent; ++i) {
            count += has_(i) && sent_.confirmed[i] != 0 && deliveries_[i] == 0 ? 1 : 0;
        }
        return count;
    }

    std::atomic<std::uint64_t> after_ack{0}, without_cause{0}, unexpected{0};
    /// At another offset of its topic than it must have.
    std::atomic<std::uint64_t> elsewhere{0};
    /// Came for the first time behind a later one of its topic and key.
    std::atomic<std::uint64_t> out_of_turn{0};

private:
    void first_taken(std::uint64_t number) {
        const std::lock_guard lock(mutex_);
        std::uint64_t& behind = behind_.at(sent_.queue_of(number) * kill_keys + number % kill_keys);
        out_of_turn += number < behind ? 1 : 0;
        behind = std::max(behind, number + 1);
    }

    const SentMessages& sent_;
    const HasNumber has_;
    std::vector<std::atomic<std::uint8_t>> deliveries_ = std::vector<std::atomic<std::uint8_t>>(kill_messages_max);
    std::vector<std::atomic<std::uint8_t>> acked_ = std::vector<std::atomic<std::uint8_t>>(kill_messages_max);
    std::mutex mutex_;
    /// By topic, between which there is no order, and key.
    std::vector<std::uint64_t> behind_ = std::vector<std::uint64_t>(sent_.queues * kill_keys);
};

}  // namespace baton::tests
