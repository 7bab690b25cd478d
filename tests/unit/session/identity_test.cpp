// Ids and deduplication on the wire: options of entries, what a produce says of them, settings, listings.
#include "server/core/limits.hpp"
#include "server/session/encode/encode.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

namespace baton::session::test {

namespace {

/// What the core gets of a produce whose entries have these options; or the field that is refused.
std::variant<core::EntryOptions, std::string> options_read(const v1::EntryOptions& options) {
    v1::ClientFrame frame = produce_frame(2, 1, 10);
    *frame.mutable_produce()->mutable_defaults() = options;
    Machine machine;
    machine.say_hello();
    machine.feed(framed(frame));
    auto requests = machine.requests();
    if (!requests.empty()) {
        return std::get<core::Produce>(requests[0].body).defaults;
    }
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    return said[0].error().field();
}

std::string refused_option(const v1::EntryOptions& options) { return std::get<std::string>(options_read(options)); }

}  // namespace

TEST_CASE("id and deduplication of an entry are read") {
    v1::EntryOptions options;
    options.set_id("Bestellung-\u00e4:7");
    options.mutable_dedup()->set_id("page 7");
    options.mutable_dedup()->set_mode(v1::Dedup::DEBOUNCE);
    options.mutable_dedup()->set_ttl_ms(5'000);
    options.mutable_dedup()->set_replace(true);
    options.set_priority(3);
    const auto read = std::get<core::EntryOptions>(options_read(options));
    CHECK(read.id == "Bestellung-\u00e4:7");
    CHECK(read.priority == 3U);
    CHECK(read.dedup == core::Dedup{"page 7", core::DedupMode::debounce, 5'000, false, true});
    options.mutable_dedup()->clear_mode();
    options.mutable_dedup()->set_ttl_ms(0);
    CHECK(std::get<core::EntryOptions>(options_read(options)).dedup->mode == core::DedupMode::simple);
}

TEST_CASE("bad ids and deduplication are refused with the field") {
    v1::EntryOptions options;
    options.set_id("");
    CHECK(refused_option(options) == "options.id");
    options.set_id(std::string(core::limits::identity_bytes_max + 1, 'x'));
    CHECK(refused_option(options) == "options.id");
    options.set_id(std::string(core::limits::identity_bytes_max, 'x'));
    options.mutable_dedup();
    CHECK(refused_option(options) == "options.dedup.id");
    options.mutable_dedup()->set_id(std::string(core::limits::identity_bytes_max + 1, 'x'));
    CHECK(refused_option(options) == "options.dedup.id");
    options.mutable_dedup()->set_id("x");
    options.mutable_dedup()->set_mode(static_cast<v1::Dedup::Mode>(9));
    CHECK(refused_option(options) == "options.dedup.mode");
    options.mutable_dedup()->set_mode(v1::Dedup::THROTTLE);
    options.mutable_dedup()->set_ttl_ms(static_cast<std::uint64_t>(core::limits::ten_years_ms) + 1);
    CHECK(refused_option(options) == "options.dedup.ttl_ms");
}

TEST_CASE("an id that is no UTF-8 is refused") {
    // Field 30 of the options with one byte 0xFF, behind the name of the queue.
    std::string produce = "\x0a\x01q";
    produce += std::string("\x32\x04\xf2\x01\x01\xff", 6);
    produce += std::string("\x7a\x00", 2);
    std::string frame = "\x08\x02\x32" + std::string(1, static_cast<char>(produce.size())) + produce;
    Machine machine;
    machine.say_hello();
    machine.feed(framed(frame));
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    CHECK(said[0].error().field() == "options.id");
}

TEST_CASE("what became of entries is in the answer to a produce") {
    core::Produced produced{core::QueueId{3}, 10, 2, false, core::Durability::sync, {}, {}};
    produced.outcomes.push_back({1, core::ItemOutcome::Kind::duplicate, 4, core::MessageState::leased});
    produced.outcomes.push_back({2, core::ItemOutcome::Kind::replaced, 5, core::MessageState::delayed});
    SendQueue out;
    encode_produced(core::RequestId{8}, std::move(produced), out);
    const auto frames = parse_frames(drain(out));
    REQUIRE(frames.size() == 1);
    const v1::Produced& said = frames[0].produced();
    REQUIRE(said.outcomes_size() == 2);
    CHECK(said.outcomes(0).index() == 1);
    CHECK(said.outcomes(0).kind() == v1::ItemOutcome::DUPLICATE);
    CHECK(said.outcomes(0).offset() == 4);
    CHECK(said.outcomes(0).state() == v1::LEASED);
    CHECK(said.outcomes(1).kind() == v1::ItemOutcome::REPLACED);
}

TEST_CASE("a listed message shows its id and its deduplication") {
    core::MessageList list;
    list.queue = core::QueueId{3};
    core::StoredMessage message;
    message.offset = 2;
    message.identity = std::make_shared<const core::Identity>(
        core::Identity{"order 7", core::Dedup{"page 7", core::DedupMode::throttle, 500, true, false}});
    list.messages.push_back(message);
    SendQueue out;
    encode_message_list(core::RequestId{8}, list, out);
    const auto frames = parse_frames(drain(out));
    REQUIRE(frames.size() == 1);
    const v1::StoredMessage& shown = frames[0].message_list().messages(0);
    CHECK(shown.id() == "order 7");
    CHECK(shown.dedup().id() == "page 7");
    CHECK(shown.dedup().mode() == v1::Dedup::THROTTLE);
    CHECK(shown.dedup().ttl_ms() == 500);
    CHECK(shown.dedup().extend());
}

}  // namespace baton::session::test
