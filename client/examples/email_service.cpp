// An e-mail service: any part of an application asks for a mail, and workers send it.
//
//   email_service send --server ADDR --template NAME --to ADDRESS [--name WHO] [--link URL]
//   email_service work --server ADDR --spool DIR [--count N]
//
// It shows how a queue takes care of what mailing is about:
//   - three templates, chosen by the message's name; what is filled in travels in its headers
//   - a password reset does not wait behind the newsletters to its provider: priorities
//   - a mail that fails is tried 3 times, after 1 s and after 2 s: attempts and backoff of the queue
//   - no provider is sent more than it likes, and a slow one keeps no other waiting: one group for each, with a rate
//
// The mail provider is a spool directory here, with the manners of a real one (see deliver). With --count the program
// ends after that many mails were sent or given up.

#include "baton/admin.hpp"
#include "baton/producer.hpp"
#include "baton/worker.hpp"
#include "client/examples/arguments.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <semaphore>

namespace {

using namespace std::chrono_literals;

constexpr const char* queue = "mail";
constexpr std::uint32_t attempts = 3;

struct Template {
    /// Lower goes first.
    std::uint32_t priority;
    std::string subject;
    std::string text;
};

const std::map<std::string, Template> templates{
    {"password-reset", {1, "Your new password", "Hello {name},\nchoose a new password here: {link}\n"}},
    {"welcome", {10, "Welcome, {name}", "Hello {name},\ngood to have you with us.\n"}},
    {"newsletter", {100, "News of the week", "Dear {name},\nread all about it: {link}\n"}},
};

/// Both sides say what they need of the queue; when it is there already, nothing happens.
void create_queue(baton::Admin admin) {
    baton::QueueSettings settings;
    settings.max_attempts = attempts;
    settings.backoff = baton::Backoff{.kind = baton::Backoff::Kind::exponential, .base = 1s, .jitter_permille = 0};
    settings.group_rate = baton::RateLimit{.permits = 10, .per = 1s};
    admin.create_queue(queue, {.profile = baton::Profile::job, .settings = settings});
}

/// "example.org" of "ann@example.org": whoever runs it is the provider.
std::string provider_of(const std::string& address) { return address.substr(address.find('@') + 1); }

void send(const baton::Client& client, const examples::Arguments& arguments) {
    const Template& which = templates.at(arguments["--template"]);
    baton::Message mail;
    mail.name = arguments["--template"];
    mail.headers = {{"to", arguments["--to"]}, {"name", arguments["--name"]}, {"link", arguments["--link"]}};
    mail.options.priority = which.priority;
    mail.options.group = provider_of(arguments["--to"]);
    const baton::Receipt receipt = baton::Producer(client, queue).produce(mail);
    std::cout << receipt.id.to_string() << '\n';
}

/// Puts the values of the headers where the text has their names in braces.
std::string filled_in(std::string text, const baton::MessageView& message) {
    for (const auto& [key, value] : message.headers()) {
        const std::string mark = "{" + std::string(key) + "}";
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size())) {
            text.replace(at, mark.size(), value);
        }
    }
    return text;
}

/// The provider: takes a mail, or throws, which is how a handler says what is to become of the job.
void deliver(baton::Job& job, const std::filesystem::path& spool) {
    const Template& which = templates.at(std::string(job.name()));
    const std::string to(job.message().header("to").value_or(""));
    if (to.find('@') == std::string::npos) {
        throw baton::PermanentError("not an address: \"" + to + "\"");  // Trying again would not help.
    }
    if (to.ends_with(".flaky") && job.attempt() < attempts) {
        throw baton::RetryableError("the connection to the provider broke");
    }
    if (to.ends_with(".busy") && job.message().deliveries() == 1) {
        // No failure of this mail: it goes back to its place, and nothing goes to this provider for 5 s.
        throw baton::RateLimited(5s, baton::RateLimitScope::group);
    }
    // Written under the message's id and renamed: a mail that is sent twice after a crash lands on the same file.
    const auto file = spool / (job.id().to_string() + ".eml");
    const auto partial = file.string() + ".part";
    std::ofstream out(partial, std::ios::binary);
    out << "To: " << to << "\nSubject: " << filled_in(which.subject, job.message()) << "\n\n"
        << filled_in(which.text, job.message());
    out.close();
    if (!out) {
        throw baton::RetryableError("the spool cannot be written");
    }
    std::filesystem::rename(partial, file);
}

/// Returns when `count` mails were sent or given up; 0 = never.
bool work(const baton::Client& client, const std::filesystem::path& spool, unsigned long count) {
    std::filesystem::create_directories(spool);
    std::counting_semaphore<> ended{0};
    baton::WorkerOptions options;
    options.on_done = [&](const baton::Job& job, const baton::Outcome& outcome) {
        if (outcome.penalty) {
            return;
        }
        std::cout << job.name() << ' ' << job.message().header("to").value_or("") << ": "
                  << (outcome.success ? "sent" : outcome.failure.reason) << std::endl;
        if (outcome.success || outcome.failure.terminal || job.attempt() == attempts) {
            ended.release();
        }
    };
    baton::Worker worker(
        client, queue, [&](baton::Job& job) { deliver(job, spool); }, options);
    for (unsigned long i = 0; count == 0 || i < count; ++i) {
        ended.acquire();
    }
    return worker.stop();
}

}  // namespace

int main(int argc, char** argv) try {
    const auto arguments = examples::Arguments::of(argc, argv,
                                                   {{"--server", "127.0.0.1:7450"},
                                                    {"--template", "welcome"},
                                                    {"--to", ""},
                                                    {"--name", "reader"},
                                                    {"--link", "https://example.org"},
                                                    {"--spool", "spool"},
                                                    {"--count", "0"}});
    auto client = baton::Client::connect(arguments["--server"]);
    create_queue(baton::Admin(client));
    if (arguments.verb == "send") {
        send(client, arguments);
        return 0;
    }
    if (arguments.verb == "work") {
        return work(client, arguments["--spool"], arguments.number("--count")) ? 0 : 1;
    }
    std::cerr << "usage: email_service send|work [--option value]...\n";
    return 2;
} catch (const std::exception& error) {
    std::cerr << "email_service: " << error.what() << '\n';
    return 1;
}
