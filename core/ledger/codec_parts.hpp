// The parts of the entry codec, one writer and one reader per domain value. What a writer leaves out is what the reader sets by itself.
// For core/ledger and the faces that write these values into answers of their own; entry_codec.hpp is the door of all else.
#pragma once

#include "core/domain/entry.hpp"
#include "core/ledger/json_read.hpp"
#include "core/ledger/json_write.hpp"

namespace stemma::json {

void write(Writer& out, const Event& event);
void write(Writer& out, const Master& master);
void write(Writer& out, const CaseEvent& event);
void write(Writer& out, const SystemChange& change);
void write(Writer& out, const Meeting& meeting);
void write(Writer& out, const FactTable& table);
void write(Writer& out, const Verdict& verdict);
void write(Writer& out, const Judgement& judgement);
void write(Writer& out, const ElectronicSignature& signature);
void read(Reading& in, const Node& node, ElectronicSignature& signature);
void write(Writer& out, const Entry& entry);

void read(Reading& in, const Node& node, Event& event);
void read(Reading& in, const Node& node, Master& master);
void read(Reading& in, const Node& node, CaseEvent& event);
void read(Reading& in, const Node& node, SystemChange& change);
void read(Reading& in, const Node& node, Meeting& meeting);
void read(Reading& in, const Node& node, FactTable& table);
void read(Reading& in, const Node& node, Verdict& verdict);
void read(Reading& in, const Node& node, Judgement& judgement);
void read(Reading& in, const Node& node, Entry& entry);

/// {"name": "text", ...}; every name is kept, an empty text too.
void write(Writer& out, const Attributes& attributes);
void read(Reading& in, const Node& node, Attributes& attributes);

/// {"quantity": 1.5, "uom": "KGM"} without the braces: fields of an object that has more. uom is left out for pieces (C62), as in EPCIS.
void write_quantity(Writer& out, std::string_view name, const Quantity& quantity);
Quantity read_quantity(Reading& in, Fields& fields, std::string_view name);

}  // namespace stemma::json
