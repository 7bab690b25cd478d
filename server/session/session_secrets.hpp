#pragma once
// Ids and secrets of consumer sessions. A secret is a keyed hash of the id, with a key kept in the data directory, so a
// client can prove after a restart that a session is its own and nothing has to be stored per session.

#include "server/core/ids.hpp"
#include "server/session/siphash.hpp"

#include <string>

namespace baton::session {

class SessionSecrets {
public:
    explicit SessionSecrets(SipKey key) : key_(key) {}
    /// Reads the key from `file`, or makes a random one and writes it there with mode 0600, synced. Throws
    /// std::runtime_error naming the file.
    static SessionSecrets load_or_create(const std::string& file);

    std::uint64_t secret_of(core::SessionId session) const;
    /// A random id, never 0. Thread-safe.
    static core::SessionId fresh_session();

private:
    SipKey key_;
};

}  // namespace baton::session
