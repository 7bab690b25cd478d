#include "cli/splitter.hpp"

namespace baton::cli {

namespace {
constexpr std::string_view blank = "\n\n";
}

/// Cuts one message off the front of `rest`; false when none is complete.
bool Splitter::next(std::string_view& rest, const Each& each) const {
    if (split_ == Split::none) {
        return false;
    }
    if (split_ == Split::blank_line) {
        const std::size_t start = rest.find_first_not_of('\n');
        rest.remove_prefix(start == std::string_view::npos ? rest.size() : start);
    }
    const std::string_view separator = split_ == Split::line         ? blank.substr(0, 1)
                                       : split_ == Split::blank_line ? blank
                                                                     : std::string_view("\0", 1);
    const std::size_t end = rest.find(separator);
    if (end == std::string_view::npos) {
        return false;
    }
    each(rest.substr(0, end));
    rest.remove_prefix(end + separator.size());
    return true;
}

void Splitter::feed(std::string_view bytes, const Each& each) {
    pending_ += bytes;
    std::string_view rest = pending_;
    while (next(rest, each)) {
    }
    pending_.erase(0, pending_.size() - rest.size());
    if (pending_.size() > message_bytes_max_) {
        Error error{ErrorCode::message_too_large, "the input holds a message that is larger than the server takes"};
        error.limit = message_bytes_max_;
        throw Exception(std::move(error));
    }
}

void Splitter::finish(const Each& each) {
    std::string_view rest = pending_;
    while (next(rest, each)) {
    }
    if (split_ == Split::blank_line && rest.ends_with('\n')) {
        rest.remove_suffix(1);
    }
    if (!rest.empty() || split_ == Split::none) {
        each(rest);
    }
    pending_.clear();
}

}  // namespace baton::cli
