#include "core/engine/access.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"

namespace stemma::engine {
namespace {

constexpr std::size_t kTokenIdBytes = 4;
constexpr std::size_t kSaltBytes = 16;

Entry entry_of(SystemChange change, const By& by) {
    Entry entry;
    entry.actor = by.actor;
    entry.reason = by.reason;
    entry.body = std::move(change);
    return entry;
}

std::string joined(RoleSet roles) { return fmt::format("{}", fmt::join(names_of(roles), ", ")); }

/// A person's name as the ledger may hold it: a digest with a random salt, which proves nothing once the name is gone.
std::string salted(const std::string& name) {
    const std::string salt = to_hex(random_bytes(kSaltBytes));
    return salt + ":" + to_hex(sha256({salt, "\n", name}));
}

Result<void> check_full_name(const std::optional<std::string>& name) {
    if (!name || (name->size() <= kFullNameBytesMax && is_clean_utf8(*name))) return {};
    return fail(Errc::invalid_input, fmt::format("a name has at most {} bytes of clean text", kFullNameBytesMax), "/fullName");
}

std::unexpected<Error> wrong_sign_in() {
    return fail(Errc::unauthenticated, "the user or the password is wrong", {},
                "users are listed by an administrator: stemma user list; stemma user passwd NAME sets a new password");
}

std::unexpected<Error> try_later(std::uint64_t seconds) {
    return fail(Errc::busy, fmt::format("too many wrong passwords: wait for {} s", seconds), {},
                "nothing was checked; access.tries_per_minute in stemma.yaml sets how many there may be");
}

}  // namespace

/// One of the few hashes that may be made at a time; given back when it ends.
class AccessDesk::HashPlace {
public:
    explicit HashPlace(AccessDesk& of) : of_{of} {
        const std::lock_guard lock{of_.mutex_};
        taken_ = of_.hashing_ < of_.limits_.hashes_at_once;
        of_.hashing_ += taken_ ? 1U : 0U;
    }
    ~HashPlace() {
        const std::lock_guard lock{of_.mutex_};
        of_.hashing_ -= taken_ ? 1U : 0U;
    }
    HashPlace(const HashPlace&) = delete;
    HashPlace& operator=(const HashPlace&) = delete;
    [[nodiscard]] bool taken() const noexcept { return taken_; }

private:
    AccessDesk& of_;
    bool taken_{false};
};

AccessDesk::AccessDesk(Store& store, Appender& appender, const Clock& clock, const AccessLimits& limits, std::vector<SigningRule> signing)
    : store_{store},
      appender_{appender},
      clock_{clock},
      limits_{limits},
      signing_{std::move(signing)},
      users_{limits.tries_per_minute},
      addresses_{limits.tries_per_minute},
      tokens_{limits.tries_per_minute},
      refusals_{[this](const SystemChange& change, const std::string& actor) {
                    return appender_.run([&](Appending& tx) -> Result<void> {
                        const auto added = tx.add(entry_of(change, {actor, {}}));
                        return added ? Result<void>{} : std::unexpected(added.error());
                    });
                },
                limits.refusals} {}

AccessDesk::Book AccessDesk::book_in_memory() const {
    const std::lock_guard lock{mutex_};
    return book_changes_ == appender_.access_changes() ? book_ : nullptr;
}

Result<AccessDesk::Book> AccessDesk::book() {
    if (Book known = book_in_memory()) return known;
    const std::uint64_t changes = appender_.access_changes();  // before the store is read: what comes meanwhile is read again
    const auto snapshot = store_.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto rows = (*snapshot)->access_rows();
    if (!rows) return std::unexpected(rows.error());
    auto read = AccessBook::read(*rows);
    if (!read) return std::unexpected(read.error());
    Book fresh = std::make_shared<const AccessBook>(*std::move(read));
    const std::lock_guard lock{mutex_};
    if (book_changes_ < changes) {
        book_ = fresh;
        book_changes_ = changes;
    }
    return fresh;
}

std::uint64_t AccessDesk::token_wait(const std::string& from, bool failed) {
    const Instant at = clock_.now();
    if (failed) tokens_.count_failure(from, at);
    return tokens_.wait_seconds(from, at);
}

Result<void> AccessDesk::check_phrase_form(const std::string& phrase, std::string_view where) const {
    if (phrase.size() < limits_.phrase_bytes_min)
        return fail(Errc::invalid_input, fmt::format("a password has at least {} bytes", limits_.phrase_bytes_min), std::string{where},
                    "a few words are easier to keep in mind than signs; access.phrase_bytes_min in stemma.yaml sets how long");
    if (phrase.size() > kPhraseBytesMax || !is_clean_utf8(phrase))
        return fail(Errc::invalid_input, fmt::format("a password has at most {} bytes of clean text", kPhraseBytesMax), std::string{where});
    return {};
}

Result<std::string> AccessDesk::hash(const std::string& phrase) {
    const HashPlace place{*this};
    if (!place.taken()) return fail(Errc::busy, "too many passwords are being hashed", {}, "try again in a moment");
    return hash_phrase(phrase, limits_.cost);
}

Result<std::string> AccessDesk::nobodys_hash() {
    {
        const std::lock_guard lock{mutex_};
        if (!nobodys_hash_.empty()) return nobodys_hash_;
    }
    auto made = hash_phrase(random_bytes(kSaltBytes), limits_.cost);
    if (!made) return made;
    const std::lock_guard lock{mutex_};
    nobodys_hash_ = *made;
    return made;
}

Result<void> AccessDesk::check_phrase(const std::string& user, const std::string& phrase, const std::string& from,
                                      std::uint64_t& wait_seconds) {
    const Instant at = clock_.now();
    const std::string key = clip(user);
    wait_seconds = std::max(users_.wait_seconds(key, at), addresses_.wait_seconds(from, at));
    if (wait_seconds != 0) return try_later(wait_seconds);
    const auto now = book();
    if (!now) return std::unexpected(now.error());
    const Account* account = (*now)->account(user);
    const bool known = account != nullptr && !account->disabled;
    bool fits = false;
    {
        const HashPlace place{*this};
        if (!place.taken()) {
            wait_seconds = 1;
            return fail(Errc::busy, "too many sign in at once", {}, "try again in a moment");
        }
        // The same work whoever is asked for, so that the time does not tell which users there are.
        const auto nobody = nobodys_hash();
        if (!nobody) return std::unexpected(nobody.error());
        fits = phrase.size() <= kPhraseBytesMax && fits_phrase(phrase, account != nullptr ? account->hash : *nobody);
    }
    if (fits && known) return {};
    users_.count_failure(key, at);
    addresses_.count_failure(from, at);
    record_refused_sign_in(user, account != nullptr, from);
    return wrong_sign_in();
}

void AccessDesk::record_refused_sign_in(const std::string& user, bool known, const std::string& from) {
    // What was typed as a name may be a password: only names that exist are written down.
    note_refusal({known ? "user:" + user : "unknown", "sign-in", from});
}

/// Reads the book at its turn, lets `work` decide, writes rows and entries.
Result<void> AccessDesk::run(const By& by, const std::function<Result<void>(const AccessBook& now, Change& change)>& work) {
    return appender_.run(
        [&](Appending& tx) -> Result<void> {
            const auto rows = tx.unit().access_rows();
            if (!rows) return std::unexpected(rows.error());
            const auto now = AccessBook::read(*rows);
            if (!now) return std::unexpected(now.error());
            Change change;
            if (auto decided = work(*now, change); !decided) return decided;
            for (const AccessRow& row : change.put)
                if (auto put = tx.unit().put_access(row); !put) return put;
            for (const AccessRow& row : change.removed)
                if (auto removed = tx.unit().remove_access(row.kind, row.id); !removed) return removed;
            for (SystemChange& said : change.said)
                if (const auto added = tx.add(entry_of(std::move(said), by)); !added) return std::unexpected(added.error());
            return {};
        },
        {.refusable = true});
}

Result<void> AccessDesk::room_for_one(const AccessBook& book) const {
    if (book.size() < limits_.records_max) return {};
    return fail(Errc::too_large, fmt::format("there are {} users and tokens, no more are allowed", limits_.records_max), {},
                "revoke tokens that nobody uses; access.records_max in stemma.yaml sets the limit");
}

/// Takes away what is over, and the user's oldest session where there would be too many.
void AccessDesk::end_old_sessions(const AccessBook& now, const std::string& user, Change& change) const {
    std::vector<const AccessToken*> sessions;
    for (const AccessToken& token : now.tokens()) {
        if (token.user.empty()) continue;
        if (token.expires_at <= clock_.now())
            change.removed.push_back(row_of(token));
        else if (token.user == user)
            sessions.push_back(&token);
    }
    if (sessions.size() < kSessionsPerUserMax) return;
    change.removed.push_back(row_of(**std::ranges::min_element(sessions, {}, [](const AccessToken* token) { return token->made_at; })));
}

Result<MadeToken> AccessDesk::sign_in(const std::string& user, const std::string& phrase, const std::string& from,
                                      std::uint64_t& wait_seconds) {
    if (auto fits = check_phrase(user, phrase, from, wait_seconds); !fits) return std::unexpected(fits.error());
    MadeToken made{new_token(), {}};
    const auto done = run({"user:" + user}, [&](const AccessBook& now, Change& change) -> Result<void> {
        const Account* account = now.account(user);
        if (account == nullptr || account->disabled) return wrong_sign_in();
        end_old_sessions(now, user, change);
        if (change.removed.empty())
            if (auto room = room_for_one(now); !room) return room;
        const Instant at = clock_.now();
        made.record = {to_hex(random_bytes(kTokenIdBytes)),
                       {},
                       user,
                       token_digest(made.token),
                       account->roles,
                       {},
                       at,
                       {at.us + std::chrono::microseconds{limits_.session}.count()}};
        change.put.push_back(row_of(made.record));
        change.said.push_back({std::string{kAccess}, "signed_in", {{"user", user}, {"session", made.record.id}}});
        return {};
    });
    if (!done) return std::unexpected(done.error());
    return made;
}

Result<void> AccessDesk::sign_out(const Identity& who) {
    return run({who.actor}, [&](const AccessBook& now, Change& change) -> Result<void> {
        const auto found = std::ranges::find(now.tokens(), who.token, &AccessToken::id);
        if (found == now.tokens().end() || found->user.empty())
            return fail(Errc::not_found, "this is no session", {}, "a program's token is revoked: stemma token revoke NAME");
        change.removed.push_back(row_of(*found));
        change.said.push_back({std::string{kAccess}, "signed_out", {{"user", found->user}, {"session", found->id}}});
        return {};
    });
}

Result<void> AccessDesk::add_user(const std::string& name, const std::string& phrase, const AccountChange& with, const By& by) {
    if (auto fine = check_account_name(name, "user"); !fine) return fine;
    if (auto fine = check_phrase_form(phrase, "/password"); !fine) return fine;
    if (auto fine = check_full_name(with.full_name); !fine) return fine;
    const auto hashed = hash(phrase);
    if (!hashed) return std::unexpected(hashed.error());
    return run(by, [&](const AccessBook& now, Change& change) -> Result<void> {
        if (now.account(name) != nullptr)
            return fail(Errc::conflict, fmt::format("there is a user '{}'", name), "/name",
                        "a name is never given twice: what it did stays its own");
        if (!now.is_closed() && !with.roles.value_or(RoleSet{}).has(Role::administrator))
            return fail(Errc::conflict, "the first user has to be an administrator", "/roles",
                        "from then on nobody is let in without a name, and somebody must be able to add the others");
        if (auto room = room_for_one(now); !room) return room;
        const Instant at = clock_.now();
        const Account account{name, with.full_name.value_or(""), *hashed, with.roles.value_or(RoleSet{}), false, at, at};
        change.put.push_back(row_of(account));
        SystemChange said{std::string{kAccess}, "user_added", {{"user", name}, {"roles", joined(account.roles)}}};
        if (!account.full_name.empty()) said.details["fullNameDigest"] = salted(account.full_name);
        change.said.push_back(std::move(said));
        return {};
    });
}

namespace {

/// What of a change is said in the ledger, apart from each other so that a search by action finds it.
std::vector<SystemChange> said_of(const Account& before, const Account& after, bool phrase_set) {
    std::vector<SystemChange> said;
    const auto say = [&](const char* action, Attributes details) {
        details["user"] = after.name;
        said.push_back({std::string{kAccess}, action, std::move(details)});
    };
    if (before.roles != after.roles) say("roles_set", {{"roles", joined(after.roles)}, {"before", joined(before.roles)}});
    if (before.disabled != after.disabled) say(after.disabled ? "user_disabled" : "user_enabled", {});
    if (phrase_set) say("password_set", {});
    if (before.full_name != after.full_name)
        say("name_set", after.full_name.empty() ? Attributes{} : Attributes{{"fullNameDigest", salted(after.full_name)}});
    return said;
}

}  // namespace

Result<void> AccessDesk::change_user(const std::string& name, const AccountChange& wanted, const By& by) {
    if (auto fine = check_full_name(wanted.full_name); !fine) return fine;
    std::string hashed;
    if (wanted.phrase) {
        if (auto fine = check_phrase_form(*wanted.phrase, "/password"); !fine) return fine;
        auto made = hash(*wanted.phrase);
        if (!made) return std::unexpected(made.error());
        hashed = *std::move(made);
    }
    return run(by, [&](const AccessBook& now, Change& change) -> Result<void> {
        const Account* known = now.account(name);
        if (known == nullptr) return fail(Errc::not_found, fmt::format("there is no user '{}'", clip(name)), {}, "stemma user list");
        Account account = *known;
        if (wanted.roles) account.roles = *wanted.roles;
        if (wanted.disabled) account.disabled = *wanted.disabled;
        if (wanted.full_name) account.full_name = *wanted.full_name;
        if (wanted.phrase) {
            account.hash = hashed;
            account.phrase_at = clock_.now();
        }
        const auto administers = [](const Account& one) { return !one.disabled && one.roles.has(Role::administrator); };
        if (administers(*known) && !administers(account) && now.administrators() == 1)
            return fail(Errc::conflict, fmt::format("'{}' is the last administrator", name), {}, "make another user one first");
        change.put.push_back(row_of(account));
        change.said = said_of(*known, account, wanted.phrase.has_value());
        // Who lost a password, or a user's place, loses what was opened by it.
        if (wanted.phrase || account.disabled)
            for (const AccessToken& token : now.tokens())
                if (token.user == name) change.removed.push_back(row_of(token));
        return {};
    });
}

Result<MadeToken> AccessDesk::make_token(const TokenOrder& order, const By& by) {
    if (auto fine = check_account_name(order.name, "token"); !fine) return std::unexpected(fine.error());
    if (order.roles.empty()) return fail(Errc::invalid_input, "a token needs a role", "/roles", "give it the least that its program needs");
    if (order.days == 0 || order.days > kTokenDaysMax)
        return fail(Errc::invalid_input, fmt::format("a token is good for 1 to {} days", kTokenDaysMax), "/days");
    for (const std::string& group : order.groups)
        if (auto known = check_group(group); !known) {
            known.error().where = "/groups";
            return std::unexpected(known.error());
        }
    MadeToken made{new_token(), {}};
    const auto done = run(by, [&](const AccessBook& now, Change& change) -> Result<void> {
        if (!now.is_closed())
            return fail(Errc::conflict, "there is no user yet, so nobody is asked for a token", {},
                        "add an administrator first: stemma user add NAME --role administrator");
        if (auto room = room_for_one(now); !room) return room;
        const Instant at = clock_.now();
        made.record = {to_hex(random_bytes(kTokenIdBytes)),
                       order.name,
                       {},
                       token_digest(made.token),
                       order.roles,
                       order.groups,
                       at,
                       {at.us + static_cast<std::int64_t>(order.days) * kMicrosPerDay}};
        change.put.push_back(row_of(made.record));
        SystemChange said{std::string{kAccess}, "token_made", {{"token", order.name}, {"id", made.record.id}}};
        said.details["roles"] = joined(order.roles);
        said.details["expires"] = format_instant(made.record.expires_at);
        if (!order.groups.empty()) said.details["groups"] = fmt::format("{}", fmt::join(order.groups, ", "));
        change.said.push_back(std::move(said));
        return {};
    });
    if (!done) return std::unexpected(done.error());
    return made;
}

Result<std::uint64_t> AccessDesk::revoke(const std::string& id_or_name, const By& by) {
    std::uint64_t count = 0;
    const auto done = run(by, [&](const AccessBook& now, Change& change) -> Result<void> {
        for (const AccessToken& token : now.tokens()) {
            if (token.id != id_or_name && (token.name.empty() || token.name != id_or_name)) continue;
            change.removed.push_back(row_of(token));
            SystemChange said{std::string{kAccess}, "token_revoked", {{"id", token.id}}};
            said.details[token.user.empty() ? "token" : "user"] = token.user.empty() ? token.name : token.user;
            change.said.push_back(std::move(said));
        }
        count = change.removed.size();
        if (count != 0) return {};
        return fail(Errc::not_found, fmt::format("there is no token '{}'", clip(id_or_name)), {}, "stemma token list");
    });
    if (!done) return std::unexpected(done.error());
    return count;
}

}  // namespace stemma::engine
