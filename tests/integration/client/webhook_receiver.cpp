#include "tests/integration/client/webhook_receiver.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <map>
#include <mutex>
#include <thread>

namespace baton::tests {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using asio::ip::tcp;
using Response = http::response<http::empty_body>;

namespace {

Response response_to(const std::string& path, std::size_t tries) {
    Response response(http::status::ok, 11);
    if (path == "/flaky" && tries <= 2) {
        response.result(http::status::service_unavailable);
    } else if (path == "/busy") {
        response.result(tries == 1 ? http::status::too_many_requests : http::status::no_content);
        response.set(http::field::retry_after, "90");
    } else if (path == "/gone") {
        response.result(http::status::gone);
    }
    response.prepare_payload();
    return response;
}

}  // namespace

struct WebhookReceiver::Impl {
    asio::io_context io{1};
    tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::thread thread;
    mutable std::mutex mutex;  // Guards what follows.
    std::map<std::string, std::vector<ReceivedWebhook>> received;

    asio::awaitable<void> listen() {
        while (true) {
            tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
            asio::co_spawn(io, serve(std::move(socket)), asio::detached);
        }
    }

    asio::awaitable<void> serve(tcp::socket socket) {
        beast::flat_buffer buffer;
        http::request<http::string_body> request;
        co_await http::async_read(socket, buffer, request, asio::use_awaitable);
        const std::string path(request.target());
        const std::size_t tries = note(path, request);
        if (path == "/broken") {
            co_return;
        }
        if (path == "/silent") {
            co_await http::async_read(socket, buffer, request, asio::use_awaitable);  // Until the sender gives up.
        }
        const Response response = response_to(path, tries);
        co_await http::async_write(socket, response, asio::use_awaitable);
    }

    std::size_t note(const std::string& path, const http::request<http::string_body>& request) {
        const std::lock_guard lock(mutex);
        std::vector<ReceivedWebhook>& of_path = received[path];
        of_path.push_back(
            {std::string(request["X-Webhook-Id"]), std::string(request["X-Webhook-Signature"]), request.body()});
        return of_path.size();
    }
};

WebhookReceiver::WebhookReceiver() : impl_(std::make_unique<Impl>()) {
    asio::co_spawn(impl_->io, impl_->listen(), asio::detached);
    impl_->thread = std::thread([io = &impl_->io] { io->run(); });
}

WebhookReceiver::~WebhookReceiver() {
    impl_->io.stop();
    impl_->thread.join();
}

std::string WebhookReceiver::url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(impl_->acceptor.local_endpoint().port()) + path;
}

std::vector<ReceivedWebhook> WebhookReceiver::received(const std::string& path) const {
    const std::lock_guard lock(impl_->mutex);
    const auto found = impl_->received.find(path);
    return found == impl_->received.end() ? std::vector<ReceivedWebhook>{} : found->second;
}

}  // namespace baton::tests
