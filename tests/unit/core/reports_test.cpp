// What running jobs say about themselves: progress and logs, by their leases only, kept as long as the job is.
#include "server/core/limits.hpp"
#include "tests/unit/core/broker.hpp"

#include <algorithm>

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::Delivered;

namespace {

void create_reporting(Broker& broker, QueueSettingsChange settings = {}) {
    broker.expect<QueueInfo>(CreateQueue{"jobs", Profile::job, std::move(settings), false});
    broker.consume("jobs", 0);
}

Delivered held_one(Broker& broker, const std::string& payload = "job") {
    broker.produce("jobs", {payload});
    return broker.fetch(1).at(0);
}

LogBounds log(Broker& broker, const Delivered& job, std::vector<std::string> lines) {
    return broker.expect<LogBounds>(AppendLog{job.token, job.offset, std::move(lines)});
}

LogPage page(Broker& broker, Offset offset, std::optional<std::uint64_t> from = {}, bool newest_first = false,
             std::uint32_t limit = 1'000) {
    return broker.expect<LogPage>(ListLog{"jobs", offset, from, newest_first, limit});
}

std::vector<std::string> texts(const LogPage& page) {
    std::vector<std::string> out;
    for (const LogPage::Line& line : page.lines) {
        out.push_back(line.text);
    }
    return out;
}

StoredMessage shown_report(Broker& broker, Offset offset) {
    return broker.expect<MessageList>(ShowJob{"jobs", offset}).messages.at(0);
}

/// Jobs of which the disk has anything.
std::size_t reported(const Broker& broker) {
    return const_cast<Broker&>(broker).driver().store().tables().reports.size();
}

}  // namespace

TEST_CASE("a job tells its progress and log while it runs, when it is over, and after a restart") {
    Broker broker;
    create_reporting(broker);
    const Delivered job = held_one(broker);
    broker.expect<Done>(SetProgress{job.token, job.offset, "1 of 3"});
    broker.advance(1'000);
    broker.expect<Done>(SetProgress{job.token, job.offset, "2 of 3"});
    CHECK(log(broker, job, {"one", "two"}).lines == 2);
    CHECK(log(broker, job, {"three"}).next_line == 4);
    const auto check = [&] {
        const StoredMessage shown = shown_report(broker, job.offset);
        REQUIRE(shown.progress);
        CHECK(shown.progress->value == "2 of 3");
        CHECK(shown.log_lines == 3);
        CHECK(texts(page(broker, job.offset)) == std::vector<std::string>{"one", "two", "three"});
    };
    check();
    broker.restart();
    broker.connect(2);
    check();
    broker.consume("jobs", 0);
    broker.ack(job);
    check();
    CHECK(shown_report(broker, job.offset).state == MessageState::completed);
    broker.expect<Counted>(RetryFailed{"jobs", {job.offset}});
    const Delivered again = broker.fetch(1).at(0);
    check();
    CHECK(log(broker, again, {"four"}).lines == 4);
}

TEST_CASE("progress is an event with its value") {
    Broker broker;
    create_reporting(broker);
    StreamEvents follow;
    follow.stream = 1;
    follow.queue = "jobs";
    follow.types = event_bit(EventType::progress);
    follow.credit = 10;
    broker.expect<Done>(follow);
    const Delivered job = held_one(broker);
    broker.expect<Done>(SetProgress{job.token, job.offset, "half"});
    const auto batches = broker.take_events();
    const auto told =
        std::find_if(batches.begin(), batches.end(), [](const EventBatch& batch) { return !batch.events.empty(); });
    REQUIRE(told != batches.end());
    CHECK(told->events.at(0).event.first == job.offset);
    CHECK(told->events.at(0).event.detail->data == "half");
}

TEST_CASE("a log is read in pages from either end") {
    Broker broker;
    create_reporting(broker);
    const Delivered job = held_one(broker);
    log(broker, job, {"a", "b"});
    log(broker, job, {"c", "d", "e"});
    const LogPage first = page(broker, job.offset, {}, false, 2);
    CHECK(texts(first) == std::vector<std::string>{"a", "b"});
    CHECK(first.total == 5);
    CHECK(first.next == 3);
    const LogPage rest = page(broker, job.offset, first.next, false, 5);
    CHECK(texts(rest) == std::vector<std::string>{"c", "d", "e"});
    CHECK(rest.next == 0);
    const LogPage last = page(broker, job.offset, {}, true, 2);
    CHECK(texts(last) == std::vector<std::string>{"e", "d"});
    CHECK(texts(page(broker, job.offset, last.next, true)) == std::vector<std::string>{"c", "b", "a"});
    CHECK(broker.refusal(ListLog{"jobs", 77, {}, false, 10}) == RefusalCode::message_not_found);
    CHECK(broker.refusal(ListLog{"jobs", job.offset, {}, false, 1'001}) == RefusalCode::invalid_argument);
}

TEST_CASE("the oldest lines go when there are too many or too large ones") {
    Broker broker;
    create_reporting(broker);
    const Delivered job = held_one(broker);
    std::vector<std::string> many(600, "x");
    log(broker, job, many);
    many.back() = "last";
    const LogBounds bounds = log(broker, job, many);
    CHECK(bounds.lines == limits::log_lines_max);
    CHECK(bounds.next_line == 1'201);
    CHECK(page(broker, job.offset).lines.front().number == 201);
    CHECK(page(broker, job.offset).lines.back().text == "last");

    // Half of what may be kept in a few lines: with the rest of the log it is all there is room for.
    const std::vector<std::string> large(16, std::string(limits::log_line_bytes_max, 'y'));
    CHECK(log(broker, job, large).lines == 16);
    CHECK(log(broker, job, {"z"}).lines == 16);
    CHECK(page(broker, job.offset).lines.back().text == "z");
    // Nothing is left of parts without a line.
    CHECK(broker.driver().store().tables().reports.begin()->second.parts.size() == 2);

    broker.restart();
    broker.connect(2);
    CHECK(page(broker, job.offset).total == 16);
    CHECK(log(broker, job, {"after"}).next_line == 1'219);
    CHECK(page(broker, job.offset).total == 17);
    log(broker, job, {std::string(limits::log_line_bytes_max, 'y')});
    CHECK(page(broker, job.offset).lines.front().number == 1'203);
}

TEST_CASE("a log is cleared but for its newest lines, and its numbers go on") {
    Broker broker;
    create_reporting(broker);
    const Delivered job = held_one(broker);
    log(broker, job, {"a", "b", "c"});
    CHECK(broker.expect<LogBounds>(ClearLog{job.token, job.offset, 1}).lines == 1);
    CHECK(texts(page(broker, job.offset)) == std::vector<std::string>{"c"});
    CHECK(broker.expect<LogBounds>(ClearLog{job.token, job.offset, 0}).lines == 0);
    broker.restart();
    broker.connect(2);
    CHECK(log(broker, job, {"d"}).next_line == 5);
    CHECK(page(broker, job.offset).lines.at(0).number == 4);
}

TEST_CASE("reports are taken from the holder only") {
    Broker broker;
    QueueSettingsChange settings;
    settings.lease_ms = 10'000;
    create_reporting(broker, settings);
    const Delivered job = held_one(broker);
    log(broker, job, {"mine"});
    broker.advance(10'000);
    CHECK(broker.refusal(SetProgress{job.token, job.offset, "late"}) == RefusalCode::lease_expired);
    const Delivered next = broker.fetch(1).at(0);
    CHECK(broker.refusal(SetProgress{job.token, job.offset, "late"}) == RefusalCode::lease_superseded);
    CHECK(broker.refusal(AppendLog{job.token, job.offset, {"late"}}) == RefusalCode::lease_superseded);
    CHECK(broker.refusal(ClearLog{job.token, job.offset, 0}) == RefusalCode::lease_superseded);
    CHECK(log(broker, next, {"mine now"}).lines == 2);
    broker.ack(next);
    CHECK(broker.refusal(AppendLog{next.token, next.offset, {"late"}}) == RefusalCode::already_settled);
    Token wrong = next.token;
    wrong.batch += 1'000;
    CHECK(broker.refusal(AppendLog{wrong, next.offset, {"late"}}) == RefusalCode::token_unknown);
    CHECK(broker.refusal(AppendLog{next.token, 1'000'000, {"late"}}) == RefusalCode::token_unknown);
    wrong.queue = QueueId{99};
    CHECK(broker.refusal(AppendLog{wrong, 0, {"late"}}) == RefusalCode::queue_deleted);
}

TEST_CASE("what is too large is refused with its limit, and plain queues keep no reports") {
    Broker broker;
    create_reporting(broker);
    const Delivered job = held_one(broker);
    const auto progress =
        broker.expect<Refusal>(SetProgress{job.token, job.offset, std::string(limits::progress_bytes_max + 1, 'p')});
    CHECK(progress.field == "set_progress.value");
    CHECK(progress.limit == limits::progress_bytes_max);
    const auto line =
        broker.expect<Refusal>(AppendLog{job.token, job.offset, {std::string(limits::log_line_bytes_max + 1, 'l')}});
    CHECK(line.field == "append_log.lines");
    CHECK(line.limit == limits::log_line_bytes_max);
    CHECK(broker.refusal(AppendLog{job.token, job.offset, {}}) == RefusalCode::invalid_argument);
    broker.create("plain");
    broker.consume("plain", 0, 2);
    broker.produce("plain", {"a"});
    const Delivered plain = broker.fetch(1, 2).at(0);
    CHECK(broker.refusal(SetProgress{plain.token, plain.offset, "p"}) == RefusalCode::wrong_profile);
    CHECK(broker.refusal(AppendLog{plain.token, plain.offset, {"l"}}) == RefusalCode::wrong_profile);
    CHECK(broker.refusal(ListLog{"plain", plain.offset, {}, false, 10}) == RefusalCode::wrong_profile);
}

namespace {

Delivered reporting_job(Broker& broker) {
    const Delivered job = held_one(broker);
    log(broker, job, {"line"});
    broker.expect<Done>(SetProgress{job.token, job.offset, "p"});
    return job;
}

}  // namespace

TEST_CASE("what a job said goes when the job goes, whatever takes it") {
    Broker broker;
    QueueSettingsChange settings;
    settings.max_attempts = 1;
    settings.completed_retention.messages = 1;
    settings.failed_retention.messages = 1;
    create_reporting(broker, settings);
    const auto run = [&] { return reporting_job(broker); };
    SECTION("retention") {
        broker.ack(run());
        broker.ack(run());
        broker.fail(run());
        broker.fail(run());
        broker.advance(limits::retention_every_ms * 4);
        CHECK(reported(broker) == 2);
    }
    SECTION("removal") {
        const Delivered job = run();
        broker.fail(job);
        broker.expect<JobsRemoved>(RemoveJobs{"jobs", {job.offset}});
        CHECK(reported(broker) == 0);
    }
    SECTION("an ack where completed jobs are not kept") {
        QueueSettingsChange change;
        change.keep_completed = false;
        broker.update("jobs", change);
        broker.ack(run());
        CHECK(reported(broker) == 0);
    }
    SECTION("the queue") {
        run();
        broker.expect<Done>(DeleteQueue{"jobs"});
        CHECK(reported(broker) == 0);
    }
}

TEST_CASE("what jobs said that a purge took is found afterwards, also after a restart") {
    Broker broker;
    QueueSettingsChange settings;
    settings.max_attempts = 1;
    create_reporting(broker, settings);
    const auto run = [&] { return reporting_job(broker); };
    SECTION("a purge of everything, but for what is held or kept") {
        const Delivered failed = run(), held = run(), waiting = run(), delayed = run(), completed = run();
        broker.fail(failed);
        broker.settle_ok(waiting, Release{0, 0});
        broker.settle_ok(delayed, Release{60'000, 0});
        broker.ack(completed);
        CHECK(reported(broker) == 5);
        broker.expect<Counted>(PurgeQueue{"jobs", false, true});
        broker.advance(1);
        CHECK(reported(broker) == 2);
        CHECK(page(broker, failed.offset).total == 1);
        CHECK(log(broker, held, {"more"}).lines == 2);
    }
    SECTION("a purge just before a restart") {
        const Delivered job = run();
        broker.fail(job);
        broker.expect<Counted>(PurgeQueue{"jobs", true});
        broker.restart();
        broker.advance(1);
        CHECK(reported(broker) == 0);
    }
}
