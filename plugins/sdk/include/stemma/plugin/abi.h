/*
 * The border between Stemma and its plugins, in C11. The layout written here is the promise; sdk.hpp is only comfort on top.
 *
 * A plugin is a shared object that exports one function, stm_plugin_entry_v1. All else is reached from the stm_entry it returns.
 * Draft: the ABI's major is 0 and the capabilities' ids end in "/0"; both promise nothing until they become 1.
 *
 * Growth     A struct that begins with `size` grows only at its end: the writer sets size = sizeof of what it knows, the reader
 *            reads no byte past it. Such structs are passed by pointer, several of them as an array of pointers.
 *            A struct without `size` (stm_text, stm_cell, stm_column, stm_reason, ...) is an array's element and never changes.
 * Ownership  Nothing changes owner. Everything passed to a function is borrowed until that function returns. A plugin hands out results
 *            by calling the host's stm_sink, which copies before it returns. Only the instance (stm_plugin) has an owner, and its
 *            maker frees it. Exceptions: what stm_plugin_entry_v1 and `capability` return is the plugin's and stays valid as said there.
 * Threads    [setup]       called by one thread at a time, none of the instance's other functions running
 *            [any thread]  may be called at any time, by several threads at once; must not block, must not keep state
 * Purity     A plugin opens no file, socket or database and asks no clock: `as_of_us`, facts and data files are handed in. The same
 *            input gives the same output, today and when a decision is replayed in ten years.
 * Errors     No exception crosses, in either direction. A number that is wrong or an event that a rule refuses is an answer, not an error.
 * Text       UTF-8 without NUL, not terminated. Time: microseconds since 1970-01-01T00:00:00Z. Quantity: millionths of a unit.
 */
#ifndef STEMMA_PLUGIN_ABI_H
#define STEMMA_PLUGIN_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* NOLINTBEGIN(modernize-use-using,readability-identifier-naming): this is C, and the prefix keeps its names apart from a plugin's own */

#define STM_ABI_MAJOR 0 /* must be equal in host and plugin */
#define STM_ABI_MINOR 2 /* the plugin's must not be newer than the host's */

#define STM_NUMBERING_ID "stm.numbering/0"
#define STM_RULES_ID "stm.rules/0"
#define STM_ASSESSMENT_ID "stm.assessment/0"
#define STM_WORKFLOW_ID "stm.workflow/0"
#define STM_REPORT_ID "stm.report/0"

/* What a call came to. Any other value counts as STM_FAILED. */
typedef int32_t stm_status;
#define STM_OK 0      /* done; the answer went into the sink or the result array */
#define STM_FAILED 1  /* the plugin could not do its work; the text is in sink->error. Stemma's verdict becomes "undecided" */
#define STM_REFUSED 2 /* the plugin works, but this question has no answer (a counter past its digits); the text is in sink->error */

typedef struct stm_text {
    const char* data; /* UTF-8; may be null when size is 0 */
    size_t size;      /* bytes */
} stm_text;

/* ---- values, tables ------------------------------------------------------------------------------------------------------------- */

typedef int32_t stm_type;
#define STM_INT64 1    /* i */
#define STM_BOOL 2     /* i: 0 or 1 */
#define STM_TEXT 3     /* t */
#define STM_TIME_US 4  /* i: microseconds UTC */
#define STM_QUANTITY 5 /* i: millionths; t: unit, a code of UN/CEFACT Recommendation 20 such as "KGM" */

typedef struct stm_cell {
    uint8_t is_null;     /* 1: no value; i and t are then 0 and empty */
    uint8_t reserved[7]; /* 0 */
    int64_t i;
    stm_text t;
} stm_cell;

typedef struct stm_column {
    stm_text name;
    stm_type type;
    int32_t required; /* 1: never null */
} stm_column;

/* A named text: a field of a case, of a command or of a number to be made. Names are unique in an array, their order means nothing. */
typedef struct stm_attribute {
    stm_text name;
    stm_text value;
} stm_attribute;

/* A named, typed value: an answer. */
typedef struct stm_field {
    stm_text name;
    stm_type type;
    int32_t reserved; /* 0 */
    stm_cell value;
} stm_field;

/* Rows of typed columns. A scalar is 1 x 1. */
typedef struct stm_table {
    uint32_t size;
    uint32_t n_columns;
    stm_text name;
    const stm_column* columns;
    uint64_t n_rows;
    const stm_cell* cells; /* n_rows * n_columns, row by row */
    const stm_text* args;  /* a fact: the arguments it was asked with, in that order; an input table has none */
    size_t n_args;
} stm_table;

/* One thing to be judged, assessed or acted on. Tables the capabilities get are listed with each of them. */
typedef struct stm_input {
    uint32_t size;
    uint32_t round;   /* of planning, 0 first; a plugin that still asks after round 2 is cut off */
    int64_t as_of_us; /* "now" for this question; the only one there is */
    size_t n_tables;
    const stm_table* const* tables;
    size_t n_facts;
    const stm_table* const* facts; /* answered so far; no rows: known to be empty */
} stm_input;

/* How one input of a batch came out. */
typedef struct stm_result {
    int32_t outcome;  /* STM_DECIDED or STM_UNDECIDED */
    uint32_t n_given; /* findings (judge) or answers (assess) given for this input; the host compares */
} stm_result;
#define STM_UNDECIDED 0 /* a fact it needs is missing; never taken as accepted */
#define STM_DECIDED 1

/* ---- what goes into the sink ---------------------------------------------------------------------------------------------------- */

/* A part of a decoded number; [offset, offset + length) are bytes of the text that was passed to decode. */
typedef struct stm_section {
    uint32_t size;
    uint32_t offset;
    uint32_t length;
    uint32_t reserved; /* 0 */
    stm_text name;     /* "plant", "date", "sequence", "check" */
    stm_text value;    /* its meaning: "2026-03-01" for the text "260301" */
} stm_section;

typedef struct stm_reason {
    stm_text code; /* stable: "serial.check_digit" */
    stm_text text; /* for a person: "the check digit does not match" */
} stm_reason;

typedef struct stm_scheme {
    uint32_t size;
    uint32_t n_reasons;
    stm_text name;               /* unique within the plugin's instance: "plant-serial" */
    stm_text summary;            /* one line */
    stm_text example;            /* a valid number */
    const stm_reason* reasons;   /* what stm_check_result.reason points into */
    const stm_attribute* fields; /* what format wants besides the counter, each with an example value that works */
    uint32_t n_fields;
    int32_t has_counter;  /* 1: format uses the counter */
    uint64_t counter_max; /* highest counter value that fits; 0 when has_counter is 0 */
} stm_scheme;

typedef int32_t stm_severity;
#define STM_SEVERITY_FINDING 1 /* a remark */
#define STM_SEVERITY_HOLD 2    /* a remark that the items are to be kept back; Stemma itself moves no stock */
#define STM_SEVERITY_REFUSE 3  /* a command is refused; an observed event is kept and the finding says so */

#define STM_TIME_OPEN_FROM INT64_MIN /* valid since ever */
#define STM_TIME_OPEN_TO INT64_MAX   /* valid until further notice */

typedef struct stm_rule {
    uint32_t size;
    stm_severity severity;
    stm_text id;           /* unique within the plugin's instance: "food.shipped-lot-has-expiry" */
    stm_text title;        /* in plain words */
    stm_text citation;     /* "Regulation (EC) 178/2002, article 18"; may be empty */
    int64_t valid_from_us; /* inclusive */
    int64_t valid_to_us;   /* exclusive */
} stm_rule;

typedef struct stm_request {
    uint32_t size;
    uint32_t input; /* index into the batch */
    stm_text fact;  /* one of those stm_info.facts lists */
    const stm_text* args;
    size_t n_args;
} stm_request;

typedef struct stm_finding {
    uint32_t size;
    uint32_t input; /* index into the batch; 0 for act */
    stm_severity severity;
    int32_t reserved; /* 0 */
    stm_text rule;    /* a rule's id; a workflow gives its command's name */
    stm_text code;    /* stable: "food.expiry_missing" */
    stm_text message; /* one sentence for a person */
    stm_text subject; /* the item or field it is about; may be empty */
} stm_finding;

typedef struct stm_assessment_kind {
    uint32_t size;
    uint32_t n_answers;
    stm_text name; /* "expiry" */
    stm_text summary;
    const stm_column* answers;      /* the keys assess may answer, with their types */
    const stm_table* const* tables; /* the tables assess may answer: names and columns, no rows; may be null where n_tables is 0 */
    size_t n_tables;
} stm_assessment_kind;

typedef struct stm_command {
    stm_text name;
    stm_text summary;
    const stm_column* fields; /* what the command takes; all of STM_TEXT, as attributes are */
    size_t n_fields;
} stm_command;

typedef struct stm_transition {
    stm_text from; /* a state; empty: the command opens a case */
    stm_text command;
    stm_text to; /* a state */
} stm_transition;

typedef struct stm_workflow_kind {
    uint32_t size;
    uint32_t reserved; /* 0 */
    stm_text name;     /* "rma" */
    stm_text summary;
    const stm_text* states;
    size_t n_states;
    const stm_command* commands;
    size_t n_commands;
    const stm_transition* transitions;
    size_t n_transitions;
} stm_workflow_kind;

typedef struct stm_case_event {
    uint32_t size;
    uint32_t n_fields;
    stm_text type; /* "received" */
    const stm_attribute* fields;
} stm_case_event;

typedef struct stm_case_state {
    uint32_t size;
    uint32_t n_fields;
    stm_text name; /* a state of the workflow; empty: no case yet */
    const stm_attribute* fields;
} stm_case_state;

/* What a caller may set for a report. */
typedef struct stm_parameter {
    stm_text name;     /* lower case, digits, '_': "product_category" */
    stm_text summary;  /* one line */
    stm_text fallback; /* its value, as text, where the caller sets none; empty: none, the cell is then null */
    stm_type type;     /* STM_INT64, STM_BOOL, STM_TEXT or STM_TIME_US */
    int32_t required;  /* 1: the caller must set it */
} stm_parameter;

/* Whom a report asks about: the host calls collect for each of them. */
#define STM_SUBJECT_ITEM "item"
#define STM_SUBJECT_PRODUCT "product"
#define STM_SUBJECT_CASE "case"

typedef struct stm_report_kind {
    uint32_t size;
    uint32_t reserved;         /* 0 */
    stm_text name;             /* unique in a set, lower case, digits, '-': "fefo" */
    stm_text title;            /* for people: "What expires first" */
    stm_text summary;          /* one line */
    stm_text subject;          /* STM_SUBJECT_ITEM ... */
    const stm_column* columns; /* of the report's table */
    size_t n_columns;
    const stm_column*
        gathered; /* of the rows that collect gives, where compose makes the report's rows of them; none: collect gives these */
    size_t n_gathered;
    const stm_parameter* parameters;
    size_t n_parameters;
    const stm_text* order; /* names of columns: the host sorts the rows by them, empty cells last; none: they stay as they were given */
    size_t n_order;
} stm_report_kind;

/* One row of a report; as many cells as the table it belongs to has columns, each of its column's type. */
typedef struct stm_row {
    uint32_t size;
    uint32_t input; /* index into the batch; 0 for compose */
    const stm_cell* cells;
    size_t n_cells;
} stm_row;

/*
 * Where a plugin puts its output. The host's; valid until the call it was passed to returns; used only by the thread of that call.
 * Each function copies what it is given before it returns and never fails visibly: what cannot be taken (an index out of
 * range, text that is not UTF-8, a limit passed) makes the whole call count as STM_FAILED.
 */
typedef struct stm_sink {
    uint32_t size;
    uint32_t reserved;                                                   /* 0 */
    void* ctx;                                                           /* the host's; first argument of each function */
    void (*error)(void* ctx, stm_text message);                          /* why STM_FAILED or STM_REFUSED */
    void (*text)(void* ctx, stm_text text);                              /* normalise, format, explain: once */
    void (*scheme)(void* ctx, const stm_scheme* scheme);                 /* numbering describe: once */
    void (*section)(void* ctx, const stm_section* section);              /* decode: in the text's order */
    void (*rule)(void* ctx, const stm_rule* rule);                       /* rules describe */
    void (*request)(void* ctx, const stm_request* request);              /* plan */
    void (*finding)(void* ctx, const stm_finding* finding);              /* judge, act */
    void (*assessment)(void* ctx, const stm_assessment_kind* kind);      /* assessment describe: once */
    void (*answer)(void* ctx, uint32_t input, const stm_field* answer);  /* assess */
    void (*reason)(void* ctx, uint32_t input, const stm_reason* reason); /* assess */
    void (*workflow)(void* ctx, const stm_workflow_kind* kind);          /* workflow describe: once */
    void (*case_event)(void* ctx, const stm_case_event* event);          /* act */
    void (*case_state)(void* ctx, const stm_case_state* state);          /* apply: once */
    void (*report)(void* ctx, const stm_report_kind* kind);              /* report describe: once */
    void (*row)(void* ctx, const stm_row* row);                          /* collect, compose */
    /* assess: one of the kind's tables, once, with its rows and without args */
    void (*answer_table)(void* ctx, uint32_t input, const stm_table* table);
} stm_sink;

/* ---- the plugin ----------------------------------------------------------------------------------------------------------------- */

typedef struct stm_plugin stm_plugin; /* one configured instance; the plugin's; unchanged from create to destroy */

#define STM_LOG_DEBUG 0
#define STM_LOG_INFO 1
#define STM_LOG_WARN 2
#define STM_LOG_ERROR 3

/* The host's; valid from create to the end of destroy. No clock and no data access, on purpose. */
typedef struct stm_host {
    uint32_t size;
    uint16_t major;
    uint16_t minor;
    void* ctx;
    void (*log)(void* ctx, int32_t level, stm_text line); /* [any thread] copies */
    const void* (*service)(void* ctx, const char* id);    /* [setup] a host's service by id; null = absent. None is defined yet */
} stm_host;

/* A data file (table of codes, rule pack) that the configuration gave to the plugin; the host has read it. */
typedef struct stm_data_file {
    uint32_t size;
    uint32_t reserved;   /* 0 */
    stm_text kind;       /* one of stm_info.data_kinds */
    stm_text name;       /* file name without folders, for messages */
    stm_text sha256_hex; /* of the file as it is on disk, 64 lower-case digits */
    stm_text content;    /* YAML files arrive converted to JSON; all others as they are */
} stm_data_file;

/* The plugin's; constant, valid while its code is mapped. */
typedef struct stm_info {
    uint32_t size;
    uint32_t n_capabilities;
    stm_text id;                  /* "org.stemma.serial": reversed domain, lower case; never changes, unique in a set */
    stm_text version;             /* "1.2.0": semantic version */
    stm_text summary;             /* one line */
    stm_text options_schema;      /* JSON Schema draft 7 of the options object; each property with a description */
    const stm_text* capabilities; /* ids, as STM_NUMBERING_ID */
    const stm_text* facts;        /* names of the facts it may ask for */
    size_t n_facts;
    const stm_text* data_kinds; /* kinds of data files it takes */
    size_t n_data_kinds;
} stm_info;

/* The plugin's; constant, valid while its code is mapped. */
typedef struct stm_entry {
    uint32_t size;
    uint16_t major; /* STM_ABI_MAJOR of the header it was built with */
    uint16_t minor;
    const stm_info* info;

    /* [setup] Makes an instance from options that the host has checked against the schema. *out is the plugin's, freed by destroy.
     * STM_FAILED: *out stays null and sink->error has the text for the operator. */
    stm_status (*create)(const stm_host* host, stm_text options_json, const stm_data_file* const* files, size_t n_files,
                         const stm_sink* sink, stm_plugin** out);

    /* [setup] Frees an instance made by create, after the last call on it returned. */
    void (*destroy)(stm_plugin* plugin);

    /* [setup] The capability's table (stm_numbering, ...); null = not offered. The plugin's, valid until destroy. */
    const void* (*capability)(stm_plugin* plugin, const char* id);

    /* [setup] Tries its own vectors. STM_FAILED + text: the plugin is not taken into service. */
    stm_status (*self_check)(const stm_plugin* plugin, const stm_sink* sink);
} stm_entry;

/* The one exported symbol. [any thread] Never null. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const stm_entry*
stm_plugin_entry_v1(void);

/* ---- stm.numbering/0: how a number is formed, checked, read and issued ---------------------------------------------------------- */

typedef struct stm_check_result {
    int32_t verdict;
    uint32_t reason; /* index into the scheme's reasons; STM_NO_REASON when valid */
    uint32_t offset; /* the place in the text, in bytes, that the reason speaks of */
    uint32_t length; /* 0: the text as a whole */
} stm_check_result;
#define STM_VALID 1
#define STM_VALID_WITH_REMARKS 2
#define STM_INVALID 3
#define STM_NO_REASON UINT32_MAX

typedef struct stm_format_request {
    uint32_t size;
    uint32_t reserved; /* 0 */
    const stm_attribute* fields;
    size_t n_fields;
    uint64_t counter; /* reserved for this number by the series; ignored when the scheme has no counter */
    int64_t as_of_us;
} stm_format_request;

typedef struct stm_numbering {
    uint32_t size;
    uint32_t reserved; /* 0 */
    /* [any thread] How many schemes the instance offers; they are called by index, 0 first. */
    uint32_t (*n_schemes)(const stm_plugin* plugin);
    /* [any thread] sink->scheme once. */
    stm_status (*describe)(const stm_plugin* plugin, uint32_t scheme, const stm_sink* sink);
    /* [any thread] The hot call: fills out[0..n). What people type or scan, the one place where any bytes may come; check normalises. */
    stm_status (*check)(const stm_plugin* plugin, uint32_t scheme, const stm_text* in, size_t n, stm_check_result* out,
                        const stm_sink* sink);
    /* [any thread] The canonical text of a number, by sink->text. Idempotent; what is no such number comes back as near as can be. */
    stm_status (*normalise)(const stm_plugin* plugin, uint32_t scheme, stm_text in, const stm_sink* sink);
    /* [any thread] sink->section for each part of a valid number; none for an invalid one. */
    stm_status (*decode)(const stm_plugin* plugin, uint32_t scheme, stm_text in, const stm_sink* sink);
    /* [any thread] Makes a number that check calls valid, by sink->text. STM_REFUSED: a field is missing, the counter does not fit. */
    stm_status (*format)(const stm_plugin* plugin, uint32_t scheme, const stm_format_request* request, const stm_sink* sink);
} stm_numbering;

/* ---- stm.rules/0: (event, facts) -> findings ------------------------------------------------------------------------------------ */
/* Input tables: "event" (1 row: event_id, type, action, biz_step, disposition, event_time, place, from_place ...),
 * "event.items" (item, product, kind, role, quantity ...). */

typedef struct stm_rules {
    uint32_t size;
    uint32_t reserved; /* 0 */
    /* [any thread] sink->rule for each rule. */
    stm_status (*describe)(const stm_plugin* plugin, const stm_sink* sink);
    /* [any thread] sink->request for each fact still wanted; none for an input = ready to judge it. */
    stm_status (*plan)(const stm_plugin* plugin, const stm_input* const* in, size_t n, const stm_sink* sink);
    /* [any thread] Fills out[0..n); sink->finding for each remark. */
    stm_status (*judge)(const stm_plugin* plugin, const stm_input* const* in, size_t n, stm_result* out, const stm_sink* sink);
    /* [any thread] The rule in plain words, by sink->text. STM_REFUSED: no such rule. */
    stm_status (*explain)(const stm_plugin* plugin, stm_text rule, const stm_sink* sink);
} stm_rules;

/* ---- stm.assessment/0: (item, facts, as-of) -> a structured answer with its reasons --------------------------------------------- */
/* Input tables: "item" (1 row: item, product, kind, lot ...), "options" (1 row, what the caller set; may be absent). */

typedef struct stm_assessment {
    uint32_t size;
    uint32_t reserved; /* 0 */
    /* [any thread] sink->assessment once. */
    stm_status (*describe)(const stm_plugin* plugin, const stm_sink* sink);
    /* [any thread] As in stm_rules. */
    stm_status (*plan)(const stm_plugin* plugin, const stm_input* const* in, size_t n, const stm_sink* sink);
    /* [any thread] Fills out[0..n); sink->answer, sink->answer_table and sink->reason for each input. */
    stm_status (*assess)(const stm_plugin* plugin, const stm_input* const* in, size_t n, stm_result* out, const stm_sink* sink);
} stm_assessment;

/* ---- stm.workflow/0: (case, command, facts) -> case events, and (state, event) -> state ------------------------------------------ */
/* Input tables: "case" (1 row: state, version, then the case's fields), "command" (1 row: name, then the command's fields). */

typedef struct stm_workflow {
    uint32_t size;
    uint32_t reserved; /* 0 */
    /* [any thread] sink->workflow once. */
    stm_status (*describe)(const stm_plugin* plugin, const stm_sink* sink);
    /* [any thread] As in stm_rules. */
    stm_status (*plan)(const stm_plugin* plugin, const stm_input* const* in, size_t n, const stm_sink* sink);
    /* [any thread] One command: sink->case_event one or more times, or sink->finding with why not; never both, never neither. */
    stm_status (*act)(const stm_plugin* plugin, const stm_input* in, const stm_sink* sink);
    /* [any thread] A pure fold: the state after the event, by sink->case_state once. Works for each event that act ever gave. */
    stm_status (*apply)(const stm_plugin* plugin, const stm_case_state* before, const stm_case_event* event, const stm_sink* sink);
} stm_workflow;

/* ---- stm.report/0: (rows) -> a table with typed columns ------------------------------------------------------------------------- */
/* Input tables: "subject" (1 row: item, product, kind; or product; or case, workflow, state, version, item; what is not known is null),
 * "parameters" (1 row, a column for each declared parameter, null where it is not set and has no fallback). compose gets "rows" (all that
 * collect gave, in the subjects' order) and "parameters". How many subjects, rows and bytes a report may have are the host's limits. */

typedef struct stm_report {
    uint32_t size;
    uint32_t reserved; /* 0 */
    /* [any thread] How many reports the instance offers; they are called by index, 0 first. */
    uint32_t (*n_reports)(const stm_plugin* plugin);
    /* [any thread] sink->report once. */
    stm_status (*describe)(const stm_plugin* plugin, uint32_t report, const stm_sink* sink);
    /* [any thread] As in stm_rules, for each subject. */
    stm_status (*plan)(const stm_plugin* plugin, uint32_t report, const stm_input* const* in, size_t n, const stm_sink* sink);
    /* [any thread] sink->row for each row that a subject has in the report; none: it does not belong there. */
    stm_status (*collect)(const stm_plugin* plugin, uint32_t report, const stm_input* const* in, size_t n, const stm_sink* sink);
    /* [any thread] sink->row for each row of the report. Called only where the report declares `gathered`. */
    stm_status (*compose)(const stm_plugin* plugin, uint32_t report, const stm_input* in, const stm_sink* sink);
} stm_report;

/* NOLINTEND(modernize-use-using,readability-identifier-naming) */

#ifdef __cplusplus
}
#endif

#endif /* STEMMA_PLUGIN_ABI_H */
