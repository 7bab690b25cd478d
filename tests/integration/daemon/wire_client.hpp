#pragma once
// The smallest client of the wire protocol: frames over a blocking socket, each wait with a bound.

#include <baton/v1/wire.pb.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace baton::test {

/// The frame as it goes over the wire.
std::string bytes_of(const v1::ClientFrame& frame);

class WireClient {
public:
    /// Connects to ADDR:PORT.
    explicit WireClient(const std::string& address);
    ~WireClient();
    WireClient(const WireClient&) = delete;
    WireClient& operator=(const WireClient&) = delete;

    /// Sends Hello and returns the Welcome.
    v1::Welcome hello(std::uint64_t session = 0, std::uint64_t secret = 0);
    void send(const v1::ClientFrame& frame);
    void send_bytes(std::string_view bytes);
    /// Gives the frame an id, sends it, and returns the next frame with that id.
    v1::ServerFrame ask(v1::ClientFrame frame);
    /// The next frame, whatever it is. False at the end of the connection.
    bool next(v1::ServerFrame& out);
    /// The same, and false too when nothing comes for this long.
    bool next_within(v1::ServerFrame& out, int wait_ms);
    /// Everything as raw bytes until the server closes.
    std::string read_to_end();

private:
    bool read_more(int wait_ms);

    int fd_;
    std::uint64_t next_id_ = 1;
    std::string received_;
    bool at_end_ = false;
};

}  // namespace baton::test
