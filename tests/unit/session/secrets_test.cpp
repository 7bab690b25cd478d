#include "server/session/session_secrets.hpp"
#include "server/session/siphash.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace baton::session::test {

namespace {

/// A directory of this test's own.
struct Directory {
    std::filesystem::path path;
    Directory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "baton-secrets-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path = pattern;
    }
    ~Directory() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE("siphash agrees with the vectors of its authors") {
    const SipKey key{0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL};
    std::string input;
    CHECK(siphash(key, input) == 0x726fdb47dd0e0e31ULL);
    for (char c = 0; c < 15; ++c) {
        input.push_back(c);
    }
    CHECK(siphash(key, input) == 0xa129ca6149be45e5ULL);
}

TEST_CASE("secrets are the same after the key was read again") {
    const Directory directory;
    const std::string file = (directory.path / "session.key").string();
    const auto made = SessionSecrets::load_or_create(file);
    const auto read = SessionSecrets::load_or_create(file);
    const core::SessionId session{123456789};
    CHECK(made.secret_of(session) == read.secret_of(session));
    CHECK(made.secret_of(session) != made.secret_of(core::SessionId{123456790}));

    struct stat facts {};
    REQUIRE(::stat(file.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("two data directories have different secrets") {
    const Directory directory;
    const auto one = SessionSecrets::load_or_create((directory.path / "a").string());
    const auto other = SessionSecrets::load_or_create((directory.path / "b").string());
    CHECK(one.secret_of(core::SessionId{1}) != other.secret_of(core::SessionId{1}));
}

TEST_CASE("a short key file is refused by name") {
    const Directory directory;
    const std::string file = (directory.path / "session.key").string();
    std::ofstream(file) << "short";
    try {
        SessionSecrets::load_or_create(file);
        FAIL("a short key was taken");
    } catch (const std::runtime_error& error) {
        CHECK(std::string(error.what()).find(file) != std::string::npos);
    }
}

TEST_CASE("fresh sessions differ and are not zero") {
    const auto one = SessionSecrets::fresh_session();
    CHECK(one != core::SessionId{0});
    CHECK(one != SessionSecrets::fresh_session());
}

}  // namespace baton::session::test
