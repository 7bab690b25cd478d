#include "server/session/session_secrets.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string_view>

namespace baton::session {

namespace {

constexpr std::size_t key_bytes = sizeof(SipKey);

[[noreturn]] void fail(const std::string& file, const char* what) {
    throw std::runtime_error(file + ": " + what + ": " + std::strerror(errno));
}

void fill_random(void* out, std::size_t bytes) {
    char* place = static_cast<char*>(out);
    while (bytes > 0) {
        const ssize_t got = ::getrandom(place, bytes, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            throw std::runtime_error("no random bytes from the system");
        }
        place += got;
        bytes -= static_cast<std::size_t>(got);
    }
}

/// Closes on every way out.
struct File {
    int fd;
    ~File() {
        if (fd >= 0) {
            ::close(fd);
        }
    }
};

void sync_directory_of(const std::string& file) {
    const std::string directory = std::filesystem::path(file).parent_path().string();
    const File opened{::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (opened.fd < 0 || ::fsync(opened.fd) != 0) {
        fail(file, "cannot sync its directory");
    }
}

SipKey create_key(const std::string& file) {
    SipKey key{};
    fill_random(key.data(), key_bytes);
    // Written under another name first: a crash must not leave a short key behind.
    const std::string part = file + ".part";
    {
        const File opened{::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
        if (opened.fd < 0) {
            fail(part, "cannot create");
        }
        if (::write(opened.fd, key.data(), key_bytes) != static_cast<ssize_t>(key_bytes) || ::fsync(opened.fd) != 0) {
            fail(part, "cannot write");
        }
    }
    if (::rename(part.c_str(), file.c_str()) != 0) {
        fail(file, "cannot rename into place");
    }
    sync_directory_of(file);
    return key;
}

}  // namespace

SessionSecrets SessionSecrets::load_or_create(const std::string& file) {
    const File opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    if (opened.fd < 0) {
        if (errno != ENOENT) {
            fail(file, "cannot open");
        }
        return SessionSecrets(create_key(file));
    }
    SipKey key{};
    if (::read(opened.fd, key.data(), key_bytes) != static_cast<ssize_t>(key_bytes)) {
        throw std::runtime_error(file + ": too short for a session key; remove it to have a new one made");
    }
    return SessionSecrets(key);
}

std::uint64_t SessionSecrets::secret_of(core::SessionId session) const {
    const std::uint64_t id = core::value(session);
    char bytes[sizeof id];
    std::memcpy(bytes, &id, sizeof id);
    return siphash(key_, std::string_view(bytes, sizeof bytes));
}

core::SessionId SessionSecrets::fresh_session() {
    std::uint64_t id = 0;
    while (id == 0) {
        fill_random(&id, sizeof id);
    }
    return core::SessionId{id};
}

}  // namespace baton::session
