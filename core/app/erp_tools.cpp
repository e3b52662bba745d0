#include "core/app/erp_tools.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "adapters/erp/grants.hpp"
#include "adapters/erp/opened.hpp"
#include "adapters/erp/suggest.hpp"
#include "core/app/parts.hpp"
#include "core/base/text.hpp"

namespace stemma::app {
namespace {

namespace fs = std::filesystem;

const config::ErpSourceSettings* find_source(const config::Settings& settings, const std::string& name) {
    const auto found = std::ranges::find(settings.erp.sources, name, &config::ErpSourceSettings::name);
    return found == settings.erp.sources.end() ? nullptr : &*found;
}

Result<erp::Mapping> read_named(const config::Settings& settings, const std::string& name, const config::ErpSourceSettings* source) {
    std::error_code error;
    fs::path file = name;
    if (!name.ends_with(".yaml") || !fs::exists(file, error)) {
        config::ErpSourceSettings wanted = source == nullptr ? config::ErpSourceSettings{} : *source;
        wanted.mapping = name;
        auto found = find_mapping(settings, wanted);
        if (!found) return std::unexpected(found.error());
        file = *std::move(found);
    }
    auto mapping = erp::read_mapping_file(file);
    if (!mapping) return std::unexpected(first_of(mapping.error()));
    return *std::move(mapping);
}

Result<sql::Connection> connection_of(const config::ErpSourceSettings& source) {
    auto connection = sql::parse_connection(source.connection);
    if (!connection) return std::unexpected(Error{Errc::config, connection.error().message, source.mark.text(), connection.error().hint});
    connection->read_only = true;
    connection->durable = false;
    connection->statement_timeout_ms = static_cast<std::uint32_t>(source.statement_timeout.count() / 1000);
    return connection;
}

Result<sql::Engine> engine_named(const std::string& name) {
    if (name.empty() || name == "postgresql") return sql::Engine::postgresql;
    if (name == "mariadb" || name == "mysql") return sql::Engine::mariadb;
    return fail(Errc::invalid_input, fmt::format("'{}' is no engine that has logins", clip(name)), {}, "postgresql or mariadb");
}

/// Every mapping file of the folders of erp.mappings; of two with one name the first counts, as for a source.
std::vector<erp::Mapping> mappings_there(const config::Settings& settings) {
    std::vector<erp::Mapping> all;
    std::set<std::string> seen;
    for (const fs::path& folder : settings.erp.mappings) {
        std::error_code error;
        std::vector<fs::path> files;
        for (const auto& entry : fs::directory_iterator{folder, error})
            if (entry.path().extension() == ".yaml") files.push_back(entry.path());
        std::ranges::sort(files);
        for (const fs::path& file : files)
            if (seen.insert(file.stem()).second)
                if (auto mapping = erp::read_mapping_file(file)) all.push_back(*std::move(mapping));
    }
    return all;
}

}  // namespace

Result<std::string> erp_grants(const config::Settings& settings, const GrantsRequest& request) {
    const config::ErpSourceSettings* source = request.source.empty() ? nullptr : find_source(settings, request.source);
    if (!request.source.empty() && source == nullptr)
        return fail(Errc::not_found, fmt::format("no ERP source is named '{}'", clip(request.source)), {}, "or say --mapping NAME");
    if (source == nullptr && request.mapping.empty())
        return fail(Errc::invalid_input, "whose tables?", {}, "name a SOURCE of erp.sources, or say --mapping NAME");
    const auto mapping = read_named(settings, request.mapping.empty() ? source->mapping : request.mapping, source);
    if (!mapping) return std::unexpected(mapping.error());
    erp::GrantOrder order;
    if (!request.login.empty()) order.login = request.login;
    order.database = request.database;
    order.whole_tables = request.whole_tables;
    std::string note;
    std::optional<erp::Opened> opened;
    if (source != nullptr && request.engine.empty()) {
        const auto connection = connection_of(*source);
        if (!connection) return std::unexpected(connection.error());
        order.engine = connection->engine;
        if (auto asked = erp::open_for_reading(*connection, *mapping); asked) {
            opened = std::move(*asked);
            order.there = &opened->catalogue;
            if (order.database.empty()) order.database = opened->catalogue.database;
        } else if (order.engine != sql::Engine::sqlite) {
            std::string why = asked.error().message;
            std::ranges::replace(why, '\n', ' ');
            note = fmt::format("-- The database could not be asked, so tables of modules that it does not have are named too: {}\n", why);
        }
    } else {
        const auto engine = engine_named(request.engine);
        if (!engine) return std::unexpected(engine.error());
        order.engine = *engine;
        if (request.engine.empty()) note = "-- In PostgreSQL's words; MariaDB's and MySQL's are printed with --engine mariadb\n";
    }
    auto sql = erp::grants_sql(*mapping, order);
    if (!sql) return sql;
    return note + *sql;
}

Result<SuggestAnswer> erp_suggest(const config::Settings& settings, const SuggestRequest& request) {
    config::ErpSourceSettings given;
    given.connection = request.database;
    const config::ErpSourceSettings* source = find_source(settings, request.database);
    if (source == nullptr && !request.database.contains(':'))
        return fail(Errc::not_found, fmt::format("no ERP source is named '{}'", clip(request.database)), {},
                    "a name of erp.sources, or a connection: sqlite:/path/to/file, postgresql:host=... dbname=..., mysql:host=... db=...");
    const auto connection = connection_of(source == nullptr ? given : *source);
    if (!connection) return std::unexpected(connection.error());
    SuggestAnswer answer;
    answer.database = sql::describe(*connection);
    auto foreign = erp::open_foreign(*connection);
    if (!foreign) return std::unexpected(foreign.error());
    const erp::Recognised recognised = erp::recognise(foreign->catalogue, mappings_there(settings));
    for (const erp::KnownMapping& known : recognised.fitting) answer.known.push_back({known.name, known.erp, known.version});
    answer.nearly = recognised.nearly;
    if (!answer.known.empty() && !request.anyway) return answer;
    auto yaml =
        erp::suggest(*foreign, {request.name.empty() ? "my-erp" : request.name, answer.database, request.sample, recognised.nearly});
    if (!yaml) return std::unexpected(yaml.error());
    answer.yaml = *std::move(yaml);
    return answer;
}

}  // namespace stemma::app
