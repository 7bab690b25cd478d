// The image pipeline renders and publishes, against a real daemon.
#include "baton/admin.hpp"
#include "baton/flows.hpp"
#include "tests/integration/client/program.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <png.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace baton;
using namespace baton::tests;
namespace fs = std::filesystem;

namespace {

/// Opaque, with an alpha channel that says nothing.
void write_picture(const fs::path& path, std::uint32_t width, std::uint32_t height) {
    std::vector<std::uint8_t> points;
    for (std::uint32_t i = 0; i < width * height; ++i) {
        const auto x = static_cast<std::uint8_t>(i % width), y = static_cast<std::uint8_t>(i / width);
        points.insert(points.end(), {x, y, static_cast<std::uint8_t>(x ^ y), 255});
    }
    png_image file{};
    file.version = PNG_IMAGE_VERSION;
    file.width = width;
    file.height = height;
    file.format = PNG_FORMAT_RGBA;
    REQUIRE(png_image_write_to_file(&file, path.c_str(), 0, points.data(), 0, nullptr) != 0);
}

std::pair<std::uint32_t, std::uint32_t> size_of(const fs::path& path) {
    png_image file{};
    file.version = PNG_IMAGE_VERSION;
    REQUIRE(png_image_begin_read_from_file(&file, path.c_str()) != 0);
    const std::pair<std::uint32_t, std::uint32_t> size{file.width, file.height};
    png_image_free(&file);
    return size;
}

std::vector<std::string> lines_of(const fs::path& path) {
    std::ifstream in(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line.substr(0, line.find(' ')));
    }
    return lines;
}

struct Pipeline {
    MessageId submit(const fs::path& image) {
        const auto result = run_program({IMAGE_PIPELINE_PATH, "submit", "--server", daemon.address(), "--store",
                                         store.string(), "--image", image.string()});
        INFO(result.output);
        REQUIRE(result.exit_code == 0);
        return MessageId::parse(result.output.substr(0, result.output.find('\n'))).value();
    }
    /// Works until so many jobs have ended.
    void work(int jobs) {
        const auto result = run_program({IMAGE_PIPELINE_PATH, "work", "--server", daemon.address(), "--store",
                                         store.string(), "--count", std::to_string(jobs)});
        INFO(result.output);
        CHECK(result.exit_code == 0);
    }
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin{client};
    fs::path store = daemon.path("store");
};

}  // namespace

TEST_CASE("an image is published when its renderings are made") {
    Pipeline pipeline;
    const fs::path picture = pipeline.daemon.path("harbour.png");
    write_picture(picture, 1'280, 720);
    const MessageId id = pipeline.submit(picture);
    CHECK(pipeline.admin.show_queue("images").waiting_children == 1);
    pipeline.work(4);
    CHECK(size_of(pipeline.store / "harbour.thumbnail.png") == std::pair<std::uint32_t, std::uint32_t>{128, 72});
    CHECK(size_of(pipeline.store / "harbour.medium.png") == std::pair<std::uint32_t, std::uint32_t>{640, 360});
    CHECK(fs::file_size(pipeline.store / "harbour.optimised.png") <
          fs::file_size(pipeline.store / "harbour.original.png"));
    CHECK(lines_of(pipeline.store / "harbour.page") ==
          std::vector<std::string>{"harbour.thumbnail.png", "harbour.medium.png", "harbour.optimised.png"});
    CHECK(Flows(pipeline.client).show("images", id.offset).flows.front().completed == 3);
    CHECK(pipeline.admin.show_job("images", id.offset).state == MessageState::completed);
}

TEST_CASE("what cannot be optimised is published as it is, and what is no image is not published") {
    Pipeline pipeline;
    const fs::path picture = pipeline.daemon.path("dot.png"), text = pipeline.daemon.path("text.png");
    write_picture(picture, 1'000, 500);
    pipeline.submit(picture);
    pipeline.work(4);
    // The optimised one again as the picture: there is nothing left to leave out.
    fs::copy_file(pipeline.store / "dot.optimised.png", pipeline.daemon.path("small.png"));
    pipeline.submit(pipeline.daemon.path("small.png"));
    pipeline.work(4);
    CHECK(lines_of(pipeline.store / "small.page") ==
          std::vector<std::string>{"small.thumbnail.png", "small.medium.png"});
    std::ofstream(text) << "no image";
    const MessageId id = pipeline.submit(text);
    pipeline.work(3);
    CHECK(pipeline.admin.show_job("images", id.offset).state == MessageState::failed);
    CHECK_FALSE(fs::exists(pipeline.store / "text.page"));
}
