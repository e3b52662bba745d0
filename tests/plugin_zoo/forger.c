/* Loads well and describes a report of three columns; each row it gives is wrong in another way, chosen by the item it is asked about. */
#include <string.h>

#define ANIMAL_NAME "forger"
#define ANIMAL_CAPABILITY STM_REPORT_ID
#define ANIMAL_OFFER forger_offer
#include "stemma/plugin/abi.h"

static const void* forger_offer(stm_plugin* plugin, const char* id);
#include "animal.h"

static uint32_t n_reports(const stm_plugin* plugin) {
    (void)plugin;
    return 1;
}

static stm_status describe(const stm_plugin* plugin, uint32_t report, const stm_sink* sink) {
    static const stm_column columns[] = {{TEXT("name"), STM_TEXT, 1}, {TEXT("count"), STM_INT64, 0}, {TEXT("weight"), STM_QUANTITY, 0}};
    static const stm_report_kind kind = {sizeof(stm_report_kind),
                                         0,
                                         TEXT("forged"),
                                         TEXT("Forged rows"),
                                         TEXT("Nothing in it is right"),
                                         TEXT(STM_SUBJECT_ITEM),
                                         columns,
                                         3,
                                         NULL,
                                         0,
                                         NULL,
                                         0,
                                         NULL,
                                         0};
    (void)plugin, (void)report;
    sink->report(sink->ctx, &kind);
    return STM_OK;
}

static stm_status plan(const stm_plugin* plugin, uint32_t report, const stm_input* const* in, size_t n, const stm_sink* sink) {
    (void)plugin, (void)report, (void)in, (void)n, (void)sink;
    return STM_OK;
}

/* The first letter after "urn:" of the item of the first input. */
static char wish_of(const stm_input* input) {
    const stm_text item = input->tables[0]->cells[0].t;
    return item.size > 4 ? item.data[4] : ' ';
}

static stm_status many_rows(const stm_sink* sink, const stm_row* row, size_t n) {
    for (size_t i = 0; i < n; ++i) sink->row(sink->ctx, row);
    return STM_OK;
}

static stm_status collect(const stm_plugin* plugin, uint32_t report, const stm_input* const* in, size_t n, const stm_sink* sink) {
    static const stm_text why = TEXT("the ink is gone");
    static char page[65536];
    stm_cell cells[4] = {{0, {0}, 0, TEXT("a")}, {0, {0}, 7, {NULL, 0}}, {0, {0}, 1500000, TEXT("KGM")}, {0, {0}, 0, TEXT("d")}};
    stm_row row = {sizeof(stm_row), 0, cells, 3};
    (void)plugin, (void)report, (void)n;
    switch (wish_of(in[0])) {
        case 'f': row.n_cells = 2; break;
        case 'm': row.n_cells = 4; break;
        case 't': cells[1].t = why; break;
        case 'n': cells[0].i = 1; break;
        case 'r': cells[0].is_null = 1; break;
        case 'k': cells[1].is_null = 2; break;
        case 'u': cells[2].t.size = 0; break;
        case 'l': cells[0].t.data = "caf\xe9", cells[0].t.size = 4; break;
        case 'i': row.input = 1; break;
        case 's': row.size = 8; break;
        case 'c': row.cells = NULL; break;
        case 'x': sink->text(sink->ctx, why); break;
        case 'b':
            sink->row(sink->ctx, &row);
            sink->error(sink->ctx, why);
            return STM_FAILED;
        case '1': return many_rows(sink, &row, 1000000);
        case '2': return many_rows(sink, &row, 1000001);
        case '3':
        case '4':
            memset(page, 'p', sizeof page);
            cells[0].t.data = page, cells[0].t.size = sizeof page;
            return many_rows(sink, &row, wish_of(in[0]) == '3' ? 1024 : 1025);
        default: break;
    }
    sink->row(sink->ctx, &row);
    return STM_OK;
}

static stm_status compose(const stm_plugin* plugin, uint32_t report, const stm_input* in, const stm_sink* sink) {
    (void)plugin, (void)report, (void)in, (void)sink;
    return STM_OK;
}

static const void* forger_offer(stm_plugin* plugin, const char* id) {
    static const stm_report table = {sizeof(stm_report), 0, n_reports, describe, plan, collect, compose};
    (void)plugin;
    return strcmp(id, STM_REPORT_ID) == 0 ? &table : NULL;
}
