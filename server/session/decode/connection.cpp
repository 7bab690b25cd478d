#include "server/session/decode/parse.hpp"

#include <baton/v1/wire.pb.h>

namespace baton::session {

Fault decode_hello(std::string_view body, Hello& out) {
    return decode_as<v1::Hello>(body, "hello", [&out](const v1::Hello& hello) -> Fault {
        if (hello.protocol_version() == 0) {
            return wire_error(WireCode::unsupported_version, "this server speaks version 1", "hello.protocol_version",
                              1);
        }
        if (auto fault =
                check_range(hello.client_name().size(), 0, limits::client_name_bytes_max, "hello.client_name")) {
            return fault;
        }
        if (auto fault =
                check_range(hello.client_version().size(), 0, limits::client_name_bytes_max, "hello.client_version")) {
            return fault;
        }
        out.protocol_version = hello.protocol_version();
        out.client = hello.client_name();
        if (!hello.client_version().empty()) {
            out.client += "/" + hello.client_version();
        }
        out.resume = core::SessionId{hello.session_id()};
        out.secret = hello.session_secret();
        if (hello.has_session_grace_ms()) {
            if (auto fault = check_range(hello.session_grace_ms(), 0, core::limits::session_grace_ms_max,
                                         "hello.session_grace_ms")) {
                return fault;
            }
            out.grace_ms = hello.session_grace_ms();
        }
        return {};
    });
}

Fault decode_cancel(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::Cancel>(body, "cancel", [&out](const v1::Cancel& cancel) -> Fault {
        if (cancel.request_id() == 0) {
            return invalid("cancel.request_id", "names no request");
        }
        out = core::CancelRequest{core::RequestId{cancel.request_id()}};
        return {};
    });
}

Fault decode_backup(std::string_view body, BackupRequest& out) {
    return decode_as<v1::Backup>(body, "backup", [&out](const v1::Backup& backup) -> Fault {
        if (auto fault = check_range(backup.directory().size(), 1, limits::directory_bytes_max, "backup.directory")) {
            return fault;
        }
        if (backup.directory().find('\0') != std::string::npos) {
            return invalid("backup.directory", "must not contain a NUL");
        }
        out.directory = backup.directory();
        return {};
    });
}

}  // namespace baton::session
