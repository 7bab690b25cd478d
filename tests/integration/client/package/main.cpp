// A program of somebody else: finds, links and uses the installed library. There is no server at the address it tries.
#include <baton/baton.hpp>
#include <iostream>

int main() {
    baton::EncodedBatch batch;
    batch.add(baton::Message{"payload", "name", {{"key", "value"}}, {}});
    if (batch.count() != 1 || baton::MessageId{3, 14}.to_string() != "3-14") {
        std::cerr << "the library does not work\n";
        return 1;
    }
    try {
        baton::Client::connect("127.0.0.1:1");
    } catch (const baton::Exception& error) {
        std::cout << error.what() << '\n';
        return error.code() == baton::ErrorCode::connection_lost ? 0 : 1;
    }
    std::cerr << "something answers where nothing should\n";
    return 1;
}
