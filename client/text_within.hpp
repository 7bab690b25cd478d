#pragma once
// Text of the application as the protocol takes it.

#include <cstddef>
#include <string>
#include <string_view>

namespace baton::detail {

/// The first `bytes_max` bytes, cut between characters; what is not UTF-8 becomes '?'. A server refuses a whole request
/// for one text that it cannot take.
std::string text_within(std::string_view text, std::size_t bytes_max);

}  // namespace baton::detail
