#pragma once
// Images in memory, from and to PNG files.

#include <cstdint>
#include <filesystem>
#include <vector>

namespace examples {

struct Image {
    std::uint32_t width = 0, height = 0;
    /// Red, green, blue and alpha of each point, row by row.
    std::vector<std::uint8_t> rgba;
};

/// Throws baton::PermanentError when it is no PNG file.
Image read_image(const std::filesystem::path& path);
/// Without the alpha channel where every point is opaque, and without colours where there are none. Under another name
/// until it is whole: nobody sees a part of it.
void write_image(const std::filesystem::path& path, const Image& image);
/// No side longer than `longest`: each point is the average of those it stands for. Smaller ones stay as they are.
Image shrunk(const Image& image, std::uint32_t longest);

}  // namespace examples
