#pragma once
// A listener that answers GET and HEAD on a fixed set of paths, on a thread of its own. Bounded: connections, header
// bytes, and time per phase. A handler may take its time; the others wait for it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

namespace baton::http {

struct HttpOptions {
    /// A literal IPv4 or IPv6 address.
    std::string address = "127.0.0.1";
    /// 0 takes a free one.
    std::uint16_t port = 0;
    std::size_t connections_max = 256;
    std::size_t header_bytes_max = 8 * 1024;
    /// From the accept to the end of the first header.
    std::int64_t header_ms_max = 5'000;
    /// Between two requests of one connection.
    std::int64_t idle_ms_max = 30'000;
};

struct HttpAnswer {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
};
/// By path, exactly. Called on the listener's thread.
using HttpRoutes = std::map<std::string, std::function<HttpAnswer()>, std::less<>>;

class HttpBindError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class HttpServer {
public:
    HttpServer(HttpOptions options, HttpRoutes routes);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Binds; returns the address with the port that was taken, as ADDR:PORT. Throws HttpBindError. Before start().
    std::string listen();
    void start();
    /// Closes everything and ends the thread.
    void stop();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace baton::http
