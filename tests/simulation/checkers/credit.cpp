// A delivery keeps to what was asked for: a push to the consumer's credit, the answer to a fetch to its maximum. One
// message alone may be larger than the bytes.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/support/printing.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

namespace baton::simulation {

namespace {

using namespace core;

class Credit : public Checker {
public:
    const char* name() const override { return "credit"; }

    void asked(const Request& request) override {
        const auto credit = [&](ConsumerId consumer, std::uint32_t messages, std::uint32_t bytes) {
            // Of several in a row it is not known which held when a frame was decided: the highest.
            allow(credits_[{value(request.connection), value(consumer)}], messages, bytes);
        };
        const auto fetch = [&](const Fetch& one) {
            allow(fetches_[{value(request.connection), value(request.id)}], one.max_messages, one.max_bytes);
        };
        if (const auto* open = std::get_if<OpenConsumer>(&request.body)) {
            credit(open->consumer, open->credit_messages, open->credit_bytes);
        } else if (const auto* set = std::get_if<SetCredit>(&request.body)) {
            credit(set->consumer, set->credit_messages, set->credit_bytes);
        } else if (const auto* pull = std::get_if<Fetch>(&request.body)) {
            fetch(*pull);
        } else if (const auto* settle = std::get_if<Settle>(&request.body); settle != nullptr && settle->fetch) {
            fetch(*settle->fetch);
        }
    }

    void round(const std::vector<DeliveredMessage>& messages) override {
        std::map<const Deliver*, std::pair<std::uint64_t, std::uint64_t>> sizes;
        for (const DeliveredMessage& message : messages) {
            auto& [count, bytes] = sizes[message.frame];
            count += 1;
            bytes += message.wire.size();
        }
        for (const auto& [frame, size] : sizes) {
            const auto& [count, bytes] = size;
            const Allowed& allowed = value(frame->request) != 0
                                         ? fetches_[{value(frame->connection), value(frame->request)}]
                                         : credits_[{value(frame->connection), value(frame->consumer)}];
            if (count > allowed.messages || (count > 1 && bytes > allowed.bytes)) {
                found(std::to_string(count) + " messages of " + std::to_string(bytes) + " bytes where " +
                      std::to_string(allowed.messages) + " of " + std::to_string(allowed.bytes) +
                      " were asked for: " + tests::to_text(Effect(*frame)));
            }
        }
    }

private:
    struct Allowed {
        std::uint64_t messages = 0, bytes = 0;
    };
    /// By connection, and consumer or request.
    using Key = std::pair<std::uint64_t, std::uint64_t>;

    static void allow(Allowed& allowed, std::uint32_t messages, std::uint32_t bytes) {
        allowed.messages = std::max<std::uint64_t>(allowed.messages, messages);
        allowed.bytes = std::max<std::uint64_t>(allowed.bytes, bytes == 0 ? limits::credit_bytes_max : bytes);
    }

    std::map<Key, Allowed> credits_, fetches_;
};

}  // namespace

std::unique_ptr<Checker> make_credit() { return std::make_unique<Credit>(); }

}  // namespace baton::simulation
