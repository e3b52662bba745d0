/* Loads well; in service each of its answers is impossible in another way, chosen by the number it is asked about. */
#define ANIMAL_NAME "liar"
#include "stemma/plugin/abi.h"
static stm_status check(const stm_plugin* plugin, uint32_t scheme, const stm_text* in, size_t n, stm_check_result* out,
                        const stm_sink* sink) {
    static const stm_text why = {"I would rather not", 18};
    (void)plugin, (void)scheme;
    for (size_t i = 0; i < n; ++i) {
        const stm_check_result good = {STM_VALID, STM_NO_REASON, 0, 0};
        const stm_check_result reason_past_the_end = {STM_INVALID, 1, 0, 0};
        const stm_check_result place_past_the_end = {STM_INVALID, 0, 1, (uint32_t)in[i].size};
        const stm_check_result no_verdict = {0, 0, 0, 0};
        const char wish = in[i].size > 0 ? in[i].data[0] : ' ';
        out[i] = wish == 'r' ? reason_past_the_end : wish == 'p' ? place_past_the_end : wish == 'v' ? no_verdict : good;
        if (wish == 'f') {
            sink->error(sink->ctx, why);
            return STM_FAILED;
        }
        if (wish == 's') return 99;
        if (wish == 't') sink->text(sink->ctx, why);
    }
    return STM_OK;
}
static stm_status normalise(const stm_plugin* plugin, uint32_t scheme, stm_text in, const stm_sink* sink) {
    static const stm_text latin1 = {"caf\xe9", 4};
    static const stm_text null_text = {NULL, 4};
    const char wish = in.size > 0 ? in.data[0] : ' ';
    (void)plugin, (void)scheme;
    if (wish == 'u') sink->text(sink->ctx, latin1);
    if (wish == 'n') sink->text(sink->ctx, null_text);
    if (wish == '2') sink->text(sink->ctx, in);
    if (wish == '2') sink->text(sink->ctx, in);
    if (wish == 'g') sink->text(sink->ctx, in);
    return STM_OK;
}
static stm_status decode(const stm_plugin* plugin, uint32_t scheme, stm_text in, const stm_sink* sink) {
    const stm_section outside = {sizeof(stm_section), 0, (uint32_t)in.size + 1, 0, {"all", 3}, {"", 0}};
    const stm_section cut = {8, 0, 1, 0, {"all", 3}, {"", 0}};
    (void)plugin, (void)scheme;
    sink->section(sink->ctx, in.size > 0 && in.data[0] == 'o' ? &outside : &cut);
    return STM_OK;
}
#define ANIMAL_CHECK check
#define ANIMAL_NORMALISE normalise
#define ANIMAL_DECODE decode
#include "animal.h"
