// Roll-ups: counts by status, place, customer, product, party and document, as a part of a recall and as an answer of their own, which
// holds no item. As rows each line of a roll-up is one row.
#pragma once

#include <string_view>
#include <vector>

#include "adapters/http/trace_stream.hpp"
#include "core/lineage/recall.hpp"

namespace stemma::http {

/// What an answer counts by, as it was asked for. Errors: Errc::invalid_input at `where`.
[[nodiscard]] Result<lineage::RollUpKeys> roll_up_keys_of(const std::vector<std::string>& names, std::string_view where);
/// The same of "product,place".
[[nodiscard]] Result<lineage::RollUpKeys> roll_up_keys_of(std::string_view names, std::string_view where);

/// A roll-up of a recall, as a member of an open object.
void write_roll_up(json::Writer& out, std::string_view name, LineageText& text, const lineage::RollUp& roll_up);
/// [{"type", "number", "id", "movement", "certain", "items", "amounts"}] of a recall; left out when there is none.
void write_documents(json::Writer& out, LineageText& text, const std::vector<lineage::DocumentLine>& documents);

/// The answer to `by`: as a document, or in rows. The walk's large ones have their lease.
[[nodiscard]] Response answer_roll_up(Api& api, const Request& request, TraceQuestion question, Admitted admitted,
                                      const lineage::RollUpKeys& keys, RowForm form);

}  // namespace stemma::http
