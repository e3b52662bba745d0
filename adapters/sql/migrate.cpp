#include "adapters/sql/migrate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "adapters/sql/transaction.hpp"
#include "core/base/digest.hpp"

namespace stemma::sql {
namespace {

constexpr Query kCreate{
    "migration.table", "CREATE TABLE IF NOT EXISTS schema_migration (number BIGINT PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL)"};
constexpr Query kApplied{"migration.applied", "SELECT name, sha256 FROM schema_migration ORDER BY number"};
constexpr Query kAdd{"migration.add", "INSERT INTO schema_migration (number, name, sha256) VALUES (:number, :name, :sha256)"};

bool is_word(char c) noexcept { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string upper(std::string_view text) {
    std::string out{text};
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return out;
}

/// Walks over one file, token by token, and cuts it at the semicolons that end a statement.
class Splitter {
public:
    explicit Splitter(std::string_view text) : text_{text} {}

    Result<std::vector<std::string>> split() {
        while (at_ < text_.size()) {
            const std::size_t begin = at_;
            if (auto stepped = step(); !stepped) return fail(std::move(stepped));
            if (at_ - begin == 1 && text_[begin] == ';' && ends_statement()) {
                finish(begin);
            } else if (!is_blank_) {
                if (first_ == std::string_view::npos) first_ = begin;
            }
        }
        finish(text_.size());
        return std::move(statements_);
    }

private:
    /// Moves past one token and notes what the end of a trigger needs to know.
    Result<void> step() {
        const char c = text_[at_];
        is_blank_ = false;
        if (text_.substr(at_).starts_with("--")) return comment("\n", false);
        if (text_.substr(at_).starts_with("/*")) return comment("*/", true);
        if (c == '\'' || c == '"') return skip_quoted(c);
        if (c == '$')
            if (const auto tag = dollar_tag()) return skip_past(*tag, at_ + tag->size());
        if (is_word(c)) {
            const std::size_t begin = at_;
            while (at_ < text_.size() && is_word(text_[at_])) ++at_;
            word(upper(text_.substr(begin, at_ - begin)));
            return {};
        }
        ++at_;
        is_blank_ = std::isspace(static_cast<unsigned char>(c)) != 0;
        if (c == ';') {
            end_after_semicolon_ = last_ == "END" && before_last_ == ";";
            note(";");
        } else if (!is_blank_) {
            note("");
        }
        return {};
    }

    void note(std::string token) {
        before_last_ = std::move(last_);
        last_ = std::move(token);
    }

    void word(std::string token) {
        if (words_ == 0) creates_ = token == "CREATE";
        ++words_;
        if (creates_ && token == "TRIGGER" && words_ <= 3) is_trigger_ = true;  // CREATE [TEMP|TEMPORARY] TRIGGER
        if (is_trigger_ && token == "BEGIN") has_body_ = true;
        note(std::move(token));
    }

    /// A trigger's body ends at "; END ;": the END of a CASE has no semicolon in front.
    [[nodiscard]] bool ends_statement() const noexcept { return !has_body_ || end_after_semicolon_; }

    Result<void> comment(std::string_view end, bool must_end) {
        is_blank_ = true;
        const std::size_t found = text_.find(end, at_ + 2);
        if (found == std::string_view::npos && must_end) return unclosed();
        at_ = found == std::string_view::npos ? text_.size() : found + end.size();
        return {};
    }

    /// A doubled quote inside is two texts side by side, which comes to the same.
    Result<void> skip_quoted(char quote) { return skip_past(std::string_view{&quote, 1}, at_ + 1); }

    Result<void> skip_past(std::string_view end, std::size_t from) {
        const std::size_t found = text_.find(end, from);
        if (found == std::string_view::npos) return unclosed();
        at_ = found + end.size();
        note("");
        return {};
    }

    [[nodiscard]] std::optional<std::string> dollar_tag() const {
        std::size_t end = at_ + 1;
        while (end < text_.size() && is_word(text_[end])) ++end;
        if (end >= text_.size() || text_[end] != '$') return std::nullopt;
        return std::string{text_.substr(at_, end + 1 - at_)};
    }

    [[nodiscard]] std::unexpected<Error> unclosed() const {
        const auto line = 1 + std::ranges::count(text_.substr(0, at_), '\n');
        return fail(Errc::config, fmt::format("a text or comment that begins in line {} is not closed", line));
    }

    void finish(std::size_t end) {
        if (first_ != std::string_view::npos) statements_.emplace_back(text_.substr(first_, end - first_));
        first_ = std::string_view::npos;
        words_ = 0;
        creates_ = is_trigger_ = has_body_ = end_after_semicolon_ = false;
        last_.clear();
        before_last_.clear();
    }

    std::string_view text_;
    std::size_t at_{0};
    std::size_t first_{std::string_view::npos};  ///< where the statement begins, past blanks and comments
    std::size_t words_{0};
    bool is_blank_{false};
    bool creates_{false};
    bool is_trigger_{false};
    bool has_body_{false};
    bool end_after_semicolon_{false};
    std::string last_;
    std::string before_last_;
    std::vector<std::string> statements_;
};

struct Applied {
    std::string name;
    std::string sha256;
};

/// How many files were applied. What was applied must be the beginning of what this program has.
Result<std::size_t> read_history(Session& session, std::span<const Migration> migrations) {
    auto applied = session.all(kApplied, Binds{}, [](const Row& row) {
        return Applied{std::string{row.text(0)}, std::string{row.text(1)}};
    });
    if (!applied) return fail(std::move(applied));
    for (std::size_t i = 0; i < applied->size(); ++i) {
        const Applied& file = (*applied)[i];
        if (i >= migrations.size())
            return fail(Errc::storage, fmt::format("the database is newer than this program: it has {}", file.name),
                        "sql:migration." + file.name, "use the program version that made it, or a newer one");
        if (file.name != migrations[i].name || file.sha256 != to_hex(sha256(migrations[i].text)))
            return fail(Errc::storage,
                        fmt::format("the database was made by another {} than this program's {}", file.name, migrations[i].name),
                        fmt::format("sql:migration.{}", migrations[i].name), "use the program version that made the database");
    }
    return applied->size();
}

/// Applies the next missing file in a transaction of its own; false when none is missing.
Result<bool> apply_next(Session& session, std::span<const Migration> migrations) {
    auto transaction = Transaction::begin(session, Transaction::Mode::write);
    if (!transaction) return fail(std::move(transaction));
    if (auto made = session.execute_as_is(kCreate); !made) return fail(std::move(made));
    auto applied = read_history(session, migrations);
    if (!applied) return fail(std::move(applied));
    if (*applied == migrations.size()) return false;

    const Migration& next = migrations[*applied];
    const std::string label = fmt::format("migration.{}", next.name);
    auto statements = split_statements(next.text);
    if (!statements) return fail(statements.error().code, statements.error().message, "sql:" + label);
    for (const std::string& statement : *statements)
        if (auto done = session.execute_as_is({label.c_str(), statement.c_str()}); !done) return fail(std::move(done));
    auto added = session.execute(
        kAdd, {{"number", static_cast<std::int64_t>(*applied + 1)}, {"name", next.name}, {"sha256", to_hex(sha256(next.text))}});
    if (!added) return fail(std::move(added));
    if (auto done = transaction->commit(); !done) return fail(std::move(done));
    return true;
}

}  // namespace

Result<std::vector<std::string>> split_statements(std::string_view text) { return Splitter{text}.split(); }

Result<void> check_schema(Session& session, std::span<const Migration> migrations) {
    auto applied = read_history(session, migrations);
    if (!applied && applied.error().code == Errc::config)  // there is no schema_migration
        return fail(Errc::storage, "the database was not made by this program", applied.error().where);
    if (!applied) return fail(std::move(applied));
    if (*applied < migrations.size())
        return fail(Errc::storage, fmt::format("the database lacks {}", migrations[*applied].name), "sql:migration.applied",
                    "open it for writing once");
    return {};
}

Result<std::size_t> migrate(Session& session, std::span<const Migration> migrations) {
    for (std::size_t i = 0; i < migrations.size(); ++i)
        if (!migrations[i].name.starts_with(fmt::format("{:04}_", i + 1)))
            return fail(Errc::internal, fmt::format("migration {} should be number {}", migrations[i].name, i + 1));
    for (std::size_t count = 0;; ++count) {
        auto more = apply_next(session, migrations);
        if (!more) return fail(std::move(more));
        if (!*more) return count;
    }
}

}  // namespace stemma::sql
