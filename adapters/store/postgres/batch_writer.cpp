#include "adapters/store/postgres/batch_writer.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "adapters/store/postgres/batch_queries.hpp"

namespace stemma::store::postgres {
namespace {

using Column = sql::BinaryParameter;

Column integers(std::size_t expected = 0) { return Column::array(Column::Element::integer, expected); }
Column texts(std::size_t expected = 0) { return Column::array(Column::Element::text, expected); }

using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;

sql::BinaryRows rows_of(const Pairs& pairs) {
    constexpr std::size_t kRowBytes = 26;  // two columns of 8 bytes, their lengths, the columns' number
    sql::BinaryRows rows{2};
    rows.reserve(pairs.size() * kRowBytes);
    for (const auto& [first, second] : pairs) {
        rows.begin_row();
        rows.add(first);
        rows.add(second);
    }
    return rows;
}

std::array<Column, 2> columns_of(const Pairs& pairs) {
    std::array columns{integers(pairs.size()), integers(pairs.size())};
    for (const auto& [first, second] : pairs) {
        columns[0].add(first);
        columns[1].add(second);
    }
    return columns;
}

}  // namespace

Result<void> BatchWriter::run(const sql::Query& query, std::span<const Column> columns) {
    if (columns.front().size() == 0) return {};
    auto done = writer_.session().execute_binary(query, columns);
    if (!done) return fail(std::move(done));
    return {};
}

Result<void> BatchWriter::copy(const sql::Query& query, const sql::BinaryRows& rows) {
    return rows.size() == 0 ? Result<void>{} : writer_.session().copy_binary(query, rows);
}

Result<void> BatchWriter::write(const Batch& batch, std::size_t names, Sequence entries) {
    if (auto done = number_names(names); !done) return done;
    if (auto done = write_touched(batch, as_integer(entries)); !done) return done;
    for (const auto step :
         {&BatchWriter::write_ledger, &BatchWriter::write_subjects, &BatchWriter::write_identifiers, &BatchWriter::write_events,
          &BatchWriter::write_sources, &BatchWriter::write_commands, &BatchWriter::write_cases, &BatchWriter::write_persons,
          &BatchWriter::write_sync_state, &BatchWriter::write_access})
        if (auto done = (this->*step)(batch); !done) return done;
    return {};
}

/// Names that may stand in the table are looked for together; the others get the next numbers, in the order in which they were met.
Result<void> BatchWriter::number_names(std::size_t end) {
    first_ = numbered_;
    std::array unsure{texts()};
    std::vector<std::size_t> places;
    for (std::size_t place = first_; place < end; ++place) {
        if (names_[place].surely_new) continue;
        unsure[0].add(names_.uri(names_[place]));
        places.push_back(place);
    }
    if (!places.empty()) {
        auto looked = writer_.session().each_binary(
            q::names_known, unsure, [&](const sql::BinaryRow& row) { names_[places[row.unsigned_at(0) - 1]].id = row.integer(1); });
        if (!looked) return looked;
    }
    for (std::size_t place = first_; place < end; ++place) {
        BatchName& name = names_[place];
        name.added = name.id == 0;
        if (name.added) name.id = writer_.next_subject++;
        if (name.kind != Subject::Kind::event) writer_.subjects.add(names_.uri(name), name.id);  // an event is hardly ever named again
    }
    numbered_ = end;
    return {};
}

Result<void> BatchWriter::write_subjects(const Batch& batch) {
    std::unordered_map<std::int64_t, const BatchMaster*> newest;
    for (const BatchMaster& master : batch.masters) newest[names_.id_of(master.subject)] = &master;
    sql::BinaryRows added{4};
    for (std::size_t place = first_; place < numbered_; ++place) {
        const BatchName& name = names_[place];
        if (!name.added) continue;
        const auto master = newest.find(name.id);
        const bool has_master = master != newest.end();
        added.begin_row();
        added.add(name.id);
        added.add(static_cast<std::int64_t>(has_master ? master->second->kind : name.kind));
        added.add(names_.uri(name));
        added.add(has_master ? std::optional{master->second->sequence} : std::nullopt);
        if (has_master) newest.erase(master);
    }
    if (auto done = copy(q::subjects_add, added); !done) return done;
    std::array changed{integers(newest.size()), integers(newest.size()), integers(newest.size())};
    for (const auto& [id, master] : newest) {
        changed[0].add(id);
        changed[1].add(master->sequence);
        changed[2].add(static_cast<std::int64_t>(master->kind));
    }
    return run(q::masters_put, changed);
}

/// In the table's order: sorted rows go in side by side.
Result<void> BatchWriter::write_touched(const Batch& batch, std::int64_t entries) {
    Pairs pairs;
    pairs.reserve(batch.touched.size());
    std::int64_t newest = 0;
    bool all_new = true;
    for (const auto& [subject, sequence] : batch.touched) {
        pairs.emplace_back(names_.id_of(subject), sequence);
        all_new = all_new && sequence >= untouched_from_ && sequence < entries;
        newest = std::max(newest, sequence);
    }
    std::ranges::sort(pairs);
    const auto twice = std::ranges::unique(pairs);
    pairs.erase(twice.begin(), twice.end());
    if (auto done = all_new ? copy(q::touched_add_new, rows_of(pairs)) : run(q::touched_add, columns_of(pairs)); !done) return done;
    if (!pairs.empty()) untouched_from_ = std::max(untouched_from_, newest + 1);
    return {};
}

Result<void> BatchWriter::write_identifiers(const Batch& batch) {
    std::unordered_map<std::int64_t, const BatchIdentifiers*> newest;
    for (const BatchIdentifiers& of_item : batch.identifiers) newest[names_.id_of(of_item.item)] = &of_item;
    std::array cleared{integers(newest.size())};
    std::array added{integers(), integers(), texts(), texts(), texts()};
    for (const auto& [item, of_item] : newest) {
        cleared[0].add(item);
        std::int64_t position = 0;
        for (const auto& [identifier, form] : of_item->rows) {
            added[0].add(item);
            added[1].add(position++);
            added[2].add(std::string_view{identifier.scheme});
            added[3].add(std::string_view{identifier.value});
            added[4].add(std::string_view{form});
        }
    }
    if (auto done = run(q::identifiers_clear, cleared); !done) return done;
    return run(q::identifiers_add, added);
}

Result<void> BatchWriter::write_events(const Batch& batch) {
    Pairs added;
    for (const auto& [event, sequence] : batch.events) added.emplace_back(names_.id_of(event), sequence);
    if (auto done = copy(q::events_add, rows_of(added)); !done) return done;
    std::array voided{texts(), integers()};
    for (const auto& [uri, sequence] : batch.voids) {
        voided[0].add(std::string_view{uri});
        voided[1].add(sequence);
    }
    return run(q::events_void, voided);
}

Result<void> BatchWriter::write_sources(const Batch& batch) {
    std::array columns{texts(), texts(), texts(), texts(), integers(), integers(), integers()};
    for (const auto& [key, source] : batch.sources) {
        const SourceRow& row = source.state.row;
        columns[0].add(std::string_view{row.source});
        columns[1].add(std::string_view{row.query});
        columns[2].add(std::string_view{row.key});
        columns[3].add(std::string_view{row.digest});
        columns[4].add(as_integer(source.state.sequence));
        columns[5].add(source.event ? std::optional{names_.id_of(*source.event)} : std::nullopt);
        columns[6].add(std::int64_t{source.state.version});
    }
    return run(q::sources_put, columns);
}

Result<void> BatchWriter::write_commands(const Batch& batch) {
    std::array columns{texts(), texts(), integers(), integers()};
    for (const auto& [key, command] : batch.commands) {
        columns[0].add(std::string_view{key});
        columns[1].add(std::string_view{command.digest});
        columns[2].add(as_integer(command.first));
        columns[3].add(as_integer(command.count));
    }
    return run(q::commands_put, columns);
}

Result<void> BatchWriter::write_cases(const Batch& batch) {
    std::array cases{texts(), texts(), integers(), texts(), texts(), integers()};
    std::array cleared{texts()};
    std::array fields{texts(), texts(), texts()};
    for (const auto& [id, at] : batch.cases) {
        cases[0].add(std::string_view{id});
        cases[1].add(std::string_view{at.state.workflow});
        cases[2].add(as_integer(at.state.version));
        cases[3].add(std::string_view{at.state.state});
        cases[4].add(std::string_view{at.state.item.str()});
        cases[5].add(at.sequence);
        cleared[0].add(std::string_view{id});
        for (const auto& [name, value] : at.state.fields) {
            fields[0].add(std::string_view{id});
            fields[1].add(std::string_view{name});
            fields[2].add(std::string_view{value});
        }
    }
    if (auto done = run(q::cases_put, cases); !done) return done;
    if (auto done = run(q::case_fields_clear, cleared); !done) return done;
    return run(q::case_fields_add, fields);
}

Result<void> BatchWriter::write_ledger(const Batch& batch) {
    if (auto done = copy(q::entries_add, batch.entries); !done) return done;
    std::array checkpoints{integers(), texts()};
    for (const auto& [size, note] : batch.checkpoints) {
        checkpoints[0].add(as_integer(size));
        checkpoints[1].add(std::string_view{note});
    }
    return run(q::checkpoints_put, checkpoints);
}

Result<void> BatchWriter::write_persons(const Batch& batch) {
    std::array kept{texts(), texts(), texts(), texts()};
    std::array redacted{texts()};
    for (const auto& [party, person] : batch.persons) {
        if (!person) {
            redacted[0].add(std::string_view{party});
            continue;
        }
        kept[0].add(std::string_view{party});
        kept[1].add(std::string_view{person->name});
        kept[2].add(std::string_view{person->contact});
        kept[3].add(std::string_view{person->salt});
    }
    if (auto done = run(q::persons_put, kept); !done) return done;
    return run(q::persons_redact, redacted);
}

Result<void> BatchWriter::write_sync_state(const Batch& batch) {
    std::array states{texts(), texts(), texts(), texts(), integers(), integers()};
    for (const auto& [key, state] : batch.source_states) {
        states[0].add(std::string_view{state.source});
        states[1].add(std::string_view{state.query});
        states[2].add(std::string_view{state.cursor});
        states[3].add(std::string_view{state.paused});
        states[4].add(state.read_at.us);
        states[5].add(as_integer(state.rows));
    }
    if (auto done = run(q::source_states_put, states); !done) return done;
    std::array kept{texts(), texts(), texts(), texts(), texts(), integers()};
    std::array cleared{texts(), texts(), texts()};
    for (const auto& [key, reject] : batch.rejects) {
        const auto& [row, stays] = reject;
        const std::span<Column> columns = stays ? std::span<Column>{kept} : std::span<Column>{cleared};
        columns[0].add(std::string_view{row.source});
        columns[1].add(std::string_view{row.query});
        columns[2].add(std::string_view{row.key});
        if (!stays) continue;
        kept[3].add(std::string_view{row.table});
        kept[4].add(std::string_view{row.reason});
        kept[5].add(row.at.us);
    }
    if (auto done = run(q::rejects_put, kept); !done) return done;
    return run(q::rejects_clear, cleared);
}

Result<void> BatchWriter::write_access(const Batch& batch) {
    std::array kept{texts(), texts(), texts()};
    std::array removed{texts(), texts()};
    for (const auto& [key, change] : batch.access) {
        const auto& [row, stays] = change;
        const std::span<Column> columns = stays ? std::span<Column>{kept} : std::span<Column>{removed};
        columns[0].add(std::string_view{row.kind});
        columns[1].add(std::string_view{row.id});
        if (stays) columns[2].add(std::string_view{row.content});
    }
    if (auto done = run(q::access_put, kept); !done) return done;
    return run(q::access_remove, removed);
}

}  // namespace stemma::store::postgres
