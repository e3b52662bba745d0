// The digest by which a row is told to be unchanged: SHA-256 over a canonical text of the mapped record.
// The text is written down in README.md and must stay as it is: another text would make every row of every source look changed.
// Events hold ids and numbers of documents, never names of products, places or parties: renaming one changes no event.
// The ledger keeps the digest for ever, so a party's name and contact are not in it: whoever can guess a name could prove it.
#pragma once

#include <string>

#include "core/ports/erp_source.hpp"

namespace stemma::erp {

/// Canonical text of the record; contact, query, key and digest are not in it.
[[nodiscard]] std::string canonical_text(const SourceRecord& record);

/// Lower-case hexadecimal SHA-256 of canonical_text.
[[nodiscard]] std::string digest_of(const SourceRecord& record);

}  // namespace stemma::erp
