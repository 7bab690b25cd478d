#include "client/examples/image_file.hpp"

#include "baton/outcome.hpp"

#include <png.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace examples {

namespace {

constexpr std::size_t channels = 4;

bool opaque(const Image& image) {
    for (std::size_t i = 3; i < image.rgba.size(); i += channels) {
        if (image.rgba[i] != 255) {
            return false;
        }
    }
    return true;
}

bool grey(const Image& image) {
    for (std::size_t i = 0; i < image.rgba.size(); i += channels) {
        if (image.rgba[i] != image.rgba[i + 1] || image.rgba[i] != image.rgba[i + 2]) {
            return false;
        }
    }
    return true;
}

/// The channels that say something.
std::vector<std::uint8_t> packed(const Image& image, bool with_colour, bool with_alpha) {
    std::vector<std::uint8_t> out;
    for (std::size_t i = 0; i < image.rgba.size(); i += channels) {
        const std::uint8_t* point = image.rgba.data() + i;
        out.insert(out.end(), point, point + (with_colour ? 3 : 1));
        if (with_alpha) {
            out.push_back(point[3]);
        }
    }
    return out;
}

}  // namespace

Image read_image(const std::filesystem::path& path) {
    png_image file{};
    file.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_file(&file, path.c_str()) == 0) {
        throw baton::PermanentError("not a PNG image: " + std::string(file.message));
    }
    file.format = PNG_FORMAT_RGBA;
    Image image{file.width, file.height, std::vector<std::uint8_t>(PNG_IMAGE_SIZE(file))};
    if (png_image_finish_read(&file, nullptr, image.rgba.data(), 0, nullptr) == 0) {
        throw baton::PermanentError("not a whole PNG image: " + std::string(file.message));
    }
    return image;
}

void write_image(const std::filesystem::path& path, const Image& image) {
    const bool with_colour = !grey(image), with_alpha = !opaque(image);
    const std::vector<std::uint8_t> points = packed(image, with_colour, with_alpha);
    png_image file{};
    file.version = PNG_IMAGE_VERSION;
    file.width = image.width;
    file.height = image.height;
    file.format = (with_colour ? PNG_FORMAT_FLAG_COLOR : 0U) | (with_alpha ? PNG_FORMAT_FLAG_ALPHA : 0U);
    const std::string part = path.string() + ".part";
    if (png_image_write_to_file(&file, part.c_str(), 0, points.data(), 0, nullptr) == 0) {
        throw std::runtime_error("cannot write " + part + ": " + file.message);
    }
    std::filesystem::rename(part, path);
}

Image shrunk(const Image& image, std::uint32_t longest) {
    const std::uint32_t side = std::max(image.width, image.height);
    if (side <= longest) {
        return image;
    }
    const auto scaled = [&](std::uint32_t length) {
        return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(std::uint64_t{length} * longest / side));
    };
    Image out{scaled(image.width), scaled(image.height), {}};
    for (std::uint32_t y = 0; y < out.height; ++y) {
        const std::uint64_t top = std::uint64_t{y} * image.height / out.height;
        const std::uint64_t bottom = std::max(top + 1, (std::uint64_t{y} + 1) * image.height / out.height);
        for (std::uint32_t x = 0; x < out.width; ++x) {
            const std::uint64_t left = std::uint64_t{x} * image.width / out.width;
            const std::uint64_t right = std::max(left + 1, (std::uint64_t{x} + 1) * image.width / out.width);
            for (std::size_t channel = 0; channel < channels; ++channel) {
                std::uint64_t sum = 0;
                for (std::uint64_t row = top; row < bottom; ++row) {
                    for (std::uint64_t column = left; column < right; ++column) {
                        sum += image.rgba[(row * image.width + column) * channels + channel];
                    }
                }
                out.rgba.push_back(static_cast<std::uint8_t>(sum / ((bottom - top) * (right - left))));
            }
        }
    }
    return out;
}

}  // namespace examples
