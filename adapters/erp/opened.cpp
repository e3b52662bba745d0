#include "adapters/erp/opened.hpp"

#include <fmt/format.h>

namespace stemma::erp {

Result<Opened> open_for_reading(const sql::Connection& connection, const Mapping& mapping) {
    auto session = sql::Session::open(connection);
    if (!session) return fail(std::move(session));
    Opened opened;
    opened.session = std::make_unique<sql::Session>(std::move(*session));
    auto transaction = sql::Transaction::begin(*opened.session, sql::Transaction::Mode::read);
    if (!transaction) return fail(std::move(transaction));
    opened.transaction = std::make_unique<sql::Transaction>(std::move(*transaction));
    auto catalogue = read_catalogue(*opened.session);
    if (!catalogue) return fail(std::move(catalogue));
    opened.catalogue = std::move(*catalogue);
    opened.fit = compare(mapping, opened.catalogue);
    return opened;
}

Error explain(Error error, const sql::Connection& connection, const Mapping& mapping, const MappedQuery& query) {
    if (error.code != Errc::config && error.code != Errc::storage) return error;
    if (const auto again = open_for_reading(connection, mapping); again && !again->fit.ok()) return misfit(mapping, again->fit);
    return {Errc::config, fmt::format("query '{}' on table {} fails: {}", query.name, query.table, error.message), query.where,
            error.hint.empty() ? "run 'stemma erp check'" : std::move(error.hint)};
}

}  // namespace stemma::erp
