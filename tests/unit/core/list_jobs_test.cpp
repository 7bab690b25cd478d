// Listing messages by a filter, over all states, page by page.
#include "server/core/entry_fields.hpp"
#include "server/core/limits.hpp"
#include "tests/unit/core/broker.hpp"

#include <set>

using namespace baton;
using namespace baton::core;
using tests::Broker;

namespace {

ListJobs listing_of(JobFilter filter, std::uint32_t limit = 1'000) {
    ListJobs list;
    list.queue = "jobs";
    list.filter = std::make_shared<const JobFilter>(std::move(filter));
    list.limit = limit;
    return list;
}

/// Every page of it; the offsets in the order in which they came.
std::vector<Offset> all_of(Broker& broker, const JobFilter& filter, std::uint32_t limit = 1'000) {
    std::vector<Offset> offsets;
    ListJobs list = listing_of(filter, limit);
    while (true) {
        const auto page = broker.expect<MessageList>(list);
        CHECK(page.messages.size() <= limit);
        for (const StoredMessage& one : page.messages) {
            offsets.push_back(one.offset);
        }
        if (!page.more) {
            return offsets;
        }
        list.from_state = page.next_state;
        list.from_at = page.next_at;
        list.from_offset = page.next_offset;
        list.from_rank = page.next_rank;
        list.from_group = page.next_group;
    }
}

void produce_named(Broker& broker, const std::string& name, int count, EntryOptions options = {}) {
    std::vector<tests::EntrySpec> specs;
    for (int i = 0; i < count; ++i) {
        specs.push_back({name + std::to_string(i), name, {{"tenant", i % 2 == 0 ? "acme" : "zeta"}}});
    }
    Produce produce = Broker::batch("jobs", {}, options);
    produce.entries = tests::make_entries(specs);
    produce.largest_entry_bytes = tests::largest_entry_bytes(produce.entries);
    broker.expect<Produced>(produce);
}

/// Of each state some.
void fill(Broker& broker) {
    QueueSettingsChange settings;
    settings.max_attempts = 1;
    broker.expect<QueueInfo>(CreateQueue{"jobs", Profile::job, settings, false});
    broker.consume("jobs", 0);
    produce_named(broker, "mail", 6);
    auto held = broker.fetch(6);
    broker.ack(held[0]);
    broker.ack(held[1]);
    broker.advance(5'000);
    Fail failure;
    failure.error_class = "net.down";
    broker.settle_ok(held[2], failure);
    failure.error_class = "http.404";
    broker.settle_ok(held[3], failure);
    produce_named(broker, "sms", 7);
    EntryOptions later, first, grouped;
    later.delay_ms = 60'000;
    first.priority = 2;
    grouped.group = "g";
    produce_named(broker, "late", 3, later);
    produce_named(broker, "first", 2, first);
    produce_named(broker, "grouped", 2, grouped);
}

}  // namespace

TEST_CASE("every message is listed once, whatever the size of the pages") {
    Broker broker;
    fill(broker);
    for (const std::uint32_t limit : {1U, 2U, 3U, 7U, 1'000U}) {
        const std::vector<Offset> all = all_of(broker, {}, limit);
        CHECK(all.size() == 20);
        CHECK(std::set<Offset>(all.begin(), all.end()).size() == 20);
    }
}

TEST_CASE("a filter picks by state, name, id, times, error class and headers") {
    Broker broker;
    fill(broker);
    JobFilter filter;
    SECTION("state") {
        filter.states = state_bit(MessageState::leased) | state_bit(MessageState::completed);
        CHECK(all_of(broker, filter, 3) == std::vector<Offset>{4, 5, 1, 0});
    }
    SECTION("name") {
        filter.name = "s*s";
        CHECK(all_of(broker, filter, 2).size() == 7);
        filter.name = "sm";
        CHECK(all_of(broker, filter).empty());
    }
    SECTION("error class") {
        filter.error_class = "net.*";
        CHECK(all_of(broker, filter) == std::vector<Offset>{2});
    }
    SECTION("id") {
        const auto queue = broker.expect<MessageList>(ShowJob{"jobs", 1}).queue;
        filter.id_prefix = std::to_string(value(queue)) + "-1";
        CHECK(all_of(broker, filter).size() == 11);
        filter.id_prefix = "999-";
        CHECK(all_of(broker, filter).empty());
    }
    SECTION("when it was stored") {
        filter.stored_before = broker.now();
        CHECK(all_of(broker, filter).size() == 6);
        filter.stored_before = 0;
        filter.stored_from = broker.now();
        CHECK(all_of(broker, filter).size() == 14);
    }
    SECTION("when it ended") {
        filter.ended_from = broker.now();
        CHECK(all_of(broker, filter) == std::vector<Offset>{2, 3});
        filter.ended_from = 0;
        filter.ended_before = broker.now();
        CHECK(all_of(broker, filter) == std::vector<Offset>{1, 0});
    }
    SECTION("headers") {
        filter.name = "sms";
        filter.headers = {{"tenant", "acme"}};
        CHECK(all_of(broker, filter).size() == 4);
        filter.headers.emplace_back("tenant", "zeta");
        CHECK(all_of(broker, filter).empty());
    }
}

TEST_CASE("a page that has looked at much is short and goes on") {
    Broker broker;
    broker.expect<QueueInfo>(CreateQueue{"jobs", Profile::job, {}, false});
    for (int i = 0; i < 10; ++i) {
        produce_named(broker, "many", 1'000);
    }
    produce_named(broker, "needle", 1);
    JobFilter filter;
    filter.name = "needle";
    const auto first = broker.expect<MessageList>(listing_of(filter, 5));
    CHECK(first.messages.empty());
    CHECK(first.more);
    CHECK(first.scanned >= limits::list_scan_messages);
    CHECK(first.scanned < limits::list_scan_messages + 1'000);
    CHECK(all_of(broker, filter, 5) == std::vector<Offset>{10'000});
}

TEST_CASE("filters that ask for too much are refused") {
    Broker broker;
    broker.expect<QueueInfo>(CreateQueue{"jobs", Profile::job, {}, false});
    JobFilter filter;
    filter.headers.assign(limits::filter_headers_max + 1, {"k", "v"});
    CHECK(broker.expect<Refusal>(listing_of(filter)).field == "list_jobs.filter.headers");
    filter.headers = {{"k", std::string(limits::filter_header_bytes_max, 'v')}};
    CHECK(broker.expect<Refusal>(listing_of(filter)).limit == limits::filter_header_bytes_max);
    filter.headers = {};
    filter.id_prefix = std::string(limits::identity_bytes_max + 1, 'x');
    CHECK(broker.expect<Refusal>(listing_of(filter)).field == "list_jobs.filter.id_prefix");
    CHECK(broker.refusal(listing_of({}, 1'001)) == RefusalCode::invalid_argument);
    ListJobs none = listing_of({});
    none.queue = "none";
    CHECK(broker.refusal(none) == RefusalCode::queue_not_found);
}

TEST_CASE("the fields of an entry are read where it lies") {
    const EntryRun entry =
        tests::make_entries(std::vector<tests::EntrySpec>{{"payload", "name", {{"a", "1"}, {"b", ""}}}});
    CHECK(entry_name(entry) == "name");
    CHECK(entry_has_header(entry, "a", "1"));
    CHECK(entry_has_header(entry, "b", ""));
    CHECK_FALSE(entry_has_header(entry, "a", ""));
    CHECK_FALSE(entry_has_header(entry, "c", ""));
    CHECK(entry_name(EntryRun{}).empty());
}
