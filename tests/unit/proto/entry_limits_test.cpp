#include "baton/v1/message.pb.h"
#include "proto/entry_format.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace {

namespace proto = baton::proto;
using proto::EntryFault;

constexpr proto::EntryLimits limits{255, 64, 16 * 1024};

EntryFault fault_of(const baton::v1::Entry& entry) { return proto::check_entry(entry.SerializeAsString(), limits); }

/// An entry whose name has these bytes, valid text or not.
EntryFault fault_of_name(const std::string& name) {
    std::string body = "\x12";
    body += static_cast<char>(name.size());
    return proto::check_entry(body + name, limits);
}

}  // namespace

TEST_CASE("a name may have 255 bytes and not one more") {
    baton::v1::Entry entry;
    entry.set_name(std::string(255, 'n'));
    REQUIRE(fault_of(entry) == EntryFault::ok);

    entry.set_name(std::string(256, 'n'));
    REQUIRE(fault_of(entry) == EntryFault::name_too_long);
}

TEST_CASE("there may be 64 headers and not one more") {
    baton::v1::Entry entry;
    for (int i = 0; i < 64; ++i) {
        entry.add_headers()->set_key("k");
    }
    REQUIRE(fault_of(entry) == EntryFault::ok);

    entry.add_headers()->set_key("k");
    REQUIRE(fault_of(entry) == EntryFault::too_many_headers);
}

TEST_CASE("headers may have 16 KiB in all and not more") {
    baton::v1::Entry entry;
    entry.add_headers()->set_value(std::string(16 * 1024 - 4, 'v'));
    REQUIRE(fault_of(entry) == EntryFault::ok);

    entry.add_headers()->set_key("one more");
    REQUIRE(fault_of(entry) == EntryFault::headers_too_large);
}

TEST_CASE("names are UTF-8: every broken form is refused, every edge of a valid one taken") {
    for (const std::string valid : {"", "plain", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                                    "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
        REQUIRE(fault_of_name(valid) == EntryFault::ok);
    }
    for (const std::string broken : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xE0\x9F\xBF", "\xE2\x82",
                                     "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF0\x90\x80",
                                     "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF", "ok\xC3(", "\xE1\x80"}) {
        REQUIRE(fault_of_name(broken) == EntryFault::malformed);
    }
}

TEST_CASE("header keys are UTF-8 as well, values are any bytes") {
    std::string header = std::string("\x0A\x01\xFF", 3);
    REQUIRE(proto::check_entry(std::string("\x1A\x03", 2) + header, limits) == EntryFault::malformed);

    header = std::string("\x12\x01\xFF", 3);
    REQUIRE(proto::check_entry(std::string("\x1A\x03", 2) + header, limits) == EntryFault::ok);
}

TEST_CASE("an empty entry is an entry; unknown fields are passed over") {
    REQUIRE(proto::check_entry("", limits) == EntryFault::ok);
    REQUIRE(proto::check_entry(std::string("\x20\x05\x29\x01\x02\x03\x04\x05\x06\x07\x08", 11), limits) ==
            EntryFault::ok);
}

TEST_CASE("a declared length beyond the entry's end is refused, however large") {
    REQUIRE(proto::check_entry(std::string("\x0A\x05xyz", 5), limits) == EntryFault::malformed);
    REQUIRE(proto::check_entry("\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", limits) == EntryFault::malformed);
    REQUIRE_FALSE(proto::for_each_entry("\x7A\xFF\xFF\xFF\xFF\x0F", [](std::size_t, std::string_view) {}));
}

TEST_CASE("the walk stops at the first byte that begins no entry and says where") {
    const std::string wire = std::string("\x7A\x02\x0A\x00", 4) + "\x08\x01";
    int seen = 0;

    const auto end = proto::for_each_entry(wire, [&](std::size_t begin, std::string_view body) {
        REQUIRE(begin == 0);
        REQUIRE(body.size() == 2);
        ++seen;
    });

    REQUIRE(seen == 1);
    REQUIRE(end == 4);
}

TEST_CASE("the checksum of an entry covers its tag and length") {
    REQUIRE(proto::entry_checksum("\x7A\x01x") != proto::entry_checksum("\x7A\x01y"));
    REQUIRE(proto::entry_checksum("ab") == proto::entry_checksum("ab"));
}
