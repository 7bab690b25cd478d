#include "server/core/limits.hpp"
#include "server/session/encode/encode.hpp"
#include "server/session/facts.hpp"
#include "server/session/session_limits.hpp"

#include <baton/v1/wire.pb.h>

namespace baton::session {

void encode_welcome(core::RequestId request, const WelcomeFacts& facts, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::Welcome& welcome = *frame.mutable_welcome();
    welcome.set_protocol_version(1);
    welcome.set_server_version(facts.server_version);
    welcome.set_session_id(core::value(facts.session));
    welcome.set_session_secret(facts.secret);
    welcome.set_resumed(facts.resumed);
    welcome.set_epoch(facts.epoch);
    welcome.set_session_grace_ms(static_cast<std::uint32_t>(facts.grace_ms));
    welcome.set_heartbeat_ms(limits::heartbeat_ms);
    v1::Limits& table = *welcome.mutable_limits();
    table.set_frame_bytes(core::limits::frame_bytes_max);
    table.set_message_bytes(core::limits::message_bytes_max);
    table.set_batch_messages(core::limits::batch_messages_max);
    table.set_batch_bytes(core::limits::batch_bytes_max);
    table.set_headers(core::limits::headers_max);
    table.set_headers_bytes(core::limits::headers_bytes_max);
    table.set_in_flight_requests(core::limits::in_flight_requests_max);
    table.set_credit_messages(core::limits::credit_messages_max);
    table.set_credit_bytes(core::limits::credit_bytes_max);
    append_frame(frame, out);
}

void encode_status(core::RequestId request, const StatusFacts& facts, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::ServerStatusReply& status = *frame.mutable_server_status();
    status.set_version(facts.version);
    status.set_epoch(facts.epoch);
    status.set_uptime_ms(facts.uptime_ms);
    status.set_pid(facts.pid);
    status.set_cpu_seconds(facts.cpu_seconds);
    status.set_rss_bytes(facts.rss_bytes);
    status.set_commits(facts.commits);
    status.set_queues(facts.queues);
    status.set_connections(facts.connections);
    status.set_data_dir(facts.data_dir);
    status.set_state(facts.state);
    append_frame(frame, out);
}

void encode_backup(core::RequestId request, const BackupFacts& facts, SendQueue& out) {
    if (!facts.failure.empty()) {
        encode_error(request, wire_error(WireCode::backup_failed, facts.failure, "backup.directory"), out);
        return;
    }
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::BackupReply& backup = *frame.mutable_backup();
    backup.set_directory(facts.directory);
    backup.set_commit_seq(facts.commit_seq);
    backup.set_bytes(facts.bytes);
    backup.set_digest(facts.digest);
    append_frame(frame, out);
}

}  // namespace baton::session
