#include "server/http/http_server.hpp"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace baton::http::test {

namespace {

constexpr int wait_ms_max = 10'000;

class Client {
public:
    explicit Client(const std::string& address) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
        REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    }
    ~Client() { ::close(fd_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void send(std::string_view bytes) { REQUIRE(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0); }
    /// Everything until the server closes.
    std::string to_end() {
        std::string all;
        while (true) {
            pollfd readable{fd_, POLLIN, 0};
            REQUIRE(::poll(&readable, 1, wait_ms_max) == 1);
            char bytes[4096];
            const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
            if (got <= 0) {
                return all;
            }
            all.append(bytes, static_cast<std::size_t>(got));
        }
    }

private:
    int fd_;
};

struct Listener {
    explicit Listener(HttpOptions options = {}) : server(options, routes()) {
        address = server.listen();
        server.start();
    }
    static HttpRoutes routes() {
        HttpRoutes made;
        made["/healthz"] = [] { return HttpAnswer{200, "text/plain", "ok\n"}; };
        made["/readyz"] = [] { return HttpAnswer{503, "text/plain", "stuck\n"}; };
        made["/broken"] = []() -> HttpAnswer { throw std::runtime_error("no answer"); };
        return made;
    }
    std::string ask(const std::string& request) const {
        Client client(address);
        client.send(request);
        return client.to_end();
    }

    HttpServer server;
    std::string address;
};

std::string get(const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
}

}  // namespace

TEST_CASE("known paths are answered with their status") {
    const Listener listener;
    const std::string healthy = listener.ask(get("/healthz"));
    CHECK(healthy.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(healthy.ends_with("\r\n\r\nok\n"));
    CHECK(healthy.find("X-Content-Type-Options: nosniff\r\n") != std::string::npos);
    CHECK(listener.ask(get("/healthz?x=1")).starts_with("HTTP/1.1 200 "));
    CHECK(listener.ask(get("/readyz")).starts_with("HTTP/1.1 503 "));
    CHECK(listener.ask(get("/broken")).starts_with("HTTP/1.1 500 "));
    CHECK(listener.ask(get("/../etc/passwd")).starts_with("HTTP/1.1 404 "));
}

TEST_CASE("several requests go over one connection") {
    const Listener listener;
    const std::string keep = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";
    const std::string answers = listener.ask(keep + keep + get("/readyz"));
    CHECK(answers.find("HTTP/1.1 200 OK") != answers.rfind("HTTP/1.1 200 OK"));
    CHECK(answers.find("HTTP/1.1 503 ") != std::string::npos);
}

TEST_CASE("a head has no body and other methods are refused") {
    const Listener listener;
    const std::string head = listener.ask("HEAD /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(head.find("Content-Length: 3\r\n") != std::string::npos);
    CHECK(head.ends_with("\r\n\r\n"));
    const std::string post =
        listener.ask("POST /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    CHECK(post.starts_with("HTTP/1.1 405 "));
    CHECK(post.find("Allow: GET, HEAD\r\n") != std::string::npos);
}

TEST_CASE("bad and oversized requests end their connection") {
    const Listener listener;
    CHECK(listener.ask("no http at all\r\n\r\n").starts_with("HTTP/1.1 400 "));
    CHECK(listener.ask("GET /healthz HTTP/1.1\r\nX: " + std::string(9'000, 'x') + "\r\n\r\n")
              .starts_with("HTTP/1.1 431 "));
    CHECK(listener.ask("POST /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello").find("200 OK") ==
          std::string::npos);
}

TEST_CASE("a header that does not come is given up") {
    HttpOptions options;
    options.header_ms_max = 50;
    const Listener listener(options);
    CHECK(listener.ask("GET /healthz HTTP/1.1\r\n").empty());
}

TEST_CASE("connections over the limit are closed at once") {
    HttpOptions options;
    options.connections_max = 1;
    const Listener listener(options);
    Client first(listener.address);
    first.send("GET ");
    Client second(listener.address);
    CHECK(second.to_end().empty());
    first.send("/healthz HTTP/1.0\r\n\r\n");
    CHECK(first.to_end().find(" 200 OK\r\n") != std::string::npos);
}

TEST_CASE("an address in use is an error that names it") {
    const Listener listener;
    HttpOptions options;
    options.port = static_cast<std::uint16_t>(std::stoi(listener.address.substr(listener.address.rfind(':') + 1)));
    HttpServer second(options, {});
    CHECK_THROWS_WITH(second.listen(), Catch::Contains(std::to_string(options.port)));
}

}  // namespace baton::http::test
