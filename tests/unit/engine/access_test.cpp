// Users, tokens, wrong tries and refused attempts, over the store in memory with a clock that is set.
#include "core/engine/access.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "adapters/memory/memory_store.hpp"
#include "tests/unit/engine/pipeline_rig.hpp"

namespace stemma::engine {
namespace {

constexpr std::int64_t kMinuteUs = 60 * kMicrosPerSecond;
constexpr std::int64_t kHourUs = 60 * kMinuteUs;
const std::string kPhrase = "five quiet herons wade";
const By kLocal{"local:root", "set up"};

AccessLimits cheap() {
    AccessLimits limits;
    limits.cost = {1, 8192};
    limits.tries_per_minute = 3;
    return limits;
}

class Access : public PipelineRig, public ::testing::Test {
protected:
    Access() : PipelineRig{[](const test::TempFolder&) { return memory::make_store(); }} {}

    AccessDesk& desk() {
        if (!desk_) desk_ = std::make_unique<AccessDesk>(*store_, appender_, clock_, limits_of_access);
        return *desk_;
    }
    Result<void> add(const std::string& name, RoleSet roles) {
        return desk().add_user(name, kPhrase, {.roles = roles, .disabled = {}, .phrase = {}, .full_name = {}}, kLocal);
    }
    Result<MadeToken> sign_in(const std::string& name, const std::string& phrase = kPhrase, const std::string& from = "192.0.2.1") {
        return desk().sign_in(name, phrase, from, wait_);
    }
    std::shared_ptr<const Identity> who(const std::string& token) { return desk().book().value()->find(token, clock_.now()); }
    void later(std::int64_t us) { clock_.set(Instant{clock_.now().us + us}); }
    std::vector<SystemChange> said() {
        std::vector<SystemChange> changes;
        for (Sequence i = 0; i < size(); ++i)
            if (const Entry read = entry(i); const auto* change = std::get_if<SystemChange>(&read.body)) changes.push_back(*change);
        return changes;
    }
    std::string bytes() {
        std::string all;
        const auto snapshot = store_->read();
        const auto rows = (*snapshot)->entries(0, 1000);
        for (const StoredEntry& row : *rows) all += row.bytes;
        return all;
    }

    AccessLimits limits_of_access = cheap();
    std::unique_ptr<AccessDesk> desk_;
    std::uint64_t wait_{0};
};

TEST_F(Access, is_open_until_there_is_a_user_who_has_to_be_an_administrator) {
    EXPECT_FALSE(desk().book().value()->is_closed());
    EXPECT_EQ(add("ben", {Role::operator_}).error().code, Errc::conflict);
    EXPECT_FALSE(desk().make_token({"line-3", {Role::operator_}, {}, 1}, kLocal));
    ASSERT_TRUE(add("ada", {Role::administrator}));
    EXPECT_TRUE(desk().book().value()->is_closed());
    EXPECT_TRUE(add("ben", {Role::operator_}));
}

TEST_F(Access, lets_a_user_in_by_the_password_for_as_long_as_a_session_lasts) {
    ASSERT_TRUE(add("ada", {Role::administrator}));
    const MadeToken made = sign_in("ada").value();
    ASSERT_TRUE(who(made.token));
    EXPECT_EQ(who(made.token)->actor, "user:ada");
    EXPECT_EQ(who(made.token)->roles, RoleSet{Role::administrator});
    later(kHourUs - 1);
    EXPECT_TRUE(who(made.token));
    later(1);
    EXPECT_FALSE(who(made.token));
}

TEST_F(Access, tells_a_wrong_user_and_a_wrong_password_the_same) {
    ASSERT_TRUE(add("ada", {Role::administrator}));
    const Error wrong_user = sign_in("adam").error();
    const Error wrong_phrase = sign_in("ada", "six quiet herons wade").error();
    EXPECT_EQ(wrong_user.code, Errc::unauthenticated);
    EXPECT_EQ(wrong_user.text(), wrong_phrase.text());
}

TEST_F(Access, makes_a_user_wait_after_too_many_wrong_passwords_from_wherever) {
    ASSERT_TRUE(add("ada", {Role::administrator}));
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(sign_in("ada", "wrong wrong wrong", "192.0.2." + std::to_string(i)).error().code, Errc::unauthenticated);
    EXPECT_EQ(sign_in("ada", kPhrase, "192.0.2.9").error().code, Errc::busy);  // even the right one
    EXPECT_EQ(wait_, 60U);
    later(kMinuteUs - 1);
    EXPECT_EQ(sign_in("ada").error().code, Errc::busy);
    EXPECT_EQ(wait_, 1U);
    later(1);
    EXPECT_TRUE(sign_in("ada"));
}

TEST_F(Access, makes_an_address_wait_whatever_names_it_tries) {
    ASSERT_TRUE(add("ada", {Role::administrator}));
    for (const char* name : {"a", "b", "c"}) EXPECT_EQ(sign_in(name).error().code, Errc::unauthenticated);
    EXPECT_EQ(sign_in("ada").error().code, Errc::busy);
    EXPECT_TRUE(sign_in("ada", kPhrase, "192.0.2.2"));
}

TEST_F(Access, takes_roles_away_from_sessions_at_once) {
    ASSERT_TRUE(add("ada", {Role::administrator}));
    ASSERT_TRUE(add("ben", {Role::operator_, Role::quality}));
    const std::string token = sign_in("ben").value().token;
    ASSERT_TRUE(desk().change_user("ben", {.roles = RoleSet{Role::auditor}, .disabled = {}, .phrase = {}, .full_name = {}}, kLocal));
    EXPECT_EQ(who(token)->roles, RoleSet{Role::auditor});
    ASSERT_TRUE(desk().change_user("ben", {.roles = {}, .disabled = true, .phrase = {}, .full_name = {}}, kLocal));
    EXPECT_FALSE(who(token));
    EXPECT_FALSE(sign_in("ben"));
    ASSERT_TRUE(desk().change_user("ben", {.roles = {}, .disabled = false, .phrase = {}, .full_name = {}}, kLocal));
    EXPECT_FALSE(who(token));  // it does not come back
    EXPECT_TRUE(sign_in("ben"));
}

TEST_F(Access, ends_sessions_with_the_password_they_were_opened_by) {
    ASSERT_TRUE(add("ada", {Role::administrator}));
    const std::string token = sign_in("ada").value().token;
    ASSERT_TRUE(desk().change_user("ada", {.roles = {}, .disabled = {}, .phrase = "another long phrase", .full_name = {}}, kLocal));
    EXPECT_FALSE(who(token));
    EXPECT_FALSE(sign_in("ada"));
    EXPECT_TRUE(sign_in("ada", "another long phrase"));
}

TEST_F(Access, keeps_one_administrator) {
    ASSERT_TRUE(add("ada", {Role::administrator}));
    const AccountChange less{.roles = RoleSet{Role::auditor}, .disabled = {}, .phrase = {}, .full_name = {}};
    const AccountChange gone{.roles = {}, .disabled = true, .phrase = {}, .full_name = {}};
    EXPECT_EQ(desk().change_user("ada", less, kLocal).error().code, Errc::conflict);
    EXPECT_EQ(desk().change_user("ada", gone, kLocal).error().code, Errc::conflict);
    ASSERT_TRUE(add("ben", {Role::administrator}));
    EXPECT_TRUE(desk().change_user("ada", gone, kLocal));
    EXPECT_EQ(desk().change_user("ben", less, kLocal).error().code, Errc::conflict);
}

TEST_F(Access, gives_no_name_twice) {
    ASSERT_TRUE(add("ada", {Role::administrator}));
    EXPECT_EQ(add("ada", {Role::auditor}).error().code, Errc::conflict);
}

TEST_F(Access, wants_a_password_of_the_length_that_is_set) {
    const auto tried = [&](const std::string& phrase) {
        return desk().add_user("ada", phrase, {.roles = RoleSet{Role::administrator}, .disabled = {}, .phrase = {}, .full_name = {}},
                               kLocal);
    };
    EXPECT_EQ(tried("elevenbytes").error().where, "/password");
    EXPECT_EQ(tried(std::string(1025, 'a')).error().where, "/password");
    EXPECT_TRUE(tried("twelve bytes"));
}

TEST_F(Access, makes_tokens_that_are_over_or_revoked_of_no_use) {
    ASSERT_TRUE(add("ada", {Role::administrator}));
    const MadeToken one = desk().make_token({"line-3", {Role::operator_}, {"events"}, 1}, kLocal).value();
    const MadeToken two = desk().make_token({"line-3", {Role::operator_}, {}, 2}, kLocal).value();
    EXPECT_EQ(who(one.token)->actor, "token:line-3");
    EXPECT_EQ(who(one.token)->groups, std::vector<std::string>{"events"});
    later(kMicrosPerDay - 1);
    EXPECT_TRUE(who(one.token));
    later(1);
    EXPECT_FALSE(who(one.token));
    EXPECT_TRUE(who(two.token));
    EXPECT_EQ(desk().revoke(two.record.id, kLocal).value(), 1U);
    EXPECT_FALSE(who(two.token));
    EXPECT_EQ(desk().revoke(two.record.id, kLocal).error().code, Errc::not_found);
    EXPECT_EQ(desk().revoke("line-3", kLocal).value(), 1U);
}

TEST_F(Access, refuses_a_token_without_roles_for_too_long_or_for_an_unknown_group) {
    ASSERT_TRUE(add("ada", {Role::administrator}));
    EXPECT_EQ(desk().make_token({"t", {}, {}, 1}, kLocal).error().where, "/roles");
    EXPECT_EQ(desk().make_token({"t", {Role::auditor}, {}, 0}, kLocal).error().where, "/days");
    EXPECT_EQ(desk().make_token({"t", {Role::auditor}, {}, kTokenDaysMax + 1}, kLocal).error().where, "/days");
    EXPECT_EQ(desk().make_token({"t", {Role::auditor}, {"itms"}, 1}, kLocal).error().hint, "did you mean 'items'?");
    EXPECT_TRUE(desk().make_token({"t", {Role::auditor}, {}, kTokenDaysMax}, kLocal));
}

TEST_F(Access, keeps_at_most_as_many_records_as_are_set) {
    limits_of_access.records_max = 2;
    ASSERT_TRUE(add("ada", {Role::administrator}));
    ASSERT_TRUE(add("ben", {Role::auditor}));
    EXPECT_EQ(add("cy", {Role::auditor}).error().code, Errc::too_large);
    EXPECT_EQ(sign_in("ada").error().code, Errc::too_large);
}

TEST_F(Access, ends_the_oldest_session_of_a_user_who_has_too_many) {
    ASSERT_TRUE(add("ada", {Role::administrator}));
    std::vector<std::string> tokens;
    for (std::size_t i = 0; i <= kSessionsPerUserMax; ++i) {
        tokens.push_back(sign_in("ada").value().token);
        later(1);
    }
    EXPECT_FALSE(who(tokens[0]));
    for (std::size_t i = 1; i < tokens.size(); ++i) EXPECT_TRUE(who(tokens[i])) << i;
}

TEST_F(Access, signs_out_the_session_alone) {
    ASSERT_TRUE(add("ada", {Role::administrator}));
    const std::string one = sign_in("ada").value().token;
    const std::string two = sign_in("ada").value().token;
    ASSERT_TRUE(desk().sign_out(*who(one)));
    EXPECT_FALSE(who(one));
    EXPECT_TRUE(who(two));
}

TEST_F(Access, says_each_change_in_the_ledger_and_no_secret_or_name_of_a_person) {
    ASSERT_TRUE(desk().add_user("ada", kPhrase,
                                {.roles = RoleSet{Role::administrator}, .disabled = {}, .phrase = {}, .full_name = "Ada Byron"}, kLocal));
    const MadeToken session = sign_in("ada").value();
    const MadeToken token = desk().make_token({"line-3", {Role::operator_}, {"events", "items"}, 1}, {"user:ada"}).value();
    ASSERT_TRUE(desk().revoke("line-3", {"user:ada"}));
    ASSERT_TRUE(desk().change_user(
        "ada", {.roles = RoleSet{Role::administrator, Role::quality}, .disabled = {}, .phrase = kPhrase, .full_name = ""}, kLocal));
    std::vector<std::string> actions;
    for (const SystemChange& change : said()) {
        EXPECT_EQ(change.subject, "access");
        actions.push_back(change.action);
    }
    EXPECT_EQ(actions, (std::vector<std::string>{"user_added", "signed_in", "token_made", "token_revoked", "roles_set", "password_set",
                                                 "name_set"}));
    EXPECT_EQ(said()[2].details.at("groups"), "events, items");
    EXPECT_EQ(said()[4].details.at("before"), "administrator");
    EXPECT_EQ(entry(0).actor, "local:root");
    EXPECT_EQ(entry(0).reason, "set up");
    EXPECT_EQ(entry(1).actor, "user:ada");
    for (const std::string& secret :
         {kPhrase, session.token, token.token, session.record.digest, token.record.digest, std::string{"argon2"}, std::string{"Byron"}})
        EXPECT_EQ(bytes().find(secret), std::string::npos) << secret;
}

TEST_F(Access, is_read_again_when_another_program_changed_it) {
    ASSERT_TRUE(add("ada", {Role::administrator}));
    const std::string token = desk().make_token({"line-3", {Role::operator_}, {}, 1}, kLocal).value().token;
    ASSERT_TRUE(who(token));
    AccessDesk other{*store_, appender_, clock_, cheap()};  // as of another daemon that follows the same ledger
    ASSERT_TRUE(other.book().value()->find(token, clock_.now()));
    EXPECT_TRUE(other.book_in_memory());
    ASSERT_TRUE(desk().revoke("line-3", kLocal));
    EXPECT_FALSE(other.book_in_memory());
    EXPECT_FALSE(other.book().value()->find(token, clock_.now()));
}

TEST_F(Access, hashes_no_more_passwords_at_a_time_than_are_set) {
    limits_of_access.hashes_at_once = 1;
    limits_of_access.cost = {3, 33'554'432};
    limits_of_access.tries_per_minute = 1000;
    ASSERT_TRUE(add("ada", {Role::administrator}));
    std::atomic<int> busy{0};
    std::vector<std::thread> threads;
    threads.reserve(8);
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            std::uint64_t wait = 0;
            const auto made = desk().sign_in("ada", kPhrase, "192.0.2.1", wait);
            if (!made && made.error().code == Errc::busy && wait == 1) ++busy;
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_GT(busy, 0);
    EXPECT_TRUE(sign_in("ada"));  // a place is given back
}

TEST_F(Access, writes_refused_attempts_bounded_first_at_once_then_summed) {
    for (int i = 0; i < 1000; ++i) desk().note_refusal({"user:eve", i % 2 == 0 ? "plugins.change" : "access.change", "192.0.2.7"});
    desk().stop();
    std::uint64_t count = 0;
    for (const SystemChange& change : said()) {
        EXPECT_EQ(change.action, "refused");
        count += std::stoull(change.details.at("count"));
    }
    EXPECT_EQ(count, 1000U);
    EXPECT_LE(said().size(), 2U);
    EXPECT_EQ(entry(0).actor, "user:eve");
    EXPECT_TRUE(said().back().details.at("from").starts_with("192.0.2.7 "));
}

TEST_F(Access, counts_more_actors_than_it_tells_apart_together) {
    const std::size_t more = RefusalLog::kActorsMax + 500;
    for (std::size_t i = 0; i < more; ++i) desk().note_refusal({"user:" + std::to_string(i), "items.read", "192.0.2.7"});
    desk().stop();
    std::uint64_t count = 0;
    for (const SystemChange& change : said()) count += std::stoull(change.details.at("count"));
    EXPECT_EQ(count, more);
}

TEST(TokenForm, has_check_digits) {
    const std::string token = new_token();
    EXPECT_EQ(token.size(), 77U);  // stm_, 64, _, 8
    EXPECT_TRUE(is_token_form(token));
    std::string typo = token;
    typo[10] = typo[10] == '0' ? '1' : '0';
    EXPECT_FALSE(is_token_form(typo));
    EXPECT_FALSE(is_token_form(token.substr(0, 76)));
    EXPECT_NE(new_token(), token);
}

TEST(TryRate, forgets_the_oldest_of_too_many_keys) {
    TryRate rate{1};
    const Instant now{};
    for (std::size_t i = 0; i < TryRate::kKeysMax; ++i) rate.count_failure(std::to_string(i), now);
    EXPECT_EQ(rate.wait_seconds("0", now), 60U);
    rate.count_failure("one more", now);
    EXPECT_EQ(rate.wait_seconds("0", now), 0U);
    EXPECT_EQ(rate.wait_seconds("1", now), 60U);
    EXPECT_EQ(rate.wait_seconds("one more", now), 60U);
}

}  // namespace
}  // namespace stemma::engine
