// An image pipeline: a flow of three renderings of an image, and then the job that publishes what they made.
//
//   image_pipeline submit --server ADDR --store DIR --image FILE
//   image_pipeline work   --server ADDR --store DIR [--count N]
//
// `submit` puts the bytes of a PNG file into the store, a directory here, and adds the flow: "publish" in the queue
// "images" waits for "thumbnail", "medium" and "optimised" in the queue "renderings". A message carries only the key of
// its image: bytes that several jobs read belong into a store, not into the broker. It prints the id of "publish".
//
// Without a thumbnail or a medium rendering an image is not published: the parent fails with its child. One that could
// not be optimised is published without that (policy `ignore`).
//
// A rendering that is done twice writes the same file again, which a queue that delivers at least once asks for. With
// --count a worker ends after that many jobs of either queue have come to an end.

#include "baton/admin.hpp"
#include "baton/flows.hpp"
#include "baton/worker.hpp"
#include "client/examples/arguments.hpp"
#include "client/examples/image_file.hpp"

#include <fstream>
#include <iostream>
#include <semaphore>

namespace {

namespace fs = std::filesystem;

constexpr const char* images = "images";
constexpr const char* renderings = "renderings";
constexpr std::uint32_t attempts = 3;
constexpr std::uint32_t thumbnail_points = 128, medium_points = 640;

void create_queues(baton::Admin admin) {
    baton::QueueSettings settings;
    settings.max_attempts = attempts;
    for (const char* queue : {images, renderings}) {
        admin.create_queue(queue, {.profile = baton::Profile::job, .settings = settings});
    }
}

fs::path file_of(const fs::path& store, const std::string& key, const std::string& what) {
    return store / (key + "." + what + ".png");
}

baton::MessageId submit(const baton::Client& client, const fs::path& store, const fs::path& image) {
    const std::string key = image.stem().string();
    const fs::path original = file_of(store, key, "original");
    fs::copy_file(image, original.string() + ".part", fs::copy_options::overwrite_existing);
    fs::rename(original.string() + ".part", original);
    baton::Flow flow;
    const auto publish = flow.add(images, {.payload = key, .name = "publish"});
    flow.add(renderings, {.payload = key, .name = "thumbnail"}, {publish});
    flow.add(renderings, {.payload = key, .name = "medium"}, {publish});
    flow.add(renderings, {.payload = key, .name = "optimised"}, {publish},
             {.on_failure = baton::FailurePolicy::ignore});
    return baton::Flows(client).add(flow).front().id;
}

/// Returns the name of the file it made, and its size.
std::string render(const fs::path& store, const std::string& key, const std::string& what) {
    examples::Image image = examples::read_image(file_of(store, key, "original"));
    if (what == "thumbnail") {
        image = examples::shrunk(image, thumbnail_points);
    } else if (what == "medium") {
        image = examples::shrunk(image, medium_points);
    } else if (what != "optimised") {
        throw baton::PermanentError("no rendering is called " + what);
    }
    const fs::path made = file_of(store, key, what);
    examples::write_image(made, image);
    if (what == "optimised" && fs::file_size(made) >= fs::file_size(file_of(store, key, "original"))) {
        fs::remove(made);
        throw baton::PermanentError("the original is as small");
    }
    return made.filename().string() + " " + std::to_string(fs::file_size(made));
}

/// A page with a line for every rendering that there is.
void publish(const fs::path& store, const baton::Job& job, baton::Flows& flows) {
    const fs::path page = store / (std::string(job.payload()) + ".page");
    std::ofstream out(page.string() + ".part");
    for (const baton::FlowChild& child : flows.all_children(images, job.id().offset)) {
        if (child.result) {
            out << child.result->value << '\n';
        }
    }
    out.close();
    fs::rename(page.string() + ".part", page);
}

/// Returns when `count` jobs have come to an end; 0 = never.
bool work(const baton::Client& client, const fs::path& store, unsigned long count) {
    std::counting_semaphore<> ended{0};
    baton::Flows flows(client);
    baton::WorkerOptions options;
    options.on_done = [&](const baton::Job& job, const baton::Outcome& outcome) {
        if (outcome.success || outcome.failure.terminal || job.attempt() == attempts) {
            ended.release();
        }
    };
    baton::Worker rendering(
        client, renderings,
        [&](baton::Job& job) {
            return baton::Outcome::ok(
                baton::JobResult{render(store, std::string(job.payload()), std::string(job.name())), "text/plain"});
        },
        options);
    baton::Worker publishing(
        client, images, [&](baton::Job& job) { publish(store, job, flows); }, options);
    for (unsigned long i = 0; count == 0 || i < count; ++i) {
        ended.acquire();
    }
    const bool rendered = rendering.stop();
    return publishing.stop() && rendered;
}

}  // namespace

int main(int argc, char** argv) try {
    const auto arguments = examples::Arguments::of(
        argc, argv, {{"--server", "127.0.0.1:7450"}, {"--store", "store"}, {"--image", ""}, {"--count", "0"}});
    auto client = baton::Client::connect(arguments["--server"]);
    create_queues(baton::Admin(client));
    const fs::path store = arguments["--store"];
    fs::create_directories(store);
    if (arguments.verb == "submit") {
        std::cout << submit(client, store, arguments["--image"]).to_string() << '\n';
        return 0;
    }
    if (arguments.verb == "work") {
        return work(client, store, arguments.number("--count")) ? 0 : 1;
    }
    std::cerr << "usage: image_pipeline submit|work [--option value]...\n";
    return 2;
} catch (const std::exception& error) {
    std::cerr << "image_pipeline: " << error.what() << '\n';
    return 1;
}
