// Processes files named by messages: reads the file whose path is the payload and writes its size and CRC-32 into an
// output directory, as a nightly import or a thumbnail maker would.
//
//   file_worker --server ADDR --queue NAME --output DIR [--count N] [--concurrency N]
//
// A file that is not there yet is tried again by the queue's backoff; a directory never becomes a file and is refused
// for good. Long files are no problem: the library prolongs the lease while the handler works. With --count the program
// ends after that many files were processed or refused for good.

#include "baton/connection.hpp"
#include "baton/worker.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::uint32_t crc32(std::uint32_t crc, const char* data, std::size_t bytes) {
    static const auto table = [] {
        std::array<std::uint32_t, 256> values{};
        for (std::uint32_t i = 0; i < values.size(); ++i) {
            std::uint32_t value = i;
            for (int bit = 0; bit < 8; ++bit) {
                value = (value & 1) != 0 ? 0xEDB88320U ^ (value >> 1) : value >> 1;
            }
            values[i] = value;
        }
        return values;
    }();
    crc = ~crc;
    for (std::size_t i = 0; i < bytes; ++i) {
        crc = table[(crc ^ static_cast<unsigned char>(data[i])) & 0xFF] ^ (crc >> 8);
    }
    return ~crc;
}

baton::Outcome process(const baton::Job& job, const fs::path& output) {
    const fs::path path = std::string(job.payload());
    if (fs::is_directory(path)) {
        return baton::Outcome::permanent("is a directory: " + path.string());
    }
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return baton::Outcome::retry("cannot be read yet: " + path.string());
    }
    std::uint32_t crc = 0;
    std::uint64_t size = 0;
    std::vector<char> block(256 * 1024);
    while (in.read(block.data(), static_cast<std::streamsize>(block.size())), in.gcount() > 0) {
        if (job.lease_lost() || job.stopping()) {
            return baton::Outcome::retry("interrupted");
        }
        crc = crc32(crc, block.data(), static_cast<std::size_t>(in.gcount()));
        size += static_cast<std::uint64_t>(in.gcount());
    }
    const fs::path result = output / (path.filename().string() + ".sum");
    const fs::path partial = result.string() + "." + job.id().to_string();
    std::ofstream out(partial);
    out << std::hex << std::setw(8) << std::setfill('0') << crc << std::dec << ' ' << size << ' ' << path.string()
        << '\n';
    out.close();
    fs::rename(partial, result);
    return baton::Outcome::ok();
}

std::map<std::string, std::string> options_of(int argc, char** argv) {
    std::map<std::string, std::string> options{
        {"--server", "127.0.0.1:7450"}, {"--queue", "files"}, {"--count", "0"}, {"--concurrency", "2"}};
    for (int i = 1; i + 1 < argc; i += 2) {
        options[argv[i]] = argv[i + 1];
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) try {
    auto options = options_of(argc, argv);
    const fs::path output = options["--output"];
    if (output.empty()) {
        std::cerr << "usage: file_worker --server ADDR --queue NAME --output DIR [--count N] [--concurrency N]\n";
        return 2;
    }
    fs::create_directories(output);
    const std::uint64_t count = std::stoull(options["--count"]);

    std::mutex mutex;
    std::condition_variable done;
    std::uint64_t ended = 0;

    auto client = baton::Client::connect(options["--server"]);
    baton::WorkerOptions worker_options;
    worker_options.concurrency = static_cast<std::uint32_t>(std::stoul(options["--concurrency"]));
    worker_options.on_done = [&](const baton::Job& job, const baton::Outcome& outcome) {
        const std::lock_guard lock(mutex);
        std::cout << job.payload() << ": " << (outcome.success ? "done" : outcome.failure.reason) << '\n';
        if (outcome.success || outcome.failure.terminal) {
            ended += 1;
            done.notify_all();
        }
    };
    baton::Worker worker(
        client, options["--queue"], [&](baton::Job& job) { return process(job, output); }, worker_options);

    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return count != 0 && ended >= count; });
    lock.unlock();
    return worker.stop(std::chrono::seconds{10}) ? 0 : 1;
} catch (const std::exception& error) {
    std::cerr << "file_worker: " << error.what() << '\n';
    return 1;
}
