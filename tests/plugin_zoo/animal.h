/*
 * A small correct plugin in plain C, every part of which a file may replace before it includes this one. An animal of the zoo is this
 * plugin with one thing wrong. It numbers tickets "A0" to "A9".
 */
#ifndef STEMMA_TESTS_PLUGIN_ZOO_ANIMAL_H
#define STEMMA_TESTS_PLUGIN_ZOO_ANIMAL_H

#include <string.h>

#include "stemma/plugin/abi.h"

#define TEXT(literal) \
    { literal, sizeof(literal) - 1 }

#ifndef ANIMAL_ID
#define ANIMAL_ID "org.stemma.zoo." ANIMAL_NAME
#endif
#ifndef ANIMAL_VERSION
#define ANIMAL_VERSION "1.0.0"
#endif
#ifndef ANIMAL_SCHEME
#define ANIMAL_SCHEME ANIMAL_NAME
#endif
#ifndef ANIMAL_MAJOR
#define ANIMAL_MAJOR STM_ABI_MAJOR
#endif
#ifndef ANIMAL_MINOR
#define ANIMAL_MINOR STM_ABI_MINOR
#endif
#ifndef ANIMAL_ENTRY_SIZE
#define ANIMAL_ENTRY_SIZE sizeof(stm_entry)
#endif
#ifndef ANIMAL_INFO_SIZE
#define ANIMAL_INFO_SIZE sizeof(stm_info)
#endif
#ifndef ANIMAL_TABLE_SIZE
#define ANIMAL_TABLE_SIZE sizeof(stm_numbering)
#endif
#ifndef ANIMAL_CAPABILITY
#define ANIMAL_CAPABILITY STM_NUMBERING_ID
#endif
#ifndef ANIMAL_SCHEMA
#define ANIMAL_SCHEMA "{\"type\":\"object\",\"additionalProperties\":false}"
#endif

struct stm_plugin {
    int nothing;
};

#ifndef ANIMAL_CREATE
#define ANIMAL_CREATE animal_create
static stm_plugin the_instance;
static stm_status animal_create(const stm_host* host, stm_text options, const stm_data_file* const* files, size_t n_files,
                                const stm_sink* sink, stm_plugin** out) {
    (void)host, (void)options, (void)files, (void)n_files, (void)sink;
    *out = &the_instance;
    return STM_OK;
}
#endif

static void animal_destroy(stm_plugin* plugin) { (void)plugin; }

#ifndef ANIMAL_SELF_CHECK
#define ANIMAL_SELF_CHECK animal_self_check
static stm_status animal_self_check(const stm_plugin* plugin, const stm_sink* sink) {
    (void)plugin, (void)sink;
    return STM_OK;
}
#endif

static uint32_t animal_n_schemes(const stm_plugin* plugin) {
    (void)plugin;
    return 1;
}

#ifndef ANIMAL_DESCRIBE
#define ANIMAL_DESCRIBE animal_describe
static stm_status animal_describe(const stm_plugin* plugin, uint32_t scheme, const stm_sink* sink) {
    static const stm_reason reasons[] = {{TEXT("ticket.form"), TEXT("not an A and a digit")}};
    static const stm_scheme about = {
        sizeof(stm_scheme), 1, TEXT(ANIMAL_SCHEME), TEXT("An A and a digit"), TEXT("A1"), reasons, NULL, 0, 1, 9};
    (void)plugin, (void)scheme;
    sink->scheme(sink->ctx, &about);
    return STM_OK;
}
#endif

#ifndef ANIMAL_CHECK
#define ANIMAL_CHECK animal_check
static stm_status animal_check(const stm_plugin* plugin, uint32_t scheme, const stm_text* in, size_t n, stm_check_result* out,
                               const stm_sink* sink) {
    (void)plugin, (void)scheme, (void)sink;
    for (size_t i = 0; i < n; ++i) {
        const stm_check_result good = {STM_VALID, STM_NO_REASON, 0, 0};
        const stm_check_result bad = {STM_INVALID, 0, 0, (uint32_t)in[i].size};
        const int fits = in[i].size == 2 && in[i].data[0] == 'A' && in[i].data[1] >= '0' && in[i].data[1] <= '9';
        out[i] = fits ? good : bad;
    }
    return STM_OK;
}
#endif

#ifndef ANIMAL_NORMALISE
#define ANIMAL_NORMALISE animal_normalise
static stm_status animal_normalise(const stm_plugin* plugin, uint32_t scheme, stm_text in, const stm_sink* sink) {
    (void)plugin, (void)scheme;
    sink->text(sink->ctx, in);
    return STM_OK;
}
#endif

#ifndef ANIMAL_DECODE
#define ANIMAL_DECODE animal_decode
static stm_status animal_decode(const stm_plugin* plugin, uint32_t scheme, stm_text in, const stm_sink* sink) {
    (void)plugin, (void)scheme;
    if (in.size == 2 && in.data[0] == 'A' && in.data[1] >= '0' && in.data[1] <= '9') {
        const stm_section digit = {sizeof(stm_section), 1, 1, 0, TEXT("digit"), {in.data + 1, 1}};
        sink->section(sink->ctx, &digit);
    }
    return STM_OK;
}
#endif

#ifndef ANIMAL_FORMAT
#define ANIMAL_FORMAT animal_format
static stm_status animal_format(const stm_plugin* plugin, uint32_t scheme, const stm_format_request* request, const stm_sink* sink) {
    char number[2] = {'A', '0'};
    const stm_text out = {number, 2};
    static const stm_text refusal = TEXT("there are only ten tickets");
    (void)plugin, (void)scheme;
    if (request->counter > 9) {
        sink->error(sink->ctx, refusal);
        return STM_REFUSED;
    }
    number[1] = (char)('0' + request->counter);
    sink->text(sink->ctx, out);
    return STM_OK;
}
#endif

static const stm_numbering the_table = {
    ANIMAL_TABLE_SIZE, 0, animal_n_schemes, ANIMAL_DESCRIBE, ANIMAL_CHECK, ANIMAL_NORMALISE, ANIMAL_DECODE, ANIMAL_FORMAT};

#ifndef ANIMAL_OFFER
#define ANIMAL_OFFER animal_offer
static const void* animal_offer(stm_plugin* plugin, const char* id) {
    (void)plugin;
    return strcmp(id, STM_NUMBERING_ID) == 0 ? &the_table : NULL;
}
#endif

const stm_entry* stm_plugin_entry_v1(void) {
    static const stm_text capabilities[] = {TEXT(ANIMAL_CAPABILITY)};
    static const stm_info info = {ANIMAL_INFO_SIZE,
                                  1,
                                  TEXT(ANIMAL_ID),
                                  TEXT(ANIMAL_VERSION),
                                  TEXT("An animal of the zoo"),
                                  TEXT(ANIMAL_SCHEMA),
                                  capabilities,
                                  NULL,
                                  0,
                                  NULL,
                                  0};
    static const stm_entry entry = {ANIMAL_ENTRY_SIZE, ANIMAL_MAJOR,   ANIMAL_MINOR, &info,
                                    ANIMAL_CREATE,     animal_destroy, ANIMAL_OFFER, ANIMAL_SELF_CHECK};
    return &entry;
}

#endif
