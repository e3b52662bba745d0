#include "core/engine/access_records.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/base/random.hpp"
#include "core/ledger/codec_parts.hpp"
#include "core/ledger/entry_codec.hpp"
#include "core/ledger/json_read.hpp"
#include "core/ledger/json_write.hpp"

namespace stemma::engine {
namespace {

constexpr std::string_view kTokenStart = "stm_";
constexpr std::size_t kTokenRandomBytes = 32;
constexpr std::size_t kTokenHexBytes = 2 * kTokenRandomBytes;
constexpr std::size_t kTokenCheckBytes = 8;
constexpr std::size_t kTokenBytes = kTokenStart.size() + kTokenHexBytes + 1 + kTokenCheckBytes;

void write_list(json::Writer& out, std::string_view name, const std::vector<std::string>& texts) {
    out.list(name, texts, [&](const std::string& text) { out.string(text); });
}

void write_time(json::Writer& out, std::string_view name, Instant at) { out.field(name, format_instant(at)); }

void read_roles(json::Reading& in, json::Fields& fields, RoleSet& roles) {
    fields.each("roles", [&](const json::Node& node) {
        const std::string name = in.string(node);
        if (in.refused()) return;
        if (const auto role = role_from(name))
            roles.add(*role);
        else
            in.refuse(role.error());
    });
}

/// A row's content, read field by field.
template <class Value, class Read>
Result<Value> content_of(const AccessRow& row, Read read) {
    const auto broken = [&](const Error& error) {
        return fail(Errc::storage, fmt::format("the record of {} {} cannot be read: {}", row.kind, row.id, error.text()), "sql:access.all");
    };
    const auto tree = json::parse(row.content, JsonLimits{});
    if (!tree) return broken(tree.error());
    json::Reading in;
    json::Fields fields{in, *tree};
    Value value;
    read(in, fields, value);
    fields.done();
    if (in.refused()) return broken(std::move(in).error());
    return value;
}

}  // namespace

AccessRow row_of(const Account& account) {
    json::Writer out;
    out.begin_object();
    out.field("fullName", account.full_name);
    out.field("hash", account.hash);
    write_list(out, "roles", names_of(account.roles));
    if (account.disabled) {
        out.key("disabled");
        out.raw("true");
    }
    write_time(out, "addedAt", account.added_at);
    write_time(out, "passwordAt", account.phrase_at);
    out.end_object();
    return {"user", account.name, out.take()};
}

AccessRow row_of(const AccessToken& token) {
    json::Writer out;
    out.begin_object();
    out.field("name", token.name);
    out.field("user", token.user);
    out.field("digest", token.digest);
    write_list(out, "roles", names_of(token.roles));
    write_list(out, "groups", token.groups);
    write_time(out, "madeAt", token.made_at);
    write_time(out, "expiresAt", token.expires_at);
    out.end_object();
    return {"token", token.id, out.take()};
}

Result<Account> account_of(const AccessRow& row) {
    return content_of<Account>(row, [&](json::Reading& in, json::Fields& fields, Account& account) {
        account.name = row.id;
        fields.read("fullName", account.full_name);
        fields.read("hash", account.hash);
        read_roles(in, fields, account.roles);
        fields.read("disabled", account.disabled);
        fields.read("addedAt", account.added_at);
        fields.read("passwordAt", account.phrase_at);
    });
}

Result<AccessToken> token_of(const AccessRow& row) {
    return content_of<AccessToken>(row, [&](json::Reading& in, json::Fields& fields, AccessToken& token) {
        token.id = row.id;
        fields.read("name", token.name);
        fields.read("user", token.user);
        fields.need("digest", token.digest);
        read_roles(in, fields, token.roles);
        fields.read("groups", token.groups);
        fields.read("madeAt", token.made_at);
        fields.read("expiresAt", token.expires_at);
    });
}

AccessRow row_of(const Approval& approval) {
    json::Writer out;
    out.begin_object();
    out.field("act", to_string(approval.act));
    out.field("method", approval.method);
    out.field("path", approval.path);
    out.list("query", approval.query, [&](const auto& pair) {
        out.begin_array();
        out.string(pair.first);
        out.string(pair.second);
        out.end_array();
    });
    out.field("contentType", approval.content_type);
    out.field("key", approval.key);
    out.field("body", approval.body);
    out.field("user", approval.user);
    out.key("signature");
    json::write(out, approval.signature);
    write_list(out, "meanings", approval.meanings);
    write_time(out, "proposedAt", approval.proposed_at);
    write_time(out, "expiresAt", approval.expires_at);
    out.end_object();
    return {"approval", approval.id, out.take()};
}

Result<Approval> approval_of(const AccessRow& row) {
    return content_of<Approval>(row, [&](json::Reading& in, json::Fields& fields, Approval& approval) {
        approval.id = row.id;
        fields.choose("act", approval.act, act_from);
        fields.need("method", approval.method);
        fields.need("path", approval.path);
        fields.each("query", [&](const json::Node& node) {
            const std::vector<std::string> pair = in.strings(node);
            if (pair.size() == 2) approval.query.emplace_back(pair[0], pair[1]);
        });
        fields.read("contentType", approval.content_type);
        fields.read("key", approval.key);
        fields.read("body", approval.body);
        fields.need("user", approval.user);
        fields.require("signature");
        fields.with("signature", [&](const json::Node& node) { json::read(in, node, approval.signature); });
        fields.read("meanings", approval.meanings);
        fields.read("proposedAt", approval.proposed_at);
        fields.read("expiresAt", approval.expires_at);
    });
}

Result<AccessBook> AccessBook::read(const std::vector<AccessRow>& rows) {
    AccessBook book;
    for (const AccessRow& row : rows) {
        if (row.kind == "user") {
            auto account = account_of(row);
            if (!account) return std::unexpected(account.error());
            book.accounts_.emplace(row.id, *std::move(account));
        } else if (row.kind == "token") {
            auto token = token_of(row);
            if (!token) return std::unexpected(token.error());
            book.tokens_.push_back(*std::move(token));
        } else if (row.kind == "approval") {
            auto approval = approval_of(row);
            if (!approval) return std::unexpected(approval.error());
            book.approvals_.push_back(*std::move(approval));
        }
    }
    for (const AccessToken& token : book.tokens_) {
        const Account* account = token.user.empty() ? nullptr : book.account(token.user);
        if (!token.user.empty() && (account == nullptr || account->disabled)) continue;
        Identity who{account != nullptr ? "user:" + token.user : "token:" + token.name, token.user, token.id,
                     account != nullptr ? account->roles : token.roles, token.groups};
        book.holders_.emplace(token.digest, Holder{std::make_shared<const Identity>(std::move(who)), token.expires_at});
    }
    return book;
}

const Account* AccessBook::account(const std::string& name) const {
    const auto found = accounts_.find(name);
    return found == accounts_.end() ? nullptr : &found->second;
}

const Approval* AccessBook::approval(const std::string& id) const {
    const auto found = std::ranges::find(approvals_, id, &Approval::id);
    return found == approvals_.end() ? nullptr : &*found;
}

std::size_t AccessBook::administrators() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        accounts_, [](const auto& named) { return !named.second.disabled && named.second.roles.has(Role::administrator); }));
}

std::shared_ptr<const Identity> AccessBook::find(std::string_view token, Instant now) const {
    if (token.size() != kTokenBytes) return nullptr;
    // What is looked up is a digest of 256 random bits: how long it takes tells nothing of the tokens that there are.
    const auto found = holders_.find(token_digest(token));
    return found == holders_.end() || found->second.expires_at <= now ? nullptr : found->second.who;
}

std::string new_token() {
    std::string token = std::string{kTokenStart} + to_hex(random_bytes(kTokenRandomBytes));
    token += '_' + token_digest(token).substr(0, kTokenCheckBytes);
    return token;
}

bool is_token_form(std::string_view text) {
    if (text.size() != kTokenBytes || !text.starts_with(kTokenStart)) return false;
    const std::string_view front = text.substr(0, kTokenStart.size() + kTokenHexBytes);
    return text[front.size()] == '_' && text.substr(front.size() + 1) == token_digest(front).substr(0, kTokenCheckBytes);
}

std::string token_digest(std::string_view token) { return to_hex(sha256(token)); }

}  // namespace stemma::engine
