// What is stored about retries: rules of a queue, options and history of a message.
#include "storage/keys.hpp"
#include "storage/meta_codec.hpp"
#include "storage/record_codec.hpp"

#include <catch2/catch.hpp>

#include <memory>

using namespace baton;

TEST_CASE("the retry rules of a queue come back as they were stored") {
    core::PutQueue put;
    put.ns = core::NamespaceId{1};
    put.id = core::QueueId{3};
    put.name = "q";
    put.settings.run_limit_ms = 77;
    put.settings.retry_rules = {
        {"HTTP-4*", core::RetryRule::Action::fail, {}},
        {"net", core::RetryRule::Action::retry, core::Backoff{core::Backoff::Kind::list, 1, 2, 3, {4, 5}}}};
    const auto key = storage::parse_key(storage::queue_key(put.ns, put.id).view());
    const auto record = storage::decode_record(*key, storage::encode(put));
    REQUIRE(record);
    CHECK(std::get<core::PutQueue>(*record).settings == put.settings);
}

TEST_CASE("history and retry options of a message come back as they were stored") {
    core::MessageMeta meta;
    meta.max_attempts = 7;
    meta.run_limit_ms = 55;
    meta.backoff = std::make_shared<const core::Backoff>(core::Backoff{core::Backoff::Kind::fixed, 1, 2, 3, {}});
    meta.attempts = {{9, 5, "worker", "class", "reason", "stack"}};
    auto origin = std::make_shared<core::Origin>();
    origin->max_attempts = 8;
    origin->backoff = std::make_shared<const core::Backoff>(core::Backoff{core::Backoff::Kind::list, 0, 9, 0, {1}});
    origin->attempts = meta.attempts;
    meta.origin = origin;
    store::v1::MessageMeta stored;
    storage::to_proto(meta, stored);
    const core::MetaPtr back = storage::from_proto(stored);
    CHECK(back->max_attempts == 7);
    CHECK(back->run_limit_ms == 55);
    REQUIRE(back->backoff);
    CHECK(*back->backoff == *meta.backoff);
    CHECK(back->attempts == meta.attempts);
    CHECK(back->origin->max_attempts == 8);
    REQUIRE(back->origin->backoff);
    CHECK(*back->origin->backoff == *origin->backoff);
    CHECK(back->origin->attempts == meta.attempts);
}
