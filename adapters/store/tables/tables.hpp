// What the groups of tables have in common: a session, and errors in the port's terms.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "adapters/sql/session.hpp"
#include "core/base/text.hpp"
#include "core/ports/store.hpp"

namespace stemma::store {

/// An unsigned number as the engines know it. Numbers beyond 2^63 - 1 come as bounds alone ("no limit").
[[nodiscard]] constexpr std::int64_t as_integer(std::uint64_t number) noexcept {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(number, std::numeric_limits<std::int64_t>::max()));
}

/// from + count, without a wrap.
[[nodiscard]] constexpr std::int64_t end_of(std::uint64_t from, std::uint64_t count) noexcept {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    return as_integer(count > kMost - from ? kMost : from + count);
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
        using Found = decltype(session_->all(query, sql::Binds{binds}, std::forward<Make>(make)));
        if (!can_be_there(binds)) return Found{};
        return in_terms_of_the_port(session_->all(query, sql::Binds{binds}, std::forward<Make>(make)));
    }
    template <class Make>
    [[nodiscard]] auto first(const sql::Query& query, std::initializer_list<sql::Bind> binds, Make&& make) {
        using Found = decltype(session_->first(query, sql::Binds{binds}, std::forward<Make>(make)));
        if (!can_be_there(binds)) return Found{};
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

    /// A query's rows in bounded memory; on PostgreSQL by a cursor, within a transaction.
    template <class Look>
    [[nodiscard]] Result<void> each_in_steps(const sql::Query& query, Look&& look) {
        if (session_->engine() != sql::Engine::postgresql) return each(query, {}, std::forward<Look>(look));
        const std::string cursor = sql::quoted_name(query.name);
        const std::string declare = "DECLARE " + cursor + " NO SCROLL CURSOR FOR " + query.text;
        const std::string fetch = "FETCH FORWARD " + std::to_string(kStepRows) + " FROM " + cursor;
        const std::string close = "CLOSE " + cursor;
        if (auto declared = session_->execute_as_is({query.name, declare.c_str()}); !declared) return declared;
        for (std::size_t fetched = kStepRows; fetched == kStepRows;) {
            fetched = 0;
            auto done = each({query.name, fetch.c_str()}, {}, [&](const sql::Row& row) {
                ++fetched;
                look(row);
            });
            if (!done) return done;
        }
        return session_->execute_as_is({query.name, close.c_str()});
    }
    /// PostgreSQL keeps no text that is not clean UTF-8, and a transaction that asks for one has failed.
    [[nodiscard]] bool can_be_there(sql::Binds binds) const {
        return session_->engine() != sql::Engine::postgresql || std::ranges::all_of(binds, [](const sql::Bind& bind) {
                   const auto* text = std::get_if<std::string_view>(&bind.value.held());
                   return text == nullptr || is_clean_utf8(*text);
               });
    }

    static constexpr std::size_t kStepRows = 1000;
    sql::Session* session_;

    /// A query that does not fit our own tables is a damaged file, not somebody's configuration.
    template <class T>
    [[nodiscard]] static Result<T> in_terms_of_the_port(Result<T> result) {
        if (!result && result.error().code == Errc::config) result.error().code = Errc::storage;
        return result;
    }
};

}  // namespace stemma::store
