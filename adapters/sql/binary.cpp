#include "adapters/sql/binary.hpp"

#include <arpa/inet.h>
#include <endian.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "adapters/sql/session_impl.hpp"

namespace stemma::sql {
namespace {

using PgAnswer = std::unique_ptr<PGresult, decltype(&PQclear)>;

constexpr std::size_t kCountAt = 12;  ///< of an array's number of elements, in bytes
constexpr std::uint32_t kBytea = 17;  ///< pg_type.oid, as the next ones
constexpr std::uint32_t kBigint = 20;
constexpr std::uint32_t kText = 25;
constexpr std::uint32_t kNullLength = 0xFFFF'FFFF;       ///< -1
constexpr std::size_t kBytesMax = std::size_t{1} << 29;  ///< of one parameter; the server takes 1 GiB in a message

// "Binary Format" of COPY in PostgreSQL's manual: the signature, no flags, no extension; at the end a row of -1 columns.
constexpr std::string_view kCopyHead{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};
constexpr std::string_view kCopyEnd{"\377\377", 2};
constexpr std::size_t kCopyStep = std::size_t{1} << 16;  ///< bytes handed to libpq at once

void put_word(std::string& out, std::uint32_t value) {
    const std::uint32_t network = htonl(value);
    out.append(reinterpret_cast<const char*>(&network), sizeof network);
}

void put_integer(std::string& out, std::int64_t value) {
    const std::uint64_t network = htobe64(static_cast<std::uint64_t>(value));
    out.append(reinterpret_cast<const char*>(&network), sizeof network);
}

const PGresult* answer(const void* result) noexcept { return static_cast<const PGresult*>(result); }

}  // namespace

BinaryParameter BinaryParameter::integer(std::int64_t value) {
    BinaryParameter made;
    put_integer(made.bytes_, value);
    return made;
}

BinaryParameter BinaryParameter::text(std::string_view value) {
    BinaryParameter made;
    made.bytes_ = value;
    return made;
}

BinaryParameter BinaryParameter::array(Element element, std::size_t expected) {
    BinaryParameter made;
    made.bytes_.reserve((expected + 2) * (sizeof(std::int64_t) + sizeof(std::uint32_t)));
    const std::uint32_t type = element == Element::integer ? kBigint : element == Element::text ? kText : kBytea;
    for (const std::uint32_t word : {1U, 1U, type, 0U, 1U}) put_word(made.bytes_, word);
    return made;
}

void BinaryParameter::count_one() {
    const std::uint32_t network = htonl(++count_);
    std::memcpy(bytes_.data() + kCountAt, &network, sizeof network);
}

void BinaryParameter::add(std::int64_t value) {
    put_word(bytes_, sizeof value);
    put_integer(bytes_, value);
    count_one();
}

void BinaryParameter::add(std::string_view value) {
    put_word(bytes_, static_cast<std::uint32_t>(value.size()));
    bytes_ += value;
    count_one();
}

void BinaryParameter::add(const std::optional<std::int64_t>& value) {
    if (value) return add(*value);
    put_word(bytes_, kNullLength);
    count_one();
}

void BinaryRows::begin_row() {
    const std::uint16_t network = htons(columns_);
    bytes_.append(reinterpret_cast<const char*>(&network), sizeof network);
    ++rows_;
}

void BinaryRows::add(std::int64_t value) {
    put_word(bytes_, sizeof value);
    put_integer(bytes_, value);
}

void BinaryRows::add(std::string_view value) {
    put_word(bytes_, static_cast<std::uint32_t>(value.size()));
    bytes_ += value;
}

void BinaryRows::add(const std::optional<std::int64_t>& value) {
    if (value) return add(*value);
    put_word(bytes_, kNullLength);
}

void BinaryRows::add_all(const BinaryRows& later) {
    bytes_ += later.bytes_;
    rows_ += later.rows_;
}

bool BinaryRow::is_null(std::size_t column) const noexcept { return PQgetisnull(answer(result_), row_, static_cast<int>(column)) == 1; }

std::string_view BinaryRow::bytes(std::size_t column) const noexcept {
    const int at = static_cast<int>(column);
    return {PQgetvalue(answer(result_), row_, at), static_cast<std::size_t>(PQgetlength(answer(result_), row_, at))};
}

std::int64_t BinaryRow::integer(std::size_t column) const noexcept {
    const std::string_view cell = bytes(column);
    std::uint64_t network = 0;
    if (cell.size() != sizeof network) return 0;
    std::memcpy(&network, cell.data(), sizeof network);
    return static_cast<std::int64_t>(be64toh(network));
}

// --- running --------------------------------------------------------------------------------------------------------

/// The name of the statement on this connection; prepared when it is first met.
Result<std::string> Session::Impl::binary_statement(const Query& query) {
    if (const auto known = binary_names.find(std::string_view{query.text}); known != binary_names.end()) return known->second;
    std::string name = fmt::format("stemma_binary_{}", binary_names.size());
    const PgAnswer made{PQprepare(postgresql().conn_, name.c_str(), query.text, 0, nullptr), &PQclear};
    if (PQresultStatus(made.get()) != PGRES_COMMAND_OK) return std::unexpected(failed_result(made.get(), query.name));
    binary_names.emplace(query.text, name);
    return name;
}

Result<std::int64_t> Session::run_binary(const Query& query, BinaryParameters parameters, const BinaryLook* look) {
    if (impl_->engine != Engine::postgresql)
        return fail(Errc::internal, "parameters in binary are PostgreSQL's", fmt::format("sql:{}", query.name));
    std::vector<const char*> values;
    std::vector<int> lengths;
    for (const BinaryParameter& parameter : parameters) {
        if (parameter.bytes().size() > kBytesMax)
            return fail(Errc::too_large, fmt::format("a parameter has {} bytes, {} are allowed", parameter.bytes().size(), kBytesMax),
                        fmt::format("sql:{}", query.name));
        values.push_back(parameter.bytes().data());
        lengths.push_back(static_cast<int>(parameter.bytes().size()));
    }
    const std::vector<int> formats(parameters.size(), 1);
    PgAnswer rows{nullptr, &PQclear};
    {
        const auto waiting = impl_->await();
        auto name = impl_->binary_statement(query);
        if (!name) return fail(std::move(name));
        rows.reset(PQexecPrepared(impl_->postgresql().conn_, name->c_str(), static_cast<int>(values.size()), values.data(), lengths.data(),
                                  formats.data(), 1));
    }
    const ExecStatusType status = PQresultStatus(rows.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return std::unexpected(impl_->failed_result(rows.get(), query.name));
    if (look != nullptr)
        for (int row = 0; row < PQntuples(rows.get()); ++row) (*look)(BinaryRow{rows.get(), row});
    return std::atoll(PQcmdTuples(rows.get()));
}

Result<std::int64_t> Session::execute_binary(const Query& query, BinaryParameters parameters) {
    return run_binary(query, parameters, nullptr);
}

Result<void> Session::copy_binary(const Query& query, const BinaryRows& rows) {
    if (impl_->engine != Engine::postgresql) return fail(Errc::internal, "COPY is PostgreSQL's", fmt::format("sql:{}", query.name));
    PGconn* const server = impl_->postgresql().conn_;
    const auto waiting = impl_->await();  // one statement, one deadline
    const PgAnswer begun{PQexec(server, query.text), &PQclear};
    if (PQresultStatus(begun.get()) != PGRES_COPY_IN) return std::unexpected(impl_->failed_result(begun.get(), query.name));
    bool sent = PQputCopyData(server, kCopyHead.data(), static_cast<int>(kCopyHead.size())) == 1;
    for (std::size_t at = 0; sent && at < rows.bytes().size(); at += kCopyStep) {
        const std::size_t length = std::min(kCopyStep, rows.bytes().size() - at);
        sent = PQputCopyData(server, rows.bytes().data() + at, static_cast<int>(length)) == 1;
    }
    sent = sent && PQputCopyData(server, kCopyEnd.data(), static_cast<int>(kCopyEnd.size())) == 1;
    sent = PQputCopyEnd(server, sent ? nullptr : "not all could be sent") == 1 && sent;
    Result<void> done;
    for (PGresult* next = PQgetResult(server); next != nullptr; next = PQgetResult(server)) {
        const PgAnswer answered{next, &PQclear};
        if (done && PQresultStatus(next) != PGRES_COMMAND_OK) done = std::unexpected(impl_->failed_result(next, query.name));
        if (PQresultStatus(next) == PGRES_COPY_IN) {  // its end could not be sent: the connection would wait for it for ever
            impl_->lost = true;
            break;
        }
    }
    if (done && !sent) done = std::unexpected(impl_->failed_result(nullptr, query.name));
    return done;
}

Result<void> Session::each_binary(const Query& query, BinaryParameters parameters, const BinaryLook& look) {
    auto done = run_binary(query, parameters, &look);
    if (!done) return fail(std::move(done));
    return {};
}

}  // namespace stemma::sql
