#include "tests/crash/kill_work.hpp"

#include <catch2/catch.hpp>

namespace baton::tests {

using namespace std::chrono_literals;

KillProducer::KillProducer(const Client& client, SentMessages& sent, const std::vector<std::string>& queues, bool keyed)
    : sent_(sent), keyed_(keyed) {
    REQUIRE(queues.size() == sent.queues);
    for (const std::string& queue : queues) {
        producers_.push_back(
            std::make_unique<Producer>(client, queue, ProducerOptions{.in_flight_batches = 8, .timeout = 0ms}));
    }
    thread_ = std::thread([this] { produce(); });
}

void KillProducer::produce() {
    for (std::uint64_t next = 0; !stop_ && next + kill_batch_messages < kill_messages_max;) {
        if (paused_) {
            std::this_thread::sleep_for(1ms);
            continue;
        }
        send(next);
        next += kill_batch_messages;
    }
}

void KillProducer::send(std::uint64_t first) {
    const std::uint64_t end = first + kill_batch_messages;
    Producer& producer = *producers_[sent_.queue_of(first)];
    EncodedBatch batch = producer.new_batch();
    for (std::uint64_t i = first; i < end; ++i) {
        Message message{std::to_string(i), {}, {{"parity", i % 2 == 0 ? "even" : "odd"}}, {}};
        message.options.group = keyed_ ? "key " + std::to_string(i % kill_keys) : "";
        batch.add(message);
    }
    sent_.sent = end;
    producer.send_batch(std::move(batch), [this, first, end](const Result<BatchReceipt>& result) {
        if (!result.ok()) {
            sent_.refused += 1;
            return;
        }
        sent_.misplaced += result.value().first_offset != sent_.offset_of(first) ? 1 : 0;
        for (std::uint64_t i = first; i < end; ++i) {
            sent_.confirmed[i] = 1;
        }
    });
}

void KillProducer::finish() {
    stop_ = true;
    thread_.join();
    for (const auto& producer : producers_) {
        producer->flush(60s);
    }
}

Reading::Reading(const Client& client, const std::string& queue, KillReader& taken_by)
    : name(queue), reader(taken_by), consumer_(client, queue, {.credit_messages = 2'000}), thread_([this, &taken_by] {
          while (!stop_) {
              taken_by.take(consumer_.receive_batch(1'000, 100ms));
          }
      }) {}

std::uint64_t Reading::finish(Admin& admin) {
    const auto give_up = std::chrono::steady_clock::now() + 60s;
    const auto left = [&] {
        const QueueInfo info = admin.show_queue(name);
        return info.waiting + info.grouped + info.leased + info.delayed;
    };
    while (left() > 0 && std::chrono::steady_clock::now() < give_up) {
        std::this_thread::sleep_for(50ms);
    }
    stop_ = true;
    thread_.join();
    return left();
}

void check(Reading& reading, Admin& admin) {
    INFO(reading.name);
    CHECK(reading.finish(admin) == 0);
    CHECK(reading.reader.lost() == 0);
    CHECK(reading.reader.after_ack == 0);
    CHECK(reading.reader.without_cause == 0);
    CHECK(reading.reader.unexpected == 0);
    CHECK(reading.reader.elsewhere == 0);
}

}  // namespace baton::tests
