#pragma once
// What is known of every message of a kill loop, by the number in its payload: which were confirmed, and what each
// reader got and acked. The producer and each reader have a thread of their own; the counts are read at the end.

#include "baton/baton.hpp"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace baton::tests {

inline constexpr std::uint64_t kill_messages_max = 4'000'000;

struct SentMessages {
    std::vector<std::atomic<std::uint8_t>> confirmed = std::vector<std::atomic<std::uint8_t>>(kill_messages_max);
    std::atomic<std::uint64_t> sent{0};

    std::uint64_t confirmed_count() const {
        std::uint64_t count = 0;
        for (std::uint64_t i = 0; i < sent; ++i) {
            count += confirmed[i];
        }
        return count;
    }
};

/// One queue or subscription that has every message, or every second one.
class KillReader {
public:
    explicit KillReader(const SentMessages& sent, std::uint64_t every = 1) : sent_(sent), every_(every) {}

    void take(const Batch& batch) {
        std::vector<std::uint64_t> numbers;
        for (const MessageView message : batch) {
            const std::uint64_t number = std::strtoull(std::string(message.payload()).c_str(), nullptr, 10);
            if (number >= sent_.sent || number % every_ != 0) {
                unexpected += 1;
                continue;
            }
            after_ack += acked_[number];
            const bool repeated = deliveries_[number].exchange(1) != 0;
            without_cause += repeated && (message.deliveries() < 2 || message.cause() == Cause::none) ? 1 : 0;
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
        for (std::uint64_t i = 0; i < sent_.sent; i += every_) {
            count += sent_.confirmed[i] != 0 && deliveries_[i] == 0 ? 1 : 0;
        }
        return count;
    }

    std::atomic<std::uint64_t> after_ack{0}, without_cause{0}, unexpected{0};

private:
    const SentMessages& sent_;
    const std::uint64_t every_;
    std::vector<std::atomic<std::uint8_t>> deliveries_ = std::vector<std::atomic<std::uint8_t>>(kill_messages_max);
    std::vector<std::atomic<std::uint8_t>> acked_ = std::vector<std::atomic<std::uint8_t>>(kill_messages_max);
};

}  // namespace baton::tests
