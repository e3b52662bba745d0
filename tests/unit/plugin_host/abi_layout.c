/* The ABI's layout on a 64-bit machine, counted by hand: 16 bytes for a text, 8 for a pointer. A change here breaks built plugins. */
#include <assert.h>
#include <stddef.h>

#include "stemma/plugin/abi.h"

static_assert(sizeof(stm_text) == 16, "pointer, size");
static_assert(sizeof(stm_cell) == 32, "mark and padding, number, text");
static_assert(sizeof(stm_column) == 24, "text, type, required");
static_assert(sizeof(stm_attribute) == 32, "two texts");
static_assert(sizeof(stm_field) == 56, "text, type, reserved, cell");
static_assert(sizeof(stm_table) == 64, "two counts, text, columns, rows, cells, args and their number");
static_assert(sizeof(stm_input) == 48, "size, round, time, two lists");
static_assert(sizeof(stm_result) == 8, "outcome, number");
static_assert(sizeof(stm_check_result) == 16, "four numbers");
static_assert(sizeof(stm_section) == 48, "four numbers, two texts");
static_assert(sizeof(stm_scheme) == 88, "two numbers, three texts, two pointers, two numbers, one number");
static_assert(sizeof(stm_rule) == 72, "two numbers, three texts, two times");
static_assert(sizeof(stm_request) == 40, "two numbers, text, list");
static_assert(sizeof(stm_finding) == 80, "four numbers, four texts");
static_assert(sizeof(stm_sink) == 8 + 17 * 8, "two numbers, context, sixteen functions");
static_assert(sizeof(stm_parameter) == 56, "three texts, type, required");
static_assert(sizeof(stm_report_kind) == 136, "two numbers, four texts, four lists");
static_assert(sizeof(stm_row) == 24, "two numbers, list");
static_assert(sizeof(stm_assessment_kind) == 64, "two numbers, two texts, pointer, list");
static_assert(sizeof(stm_host) == 32, "size and version, context, two functions");
static_assert(sizeof(stm_info) == 112, "two numbers, four texts, pointer, two lists");
static_assert(sizeof(stm_entry) == 48, "size and version, info, four functions");
static_assert(offsetof(stm_entry, major) == 4, "read before anything else is believed");
static_assert(sizeof(stm_numbering) == 56, "size, six functions");
static_assert(sizeof(stm_rules) == 40, "size, four functions");
static_assert(sizeof(stm_assessment) == 32, "size, three functions");
static_assert(sizeof(stm_workflow) == 40, "size, four functions");
static_assert(sizeof(stm_report) == 48, "size, five functions");
