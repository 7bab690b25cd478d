// Retries on the wire: rules in settings, options of entries, failures with class and stack, and what is told of them.
#include "server/core/limits.hpp"
#include "server/session/encode/encode.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

namespace baton::session::test {

namespace {

std::string retry_refusal(v1::ClientFrame frame) {
    frame.set_request_id(2);
    Machine machine;
    machine.say_hello();
    machine.feed(framed(frame));
    CHECK(machine.inputs.empty());
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    return said[0].error().field();
}

v1::ClientFrame fail_frame(v1::FailAction*& fail) {
    v1::ClientFrame frame;
    v1::Settlement& settlement = *frame.mutable_settle()->add_settlements();
    settlement.mutable_token()->set_batch(5);
    settlement.add_ranges()->set_count(1);
    fail = settlement.mutable_fail();
    return frame;
}

}  // namespace

TEST_CASE("attempts and backoff of an entry are read and bounded") {
    v1::ClientFrame frame = produce_frame(2, 2, 10);
    v1::IndexedOptions& indexed = *frame.mutable_produce()->add_options();
    indexed.set_index(1);
    v1::EntryOptions& options = *indexed.mutable_options();
    options.set_priority(3);
    options.set_max_attempts(7);
    options.set_run_limit_ms(70);
    options.mutable_backoff()->set_kind(v1::Backoff::LIST);
    options.mutable_backoff()->set_cap_ms(90);
    options.mutable_backoff()->add_list_ms(5);
    options.mutable_backoff()->add_list_ms(50);
    const auto produce = std::get<core::Produce>(body_of(frame));
    REQUIRE(produce.options.size() == 1);
    const core::EntryOptions& read = produce.options[0].second;
    CHECK(read.priority == 3U);
    CHECK(read.max_attempts == 7U);
    CHECK(read.run_limit_ms == 70);
    REQUIRE(read.backoff);
    CHECK(*read.backoff == core::Backoff{core::Backoff::Kind::list, 0, 90, 0, {5, 50}});
    options.set_max_attempts(0);
    CHECK(retry_refusal(frame) == "options.max_attempts");
    options.set_max_attempts(65'536);
    CHECK(retry_refusal(frame) == "options.max_attempts");
    options.set_max_attempts(65'535);
    options.set_run_limit_ms(0);
    CHECK(retry_refusal(frame) == "options.run_limit_ms");
    options.set_run_limit_ms(UINT64_MAX);
    CHECK(retry_refusal(frame) == "options.run_limit_ms");
    options.clear_run_limit_ms();
    options.mutable_backoff()->set_kind(v1::Backoff::KIND_UNSPECIFIED);
    CHECK(retry_refusal(frame) == "options.backoff.kind");
    options.mutable_backoff()->set_kind(v1::Backoff::FIXED);
    options.mutable_backoff()->set_base_ms(UINT64_MAX);
    CHECK(retry_refusal(frame) == "options.backoff.base_ms");
    options.mutable_backoff()->set_base_ms(1);
    for (int i = 0; i < 70; ++i) {
        options.mutable_backoff()->add_list_ms(1);
    }
    CHECK(retry_refusal(frame) == "options.backoff.list_ms");
}

TEST_CASE("retry rules are read in order, and their actions are known ones") {
    v1::ClientFrame frame;
    frame.mutable_update_queue()->set_name("q");
    v1::RetryRules& rules = *frame.mutable_update_queue()->mutable_settings()->mutable_retry_rules();
    CHECK(std::get<core::UpdateQueue>(body_of(frame)).settings.retry_rules->empty());
    rules.add_rules()->set_pattern("HTTP-4*");
    CHECK(retry_refusal(frame) == "settings.retry_rules.action");
    rules.mutable_rules(0)->set_action(v1::RetryRule::FAIL);
    rules.add_rules()->set_pattern("net");
    rules.mutable_rules(1)->set_action(static_cast<v1::RetryRule::Action>(9));
    CHECK(retry_refusal(frame) == "settings.retry_rules.action");
    rules.mutable_rules(1)->set_action(v1::RetryRule::RETRY);
    rules.mutable_rules(1)->mutable_backoff()->set_kind(v1::Backoff::FIXED);
    rules.mutable_rules(1)->mutable_backoff()->set_base_ms(12);
    const auto read = *std::get<core::UpdateQueue>(body_of(frame)).settings.retry_rules;
    REQUIRE(read.size() == 2);
    CHECK(read[0].pattern == "HTTP-4*");
    CHECK(read[0].action == core::RetryRule::Action::fail);
    CHECK_FALSE(read[0].backoff);
    REQUIRE(read[1].backoff);
    CHECK(read[1].backoff->base_ms == 12);
    rules.mutable_rules(1)->mutable_backoff()->clear_kind();
    CHECK(retry_refusal(frame) == "settings.retry_rules.backoff.kind");
    for (int i = 0; i < 70; ++i) {
        rules.add_rules()->set_action(v1::RetryRule::RETRY);
    }
    CHECK(retry_refusal(frame) == "settings.retry_rules");
}

TEST_CASE("a failure carries its class and the beginning of its stack") {
    v1::FailAction* fail = nullptr;
    v1::ClientFrame frame = fail_frame(fail);
    fail->set_error_class("HTTP-500");
    fail->set_stack(std::string(core::limits::stack_bytes_max, 's'));
    const auto settle = std::get<core::Settle>(body_of(frame));
    const auto& read = std::get<core::Fail>(settle.settlements.at(0).action);
    CHECK(read.error_class == "HTTP-500");
    CHECK(read.stack.size() == core::limits::stack_bytes_kept_max);
    fail->mutable_stack()->push_back('s');
    CHECK(retry_refusal(frame) == "settlements.fail.stack");
    fail->clear_stack();
    fail->set_error_class(std::string(256, 'c'));
    CHECK(retry_refusal(frame) == "settlements.fail.error_class");
}

TEST_CASE("attempts, and what is a message's own, are told") {
    core::MessageList list;
    core::StoredMessage message;
    message.attempts.push_back({150, 100, "worker", "HTTP-500", "no route", "at line 7"});
    message.max_attempts = 4;
    message.backoff = std::make_shared<const core::Backoff>(core::Backoff{core::Backoff::Kind::fixed, 5, 6, 7, {}});
    list.messages.push_back(message);
    SendQueue out;
    encode_message_list(core::RequestId{6}, list, out);
    const auto frames = parse_frames(drain(out));
    const v1::StoredMessage& read = frames.at(0).message_list().messages(0);
    CHECK(read.max_attempts() == 4);
    CHECK(read.backoff().jitter_permille() == 7);
    CHECK(read.attempts(0).delivered_ms() == 100);
    CHECK(read.attempts(0).error_class() == "HTTP-500");
    CHECK(read.attempts(0).stack() == "at line 7");

    core::QueueInfo info;
    info.settings.retry_rules = {{"a*", core::RetryRule::Action::retry_after, core::Backoff{}}};
    encode_queue_info(core::RequestId{7}, info, out);
    const v1::RetryRules rules = parse_frames(drain(out)).at(0).queue_info().settings().retry_rules();
    REQUIRE(rules.rules_size() == 1);
    CHECK(rules.rules(0).action() == v1::RetryRule::RETRY_AFTER);
    CHECK(rules.rules(0).backoff().cap_ms() == 3'600'000);
    CHECK(info.settings.run_limit_ms == 0);
}

}  // namespace baton::session::test
