// Who acts: users, tokens and what may not go on without one. Checks are made against a book in memory, which is read again when an entry
// about access was taken in, whoever wrote it. Each change is a ledger entry and a row beside it, in one transaction. Passwords are hashed
// on the caller's thread, a few at a time, and take as long for a user that does not exist.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/phrase_hash.hpp"
#include "core/engine/access_records.hpp"
#include "core/engine/access_refusals.hpp"
#include "core/engine/append.hpp"
#include "core/engine/try_rate.hpp"

namespace stemma::engine {

struct AccessLimits {
    HashCost cost{};
    std::uint64_t hashes_at_once{2};             ///< more wait for no one: they are told to come again
    std::uint64_t phrase_bytes_min{12};          ///< of a password
    std::chrono::seconds session{3600};          ///< how long a session's token is good
    std::uint64_t tries_per_minute{10};          ///< wrong ones, of one user and from one address each
    std::uint64_t records_max{10'000};           ///< users and tokens together
    std::chrono::milliseconds refusals{60'000};  ///< between two entries about refused attempts of one actor
};

inline constexpr std::size_t kPhraseBytesMax = 1024;    ///< of a password
inline constexpr std::size_t kFullNameBytesMax = 128;   ///< of a person's name
inline constexpr std::size_t kSessionsPerUserMax = 16;  ///< then the oldest ends
inline constexpr std::uint64_t kTokenDaysMax = 3653;    ///< ten years

inline constexpr std::size_t kApprovalBytesMax = 262'144;  ///< of the body of a command that waits for a second person

/// A command that has to be signed.
struct SigningRule {
    Act act{Act::events_record};
    std::string workflow;               ///< of a case's step; "" = any
    std::string step;                   ///< "" = any
    std::vector<std::string> meanings;  ///< that a signature may have; never empty
    bool second_person{false};
    std::chrono::seconds within{72 * 3600};
};

/// What somebody offers as a signature: name and password again, and what the signing means.
struct Offer {
    std::string user;
    std::string phrase;
    std::string meaning;
    std::string reason;
    std::string digest;  ///< of what was shown to be signed
};

/// What is to be signed.
struct ToSign {
    std::string said;    ///< as ElectronicSignature has it
    std::string digest;  ///< likewise; of a command of several records, over all of them
};

/// What is to be changed of a user; what is absent stays.
struct AccountChange {
    std::optional<RoleSet> roles;
    std::optional<bool> disabled;
    std::optional<std::string> phrase;
    std::optional<std::string> full_name;  ///< "": taken away
};

struct TokenOrder {
    std::string name;
    RoleSet roles;
    std::vector<std::string> groups;  ///< empty: all
    std::uint64_t days{90};
};

/// A token that was just made: the only time it is seen.
struct MadeToken {
    std::string token;
    AccessToken record;
};

/// Who asked for a change, and why.
struct By {
    std::string actor;
    std::string reason{};
};

/// Any thread but the writer's and those that do I/O, unless said otherwise.
class AccessDesk {
public:
    /// References outlive the desk.
    AccessDesk(Store& store, Appender& appender, const Clock& clock, const AccessLimits& limits, std::vector<SigningRule> signing = {});

    using Book = std::shared_ptr<const AccessBook>;
    /// As of now. Reads the store where something changed. Errors: Errc::storage, Errc::unavailable.
    [[nodiscard]] Result<Book> book();
    /// The same without the store: null where it would have to be read. Also for threads that do I/O.
    [[nodiscard]] Book book_in_memory() const;
    [[nodiscard]] Instant now() const { return clock_.now(); }

    /// A user's session. Errors: Errc::denied for a wrong name or password, not told apart; Errc::busy, with the seconds to wait in
    /// `wait_seconds`, after too many wrong ones, and where too many are hashed; those of Appender::run.
    [[nodiscard]] Result<MadeToken> sign_in(const std::string& user, const std::string& phrase, const std::string& from,
                                            std::uint64_t& wait_seconds);
    /// Ends the session of this token. Errors: Errc::not_found for what is no session.
    [[nodiscard]] Result<void> sign_out(const Identity& who);
    /// Whether this is the user's password, counted and slowed down as a sign-in is. Errors: as sign_in.
    [[nodiscard]] Result<void> check_phrase(const std::string& user, const std::string& phrase, const std::string& from,
                                            std::uint64_t& wait_seconds);

    /// Adds a user. The first one has to be an administrator; from then on nobody is let in without a name.
    /// Errors: Errc::invalid_input, Errc::conflict for a name that was ever given, Errc::too_large.
    [[nodiscard]] Result<void> add_user(const std::string& name, const std::string& phrase, const AccountChange& with, const By& by);
    /// Errors: Errc::not_found; Errc::conflict where no administrator would be left.
    [[nodiscard]] Result<void> change_user(const std::string& name, const AccountChange& change, const By& by);
    /// A token for a program. Errors: Errc::conflict while there is no user; Errc::invalid_input; Errc::too_large.
    [[nodiscard]] Result<MadeToken> make_token(const TokenOrder& order, const By& by);
    /// By its id, or all of a name. Gives how many. Errors: Errc::not_found.
    [[nodiscard]] Result<std::uint64_t> revoke(const std::string& id_or_name, const By& by);

    /// Whether some rule names this command.
    [[nodiscard]] bool signs(Act act) const;
    /// The first rule that a command falls under; null for none.
    [[nodiscard]] const SigningRule* signing_rule(Act act, const std::string& workflow, const std::string& step) const;
    /// Checks an offer and makes the signature. Errors: Errc::conflict where something else was shown to be signed, Errc::invalid_input
    /// for another meaning, Errc::forbidden where the signer is not who asks, and those of check_phrase.
    [[nodiscard]] Result<ElectronicSignature> sign(const Identity& who, const Offer& offer, const ToSign& what,
                                                   const std::vector<std::string>& meanings, const std::string& from,
                                                   std::uint64_t& wait_seconds);
    /// Keeps a signed command for a second person; gives its id. Errors: Errc::too_large; those of Appender::run.
    [[nodiscard]] Result<std::string> propose(Approval approval, const By& by);
    /// A command that waits, and is not over. Errors: Errc::not_found.
    [[nodiscard]] Result<Approval> waiting(const std::string& id);
    /// It waits no more: "approved" or "rejected" by somebody. Errors: Errc::not_found; those of Appender::run.
    [[nodiscard]] Result<void> end_approval(const std::string& id, const char* how, const By& by);
    /// Who proposed it, with the rights of now. Errors: Errc::forbidden where that user may not do it any more.
    [[nodiscard]] Result<Identity> proposer(const Approval& approval);

    /// Notes a refused attempt for the ledger. Also for threads that do I/O.
    void note_refusal(const Refusal& refusal) { refusals_.note(refusal); }
    /// Wrong tokens from one address: whole seconds that it has to wait; counts one more where `failed`. Also for threads that do I/O.
    [[nodiscard]] std::uint64_t token_wait(const std::string& from, bool failed);
    void stop() { refusals_.stop(); }

private:
    class HashPlace;
    /// What one change writes: rows beside the ledger, and the entries that say so.
    struct Change {
        std::vector<AccessRow> put{};
        std::vector<AccessRow> removed{};
        std::vector<SystemChange> said{};
    };
    [[nodiscard]] Result<void> check_phrase_form(const std::string& phrase, std::string_view where) const;
    [[nodiscard]] Result<std::string> hash(const std::string& phrase);
    [[nodiscard]] Result<std::string> nobodys_hash();
    [[nodiscard]] Result<void> run(const By& by, const std::function<Result<void>(const AccessBook& now, Change& change)>& work);
    [[nodiscard]] Result<void> room_for_one(const AccessBook& book) const;
    void end_old_sessions(const AccessBook& now, const std::string& user, Change& change) const;
    void record_refused_sign_in(const std::string& user, bool known, const std::string& from);

    Store& store_;
    Appender& appender_;
    const Clock& clock_;
    const AccessLimits limits_;
    const std::vector<SigningRule> signing_;
    TryRate users_;
    TryRate addresses_;
    TryRate tokens_;
    mutable std::mutex mutex_;  ///< guards the next four
    Book book_;
    std::uint64_t book_changes_{0};  ///< Appender::access_changes() when it was read
    std::uint64_t hashing_{0};
    std::string nobodys_hash_;  ///< of no password: what an unknown user's is held to
    RefusalLog refusals_;       ///< last: its thread ends before what it uses
};

}  // namespace stemma::engine
