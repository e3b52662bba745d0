// A database server for a whole test program: started when it is first asked for, stopped before main() ends.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace stemma::test {

/// `Server` has start(), as Postgres and Mariadb have. To be added as a global test environment, which owns it.
template <class Server>
class OneServer : public ::testing::Environment {
public:
    void TearDown() override { running_.reset(); }

    /// Null, with a failure recorded, where it does not start.
    Server* get() {
        if (running_) return running_.get();
        auto started = Server::start();
        EXPECT_TRUE(started) << started.error().text();
        if (started) running_ = std::move(*started);
        return running_.get();
    }

protected:
    std::unique_ptr<Server> running_;
};

}  // namespace stemma::test
