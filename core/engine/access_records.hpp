// Users, tokens and waiting commands as they are kept beside the ledger (AccessRow), and the book of all of them that a request is
// checked against: a value, made anew whenever one of them changes. Nothing here is ever logged or put into the ledger.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/time.hpp"
#include "core/domain/access.hpp"
#include "core/domain/electronic_signature.hpp"
#include "core/ports/store.hpp"

namespace stemma::engine {

/// A person who signs in. Never removed, so that a name in the ledger always means the same person (21 CFR 11.100(a)).
struct Account {
    std::string name;
    std::string full_name;  ///< as signatures show it; may be taken away
    std::string hash;       ///< of the password, Argon2id with its salt
    RoleSet roles;
    bool disabled{false};
    Instant added_at;
    Instant phrase_at;  ///< when the password was set
    friend bool operator==(const Account&, const Account&) = default;
};

/// What is known of a token; the token itself is shown once and kept nowhere.
struct AccessToken {
    std::string id;      ///< 8 hexadecimal digits, for people
    std::string name;    ///< of the program; "" for a session
    std::string user;    ///< who signed in; "" for a program's
    std::string digest;  ///< hex SHA-256 of the token
    RoleSet roles;       ///< of a program's; a session has its user's, as they are now
    std::vector<std::string> groups;
    Instant made_at;
    Instant expires_at;
    friend bool operator==(const AccessToken&, const AccessToken&) = default;
};

/// A signed command that waits for a second person: the request as it came, without any secret.
struct Approval {
    std::string id;  ///< 8 hexadecimal digits
    Act act{Act::events_record};
    std::string method;
    std::string path;
    std::vector<std::pair<std::string, std::string>> query;
    std::string content_type;
    std::string key;  ///< the idempotency key it is carried out under
    std::string body;
    std::string user;  ///< who proposed it, and signed first
    ElectronicSignature signature;
    std::vector<std::string> meanings;  ///< that the second signature may have
    Instant proposed_at;
    Instant expires_at;
    friend bool operator==(const Approval&, const Approval&) = default;
};

[[nodiscard]] AccessRow row_of(const Account& account);
[[nodiscard]] AccessRow row_of(const Approval& approval);
[[nodiscard]] AccessRow row_of(const AccessToken& token);
/// Errors: Errc::storage for content that is not ours.
[[nodiscard]] Result<Account> account_of(const AccessRow& row);
[[nodiscard]] Result<AccessToken> token_of(const AccessRow& row);
[[nodiscard]] Result<Approval> approval_of(const AccessRow& row);

/// All that is known at one moment. Immutable; any thread.
class AccessBook {
public:
    /// Errors: as account_of.
    [[nodiscard]] static Result<AccessBook> read(const std::vector<AccessRow>& rows);

    /// Whether anybody has to say who they are: as soon as there is a user.
    [[nodiscard]] bool is_closed() const noexcept { return !accounts_.empty(); }
    [[nodiscard]] const std::map<std::string, Account>& accounts() const noexcept { return accounts_; }
    [[nodiscard]] const Account* account(const std::string& name) const;
    [[nodiscard]] const std::vector<AccessToken>& tokens() const noexcept { return tokens_; }     ///< by their id
    [[nodiscard]] const std::vector<Approval>& approvals() const noexcept { return approvals_; }  ///< by their id
    [[nodiscard]] const Approval* approval(const std::string& id) const;
    [[nodiscard]] std::size_t size() const noexcept { return accounts_.size() + tokens_.size() + approvals_.size(); }
    /// Users who are not disabled and have the role of an administrator.
    [[nodiscard]] std::size_t administrators() const;

    /// Who shows this token: null where there is none, it is over, or its user is disabled.
    [[nodiscard]] std::shared_ptr<const Identity> find(std::string_view token, Instant now) const;

private:
    struct Holder {
        std::shared_ptr<const Identity> who;
        Instant expires_at;
    };
    std::map<std::string, Account> accounts_;
    std::vector<AccessToken> tokens_;
    std::vector<Approval> approvals_;
    std::unordered_map<std::string, Holder> holders_;  ///< by digest
};

/// "stm_" and 64 hexadecimal digits of 256 random bits, '_' and 8 digits of its SHA-256: told at sight, also by what searches for leaks.
[[nodiscard]] std::string new_token();
/// Whether a text has the form of a token and its check digits are right: nothing is said of whose it is.
[[nodiscard]] bool is_token_form(std::string_view text);
[[nodiscard]] std::string token_digest(std::string_view token);

}  // namespace stemma::engine
