// A whole Stemma without the network: settings, state folder and key as `stemma init` makes them, the plugins of this build, the demo ERP
// database. Every answer is held against schemas/http/openapi.yaml on its way.
#pragma once

#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/app/app.hpp"
#include "tests/support/temp_folder.hpp"

namespace stemma::http::test {

/// An answer of the API.
struct Answer {
    int status{0};
    std::string body;
    boost::json::value json;  ///< null for a body that is not JSON
    std::map<std::string, std::string> headers;

    /// The value at a JSON pointer; null where there is none.
    [[nodiscard]] const boost::json::value& at(std::string_view pointer) const;
    [[nodiscard]] std::string text(std::string_view pointer) const;
    [[nodiscard]] std::int64_t number(std::string_view pointer) const;
    [[nodiscard]] std::size_t count(std::string_view pointer) const;  ///< elements of an array; 0 where there is none
};

/// The lines of a body, each ended by `line_end`.
[[nodiscard]] std::vector<std::string> lines_of(std::string_view body, std::string_view line_end);

using Headers = std::map<std::string, std::string>;

class StemmaUnderTest {
public:
    /// `more`: further lines of stemma.yaml.
    explicit StemmaUnderTest(bool with_erp = true, const std::string& more = {});
    ~StemmaUnderTest();
    StemmaUnderTest(const StemmaUnderTest&) = delete;
    StemmaUnderTest& operator=(const StemmaUnderTest&) = delete;

    [[nodiscard]] app::App& app() { return *app_; }
    [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }

    Answer get(std::string_view target);
    Answer post(std::string_view target, std::string body = {}, Headers headers = {});
    Answer call(std::string_view method, std::string_view target, std::string body = {}, Headers headers = {});
    /// From here on the time for an answer is over before it begins, or is not.
    void end_time(bool over) { over_ = over; }
    /// Requests come from this address from here on, not from a command line that has the state folder in hand.
    void come_from(std::string remote) { remote_ = std::move(remote); }
    /// Ends the app and opens another over the same state folder.
    void restart();
    /// Asks for a sync and waits until it is done.
    Answer sync(bool full = false);

private:
    void open();
    void make_settings(bool with_erp, const std::string& more) const;

    std::string remote_{"local"};
    std::atomic<bool> over_{false};
    stemma::test::TempFolder folder_;
    std::unique_ptr<app::App> app_;
};

/// The one that all tests of the program share, with the demo data synced. Tests add to its ledger and leave what was there alone.
[[nodiscard]] StemmaUnderTest& stemma_with_demo();

/// With double quotes for single ones, for JSON in literals: {'a':1}.
[[nodiscard]] std::string quoted(std::string text);

}  // namespace stemma::http::test
