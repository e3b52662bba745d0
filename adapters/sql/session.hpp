// One open database session: named statements with values bound by name, rows read column by column.
// Hides SOCI and its habits: values are owned here, statements are prepared once and kept, a result left half-read is closed.
// One thread at a time. Rows must not outlive their Session.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "adapters/sql/binary.hpp"
#include "adapters/sql/connection.hpp"
#include "core/base/error.hpp"

namespace stemma::sql {

/// Named SQL with ":name" parameters, one home per user (queries.hpp). The name ("ledger.append") is where its errors point to.
/// PostgreSQL: no lone ':' in comments, array slices or $$ bodies; '::' is fine. One statement, no semicolon needed.
struct Query {
    const char* name;
    const char* text;
};

inline constexpr std::size_t kStatementsKeptMax = 128;  ///< prepared statements that a session keeps

/// An integer that fits 64 bits with a sign. bool is not one.
template <class T>
concept Bindable = std::integral<T> && !std::same_as<T, bool> && (std::signed_integral<T> || sizeof(T) < sizeof(std::int64_t));

/// A value to bind: NULL, a 64-bit integer or text. Text is borrowed until the call returns. Converts, so that binds read as values.
class Value {
public:
    Value(std::nullptr_t) {}
    Value(std::string_view text) : held_{text} {}
    Value(const std::string& text) : held_{std::string_view{text}} {}
    Value(const char* text) : held_{std::string_view{text}} {}
    template <Bindable T>
    Value(T number) : held_{static_cast<std::int64_t>(number)} {}
    template <class T>
    Value(const std::optional<T>& value) {
        if (value) held_ = Value{*value}.held_;
    }

    using Held = std::variant<std::monostate, std::int64_t, std::string_view>;
    [[nodiscard]] const Held& held() const noexcept { return held_; }

private:
    Held held_;
};

struct Bind {
    std::string_view name;  ///< without the colon
    Value value;
};
using Binds = std::span<const Bind>;
using BinaryParameters = std::span<const BinaryParameter>;
using BinaryLook = std::function<void(const BinaryRow&)>;

/// Called while a database is copied, with its pages done and their number.
using CopyProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct Prepared;  // session.cpp
class Session;

/// The row that was fetched last. Views into it live until the next call of next().
/// Every column of any engine can be read as text: PostgreSQL's own output form (ISO dates, "t"/"f", "\x00ff"), SQLite's cast to text,
/// MariaDB's ("0000-00-00" for its zero date, "1"/"0" for truth); bytes are exact, an embedded NUL included (not PostgreSQL).
class Row {
public:
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] bool is_null(std::size_t column) const noexcept;
    [[nodiscard]] std::string_view text(std::size_t column) const noexcept;  ///< NULL as ""
    [[nodiscard]] std::optional<std::string_view> maybe_text(std::size_t column) const noexcept;
    /// A whole number. NULL or any other text gives 0 and makes the next call of next() fail with Errc::storage.
    [[nodiscard]] std::int64_t integer(std::size_t column) const noexcept;
    [[nodiscard]] std::optional<std::int64_t> maybe_integer(std::size_t column) const noexcept;  ///< NULL as none

private:
    friend class Rows;
    explicit Row(Prepared* statement) noexcept : statement_{statement} {}
    Prepared* statement_;
};

/// A result being read. SQLite streams; MariaDB keeps the result in the server and sends it in blocks; PostgreSQL holds the whole result in
/// memory here: limit the query.
class Rows {
public:
    Rows(Rows&&) noexcept;
    Rows& operator=(Rows&&) = delete;
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;
    ~Rows();  ///< closes the result: a half-read SELECT holds a lock or snapshot

    /// true = row() is the next row; false = the end.
    [[nodiscard]] Result<bool> next();
    [[nodiscard]] const Row& row() const noexcept { return row_; }

private:
    friend class Session;
    Rows(std::shared_ptr<Prepared> statement, bool has_first);
    [[nodiscard]] Result<void> check() const;  ///< the error of a cell that was misread
    std::shared_ptr<Prepared> statement_;
    Row row_;
    bool has_first_;
};

class Session {
public:
    /// Opens and sets up. Errors: Errc::unavailable (not there, refused), Errc::storage (no SQLite database), Errc::config (bad text).
    [[nodiscard]] static Result<Session> open(const Connection& connection);
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    ~Session();

    [[nodiscard]] Engine engine() const noexcept;
    /// SQLite: the id of the row that this session inserted last.
    [[nodiscard]] std::int64_t last_id() const noexcept;
    /// Runs to the end; how many rows an INSERT, UPDATE or DELETE changed (of no meaning for other statements).
    /// Errors: as error_map.hpp has them; Errc::internal where the values do not fit the parameters.
    Result<std::int64_t> execute(const Query& query, Binds binds = {});
    Result<std::int64_t> execute(const Query& query, std::initializer_list<Bind> binds) { return execute(query, Binds{binds}); }
    /// Runs and reads. Errors of reading come from Rows::next().
    [[nodiscard]] Result<Rows> query(const Query& query, Binds binds = {});
    [[nodiscard]] Result<Rows> query(const Query& text, std::initializer_list<Bind> binds) { return query(text, Binds{binds}); }
    /// All rows, each made into a value by make(const Row&).
    template <std::invocable<const Row&> Make>
    [[nodiscard]] auto all(const Query& query, Binds binds, Make&& make) -> Result<std::vector<std::invoke_result_t<Make&, const Row&>>>;
    template <std::invocable<const Row&> Make>
    [[nodiscard]] auto all(const Query& query, std::initializer_list<Bind> binds, Make&& make) {
        return all(query, Binds{binds}, std::forward<Make>(make));
    }
    /// Each row is shown to look(const Row&).
    template <std::invocable<const Row&> Look>
    [[nodiscard]] Result<void> each(const Query& query, Binds binds, Look&& look);
    /// The first row, or none.
    template <std::invocable<const Row&> Make>
    [[nodiscard]] auto first(const Query& query, Binds binds, Make&& make)
        -> Result<std::optional<std::invoke_result_t<Make&, const Row&>>>;
    template <std::invocable<const Row&> Make>
    [[nodiscard]] auto first(const Query& query, std::initializer_list<Bind> binds, Make&& make) {
        return first(query, Binds{binds}, std::forward<Make>(make));
    }

    /// PostgreSQL: a statement with parameters $1, $2, ... given in binary; how many rows it changed. The whole result is held here.
    Result<std::int64_t> execute_binary(const Query& query, BinaryParameters parameters);
    /// PostgreSQL: COPY table (columns) FROM STDIN (FORMAT binary). Errors: as those of the same INSERT.
    [[nodiscard]] Result<void> copy_binary(const Query& query, const BinaryRows& rows);
    /// PostgreSQL: as execute_binary(), and each row of its result in binary is shown.
    [[nodiscard]] Result<void> each_binary(const Query& query, BinaryParameters parameters, const BinaryLook& look);

    /// Ends the transaction durably. PostgreSQL: an answer with a warning (01000: the wait for a synchronous standby was cancelled), or
    /// one that says ROLLBACK, is no acknowledgement. Errors: Errc::unavailable, Errc::storage: nobody knows whether it took hold.
    [[nodiscard]] Result<void> commit();

    /// One statement as it stands: no parameters, nothing kept, colons have no meaning. For BEGIN, PRAGMA, SET and migrations.
    Result<void> execute_as_is(const Query& query);
    /// Names of the columns that a query gives, without running it. Errors: Errc::config where the query does not fit the database.
    [[nodiscard]] Result<std::vector<std::string>> columns(const Query& query);

    /// Replaces the whole content of `to` by this database as it is when the copying begins. Others may read and write it meanwhile: they
    /// wait for nothing. Both SQLite; neither in a transaction. What is written meanwhile stays in the write-ahead log until the end.
    [[nodiscard]] Result<void> copy_into(Session& to, const CopyProgress& progress = {});

    [[nodiscard]] Result<void> ping();                   ///< one round trip
    [[nodiscard]] bool usable() const noexcept;          ///< false once the connection was lost or a rollback failed
    [[nodiscard]] bool in_transaction() const noexcept;  ///< as the engine sees it
    /// Ends an open transaction, if any. A failure makes the session unusable.
    void roll_back() noexcept;

    struct Impl;  ///< session.cpp

private:
    explicit Session(std::unique_ptr<Impl> impl);
    /// As query(), whose Rows end before the texts of `binds` do.
    [[nodiscard]] Result<Rows> query_within(const Query& query, Binds binds);
    [[nodiscard]] Result<Rows> query(const Query& query, Binds binds, bool borrowed);
    [[nodiscard]] Result<std::int64_t> run_binary(const Query& query, BinaryParameters parameters, const BinaryLook* look);
    std::unique_ptr<Impl> impl_;
};

template <std::invocable<const Row&> Make>
auto Session::all(const Query& text, Binds binds, Make&& make) -> Result<std::vector<std::invoke_result_t<Make&, const Row&>>> {
    auto rows = query_within(text, binds);
    if (!rows) return fail(std::move(rows));
    std::vector<std::invoke_result_t<Make&, const Row&>> made;
    while (true) {
        auto more = rows->next();
        if (!more) return fail(std::move(more));
        if (!*more) return made;
        made.push_back(std::invoke(make, rows->row()));
    }
}

template <std::invocable<const Row&> Look>
Result<void> Session::each(const Query& text, Binds binds, Look&& look) {
    auto rows = query_within(text, binds);
    if (!rows) return fail(std::move(rows));
    while (true) {
        auto more = rows->next();
        if (!more) return fail(std::move(more));
        if (!*more) return {};
        std::invoke(look, rows->row());
    }
}

template <std::invocable<const Row&> Make>
auto Session::first(const Query& text, Binds binds, Make&& make) -> Result<std::optional<std::invoke_result_t<Make&, const Row&>>> {
    using Made = std::optional<std::invoke_result_t<Make&, const Row&>>;
    auto rows = query_within(text, binds);
    if (!rows) return fail(std::move(rows));
    auto found = rows->next();
    if (!found) return fail(std::move(found));
    if (!*found) return Made{};
    Made made{std::invoke(make, rows->row())};
    if (auto sound = rows->check(); !sound) return fail(std::move(sound));
    return made;
}

}  // namespace stemma::sql
