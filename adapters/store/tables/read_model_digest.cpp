// The digest that tells whether two sets of read models say the same. Rows stream through a bounded buffer, whose digest is folded into
// the one before: the cuts depend on the rows alone.
#include "adapters/store/tables/queries.hpp"
#include "adapters/store/tables/read_model_tables.hpp"

namespace stemma::store {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

class RowDigest {
public:
    void text(char mark, std::string_view value) {
        buffer_ += mark;
        for (int shift = 56; shift >= 0; shift -= 8) buffer_ += static_cast<char>(value.size() >> shift & 0xFFU);
        buffer_ += value;
    }
    void row(const sql::Row& row) {
        buffer_ += 'r';
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (const auto value = row.maybe_text(i))
                text('v', *value);
            else
                buffer_ += 'n';
        }
        if (buffer_.size() >= kBufferBytes) fold();
    }
    [[nodiscard]] Digest end() {
        fold();
        return state_;
    }

private:
    void fold() {
        state_ = sha256({as_view(state_), buffer_});
        buffer_.clear();
    }

    Digest state_{};
    std::string buffer_;
};

}  // namespace

Result<Digest> ReadModelTables::digest() {
    RowDigest digest;
    for (const sql::Query& query : q::read_model_rows) {
        digest.text('t', query.name);
        auto read = each_in_steps(query, [&](const sql::Row& row) { digest.row(row); });
        if (!read) return fail(std::move(read));
    }
    return digest.end();
}

}  // namespace stemma::store
