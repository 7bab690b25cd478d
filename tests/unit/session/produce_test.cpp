// The decoder of produces is written by hand: held here against the generated code.

#include "proto/entry_format.hpp"
#include "server/core/limits.hpp"
#include "server/session/decode/bodies.hpp"
#include "server/session/session_limits.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

#include <memory>

namespace baton::session::test {

namespace {

struct Decoded {
    core::Produce produce;
    Fault fault;
};

Decoded decode(const std::string& body) {
    auto owner = std::make_shared<const std::string>(body);
    core::RequestBody out;
    Decoded decoded;
    decoded.fault = decode_produce(*owner, core::Buffer{owner, *owner}, out);
    if (!decoded.fault) {
        decoded.produce = std::get<core::Produce>(std::move(out));
    }
    return decoded;
}

v1::Produce sample() {
    v1::Produce produce;
    produce.set_queue("orders");
    produce.set_producer_id(0xDEADBEEFCAFEF00DULL);
    produce.set_producer_created_ms(1'700'000'000'000);
    produce.set_sequence(42);
    produce.set_acked_through(40);
    produce.set_per_item(true);
    produce.mutable_defaults()->set_ttl_ms(60'000);
    produce.mutable_defaults()->set_lease_ms(5'000);
    for (int i = 0; i < 5; ++i) {
        v1::Entry& entry = *produce.add_entries();
        entry.set_payload("payload " + std::to_string(i));
        entry.set_name("kind");
        entry.add_headers()->set_key("h");
    }
    v1::IndexedOptions& indexed = *produce.add_options();
    indexed.set_index(3);
    indexed.mutable_options()->set_delay_ms(1'500);
    return produce;
}

void check_refused(const v1::Produce& produce, const std::string& field, std::uint64_t limit) {
    const auto decoded = decode(produce.SerializeAsString());
    REQUIRE(decoded.fault);
    CHECK(decoded.fault->field == field);
    CHECK((limit == 0 || decoded.fault->limit == limit));
    CHECK_FALSE(decoded.fault->fatal);
}

}  // namespace

TEST_CASE("a produce decodes to what the generated code wrote") {
    const v1::Produce sent = sample();
    const auto [produce, fault] = decode(sent.SerializeAsString());
    REQUIRE_FALSE(fault);
    CHECK(produce.queue == sent.queue());
    CHECK(produce.producer == sent.producer_id());
    CHECK(produce.producer_created_at == sent.producer_created_ms());
    CHECK(produce.sequence == 42);
    CHECK(produce.acked_through == 40);
    CHECK(produce.per_item);
    CHECK(produce.defaults.ttl_ms == 60'000);
    CHECK(produce.defaults.lease_ms == 5'000);
    CHECK_FALSE(produce.defaults.delay_ms);
    REQUIRE(produce.options.size() == 1);
    CHECK(produce.options[0].first == 3);
    CHECK(produce.options[0].second.delay_ms == 1'500);

    REQUIRE(produce.entries.count == 5);
    for (std::uint32_t i = 0; i < 5; ++i) {
        const core::EntryRun one = produce.entries.slice(i, 1);
        CHECK(one.checksum_of(0) == proto::entry_checksum(one.bytes()));
        v1::Run run;
        REQUIRE(run.ParseFromArray(one.bytes().data(), static_cast<int>(one.bytes().size())));
        REQUIRE(run.entries_size() == 1);
        CHECK(run.entries(0).SerializeAsString() == sent.entries(static_cast<int>(i)).SerializeAsString());
    }
}

TEST_CASE("a small produce is copied and a large one stays in its block") {
    const auto [small, small_fault] = decode(produce_frame(1, 2, 100).produce().SerializeAsString());
    REQUIRE_FALSE(small_fault);
    CHECK(small.entries.buffer.view.size() < limits::pin_bytes_min);

    const std::string body = produce_frame(1, 2, limits::pin_bytes_min).produce().SerializeAsString();
    auto owner = std::make_shared<const std::string>(body);
    core::RequestBody out;
    REQUIRE_FALSE(decode_produce(*owner, core::Buffer{owner, *owner}, out));
    const auto& large = std::get<core::Produce>(out);
    CHECK(large.entries.bytes().data() > owner->data());
    CHECK(large.entries.bytes().data() + large.entries.bytes().size() <= owner->data() + owner->size());
    CHECK(owner.use_count() == 2);
}

TEST_CASE("every cut of a produce is an error and never a crash") {
    v1::Produce produce = sample();
    produce.clear_options();
    const std::string whole = produce.SerializeAsString();
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
        // What the generated code takes as a whole message of its own may be one here too; all else is refused.
        v1::Produce parsed;
        const bool valid = parsed.ParseFromString(whole.substr(0, cut)) && parsed.entries_size() > 0;
        CHECK(decode(whole.substr(0, cut)).fault.has_value() != valid);
    }
}

TEST_CASE("entries must be adjacent") {
    v1::Produce one = sample();
    one.clear_options();
    v1::Produce tail;
    tail.add_entries()->set_payload("late");
    tail.set_sequence(42);
    const auto decoded = decode(one.SerializeAsString() + tail.SerializeAsString());
    REQUIRE(decoded.fault);
    CHECK(decoded.fault->field == "produce.entries");
    CHECK_FALSE(decoded.fault->fatal);
}

TEST_CASE("bad entries name the field and the limit") {
    v1::Produce produce = sample();
    std::string field;
    std::uint64_t limit = 0;
    SECTION("no entry") {
        produce.clear_entries();
        produce.clear_options();
        field = "produce.entries";
    }
    SECTION("a name that is too long") {
        produce.mutable_entries(1)->set_name(std::string(256, 'n'));
        field = "produce.entries[1].name";
        limit = core::limits::name_bytes_max;
    }
    SECTION("too many headers") {
        for (std::uint32_t i = 0; i < core::limits::headers_max; ++i) {
            produce.mutable_entries(2)->add_headers()->set_key("k");
        }
        field = "produce.entries[2].headers";
        limit = core::limits::headers_max;
    }
    SECTION("too many bytes of headers") {
        produce.mutable_entries(0)->mutable_headers(0)->set_value(std::string(core::limits::headers_bytes_max, 'v'));
        field = "produce.entries[0].headers";
        limit = core::limits::headers_bytes_max;
    }
    check_refused(produce, field, limit);
}

TEST_CASE("bad options and names are refused with the field and the limit") {
    v1::Produce produce = sample();
    std::string field;
    std::uint64_t limit = 0;
    SECTION("options of no entry") {
        produce.mutable_options(0)->set_index(5);
        field = "produce.options.index";
        limit = 5;
    }
    SECTION("options out of order") {
        *produce.add_options() = produce.options(0);
        field = "produce.options.index";
    }
    SECTION("a delay that is too long") {
        produce.mutable_defaults()->set_delay_ms(static_cast<std::uint64_t>(core::limits::ten_years_ms) + 1);
        field = "options.delay_ms";
        limit = core::limits::ten_years_ms;
    }
    SECTION("a delay and a due time") {
        produce.mutable_defaults()->set_delay_ms(1);
        produce.mutable_defaults()->set_due_ms(1);
        field = "options.due_ms";
    }
    SECTION("a producer without a sequence") {
        produce.set_sequence(0);
        field = "produce.sequence";
    }
    SECTION("a bad queue name") {
        produce.set_queue("no name");
        field = "produce.queue";
    }
    check_refused(produce, field, limit);
}

TEST_CASE("a batch is bounded in bytes unless it is one message") {
    const auto batch = decode(produce_frame(1, 2, core::limits::batch_bytes_max / 2 + 1).produce().SerializeAsString());
    REQUIRE(batch.fault);
    CHECK(batch.fault->limit == core::limits::batch_bytes_max);
    const auto single = decode(produce_frame(1, 1, core::limits::batch_bytes_max + 1).produce().SerializeAsString());
    CHECK_FALSE(single.fault);
}

}  // namespace baton::session::test
