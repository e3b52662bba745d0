#include "core/cli/transport.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/unit/cli/raw_server.hpp"

namespace stemma::cli {
namespace {

Place place(std::string_view url) {
    const auto read = read_server(url);
    EXPECT_TRUE(read) << url;
    return read.value_or(Place{});
}

TEST(Server, is_read_as_host_and_port) {
    EXPECT_EQ(place("http://127.0.0.1:7431"), (Place{"127.0.0.1", 7431}));
    EXPECT_EQ(place("http://stemma.example:80/"), (Place{"stemma.example", 80}));
    EXPECT_EQ(place("localhost:1"), (Place{"localhost", 1}));
    EXPECT_EQ(place("localhost:65535"), (Place{"localhost", 65535}));
    EXPECT_EQ(place("http://[::1]:7431"), (Place{"::1", 7431}));
    EXPECT_EQ(place("http://[::1]"), (Place{"::1", 7430}));
    EXPECT_EQ(place("http://localhost"), (Place{"localhost", 7430}));
}

TEST(Server, is_refused_with_a_reason_where_it_is_none) {
    for (const char* url : {"", "http://", "http://:7430", "localhost:0", "localhost:65536", "localhost:x", "localhost:7430/api",
                            "http://[::1", "a b:1", "user@host:1", "localhost:", "[::1]x:1"}) {
        const auto read = read_server(url);
        ASSERT_FALSE(read) << url;
        EXPECT_EQ(read.error().code, Errc::invalid_input);
        EXPECT_EQ(read.error().where, "--server");
    }
    EXPECT_NE(read_server("https://localhost:7430").error().message.find("plain HTTP"), std::string::npos);
}

TEST(Server, of_the_settings_is_reached_by_loopback_where_it_listens_to_all) {
    config::DaemonSettings daemon;
    daemon.port = 7431;
    EXPECT_EQ(place_of(daemon), (Place{"127.0.0.1", 7431}));
    daemon.address = "0.0.0.0";
    EXPECT_EQ(place_of(daemon), (Place{"127.0.0.1", 7431}));
    daemon.address = "::";
    EXPECT_EQ(place_of(daemon), (Place{"::1", 7431}));
    daemon.address = "10.0.0.7";
    EXPECT_EQ(place_of(daemon), (Place{"10.0.0.7", 7431}));
    EXPECT_EQ((Place{"::1", 7431}.text()), "[::1]:7431");
}

class NoTransport : public Transport {
    Result<http::Response> send(http::Request) override { return http::Response{299, {}, {}, {}}; }
};

struct Choice {
    explicit Choice(std::uint16_t port) { settings.daemon.port = port; }
    Result<std::unique_ptr<Transport>> choose(const std::optional<std::string>& server) {
        return choose_transport(
            server, &settings,
            [&](const config::Settings&) -> Result<std::unique_ptr<Transport>> {
                opened = true;
                if (locked) return fail(Errc::unavailable, "in use");
                return std::make_unique<NoTransport>();
            },
            [&](const std::filesystem::path& folder) {
                asked = folder.string();
                return use;
            },
            notes);
    }
    config::Settings settings;
    std::optional<app::StateUse> use;
    std::string asked;
    bool opened{false};
    bool locked{false};
    std::ostringstream notes;
};

TEST(TransportChoice, is_the_daemon_where_one_listens) {
    const test::RawServer server{{{test::http_ok("{}")}}};
    Choice choice{server.port()};
    const auto chosen = choice.choose(std::nullopt);
    ASSERT_TRUE(chosen);
    EXPECT_EQ((*chosen)->send({"GET", "/x", {}, {}, {}, {}, {}})->status, 200);
    EXPECT_FALSE(choice.opened);
    EXPECT_EQ(choice.notes.str(), "");
}

TEST(TransportChoice, is_the_state_folder_with_a_note_where_nothing_listens) {
    Choice choice{test::free_port()};
    ASSERT_TRUE(choice.choose(std::nullopt));
    EXPECT_TRUE(choice.opened);
    EXPECT_EQ(choice.notes.str(), "stemmad is not running: reading the state folder directly\n");
}

TEST(TransportChoice, is_the_state_folder_where_the_port_cannot_be_known) {
    Choice choice{0};
    ASSERT_TRUE(choice.choose(std::nullopt));
    EXPECT_TRUE(choice.opened);
}

// Settings that were copied with their port, as a restored backup's: what answers there has another state folder.
TEST(TransportChoice, is_no_daemon_that_has_another_state_folder) {
    const test::RawServer server{{{test::http_ok("{}")}}};
    Choice choice{server.port()};
    choice.settings.state.folder = "/srv/drill/state";
    choice.use = app::StateUse{};
    const auto chosen = choice.choose(std::nullopt);
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().code, Errc::conflict);
    EXPECT_EQ(chosen.error().message,
              fmt::format("the stemmad that answers at 127.0.0.1:{} is not the one of /srv/drill/state: no process uses that folder",
                          server.port()));
    EXPECT_NE(chosen.error().hint.find(fmt::format("--server http://127.0.0.1:{}", server.port())), std::string::npos);
    EXPECT_FALSE(choice.opened);
    EXPECT_EQ(choice.asked, "/srv/drill/state");
    EXPECT_TRUE(choice.choose(fmt::format("127.0.0.1:{}", server.port())));  // it was named
}

TEST(TransportChoice, is_the_daemon_where_the_state_folder_is_in_use_or_cannot_be_looked_at) {
    const test::RawServer server{{{test::http_ok("{}")}}};
    Choice choice{server.port()};
    for (const std::optional<app::StateUse>& use : {std::optional<app::StateUse>{}, {app::StateUse{true, std::nullopt}}}) {
        choice.use = use;
        EXPECT_TRUE(choice.choose(std::nullopt));
        EXPECT_FALSE(choice.opened);
    }
}

TEST(TransportChoice, is_the_daemon_at_the_port_that_it_told_where_the_settings_leave_it_open) {
    const test::RawServer server{{{test::http_ok("{}")}}};
    Choice choice{0};
    choice.use = app::StateUse{true, server.port()};
    ASSERT_TRUE(choice.choose(std::nullopt));
    EXPECT_FALSE(choice.opened);
    choice.use = app::StateUse{};  // the daemon is gone, its word with it
    ASSERT_TRUE(choice.choose(std::nullopt));
    EXPECT_TRUE(choice.opened);
}

TEST(TransportChoice, is_never_the_state_folder_where_a_server_was_named) {
    Choice choice{0};
    const auto chosen = choice.choose("127.0.0.1:" + std::to_string(test::free_port()));
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().code, Errc::unavailable);
    EXPECT_FALSE(choice.opened);
}

TEST(TransportChoice, says_that_the_state_folder_is_in_use) {
    Choice choice{0};
    choice.locked = true;
    const auto chosen = choice.choose(std::nullopt);
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().code, Errc::unavailable);
    EXPECT_EQ(choice.notes.str(), "");
}

}  // namespace
}  // namespace stemma::cli
