#pragma once
// The frames of frames.txt: what each says, and its bytes.

#include <string>
#include <vector>

namespace baton::test {

struct GoldenFrame {
    /// From the client, else from the server.
    bool from_client = false;
    /// In protobuf's text form.
    std::string text;
    /// The whole frame, length included.
    std::string bytes;
};

/// All of them, in the order of the file. Fails the test that asks when there is none.
std::vector<GoldenFrame> golden_frames();

}  // namespace baton::test
