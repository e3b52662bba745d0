// What the groups of tables have in common: a session, and errors in the port's terms.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "adapters/sql/session.hpp"
#include "core/ports/store.hpp"

namespace stemma::store {

/// An unsigned number as the engines know it. Numbers beyond 2^63 - 1 come as bounds alone ("no limit").
[[nodiscard]] constexpr std::int64_t as_integer(std::uint64_t number) noexcept {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(number, std::numeric_limits<std::int64_t>::max()));
}

[[nodiscard]] inline std::uint64_t unsigned_at(const sql::Row& row, std::size_t column) {
    return static_cast<std::uint64_t>(row.integer(column));
}

[[nodiscard]] inline std::string text_at(const sql::Row& row, std::size_t column) { return std::string{row.text(column)}; }

class Tables {
public:
    explicit Tables(sql::Session& session) noexcept : session_{&session} {}

protected:
    template <class Make>
    [[nodiscard]] auto all(const sql::Query& query, std::initializer_list<sql::Bind> binds, Make&& make) {
        return in_terms_of_the_port(session_->all(query, sql::Binds{binds}, std::forward<Make>(make)));
    }
    template <class Make>
    [[nodiscard]] auto first(const sql::Query& query, std::initializer_list<sql::Bind> binds, Make&& make) {
        return in_terms_of_the_port(session_->first(query, sql::Binds{binds}, std::forward<Make>(make)));
    }
    /// Each row, to be looked at and no more.
    template <class Look>
    [[nodiscard]] Result<void> each(const sql::Query& query, sql::Binds binds, Look&& look) {
        return in_terms_of_the_port(session_->each(query, binds, std::forward<Look>(look)));
    }
    template <class Look>
    [[nodiscard]] Result<void> each(const sql::Query& query, std::initializer_list<sql::Bind> binds, Look&& look) {
        return each(query, sql::Binds{binds}, std::forward<Look>(look));
    }
    [[nodiscard]] Result<std::int64_t> count(const sql::Query& query, sql::Binds binds) {
        return in_terms_of_the_port(session_->execute(query, binds));
    }
    [[nodiscard]] Result<std::int64_t> count(const sql::Query& query, std::initializer_list<sql::Bind> binds) {
        return count(query, sql::Binds{binds});
    }
    [[nodiscard]] Result<void> run(const sql::Query& query, std::initializer_list<sql::Bind> binds) {
        auto done = count(query, binds);
        if (!done) return fail(std::move(done));
        return {};
    }

    sql::Session* session_;

private:
    /// A query that does not fit our own tables is a damaged file, not somebody's configuration.
    template <class T>
    [[nodiscard]] static Result<T> in_terms_of_the_port(Result<T> result) {
        if (!result && result.error().code == Errc::config) result.error().code = Errc::storage;
        return result;
    }
};

}  // namespace stemma::store
