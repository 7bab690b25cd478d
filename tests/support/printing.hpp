#pragma once
// Texts of what enters and leaves the core, for failure messages, traces and digests. Every field that matters appears,
// so that equal texts mean equal values. Found by Catch2 through operator<<.

#include "server/core/effect.hpp"
#include "server/core/mutation.hpp"
#include "server/core/request.hpp"

#include <ostream>
#include <string>

namespace baton::tests {

std::string to_text(const core::Request& request);
std::string to_text(const core::Effect& effect);
std::string to_text(const core::Mutation& mutation);
std::string to_text(const core::ReplyBody& body);
std::string to_text(const core::ReadRequest& read);
const char* to_text(core::RefusalCode code);
const char* to_text(core::Cause cause);

}  // namespace baton::tests

namespace baton::core {

std::ostream& operator<<(std::ostream& out, const Counters& counters);
std::ostream& operator<<(std::ostream& out, const Attempt& attempt);
std::ostream& operator<<(std::ostream& out, RefusalCode code);
std::ostream& operator<<(std::ostream& out, Cause cause);
std::ostream& operator<<(std::ostream& out, EndReason reason);

}  // namespace baton::core
