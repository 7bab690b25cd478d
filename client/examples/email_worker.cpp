// Sends e-mail from a queue, one message a mail: the payload is the text, the headers "to" and "subject" say where it
// goes.
//
//   email_worker --server ADDR --queue NAME --spool DIR [--count N]
//
// Mails are handed to a mail provider; here the provider is a spool directory, with the manners of a real one:
//   an address without "@"        will never work                     -> PermanentError: the failed set keeps it
//   a domain that ends in ".slow" the provider asks for a pause       -> RetryAfter, the first time
//   a domain that ends in ".flaky" the connection breaks now and then -> RetryableError, the first two times
// With --count the program ends after that many mails were delivered or refused for good.

#include "baton/connection.hpp"
#include "baton/worker.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <string>

namespace {

using namespace std::chrono_literals;

struct Mail {
    std::string to;
    std::string subject;
    std::string_view text;
};

Mail mail_of(const baton::Job& job) {
    const auto header = [&](std::string_view key) {
        return std::string(job.message().header(key).value_or(std::string_view{}));
    };
    return {header("to"), header("subject"), job.payload()};
}

/// The provider: takes a mail or throws.
void deliver(const Mail& mail, const baton::Job& job, const std::filesystem::path& spool) {
    if (mail.to.find('@') == std::string::npos) {
        throw baton::PermanentError("not an address: \"" + mail.to + "\"");
    }
    if (mail.to.ends_with(".slow") && job.attempt() == 1) {
        throw baton::RetryAfter(200ms, "the provider asks to come back later");
    }
    if (mail.to.ends_with(".flaky") && job.attempt() <= 2) {
        throw baton::RetryableError("the connection to the provider broke");
    }
    // Written under the message's id and renamed: a mail that is sent twice after a crash lands on the same file.
    const auto file = spool / (job.id().to_string() + ".eml");
    const auto partial = file.string() + ".part";
    std::ofstream out(partial, std::ios::binary);
    out << "To: " << mail.to << "\nSubject: " << mail.subject << "\n\n" << mail.text;
    out.close();
    if (!out) {
        throw baton::RetryableError("the spool cannot be written");
    }
    std::filesystem::rename(partial, file);
}

std::map<std::string, std::string> options_of(int argc, char** argv) {
    std::map<std::string, std::string> options{{"--server", "127.0.0.1:7450"}, {"--queue", "mail"}, {"--count", "0"}};
    for (int i = 1; i + 1 < argc; i += 2) {
        options[argv[i]] = argv[i + 1];
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) try {
    auto options = options_of(argc, argv);
    const std::filesystem::path spool = options["--spool"];
    if (spool.empty()) {
        std::cerr << "usage: email_worker --server ADDR --queue NAME --spool DIR [--count N]\n";
        return 2;
    }
    std::filesystem::create_directories(spool);
    const std::uint64_t count = std::stoull(options["--count"]);

    std::mutex mutex;
    std::condition_variable done;
    std::uint64_t ended = 0;

    auto client = baton::Client::connect(options["--server"]);
    baton::WorkerOptions worker_options;
    worker_options.concurrency = 4;
    worker_options.on_done = [&](const baton::Job& job, const baton::Outcome& outcome) {
        const std::lock_guard lock(mutex);
        std::cout << job.id().to_string() << ' ' << (outcome.success ? "sent" : outcome.failure.reason) << '\n';
        if (outcome.success || outcome.failure.terminal) {
            ended += 1;
            done.notify_all();
        }
    };
    baton::Worker worker(
        client, options["--queue"], [&](baton::Job& job) { deliver(mail_of(job), job, spool); }, worker_options);

    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return count != 0 && ended >= count; });
    lock.unlock();
    return worker.stop(10s) ? 0 : 1;
} catch (const std::exception& error) {
    std::cerr << "email_worker: " << error.what() << '\n';
    return 1;
}
