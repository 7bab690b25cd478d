#pragma once
// One HTTP request of the webhook example: signed, sent, and answered within a time.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace examples {

/// "sha256=" and the HMAC-SHA256 of the body in hex. The receiver computes the same with the secret that both know, and
/// so knows who sent the body and that nobody changed it.
std::string signature_of(std::string_view body, const std::string& secret);

struct WebhookRequest {
    /// http://HOST[:PORT][/PATH]
    std::string url;
    /// The same for every try, so that the receiver can see a repeat.
    std::string id;
    std::string body;
    std::string secret;
};

struct WebhookAnswer {
    unsigned status = 0;
    /// What the receiver asks for, in its header Retry-After.
    std::optional<std::chrono::seconds> retry_after;
};

/// Posts it and reads the head of the answer, all within `timeout`. Throws std::exception when there is none, and
/// std::invalid_argument for a URL that is none.
WebhookAnswer post(const WebhookRequest& request, std::chrono::milliseconds timeout);

}  // namespace examples
