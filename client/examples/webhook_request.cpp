#include "client/examples/webhook_request.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <regex>
#include <stdexcept>

namespace examples {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

struct Url {
    std::string host, port, path;
};

Url parsed(const std::string& url) {
    static const std::regex form("http://([^/:]+)(?::(\\d{1,5}))?(/.*)?");
    std::smatch parts;
    if (!std::regex_match(url, parts, form)) {
        throw std::invalid_argument("not a URL: " + url);
    }
    return {parts[1], parts[2].matched ? parts[2].str() : "80", parts[3].matched ? parts[3].str() : "/"};
}

/// Only the form in seconds; of the other form, a date, nothing is known.
std::optional<std::chrono::seconds> seconds_in(std::string_view text) {
    unsigned seconds = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), seconds);
    if (error != std::errc{} || end != text.end()) {
        return std::nullopt;
    }
    return std::chrono::seconds{seconds};
}

asio::awaitable<WebhookAnswer> exchange(Url url, http::request<http::string_body> request,
                                        std::chrono::milliseconds timeout) {
    const auto executor = co_await asio::this_coro::executor;
    beast::tcp_stream stream(executor);
    stream.expires_after(timeout);  // For everything that follows.
    asio::ip::tcp::resolver resolver(executor);
    const auto endpoints = co_await resolver.async_resolve(url.host, url.port, asio::use_awaitable);
    co_await stream.async_connect(endpoints, asio::use_awaitable);
    co_await http::async_write(stream, request, asio::use_awaitable);
    beast::flat_buffer buffer(64 * 1024);  // The most that is read: a receiver is a stranger.
    http::response_parser<http::empty_body> answer;
    co_await http::async_read_header(stream, buffer, answer, asio::use_awaitable);
    co_return WebhookAnswer{answer.get().result_int(), seconds_in(answer.get()[http::field::retry_after])};
}

}  // namespace

std::string signature_of(std::string_view body, const std::string& secret) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest.data(), &size);
    std::string out = "sha256=";
    for (unsigned i = 0; i < size; ++i) {
        constexpr char digits[] = "0123456789abcdef";
        out += digits[digest[i] >> 4];
        out += digits[digest[i] & 15];
    }
    return out;
}

WebhookAnswer post(const WebhookRequest& request, std::chrono::milliseconds timeout) {
    const Url url = parsed(request.url);
    http::request<http::string_body> out(http::verb::post, url.path, 11, request.body);
    out.set(http::field::host, url.host);
    out.set(http::field::content_type, "application/json");
    out.set("X-Webhook-Id", request.id);
    out.set("X-Webhook-Signature", signature_of(request.body, request.secret));
    out.prepare_payload();
    asio::io_context io;
    auto answer = asio::co_spawn(io, exchange(url, std::move(out), timeout), asio::use_future);
    io.run();
    return answer.get();
}

}  // namespace examples
