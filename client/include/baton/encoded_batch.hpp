#pragma once
// Messages encoded into their wire form as they are added: one growing buffer, no allocation per message. The buffer
// goes to the socket, and on the server to the disk, as it is. Not thread-safe; moved into Producer::send_batch.

#include "baton/message.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace baton {

class EncodedBatch {
public:
    void add(std::string_view payload);
    void add(std::string_view payload, std::string_view name, std::span<const Header> headers,
             const MessageOptions& options = {});
    void add(const Message& message) { add(message.payload, message.name, message.headers, message.options); }

    std::uint32_t count() const { return count_; }
    bool empty() const { return count_ == 0; }
    /// Bytes of the entries as they travel.
    std::size_t bytes() const { return entries_.size(); }
    void reserve(std::size_t bytes) { entries_.reserve(bytes); }
    void clear();

    /// Adjacent entries (field 15 of Produce), and the options of those that have any (field 7). For the library.
    std::string& entries() { return entries_; }
    const std::string& entries() const { return entries_; }
    const std::string& options() const { return options_; }

private:
    std::string entries_;
    std::string options_;
    std::uint32_t count_ = 0;
};

}  // namespace baton
