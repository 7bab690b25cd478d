#include "server/http/http_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <pthread.h>

#include <chrono>
#include <exception>
#include <string_view>
#include <thread>
#include <utility>

namespace baton::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using Tcp = asio::ip::tcp;

namespace {

constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);
constexpr auto accept_pause = std::chrono::milliseconds(100);
constexpr std::size_t read_bytes_max = 16 * 1024;

using Request = bhttp::request<bhttp::empty_body>;
using Response = bhttp::response<bhttp::string_body>;

Response plain(unsigned status, std::string body) {
    Response response;
    response.result(status);
    response.set(bhttp::field::content_type, "text/plain; charset=utf-8");
    response.body() = std::move(body);
    return response;
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

Response answer(const Request& request, const HttpRoutes& routes) {
    const auto target = request.target();
    const auto route = routes.find(path_of(std::string_view(target.data(), target.size())));
    if (route == routes.end()) {
        return plain(404, "no such path\n");
    }
    if (request.method() != bhttp::verb::get && request.method() != bhttp::verb::head) {
        Response response = plain(405, "only GET and HEAD\n");
        response.set(bhttp::field::allow, "GET, HEAD");
        return response;
    }
    try {
        HttpAnswer made = route->second();
        Response response = plain(made.status, std::move(made.body));
        response.set(bhttp::field::content_type, made.content_type);
        return response;
    } catch (const std::exception& failure) {
        return plain(500, std::string("the answer could not be made: ") + failure.what() + "\n");
    }
}

void finish(Response& response, const Request& request) {
    response.version(request.version());
    response.set(bhttp::field::server, "baton");
    response.set(bhttp::field::cache_control, "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    response.keep_alive(request.keep_alive());
    response.prepare_payload();
    if (request.method() == bhttp::verb::head) {
        // The length stays that of the body which a GET would have.
        response.body().clear();
    }
}

}  // namespace

class HttpServer::Impl {
public:
    Impl(HttpOptions options, HttpRoutes routes)
        : options_(std::move(options)), routes_(std::move(routes)), acceptor_(io_), accept_again_(io_) {}
    ~Impl() { stop(); }

    std::string listen() {
        beast::error_code error;
        const auto address = asio::ip::make_address(options_.address, error);
        if (error) {
            throw HttpBindError("'" + options_.address + "' is no IP address");
        }
        const Tcp::endpoint wanted(address, options_.port);
        acceptor_.open(wanted.protocol(), error);
        if (!error) {
            acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
        }
        if (!error) {
            acceptor_.bind(wanted, error);
        }
        if (!error) {
            acceptor_.listen(asio::socket_base::max_listen_connections, error);
        }
        if (error) {
            throw HttpBindError("cannot listen on " + options_.address + ":" + std::to_string(options_.port) + ": " +
                                error.message());
        }
        const std::string host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
        return host + ":" + std::to_string(acceptor_.local_endpoint().port());
    }

    void start() {
        asio::co_spawn(io_, accept_loop(), asio::detached);
        thread_ = std::thread([this] {
            ::pthread_setname_np(::pthread_self(), "baton-http");
            io_.run();
        });
    }

    void stop() {
        io_.stop();
        if (thread_.joinable()) {
            thread_.join();
        }
    }

private:
    asio::awaitable<void> accept_loop() {
        while (true) {
            auto [error, socket] = co_await acceptor_.async_accept(awaiting);
            if (error == asio::error::operation_aborted) {
                co_return;
            }
            if (error) {
                accept_again_.expires_after(accept_pause);
                co_await accept_again_.async_wait(awaiting);
            } else if (connections_ < options_.connections_max) {
                asio::co_spawn(io_, serve(beast::tcp_stream(std::move(socket))), asio::detached);
            }
        }
    }

    asio::awaitable<void> serve(beast::tcp_stream stream) {
        connections_ += 1;
        try {
            co_await serve_requests(stream);
        } catch (const std::exception&) {
            // This connection ends; the listener goes on.
        }
        connections_ -= 1;
        beast::error_code ignored;
        stream.socket().shutdown(Tcp::socket::shutdown_send, ignored);
    }

    asio::awaitable<void> serve_requests(beast::tcp_stream& stream) {
        beast::flat_buffer buffer(read_bytes_max);
        stream.expires_after(std::chrono::milliseconds(options_.header_ms_max));
        while (true) {
            bhttp::request_parser<bhttp::empty_body> parser;
            parser.header_limit(static_cast<std::uint32_t>(options_.header_bytes_max));
            const auto [error, bytes] = co_await bhttp::async_read(stream, buffer, parser, awaiting);
            if (error == bhttp::error::end_of_stream || error == beast::error::timeout) {
                co_return;
            }
            Response response;
            if (error) {
                response = plain(error == bhttp::error::header_limit ? 431 : 400, "bad request\n");
            } else {
                response = answer(parser.get(), routes_);
            }
            finish(response, parser.get());
            if (error) {
                response.keep_alive(false);
            }
            bhttp::response_serializer<bhttp::string_body> serializer(response);
            serializer.split(parser.get().method() == bhttp::verb::head);
            stream.expires_after(std::chrono::milliseconds(options_.header_ms_max));
            beast::error_code failed;
            if (serializer.split()) {
                std::tie(failed, std::ignore) = co_await bhttp::async_write_header(stream, serializer, awaiting);
            } else {
                std::tie(failed, std::ignore) = co_await bhttp::async_write(stream, serializer, awaiting);
            }
            if (failed || !response.keep_alive()) {
                co_return;
            }
            stream.expires_after(std::chrono::milliseconds(options_.idle_ms_max));
        }
    }

    HttpOptions options_;
    HttpRoutes routes_;
    asio::io_context io_{1};
    Tcp::acceptor acceptor_;
    asio::steady_timer accept_again_;
    std::size_t connections_ = 0;
    std::thread thread_;
};

HttpServer::HttpServer(HttpOptions options, HttpRoutes routes)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(routes))) {}
HttpServer::~HttpServer() = default;
std::string HttpServer::listen() { return impl_->listen(); }
void HttpServer::start() { impl_->start(); }
void HttpServer::stop() { impl_->stop(); }

}  // namespace baton::http
