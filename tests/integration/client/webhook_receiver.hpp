#pragma once
// An HTTP server on the loopback that takes webhooks, and misbehaves on purpose. The path says how:
//   /good    200
//   /flaky   503 twice, then 200
//   /busy    429 with Retry-After: 90 once, then 204
//   /gone    410
//   /broken  closes the connection without an answer
//   /silent  takes the request and never answers
// Runs on a thread of its own; all member functions may be called from any.

#include <memory>
#include <string>
#include <vector>

namespace baton::tests {

struct ReceivedWebhook {
    std::string id;
    std::string signature;
    std::string body;
};

class WebhookReceiver {
public:
    WebhookReceiver();
    ~WebhookReceiver();
    WebhookReceiver(const WebhookReceiver&) = delete;
    WebhookReceiver& operator=(const WebhookReceiver&) = delete;

    std::string url(const std::string& path) const;
    /// What came to this path, in order.
    std::vector<ReceivedWebhook> received(const std::string& path) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace baton::tests
