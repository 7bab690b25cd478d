// The walk by hand and the generated code must agree on what an entry is, both ways.

#include "proto/entry_format.hpp"

#include "baton/v1/message.pb.h"
#include "baton/v1/wire.pb.h"
#include "tests/support/prng.hpp"

#include <catch2/catch.hpp>
#include <google/protobuf/stubs/logging.h>

#include <string>

namespace {

using baton::tests::Prng;
namespace proto = baton::proto;

std::string random_bytes(Prng& prng, std::size_t most) {
    std::string bytes(prng.below(most + 1), '\0');
    for (char& byte : bytes) {
        byte = static_cast<char>(prng.below(256));
    }
    return bytes;
}

/// Any code points but surrogates, in UTF-8.
std::string random_text(Prng& prng, std::size_t most) {
    std::string text;
    for (std::uint64_t left = prng.below(most + 1); left > 0; --left) {
        const std::uint32_t widest[] = {0x80, 0x800, 0xD800, 0x110000};
        const auto point = prng.below32(prng.chance(100) ? 0x80 : widest[prng.below(4)]);
        if (point < 0x80) {
            text += static_cast<char>(point);
        } else if (point < 0x800) {
            text += static_cast<char>(0xC0 | point >> 6);
            text += static_cast<char>(0x80 | (point & 0x3F));
        } else if (point < 0x10000) {
            if (point >= 0xD800 && point < 0xE000) {
                continue;
            }
            text += static_cast<char>(0xE0 | point >> 12);
            text += static_cast<char>(0x80 | (point >> 6 & 0x3F));
            text += static_cast<char>(0x80 | (point & 0x3F));
        } else {
            text += static_cast<char>(0xF0 | point >> 18);
            text += static_cast<char>(0x80 | (point >> 12 & 0x3F));
            text += static_cast<char>(0x80 | (point >> 6 & 0x3F));
            text += static_cast<char>(0x80 | (point & 0x3F));
        }
    }
    return text;
}

baton::v1::Entry random_entry(Prng& prng) {
    baton::v1::Entry entry;
    entry.set_payload(random_bytes(prng, 300));
    if (prng.chance(500)) {
        entry.set_name(random_text(prng, 40));
    }
    for (std::uint64_t left = prng.below(5); left > 0; --left) {
        auto* header = entry.add_headers();
        header->set_key(random_text(prng, 20));
        header->set_value(random_bytes(prng, 50));
    }
    return entry;
}

void require_same(const proto::EntryView& view, const baton::v1::Entry& entry) {
    REQUIRE(view.payload == entry.payload());
    REQUIRE(view.name == entry.name());
    REQUIRE(view.headers.size() == static_cast<std::size_t>(entry.headers_size()));
    for (int i = 0; i < entry.headers_size(); ++i) {
        REQUIRE(view.headers[static_cast<std::size_t>(i)].key == entry.headers(i).key());
        REQUIRE(view.headers[static_cast<std::size_t>(i)].value == entry.headers(i).value());
    }
}

constexpr proto::EntryLimits ample{1 << 20, 1 << 20, 1 << 20};

}  // namespace

TEST_CASE("random entries that the generated code writes are read alike by hand") {
    Prng prng(1);
    for (int i = 0; i < 2'000; ++i) {
        const baton::v1::Entry entry = random_entry(prng);
        const std::string body = entry.SerializeAsString();

        const auto view = proto::read_entry(body);

        REQUIRE(view);
        require_same(*view, entry);
        REQUIRE(proto::check_entry(body, ample) == proto::EntryFault::ok);
    }
}

TEST_CASE("the entries of a generated produce lie adjacent and are walked one by one") {
    Prng prng(2);
    for (int i = 0; i < 200; ++i) {
        baton::v1::Produce produce;
        for (std::uint64_t left = 1 + prng.below(20); left > 0; --left) {
            *produce.add_entries() = random_entry(prng);
        }
        const std::string wire = produce.SerializeAsString();

        int next = 0;
        const auto end = proto::for_each_entry(wire, [&](std::size_t, std::string_view body) {
            const auto view = proto::read_entry(body);
            REQUIRE(view);
            require_same(*view, produce.entries(next++));
        });

        REQUIRE(end == wire.size());
        REQUIRE(next == produce.entries_size());
    }
}

TEST_CASE("entries walked by hand are read alike by the generated code of a delivered run") {
    Prng prng(3);
    std::string wire;
    std::vector<std::string> bodies;
    for (int i = 0; i < 100; ++i) {
        bodies.push_back(random_entry(prng).SerializeAsString());
        char length[10];
        wire += static_cast<char>(proto::entry_tag);
        wire.append(length, proto::write_varint(bodies.back().size(), length));
        wire += bodies.back();
    }

    baton::v1::Run run;
    REQUIRE(run.ParseFromString(wire));

    REQUIRE(run.entries_size() == 100);
    for (int i = 0; i < 100; ++i) {
        REQUIRE(run.entries(i).SerializeAsString() == bodies[static_cast<std::size_t>(i)]);
    }
}

TEST_CASE("damaged entries are valid by hand exactly when the generated code takes them") {
    Prng prng(4);
    // The generated code complains of every broken text on standard error.
    const google::protobuf::LogSilencer quiet;
    int refused = 0, stricter = 0;
    for (int i = 0; i < 5'000; ++i) {
        std::string body = random_entry(prng).SerializeAsString();
        if (body.empty()) {
            continue;
        }
        if (prng.chance(300)) {
            body.resize(prng.below(body.size()));
        } else {
            body[prng.below(body.size())] = static_cast<char>(prng.below(256));
        }
        baton::v1::Entry entry;
        const bool generated = entry.ParseFromString(body);
        const auto view = proto::read_entry(body);
        refused += generated ? 0 : 1;

        // Groups, a form of unknown field that the generated code skips, are refused by hand; nothing else differs.
        stricter += generated && !view ? 1 : 0;
        REQUIRE((generated || !view));
        REQUIRE(view.has_value() == (proto::check_entry(body, ample) != proto::EntryFault::malformed));
        if (view && entry.GetReflection()->GetUnknownFields(entry).empty()) {
            require_same(*view, entry);
        }
    }
    REQUIRE(refused > 100);
    REQUIRE(stricter < 50);
}

TEST_CASE("a varint reads back what was written and takes the bytes it says") {
    Prng prng(5);
    for (int i = 0; i < 2'000; ++i) {
        const std::uint64_t number = prng.next() >> prng.below(64);
        char bytes[10];
        const std::size_t length = proto::write_varint(number, bytes);
        std::size_t pos = 0;
        std::uint64_t back = 0;

        REQUIRE(length == proto::varint_bytes(number));
        REQUIRE(proto::read_varint(std::string_view(bytes, length), pos, back));
        REQUIRE(back == number);
        REQUIRE(pos == length);
        for (std::size_t cut = 0; cut < length; ++cut) {
            pos = 0;
            REQUIRE_FALSE(proto::read_varint(std::string_view(bytes, cut), pos, back));
        }
    }
}

TEST_CASE("a varint of more than ten bytes or more than 64 bits is refused") {
    std::size_t pos = 0;
    std::uint64_t out = 0;
    REQUIRE_FALSE(proto::read_varint(std::string(11, '\xFF'), pos, out));
    pos = 0;
    REQUIRE_FALSE(proto::read_varint(std::string(9, '\xFF') + '\x02', pos, out));
    pos = 0;
    REQUIRE(proto::read_varint(std::string(9, '\xFF') + '\x01', pos, out));
    REQUIRE(out == UINT64_MAX);
}
