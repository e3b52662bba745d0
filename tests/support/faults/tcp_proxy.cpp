#include "tests/support/faults/tcp_proxy.hpp"

#include <boost/asio.hpp>

#include <array>
#include <atomic>
#include <future>
#include <list>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace stemma::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::uint64_t kNever = ~std::uint64_t{0};
/// What libpq sends for COMMIT: a simple query message (type, length of 11, text, NUL).
constexpr std::string_view kCommit{
    "Q\0\0\0\x0b"
    "COMMIT\0",
    12};

/// A socket or acceptor; one that is closed already is as good.
void close(auto& open) {
    error_code ignored;
    static_cast<void>(open.close(ignored));
}

/// What is to be done to connections; of the proxy's thread alone.
struct Orders {
    bool blackhole{false};
    std::uint64_t reset_after{kNever};
    std::chrono::milliseconds delay{0};
    unsigned commits_to_lose{0};
};

struct Counts {
    std::atomic<std::uint64_t> connections{0};
    std::atomic<std::uint64_t> from_server{0};
    std::atomic<std::uint64_t> lost_commits{0};
};

/// One client and its connection to the server. Lives as long as one of its operations is under way.
class Relay : public std::enable_shared_from_this<Relay> {
public:
    Relay(tcp::socket client, int server_port, Orders& orders, Counts& counts)
        : up_{std::move(client)},
          down_{tcp::socket{up_.from.get_executor()}},
          server_{asio::ip::address_v4::loopback(), static_cast<unsigned short>(server_port)},
          orders_{orders},
          counts_{counts},
          left_{orders.reset_after} {}

    void start() {
        if (orders_.blackhole) return read(up_, down_);  // without a server: who is not answered needs none
        connected_ = true;
        down_.from.async_connect(server_, [self = shared_from_this()](error_code failed) {
            if (failed) return self->reset();
            self->read(self->up_, self->down_);
            self->read(self->down_, self->up_);
        });
    }

    /// RST to the client; to the server a plain end, as it comes when a program dies.
    void reset() {
        error_code ignored;
        static_cast<void>(up_.from.set_option(asio::socket_base::linger{true, 0}, ignored));
        close(up_.from);
        close(down_.from);
    }

private:
    /// One direction: what comes from this socket goes to the other one's.
    struct Way {
        explicit Way(tcp::socket socket) : from{std::move(socket)}, timer{from.get_executor()} {}
        tcp::socket from;
        asio::steady_timer timer;
        std::array<char, 16384> chunk{};
    };

    void read(Way& way, Way& other) {
        way.from.async_read_some(asio::buffer(way.chunk), [self = shared_from_this(), &way, &other](error_code failed, std::size_t size) {
            if (failed) return self->end();
            self->take(way, other, size);
        });
    }

    void take(Way& way, Way& other, std::size_t size) {
        if (orders_.blackhole || !connected_) dead_ = true;
        if (dead_) return read(way, other);  // read and thrown away, so that the client's end is seen
        const bool from_server = &way == &down_;
        if (from_server && swallows_) {
            ++counts_.lost_commits;
            return reset();
        }
        if (!from_server && is_lost_commit(way, size)) {
            --orders_.commits_to_lose;
            swallows_ = true;
        }
        if (from_server) {
            const bool last = size >= left_;
            size = static_cast<std::size_t>(std::min<std::uint64_t>(size, left_));
            if (left_ != kNever) left_ -= size;
            counts_.from_server += size;
            return pause(way, other, size, last);
        }
        pause(way, other, size, false);
    }

    /// Whether this chunk ends a COMMIT whose answer is to be lost.
    [[nodiscard]] bool is_lost_commit(const Way& way, std::size_t size) {
        sent_.append(way.chunk.data(), size);
        const bool found = sent_.find(kCommit) != std::string::npos;
        sent_.erase(0, found ? std::string::npos : sent_.size() - std::min(sent_.size(), kCommit.size() - 1));
        return found && orders_.commits_to_lose > 0;
    }

    void pause(Way& way, Way& other, std::size_t size, bool last) {
        if (orders_.delay.count() == 0) return write(way, other, size, last);
        way.timer.expires_after(orders_.delay);
        way.timer.async_wait([self = shared_from_this(), &way, &other, size, last](error_code failed) {
            if (!failed) self->write(way, other, size, last);
        });
    }

    void write(Way& way, Way& other, std::size_t size, bool last) {
        asio::async_write(other.from, asio::buffer(way.chunk.data(), size),
                          [self = shared_from_this(), &way, &other, last](error_code failed, std::size_t) {
                              if (failed) return self->end();
                              if (last) return self->reset();
                              self->read(way, other);
                          });
    }

    /// One side has ended: so does the other.
    void end() {
        close(up_.from);
        close(down_.from);
        up_.timer.cancel();
        down_.timer.cancel();
    }

    Way up_;    ///< from the client
    Way down_;  ///< from the server
    tcp::endpoint server_;
    Orders& orders_;
    Counts& counts_;
    std::uint64_t left_;  ///< bytes of the server until the reset
    std::string sent_;    ///< the newest bytes of the client, as many as a COMMIT may lie across two chunks
    bool connected_{false};
    bool dead_{false};      ///< met the black hole
    bool swallows_{false};  ///< a COMMIT is on its way whose answer is lost
};

}  // namespace

struct TcpProxy::Impl {
    explicit Impl(int to) : server_port{to} {}

    /// Runs `act` on the proxy's thread and waits for it.
    template <class Act>
    void order(Act act) {
        std::promise<void> done;
        asio::post(context, [&] {
            act();
            done.set_value();
        });
        done.get_future().wait();
    }

    error_code listen() {
        error_code failed;
        failed = acceptor.open(tcp::v4(), failed);
        if (!failed) failed = acceptor.set_option(asio::socket_base::reuse_address{true}, failed);
        if (!failed) failed = acceptor.bind({asio::ip::address_v4::loopback(), static_cast<unsigned short>(port.load())}, failed);
        if (!failed) failed = acceptor.listen(asio::socket_base::max_listen_connections, failed);
        if (!failed) port = acceptor.local_endpoint().port();
        if (!failed) accept();
        return failed;
    }

    void accept() {
        acceptor.async_accept([this](error_code failed, tcp::socket client) {
            if (failed) return;
            ++counts.connections;
            std::erase_if(relays, [](const std::weak_ptr<Relay>& relay) { return relay.expired(); });
            static_cast<void>(client.set_option(tcp::no_delay{true}, failed));
            const auto relay = std::make_shared<Relay>(std::move(client), server_port, orders, counts);
            relays.push_back(relay);
            relay->start();
            accept();
        });
    }

    void reset_all() {
        for (const std::weak_ptr<Relay>& relay : relays)
            if (const auto there = relay.lock()) there->reset();
        relays.clear();
    }

    asio::io_context context;
    asio::executor_work_guard<asio::io_context::executor_type> stays{context.get_executor()};
    tcp::acceptor acceptor{context};
    int server_port;
    std::atomic<int> port{0};
    Orders orders;
    Counts counts;
    std::list<std::weak_ptr<Relay>> relays;
    std::thread thread;
};

TcpProxy::TcpProxy(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}

Result<std::unique_ptr<TcpProxy>> TcpProxy::start(int server_port) {
    auto impl = std::make_unique<Impl>(server_port);
    if (const error_code failed = impl->listen()) return fail(Errc::unavailable, "the proxy cannot listen: " + failed.message());
    impl->thread = std::thread{[context = &impl->context] { context->run(); }};
    return std::unique_ptr<TcpProxy>{new TcpProxy{std::move(impl)}};
}

TcpProxy::~TcpProxy() {
    impl_->order([&] {
        close(impl_->acceptor);
        impl_->reset_all();
    });
    impl_->context.stop();
    impl_->thread.join();
}

int TcpProxy::port() const noexcept { return impl_->port; }

void TcpProxy::pass() {
    impl_->order([&] {
        impl_->orders = {};
        if (!impl_->acceptor.is_open()) impl_->listen();
    });
}

void TcpProxy::blackhole() {
    impl_->order([&] { impl_->orders.blackhole = true; });
}

void TcpProxy::refuse() {
    impl_->order([&] {
        close(impl_->acceptor);
        impl_->reset_all();
    });
}

void TcpProxy::reset() {
    impl_->order([&] { impl_->reset_all(); });
}

void TcpProxy::reset_after(std::uint64_t bytes) {
    impl_->order([&] { impl_->orders.reset_after = bytes; });
}

void TcpProxy::delay(std::chrono::milliseconds each) {
    impl_->order([&] { impl_->orders.delay = each; });
}

void TcpProxy::lose_commit_answers(unsigned count) {
    impl_->order([&] { impl_->orders.commits_to_lose = count; });
}

std::uint64_t TcpProxy::connections() const noexcept { return impl_->counts.connections; }
std::uint64_t TcpProxy::bytes_from_server() const noexcept { return impl_->counts.from_server; }
std::uint64_t TcpProxy::lost_commit_answers() const noexcept { return impl_->counts.lost_commits; }

}  // namespace stemma::test
