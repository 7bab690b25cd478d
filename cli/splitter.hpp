#pragma once
// Cuts a stream of bytes into messages as it comes, so that files larger than memory can be produced.

#include "baton/error.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace baton::cli {

enum class Split : std::uint8_t {
    /// One message a line, without its newline.
    line,
    /// Messages end with a NUL byte.
    nul,
    /// Messages are separated by one or more empty lines; each ends without a newline.
    blank_line,
    /// All of it is one message.
    none,
};

class Splitter {
public:
    /// No message may be larger than `message_bytes_max`, so that memory stays bounded whatever the stream holds.
    Splitter(Split split, std::size_t message_bytes_max) : split_(split), message_bytes_max_(message_bytes_max) {}

    using Each = std::function<void(std::string_view message)>;
    /// Takes bytes; calls `each` for every message that is complete. Views live until it returns. Throws
    /// Exception (message_too_large).
    void feed(std::string_view bytes, const Each& each);
    /// The end of the stream: what is left is a message, unless it is empty.
    void finish(const Each& each);

private:
    bool next(std::string_view& rest, const Each& each) const;

    Split split_;
    std::size_t message_bytes_max_;
    std::string pending_;
};

}  // namespace baton::cli
