// The store's own cost: commits of five chunks of 1,000 messages and a queue state, one sync each, as the core makes
// them under load. Compare with bench_raw, which writes the same bytes without a broker's structure.
//   bench_storage_commit MESSAGES SIZE LAG [DIRECTORY]     LAG: chunks that wait before they are removed; 0 keeps all
#include "server/core/mutation.hpp"
#include "storage/store.hpp"
#include "tests/support/entries.hpp"
#include "tests/support/prng.hpp"

#include <fmt/format.h>

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

using namespace baton;

namespace {

constexpr core::NamespaceId ns{1};
constexpr core::QueueId queue{1};
constexpr std::uint64_t chunk_messages = 1'000;
constexpr std::uint64_t commit_chunks = 5;

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

core::EntryRun random_entries(std::uint64_t size) {
    tests::Prng random(1);
    std::vector<std::string> payloads(chunk_messages, std::string(size, '\0'));
    for (std::string& payload : payloads) {
        for (char& byte : payload) {
            byte = static_cast<char>(random.below(256));
        }
    }
    return tests::make_entries(payloads);
}

std::vector<core::Mutation> next_commit(const core::EntryRun& entries, std::uint64_t& end, std::uint64_t lag) {
    std::vector<core::Mutation> mutations;
    for (std::uint64_t i = 0; i < commit_chunks; ++i, end += chunk_messages) {
        auto chunk = std::make_shared<core::Chunk>();
        chunk->log = queue;
        chunk->first = end;
        chunk->count = chunk_messages;
        chunk->runs = {entries};
        chunk->bytes = entries.bytes().size();
        mutations.push_back(core::PutChunk{ns, std::move(chunk)});
        if (lag > 0 && end >= lag * chunk_messages) {
            mutations.push_back(core::RemoveChunk{ns, queue, end - lag * chunk_messages});
        }
    }
    core::PutQueueState state{ns, queue};
    state.end = end;
    state.low_page.assign(64, 0x5555555555555555);
    mutations.push_back(std::move(state));
    return mutations;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        fmt::print(stderr, "usage: bench_storage_commit MESSAGES SIZE LAG [DIRECTORY]\n");
        return 64;
    }
    const std::uint64_t messages = std::strtoull(argv[1], nullptr, 10);
    const std::uint64_t lag = std::strtoull(argv[3], nullptr, 10);
    const core::EntryRun entries = random_entries(std::strtoull(argv[2], nullptr, 10));
    storage::StoreOptions options;
    options.data_dir = argc > 4 ? argv[4] : fmt::format("baton-bench-storage-{}", ::getpid());
    options.reserve_bytes = 1 << 20;
    const auto store = storage::Store::open(options);

    const auto begin = std::chrono::steady_clock::now();
    const double cpu_before = cpu_seconds();
    std::uint64_t end = 0;
    for (core::TimeMs now = 1; end < messages; ++now) {
        store->commit(next_commit(entries, end, lag), now, true);
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    const double millions = static_cast<double>(end) / 1e6;
    fmt::print(
        "{{\"messages\":{},\"seconds\":{:.3f},\"messages_per_second\":{:.0f},\"cpu_seconds_per_million\":{:.3f}}}\n",
        end, taken.count(), static_cast<double>(end) / taken.count(), (cpu_seconds() - cpu_before) / millions);
    store->close();
    if (argc <= 4) {
        std::filesystem::remove_all(options.data_dir);
    }
    return 0;
}
