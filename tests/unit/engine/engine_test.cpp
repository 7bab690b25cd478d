// The engine with the real core and the real store in a directory of its own.

#include "server/engine/engine.hpp"

#include "storage/store.hpp"
#include "tests/crash/lossy_disk.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <variant>

namespace baton::engine::test {

namespace {

constexpr auto patience = std::chrono::seconds(20);

/// A store in a new directory, an engine on it, and what came out.
class Fixture {
public:
    explicit Fixture(void* disk = nullptr, bool clock = false) : file_system(disk), virtual_clock(clock) {
        std::string pattern = (std::filesystem::temp_directory_path() / "baton-engine-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        directory = pattern;
        open();
    }
    ~Fixture() {
        engine.reset();
        store.reset();
        std::filesystem::remove_all(directory);
    }

    void open() {
        storage::StoreOptions store_options;
        store_options.data_dir = directory.string();
        store_options.reserve_bytes = 1 << 20;
        store_options.file_system_for_tests = file_system;
        store_options.virtual_clock = virtual_clock;
        store = storage::Store::open(store_options);
        EngineSink sink;
        sink.effects = [this](std::vector<core::Effect>&& more) { keep(std::move(more)); };
        sink.failed = [this](const std::string& reason) {
            const std::scoped_lock lock(mutex);
            failure = reason;
            changed.notify_all();
        };
        EngineOptions engine_options;
        engine_options.core.virtual_clock = virtual_clock;
        engine_options.stop_wait_ms = 60'000;
        engine = std::make_unique<Engine>(*store, std::move(engine_options), std::move(sink));
        engine->start();
    }
    void close() {
        engine->stop();
        engine.reset();
        store->close();
        store.reset();
    }
    void keep(std::vector<core::Effect>&& more) {
        const std::scoped_lock lock(mutex);
        for (core::Effect& effect : more) {
            effects.push_back(std::move(effect));
        }
        changed.notify_all();
    }
    void submit(std::uint64_t id, core::RequestBody body) {
        core::Request request;
        request.connection = core::ConnectionId{1};
        request.id = core::RequestId{id};
        request.body = std::move(body);
        engine->submit(std::move(request), 0);
        engine->submitted();
    }
    /// The reply to request `id`, once it is there.
    core::ReplyBody reply_to(std::uint64_t id) {
        std::unique_lock lock(mutex);
        core::ReplyBody found;
        const bool arrived = changed.wait_for(lock, patience, [&] {
            for (core::Effect& effect : effects) {
                auto* reply = std::get_if<core::Reply>(&effect);
                if (reply && reply->request == core::RequestId{id}) {
                    found = std::move(reply->body);
                    reply->request = core::RequestId{};
                    return true;
                }
            }
            return false;
        });
        REQUIRE(arrived);
        return found;
    }
    void begin_session() {
        submit(1, core::OpenSession{core::SessionId{}, core::SessionId{11}, 1'000, "test"});
        REQUIRE(std::holds_alternative<core::SessionOpened>(reply_to(1)));
    }

    void* file_system;
    bool virtual_clock;
    std::filesystem::path directory;
    std::unique_ptr<storage::Store> store;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<core::Effect> effects;
    std::string failure;
    std::unique_ptr<Engine> engine;
};

}  // namespace

TEST_CASE("a queue that was confirmed is there after a restart") {
    Fixture fixture;
    fixture.begin_session();
    core::CreateQueue create;
    create.name = "q";
    fixture.submit(2, std::move(create));
    const auto made = fixture.reply_to(2);
    REQUIRE(std::holds_alternative<core::QueueInfoPtr>(made));
    CHECK(fixture.engine->status().synced_commits >= 1);
    const std::uint64_t epoch = fixture.engine->epoch();

    fixture.close();
    fixture.open();
    CHECK(fixture.engine->epoch() == epoch + 1);
    fixture.begin_session();
    fixture.submit(3, core::ShowQueue{"q"});
    const auto shown = fixture.reply_to(3);
    REQUIRE(std::holds_alternative<core::QueueInfoPtr>(shown));
    CHECK(std::get<core::QueueInfoPtr>(shown)->id == std::get<core::QueueInfoPtr>(made)->id);
}

TEST_CASE("a stop answers what is in the inbox") {
    Fixture fixture;
    fixture.begin_session();
    for (std::uint64_t id = 10; id < 60; ++id) {
        core::CreateQueue create;
        create.name = "q" + std::to_string(id);
        fixture.submit(id, std::move(create));
    }
    fixture.engine->stop();
    for (std::uint64_t id = 10; id < 60; ++id) {
        CHECK(std::holds_alternative<core::QueueInfoPtr>(fixture.reply_to(id)));
    }
}

TEST_CASE("the status tells of rounds and queues are listed for the metrics") {
    Fixture fixture;
    fixture.begin_session();
    core::CreateQueue create;
    create.name = "q";
    fixture.submit(2, std::move(create));
    fixture.reply_to(2);
    const auto infos = fixture.engine->queue_infos(10'000);
    REQUIRE(infos.size() == 1);
    CHECK(infos[0].name == "q");
    const EngineStatus status = fixture.engine->status();
    CHECK(status.requests >= 2);
    CHECK(status.commits >= 1);
    CHECK(status.broker_time > 0);
    CHECK(status.inbox_bytes == 0);
}

TEST_CASE("a disk that refuses fails the engine and nothing is answered any more") {
    tests::LossyDisk disk;
    Fixture fixture(disk.env());
    fixture.begin_session();
    disk.fail_sync(1);
    core::CreateQueue create;
    create.name = "q";
    fixture.submit(2, std::move(create));
    {
        std::unique_lock lock(fixture.mutex);
        REQUIRE(fixture.changed.wait_for(lock, patience, [&] { return !fixture.failure.empty(); }));
    }
    fixture.submit(3, core::ShowQueue{"q"});
    fixture.engine->stop();
    for (const core::Effect& effect : fixture.effects) {
        const auto* reply = std::get_if<core::Reply>(&effect);
        CHECK_FALSE((reply != nullptr && reply->request != core::RequestId{}));
    }
}

TEST_CASE("a virtual clock is moved by request, and a restart goes on from there") {
    Fixture fixture(nullptr, true);
    fixture.begin_session();
    fixture.submit(2, core::ShowClock{});
    const core::TimeMs start = std::get<core::ClockShown>(fixture.reply_to(2)).now;
    fixture.submit(3, core::AdvanceClock{7'200'000});
    CHECK(std::get<core::ClockShown>(fixture.reply_to(3)).now == start + 7'200'000);

    fixture.close();
    fixture.open();
    fixture.begin_session();
    fixture.submit(4, core::ShowClock{});
    CHECK(std::get<core::ClockShown>(fixture.reply_to(4)).now == start + 7'200'000);
}

TEST_CASE("the wait of a fetch beside a virtual clock ends in real time") {
    Fixture fixture(nullptr, true);
    fixture.begin_session();
    core::CreateQueue create;
    create.name = "q";
    fixture.submit(2, std::move(create));
    fixture.reply_to(2);
    core::OpenConsumer open;
    open.consumer = core::ConsumerId{1};
    open.queue = "q";
    fixture.submit(3, open);
    fixture.reply_to(3);
    core::Fetch fetch;
    fetch.consumer = core::ConsumerId{1};
    fetch.wait_ms = 50;
    fixture.submit(4, fetch);
    std::unique_lock lock(fixture.mutex);
    CHECK(fixture.changed.wait_for(lock, patience, [&] {
        return !fixture.effects.empty() && std::holds_alternative<core::Deliver>(fixture.effects.back());
    }));
}

}  // namespace baton::engine::test
