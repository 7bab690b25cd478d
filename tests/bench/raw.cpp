// The storage engine's own speed: chunks of 1,000 messages, five to a write batch, one sync a batch.
//   bench_raw MESSAGES SIZE [DIRECTORY]
#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/table.h>

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>

namespace {

constexpr std::uint64_t chunk_messages = 1'000;
constexpr std::uint64_t batch_bytes = 1024 * 1024;

std::string key_of(std::uint64_t first) {
    std::string key(16, '\0');
    for (int i = 0; i < 8; ++i) {
        key[static_cast<std::size_t>(8 + i)] = static_cast<char>(first >> (56 - 8 * i));
    }
    return key;
}

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::uint64_t rss_bytes_max() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        fmt::print(stderr, "usage: bench_raw MESSAGES SIZE [DIRECTORY]\n");
        return 64;
    }
    const std::uint64_t messages = std::strtoull(argv[1], nullptr, 10);
    const std::uint64_t size = std::strtoull(argv[2], nullptr, 10);
    const bool own = argc < 4 || *argv[3] == '\0';
    const std::string directory = own ? fmt::format("baton-bench-raw-{}", ::getpid()) : argv[3];
    rocksdb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = 16 << 20;
    options.max_write_buffer_number = 3;
    options.max_total_wal_size = 128 << 20;
    options.compression = rocksdb::kNoCompression;
    rocksdb::BlockBasedTableOptions table;
    table.checksum = rocksdb::kXXH3;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    rocksdb::DB* opened = nullptr;
    rocksdb::Status status = rocksdb::DB::Open(options, directory, &opened);
    std::unique_ptr<rocksdb::DB> db(opened);
    // What travels and is stored for each message: its payload, 4 bytes around it, 8 in the chunk's head.
    std::string pool(4 * 1024 * 1024 + chunk_messages * (size + 12), '\0');
    std::mt19937_64 random(1);
    for (char& byte : pool) {
        byte = static_cast<char>(random());
    }
    rocksdb::WriteOptions write;
    write.sync = true;
    const double cpu_before = cpu_seconds();
    const auto began = std::chrono::steady_clock::now();
    rocksdb::WriteBatch batch;
    for (std::uint64_t first = 0; first < messages && status.ok(); first += chunk_messages) {
        batch.Put(key_of(first),
                  rocksdb::Slice(pool.data() + first * 61 % (4 * 1024 * 1024), chunk_messages * (size + 12)));
        if (batch.GetDataSize() >= std::min<std::uint64_t>(batch_bytes, 5 * chunk_messages * size) ||
            first + chunk_messages >= messages) {
            status = db->Write(write, &batch);
            batch.Clear();
        }
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    if (!status.ok()) {
        fmt::print(stderr, "bench_raw: {}\n", status.ToString());
        return 1;
    }
    fmt::print(
        "{{\"workload\":\"raw\",\"messages\":{},\"size\":{},\"seconds\":{:.4f},\"messages_per_second\":{:.0f},"
        "\"server_cpu_seconds_per_million\":{:.3f},\"server_rss_bytes\":{}}}\n",
        messages, size, seconds, static_cast<double>(messages) / seconds,
        (cpu_seconds() - cpu_before) * 1e6 / static_cast<double>(messages), rss_bytes_max());
    db.reset();
    if (own) {
        std::filesystem::remove_all(directory);
    }
    return 0;
}
