// Every build reads the frames of the first format, and writes them byte for byte.
#include "proto/frame_reader.hpp"
#include "server/session/decode/frame.hpp"
#include "tests/golden/golden_frames.hpp"

#include <catch2/catch.hpp>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include <baton/v1/wire.pb.h>

#include <memory>
#include <set>
#include <string>

namespace baton::test {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::unique_ptr<Message> empty_frame(const GoldenFrame& golden) {
    if (golden.from_client) {
        return std::make_unique<v1::ClientFrame>();
    }
    return std::make_unique<v1::ServerFrame>();
}

/// The body of the frame, as the reader of frames finds it.
std::string body_of(const GoldenFrame& golden) {
    const proto::FrameView view = proto::next_frame(golden.bytes, 1 << 20);
    REQUIRE(view.status == proto::FrameStatus::complete);
    REQUIRE(view.consumed == golden.bytes.size());
    return std::string(view.frame);
}

/// The fields that are set somewhere in `message`, by full name.
void gather(const Message& message, std::set<std::string>& seen) {
    std::vector<const FieldDescriptor*> fields;
    const google::protobuf::Reflection* reflection = message.GetReflection();
    CHECK(reflection->GetUnknownFields(message).empty());
    reflection->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
        seen.insert(field->full_name());
        if (field->type() != FieldDescriptor::TYPE_MESSAGE) {
            continue;
        }
        if (!field->is_repeated()) {
            gather(reflection->GetMessage(message, field), seen);
            continue;
        }
        for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
            gather(reflection->GetRepeatedMessage(message, field, i), seen);
        }
    }
}

/// The fields that there are, of `type` and of everything in it.
void declared(const Descriptor* type, std::set<std::string>& fields) {
    for (int i = 0; i < type->field_count(); ++i) {
        const FieldDescriptor* field = type->field(i);
        if (fields.insert(field->full_name()).second && field->type() == FieldDescriptor::TYPE_MESSAGE) {
            declared(field->message_type(), fields);
        }
    }
}

}  // namespace

TEST_CASE("golden frames are decoded to what they say, and encoded to the same bytes") {
    for (const GoldenFrame& golden : golden_frames()) {
        INFO(golden.text);
        const std::unique_ptr<Message> said = empty_frame(golden), read = empty_frame(golden);
        REQUIRE(google::protobuf::TextFormat::ParseFromString(golden.text, said.get()));
        const std::string body = body_of(golden);
        REQUIRE(read->ParseFromString(body));
        CHECK(google::protobuf::util::MessageDifferencer::Equals(*said, *read));
        CHECK(read->SerializeAsString() == body);
        std::string head(proto::frame_head_bytes, '\0');
        proto::write_frame_head(static_cast<std::uint32_t>(body.size()), head.data());
        CHECK(head + body == golden.bytes);
    }
}

TEST_CASE("there is a golden frame of every kind, and every field is set in one of them") {
    std::set<std::string> seen, fields;
    for (const GoldenFrame& golden : golden_frames()) {
        const std::unique_ptr<Message> frame = empty_frame(golden);
        REQUIRE(frame->ParseFromString(body_of(golden)));
        gather(*frame, seen);
    }
    declared(v1::ClientFrame::descriptor(), fields);
    declared(v1::ServerFrame::descriptor(), fields);
    for (const std::string& field : fields) {
        INFO(field);
        CHECK(seen.contains(field));
    }
}

TEST_CASE("the daemon takes the golden frames of clients") {
    for (const GoldenFrame& golden : golden_frames()) {
        if (!golden.from_client) {
            continue;
        }
        INFO(golden.text);
        const auto bytes = std::make_shared<std::string>(body_of(golden));
        const session::ClientRequest request = session::decode_frame({bytes, *bytes});
        v1::ClientFrame frame;
        REQUIRE(frame.ParseFromString(*bytes));
        CHECK(static_cast<std::uint64_t>(request.id) == frame.request_id());
        const auto* error = std::get_if<session::WireError>(&request.body);
        INFO((error == nullptr ? "" : error->message));
        CHECK(error == nullptr);
    }
}

}  // namespace baton::test
