// The relay that the other tests rely on, before a server that sends back what it gets.
#include "tests/support/faults/tcp_proxy.hpp"

#include <boost/asio.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace stemma::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kSilence{200};  ///< no answer within so long counts as none
constexpr std::string_view kCommit{
    "Q\0\0\0\x0b"
    "COMMIT\0",
    12};

/// Sends everything back, a connection per thread.
class Echo {
public:
    Echo() : thread_{[this] { serve(); }} {}
    ~Echo() {
        ending_ = true;
        error_code ignored;
        tcp::socket{context_}.connect(acceptor_.local_endpoint(), ignored);
        thread_.join();
        for (std::thread& each : answering_) each.join();
    }
    [[nodiscard]] int port() const { return acceptor_.local_endpoint().port(); }
    [[nodiscard]] std::string received() {
        const std::lock_guard lock{mutex_};
        return received_;
    }

private:
    void serve() {
        while (true) {
            tcp::socket client = acceptor_.accept();
            if (ending_) return;
            answering_.emplace_back([this, socket = std::make_shared<tcp::socket>(std::move(client))] {
                std::array<char, 4096> bytes{};
                for (error_code failed;;) {
                    const std::size_t size = socket->read_some(asio::buffer(bytes), failed);
                    if (failed) return;
                    {
                        const std::lock_guard lock{mutex_};
                        received_.append(bytes.data(), size);
                    }
                    asio::write(*socket, asio::buffer(bytes.data(), size), failed);
                }
            });
        }
    }

    asio::io_context context_;
    tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
    std::atomic<bool> ending_{false};
    std::mutex mutex_;
    std::string received_;
    std::vector<std::thread> answering_;
    std::thread thread_;
};

/// A client with a deadline of its own.
class Client {
public:
    explicit Client(int port) { socket_.connect({asio::ip::address_v4::loopback(), static_cast<unsigned short>(port)}, failed_); }
    [[nodiscard]] bool connected() const { return !failed_; }
    void send(std::string_view text) { asio::write(socket_, asio::buffer(text.data(), text.size()), failed_); }
    /// What came until `size` bytes are there, the connection ended, or nothing came for kSilence.
    [[nodiscard]] std::string receive(std::size_t size) {
        std::string text(size, '\0');
        std::size_t got = 0;
        asio::steady_timer silence{context_, kSilence};
        asio::async_read(socket_, asio::buffer(text), [&](error_code failed, std::size_t bytes) {
            failed_ = failed;
            got = bytes;
            silence.cancel();
        });
        silence.async_wait([&](error_code cancelled) {
            if (!cancelled) socket_.cancel();
        });
        context_.restart();
        context_.run();
        text.resize(got);
        return text;
    }
    [[nodiscard]] bool was_reset() const { return failed_ == asio::error::connection_reset; }
    [[nodiscard]] bool heard_nothing() const { return failed_ == asio::error::operation_aborted; }

private:
    asio::io_context context_;
    tcp::socket socket_{context_};
    error_code failed_;
};

class TcpProxyTest : public ::testing::Test {
protected:
    void SetUp() override {
        auto started = TcpProxy::start(echo.port());
        ASSERT_TRUE(started) << started.error().text();
        proxy = std::move(*started);
    }
    Echo echo;
    std::unique_ptr<TcpProxy> proxy;
};

TEST_F(TcpProxyTest, passes_everything_both_ways) {
    const std::string much(300'000, 'x');
    Client client{proxy->port()};
    std::thread sending{[&] { client.send(much); }};
    EXPECT_EQ(client.receive(much.size()), much);
    sending.join();
    EXPECT_EQ(proxy->bytes_from_server(), much.size());
    EXPECT_EQ(proxy->connections(), 1U);
}

TEST_F(TcpProxyTest, answers_nothing_in_a_black_hole_and_passes_again_after_it) {
    Client old{proxy->port()};
    old.send("a");
    EXPECT_EQ(old.receive(1), "a");
    proxy->blackhole();
    old.send("b");
    EXPECT_EQ(old.receive(1), "");
    EXPECT_TRUE(old.heard_nothing());
    Client fresh{proxy->port()};
    EXPECT_TRUE(fresh.connected()) << "it is accepted all the same";
    fresh.send("c");
    EXPECT_EQ(fresh.receive(1), "");
    EXPECT_TRUE(fresh.heard_nothing());
    proxy->pass();
    Client later{proxy->port()};
    later.send("d");
    EXPECT_EQ(later.receive(1), "d");
}

TEST_F(TcpProxyTest, resets_what_is_connected_and_takes_new_connections) {
    Client client{proxy->port()};
    client.send("a");
    EXPECT_EQ(client.receive(1), "a");
    proxy->reset();
    EXPECT_EQ(client.receive(1), "");
    EXPECT_TRUE(client.was_reset());
    Client next{proxy->port()};
    next.send("b");
    EXPECT_EQ(next.receive(1), "b");
}

TEST_F(TcpProxyTest, resets_after_exactly_so_many_bytes) {
    proxy->reset_after(5);
    Client client{proxy->port()};
    client.send("0123456789");
    EXPECT_LE(client.receive(10).size(), 5U) << "what was relayed may be lost with the reset, but never more comes";
    EXPECT_EQ(proxy->bytes_from_server(), 5U);
    EXPECT_TRUE(client.was_reset());
}

TEST_F(TcpProxyTest, refuses_and_listens_again_at_the_same_port) {
    const int port = proxy->port();
    proxy->refuse();
    EXPECT_FALSE(Client{port}.connected());
    proxy->pass();
    EXPECT_EQ(proxy->port(), port);
    Client client{port};
    client.send("a");
    EXPECT_EQ(client.receive(1), "a");
}

TEST_F(TcpProxyTest, delays_each_way) {
    proxy->delay(milliseconds{30});
    Client client{proxy->port()};
    const auto began = steady_clock::now();
    client.send("a");
    EXPECT_EQ(client.receive(1), "a");
    EXPECT_GE(steady_clock::now() - began, milliseconds{60});
}

TEST_F(TcpProxyTest, loses_the_answer_to_a_commit_that_reached_the_server) {
    proxy->lose_commit_answers(1);
    Client client{proxy->port()};
    client.send("before");
    EXPECT_EQ(client.receive(6), "before");
    client.send(kCommit.substr(0, 7));  // in two pieces, as a network may deliver it
    (void)client.receive(7);
    client.send(kCommit.substr(7));
    EXPECT_EQ(client.receive(5), "");
    EXPECT_TRUE(client.was_reset());
    EXPECT_EQ(proxy->lost_commit_answers(), 1U);
    EXPECT_EQ(echo.received(), "before" + std::string{kCommit});
    Client next{proxy->port()};
    next.send(kCommit);
    EXPECT_EQ(next.receive(kCommit.size()), kCommit);
}

}  // namespace
}  // namespace stemma::test
