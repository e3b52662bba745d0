#include "core/cli/verb_table.hpp"

#include <array>

namespace stemma::cli {
namespace {

constexpr std::array kNouns{
    NounText{"config", "the settings file"},
    NounText{"store", "the database that the ledger is kept in"},
    NounText{"erp", "the ERP databases that are read"},
    NounText{"item", "one serial, lot or logistic unit"},
    NounText{"trace", "where an item came from, where it went"},
    NounText{"recall", "what a bad item affects"},
    NounText{"event", "recorded events"},
    NounText{"master", "products, items, places and parties"},
    NounText{"ledger", "the record itself and its proofs"},
    NounText{"rule", "the rules in force"},
    NounText{"case", "workflows such as returns"},
    NounText{"report", "tables that plugins make of all items: what expires first, all identifiers"},
    NounText{"number", "numbering schemes"},
    NounText{"user", "people who may sign in"},
    NounText{"token", "tokens, for programs"},
    NounText{"approval", "signed commands that wait for a second person"},
    NounText{"plugin", "plugins: numbering, rules, workflows, assessments"},
};

constexpr std::array kVerbs{
    VerbText{"init", "make a new Stemma: settings, state folder, key",
             "Writes the annotated stemma.yaml where there is none (--config names another file), makes the state folder that it names and "
             "the key that "
             "signs the ledger's checkpoints. What is there already is kept, never replaced. Prints the public key: give it to auditors.",
             "stemma init\nstemma init --config /etc/stemma/stemma.yaml"},
    VerbText{"serve", "run the daemon in the foreground",
             "Becomes stemmad, the program beside this one, with the same settings file. End it with Ctrl-C.",
             "stemma serve\nstemma serve --config /etc/stemma/stemma.yaml"},
    VerbText{"status", "show how Stemma is and how its ERP sources stand",
             "A source whose state may be behind its ERP is marked stale, with the reason.", "stemma status\nstemma status --json"},
    VerbText{"doctor", "check settings, store, ledger, plugins, ERP sources",
             "Reads only. Each finding says what is wrong and what to do about it. Ends with 1 when there is an error; warnings and notes "
             "end with 0.",
             "stemma doctor\nstemma doctor --json"},
    VerbText{"config check", "check the settings file and conf.d",
             "Names every mistake with file, line and column. Starts nothing, connects to nothing; `stemma doctor` does.",
             "stemma config check\nstemma config check --config ./stemma.yaml"},
    VerbText{"config show", "show every setting as it is in force",
             "Passwords and what came from the environment or a secret file are never shown.",
             "stemma config show\nstemma config show --origin"},
    VerbText{
        "backup", "make a backup, also while the daemon runs",
        "A folder with the database as of one commit, its newest signed checkpoint, the settings with the mappings and data files that "
        "they name, the kept plugins that verdicts name, and the ledger's public key. It is there whole or not at all. Nobody waits for "
        "it. Without --with-key the key that signs is left out: keep it apart.",
        "stemma backup /backup/stemma-2026-11-21\nstemma backup /mnt/safe/stemma-with-key --with-key"},
    VerbText{
        "verify", "verify a backup with nothing but the backup",
        "Every file against its digest, every entry of the ledger against the signed checkpoints, its head against the manifest. Names "
        "what "
        "is wrong and ends with 1. The store in use is verified by `stemma ledger verify`.",
        "stemma verify /backup/stemma-2026-11-21\nstemma verify /backup/stemma-2026-11-21 --key 'stemma.example/ledger+1a2b3c4d+AbCd...' "
        "--checkpoint kept.checkpoint"},
    VerbText{
        "restore", "restore a backup, on an empty machine or into a folder",
        "Verifies it, then puts everything in place: where it was, or with --to into one folder. What is there already is never replaced; "
        "--force moves it aside. Where a checkpoint shows that entries after the backup were signed, it refuses; --accept-loss with a "
        "--reason goes on, and the loss becomes the ledger's next entry.",
        "stemma restore /backup/stemma-2026-11-21 --dry-run\nstemma restore /backup/stemma-2026-11-21 --to /srv/stemma-restored\nstemma "
        "restore /backup/stemma-2026-11-21 --force --accept-loss --reason 'disk lost, newest backup is of noon'"},
    VerbText{
        "store copy", "copy the ledger into another database, from SQLite to PostgreSQL or back",
        "FROM and TO are settings files (*.yaml), sqlite:PATH or postgresql:host=... dbname=... user=.... The daemon must not be running. "
        "Entries and checkpoints are copied as they are, persons, cursors and rejects too, and read back: size and root must be equal. "
        "The target must be empty; an unfinished copy goes on where it stopped.",
        "stemma store copy /etc/stemma/stemma.yaml ./on-postgresql.yaml\nstemma store copy sqlite:/var/lib/stemma/stemma.db "
        "'postgresql:host=db.example.com dbname=stemma user=stemma'"},
    VerbText{
        "erp check", "check that a mapping fits its ERP database",
        "Which ERP and version, each table and column found or missing, rights, row counts, the server's clock, whether it is a replica "
        "and how far behind, what each query costs there and which index would help, what will be read and what it becomes. What the "
        "login cannot see is said. Without SOURCE every source is checked. Ends with 1 when a mapping does not fit.",
        "stemma erp check tryton\nstemma erp check --json"},
    VerbText{"erp preview", "show a few rows of a query and what they become",
             "Records nothing. Without --query the mapping's first query is shown; its other queries are named.",
             "stemma erp preview tryton\nstemma erp preview tryton --query moves --rows 3"},
    VerbText{
        "erp sync", "read an ERP database now and wait until it is done",
        "Reads what changed since the last sync; with --sweep also the keys of all rows, which notices rows that vanished; with --full "
        "everything. Where more than half of a query's rows are gone, nothing is taken back until --accept-vanished says so. Ends with "
        "1 when the sync failed or the mapping is paused, with the table and column that no longer fit and the "
        "mapping that does; --resume checks it again and reads everything. The daemon goes on when this command is interrupted.",
        "stemma erp sync tryton\nstemma erp sync tryton --sweep\nstemma erp sync tryton --full\nstemma erp sync tryton --resume\n"
        "stemma erp sync tryton --sweep --accept-vanished"},
    VerbText{"erp rejects", "list rows that could not be mapped, and why",
             "A row leaves the list when it is read again and fits. Without SOURCE those of every source are listed.",
             "stemma erp rejects tryton\nstemma erp rejects --limit 20"},
    VerbText{"erp grants", "print the SQL of a login that can only read",
             "For the administrator of the ERP's database to look at and to run: a login with the right to SELECT exactly the columns that "
             "the mapping reads. Runs nothing. With SOURCE its database is asked which of them it has; with --mapping none is needed.",
             "stemma erp grants tryton\nstemma erp grants --mapping odoo-18 --login trace_reader\nstemma erp grants --mapping dolibarr-22 "
             "--engine mariadb --database dolibarr --login stemma_ro@10.0.0.7"},
    VerbText{"erp map", "propose a mapping for a database that none is made for",
             "Reads the names, types and keys of all tables, and of some columns up to 20 values; compares them first with the mappings "
             "that are here. What it proposes is a file to read, with the reason for each choice; what to look at is marked CHECK. Writes "
             "nothing.",
             "stemma erp map --suggest sqlite:/srv/erp/shop.db\nstemma erp map --suggest "
             "'postgresql:host=db dbname=erp user=reader' --mapping acme-1 --no-sample"},
    VerbText{"erp audit", "find what cannot be in an ERP's records",
             "Things in two places, stock below zero, goods that were used and are still there, shipped before they came, delivered twice, "
             "numbers entered twice, productions that do not balance: each with the rows of the ERP and the documents behind it, and what "
             "to look for there. Goes over what was read last, asks the ERP nothing, changes nothing. Ends with 1 when there is a finding, "
             "with 0 when there is none.",
             "stemma erp audit tryton\nstemma erp audit tryton --count\nstemma erp audit tryton --kind negative_stock\nstemma erp audit "
             "--format csv"},
    VerbText{"erp meetings", "list products and items that several ERPs know, and why they are one",
             "Products meet by GTIN or a declared alias, items by their number, logistic units by SSCC. --undo parts two ids that a rule "
             "brought together, for good; --meet declares two to be one. Both are entries of the ledger and need a reason.",
             "stemma erp meetings\nstemma erp meetings HJ26-00148\nstemma erp meetings --undo urn:stemma:factory:lot:118 "
             "urn:stemma:sales:lot:7 --reason 'two jackets, one label'"},
    VerbText{"erp conflicts", "list what two ERPs say differently, or what could be one and is not",
             "One GTIN on two products of one ERP, a number that fits two items, units or dates that differ, aliases that name nothing. "
             "Each with both sides and what to do. Nothing is merged by guess.",
             "stemma erp conflicts\nstemma erp conflicts --json"},
    VerbText{"search", "find items by any identifier or id",
             "Exact matches first; where there is none, items that begin with the text. Finding nothing ends with 0.",
             "stemma search S4-L17\nstemma search HJ26-001 --limit 50"},
    VerbText{"item show", "show who an item is, where it is, what happened to it",
             "Product, status, stock by place and customer, mass balance, attributes, history with verdicts, cases. ITEM is an id or any "
             "identifier.",
             "stemma item show HJ26-00148\nstemma item show TEA-07 --as-of 500"},
    VerbText{"item assess", "assess an item: expiry and what other plugins offer",
             "Answers as of now, or as of --as-of-time, with the reasons.",
             "stemma item assess TEA-07 --kind expiry\nstemma item assess TEA-07 --kind expiry --as-of-time 2026-11-21"},
    VerbText{"trace back", "show what an item was made of, over any depth",
             "What is certain first; then what is only possible, by way of goods without a lot number; then the untracked inputs.",
             "stemma trace back HJ26-00148\nstemma trace back HJ26-00148 --certain-only\nstemma trace back HJ26-00148 --timed --as-of "
             "2026-11-21"},
    VerbText{"trace forward", "show what an item went into, over any depth",
             "What is certain first; then what is only possible, by way of goods without a lot number; then the untracked outputs.",
             "stemma trace forward S4-L17\nstemma trace forward S4-L17 --limit 1000\nstemma trace forward S4-L17 --format csv"},
    VerbText{"trace gaps", "show where the records do not join",
             "Each broken link once, with the documents around it and what would mend it: goods that never came in, productions without "
             "inputs or outputs, stock below zero, items without master data.",
             "stemma trace gaps\nstemma trace gaps --count\nstemma trace gaps S4-L17 --kind untracked_intermediate"},
    VerbText{"trace amounts", "show how much of an item is in what it went into",
             "What must be in there, what can be by recorded links alone, and what can be at all, however the goods were mixed. Where the "
             "unit changes on the way, amounts are not comparable; a serial holds some of it (1) or none (0).",
             "stemma trace amounts S4-L17\nstemma trace amounts S4-L17 --certain-only"},
    VerbText{
        "recall simulate", "show all that bad items affect and where it is now",
        "Certain apart from possible, by status, place, customer and product, with the documents to look up, the parties to write to, the "
        "mass balance of each bad item and every balance that does not close. The digest is the same for the same question as of the same "
        "position. Changes nothing.",
        "stemma recall simulate S4-L17\nstemma recall simulate S4-L17 --items --json\nstemma recall simulate S4-L17 --timed\nstemma "
        "recall simulate PAL9 --contents"},
    VerbText{
        "recall attribute", "find what is behind items that failed",
        "Compares the failed items with all others of their products: which lots, suppliers, places, days, revisions and conditions are "
        "more often behind the failed ones than chance allows, and what a recall of each would call back. Where chance is enough, "
        "nobody is named. Changes nothing.",
        "stemma recall attribute HJ26-00148 HJ26-00152 HJ26-00160\nstemma recall attribute $(cat failed.txt) --from 2026-03-01 --to "
        "2026-05-31"},
    VerbText{"event show", "show a recorded event", "Its EPCIS content, who recorded it, and the verdict with its findings.",
             "stemma event show urn:stemma:tryton:move:17"},
    VerbText{
        "event capture", "record events from a JSON file",
        "One EPCIS 2.0 event or an array of them; `-` reads standard input. All or none. A refused event records nothing and ends with 1. "
        "A file "
        "with an event a line (.ndjson, or --lines) is sent in batches of up to 10,000 lines, each all or none; sent again, it records "
        "nothing "
        "twice.",
        "stemma event capture shipped.json --actor ada --reason 'scanner was offline'\nstemma event capture - --idempotency-key shift-7 < "
        "events.json\nstemma event capture year-2025.ndjson"},
    VerbText{"master capture", "record products, items, places, parties",
             "One record or an array of them; `-` reads standard input. All or none. A file with a record a line (.ndjson, or --lines) is "
             "sent in "
             "batches of up to 10,000 lines.",
             "stemma master capture products.json --actor ada --reason 'opening data'"},
    VerbText{"ledger head", "show the newest signed checkpoint", "Size, root hash, origin, public key and the signed note.",
             "stemma ledger head"},
    VerbText{"ledger verify", "verify the ledger against its signed checkpoints",
             "Works on the files, without a daemon. Names the first bad entry and ends with 1. --database verifies a copy; --key takes the "
             "public key you were "
             "given instead of the one in the state folder, which whoever changed the database may have changed too.",
             "stemma ledger verify\nstemma ledger verify --database backup.db --key 'stemma.example/ledger+1a2b3c4d+AbCd...'"},
    VerbText{"ledger rebuild", "rebuild the read models from the ledger",
             "The daemon must not be running. Ends with 1 when the result differs from what was there.", "stemma ledger rebuild"},
    VerbText{"ledger show", "show an entry by its number",
             "An entry of any kind: an event as `event show` shows it, a product, item, place or party, a step of a case, a change of the "
             "system.",
             "stemma ledger show 17"},
    VerbText{"ledger proof", "prove that an entry is in the ledger",
             "The hashes of RFC 6962 that lead from the entry to the root of a checkpoint.",
             "stemma ledger proof 17\nstemma ledger proof 17 --size 500"},
    VerbText{"rule list", "list the rules in force", "", "stemma rule list"},
    VerbText{"rule explain", "show a rule in plain words, with its citation", "", "stemma rule explain food.lot-with-expiry"},
    VerbText{"case list", "list cases", "", "stemma case list\nstemma case list --workflow rma"},
    VerbText{"case show", "show a case and all its steps", "", "stemma case show rma-000017"},
    VerbText{"case open", "open a case about an item", "A refusal by the workflow records nothing and ends with 1.",
             "stemma case open --workflow rma --item HJ26-00148 --field customer=C17 --reason 'does not heat'"},
    VerbText{"case do", "carry out a command of a case's workflow",
             "With --version the command is refused when the case has moved on since you looked. A refusal by the workflow records nothing "
             "and ends with 1.",
             "stemma case do rma-000017 authorise --version 1\nstemma case do rma-000017 receive --field item=HJ26-00148"},
    VerbText{
        "replay", "come to verdicts again and compare: of an entry, a range, all",
        "The same plugin judges again, by the facts that the ledger keeps and by the facts as they are read again as of then; a case's "
        "step is acted again. What differs is shown with the reason. Ends with 1 when anything differs or a plugin is no longer kept.",
        "stemma replay 812\nstemma replay 0 9999\nstemma replay --all\nstemma replay --all --now"},
    VerbText{"report list", "list the reports that plugins bring",
             "Each with what it asks about and its parameters: name=VALUE has that value unless it is set, name! must be set.",
             "stemma report list\nstemma report list --json"},
    VerbText{
        "report run", "make a report: a table here, or a file for a spreadsheet",
        "From the facts as of the newest entry. A report that passes limits.report_subjects_max, report_rows_max or report_bytes_max is "
        "refused, never cut. In CSV a text that a spreadsheet would take for a formula gets a ' in front.",
        "stemma report run fefo\nstemma report run fefo --set days=30 -o fefo.xlsx\nstemma report run identifiers --set scheme=lot "
        "--format csv"},
    VerbText{"number check", "check a number against a numbering scheme",
             "Its sections when it is valid; what is wrong and where when it is not, and then ends with 1.",
             "stemma number check serial HJ26-00148"},
    VerbText{"login", "sign in as a user",
             "Asks for the password (or takes a line of standard input) and keeps a token for the next calls, in a file that you alone may "
             "read. It is good for access.session of the settings.",
             "stemma login ada"},
    VerbText{"logout", "end the session", "Also removes the file with its token.", "stemma logout"},
    VerbText{"whoami", "show who you are to Stemma, and what you may", "", "stemma whoami\nstemma whoami --json"},
    VerbText{
        "user add", "add a user",
        "Asks for a password, or takes a line of standard input. The first user has to be an administrator; from then on nobody is let "
        "in without a name. A name stands in the ledger for ever and is never given twice.",
        "stemma user add ada --role administrator\nstemma user add ben --role quality --role operator --full-name 'Ben Novak'"},
    VerbText{"user list", "list the users", "", "stemma user list"},
    VerbText{"user disable", "keep a user out", "Ends the user's sessions. The last administrator stays.",
             "stemma user disable ben --reason 'left the company'"},
    VerbText{"user enable", "let a user in again", "", "stemma user enable ben"},
    VerbText{"user passwd", "set a password", "Ends the user's sessions. Without NAME your own, against the one so far.",
             "stemma user passwd\nstemma user passwd ben"},
    VerbText{"user role", "set a user's roles", "All of them: what is not named is taken away. Holds at once.",
             "stemma user role ben --role quality --role operator"},
    VerbText{"user name", "set or take away a person's name",
             "The name is kept beside the ledger, which holds a salted digest of it. Without TEXT it is taken away.",
             "stemma user name ben 'Ben Novak'\nstemma user name ben"},
    VerbText{"token new", "make a token for a program",
             "Shows it once. Give it the least that the program needs: a role, and the groups of commands that it is for.",
             "stemma token new line-3 --role operator --group events --days 365"},
    VerbText{"token list", "list tokens and sessions", "Without the tokens themselves, which are kept nowhere.", "stemma token list"},
    VerbText{"token revoke", "revoke a token, or all of a program", "From then on it is refused by every daemon on the ledger.",
             "stemma token revoke line-3 --reason 'scanner lost'"},
    VerbText{"approval list", "list what waits for a second person", "Each command as it was sent, who signed it, until when it waits.",
             "stemma approval list"},
    VerbText{"approval approve", "sign a command as the second person",
             "Asks for your password. The command is carried out then, under the name of who proposed it, with both signatures.",
             "stemma approval approve 1f2e3d4c --sign approval --reason 'seen and right'"},
    VerbText{"approval reject", "say no to a command that waits", "Nothing is carried out.",
             "stemma approval reject 1f2e3d4c --reason 'not broken'"},
    VerbText{"plugin list", "list plugins, enabled and available", "", "stemma plugin list"},
    VerbText{"plugin info", "show what an enabled plugin adds, its options, its digests",
             "Each option with its type, its default and what it means, from the plugin's own schema.", "stemma plugin info serial"},
    VerbText{"plugin check", "check a plugin file: handshake and first properties",
             "Runs in a process of its own, so that a plugin that crashes harms nobody. Ends with 1 when a check fails.",
             "stemma plugin check ./my_serial.so --options-file options.yaml"},
    VerbText{
        "plugin enable", "check a plugin, write it to conf.d, load it",
        "Shows what it adds. --dry-run checks and shows the file that would be written, and changes nothing.",
        "stemma plugin enable expiry --dry-run\nstemma plugin enable serial --options-file serial.yaml\nstemma plugin enable compliance "
        "--data /etc/stemma/rules/own.yaml"},
    VerbText{"plugin disable", "disable a plugin", "Its verdicts stay in the ledger and can still be replayed.",
             "stemma plugin disable rma --dry-run\nstemma plugin disable rma"},
    VerbText{"plugin reload", "read the configuration again, swap the plugin set", "On an error the old set stays in force.",
             "stemma plugin reload"},
};

constexpr std::string_view kClosing = R"(Without a running daemon the state folder is read directly, unless --server is given.

Exit codes
  0  done
  1  the answer is "no": refused, not verified, invalid, a sync failed or paused
  2  bad input: unknown verb or item, bad file, wrong configuration
  3  Stemma cannot be reached, or its state folder is in use
  4  a failure inside: storage, a plugin, a bug

Environment
  STEMMA_CONFIG  the settings file, where --config is not given
  STEMMA_TOKEN   who acts, where --token is not given
  NO_COLOR       when set, no colours
)";

}  // namespace

std::span<const VerbText> verb_texts() noexcept { return kVerbs; }
std::span<const NounText> noun_texts() noexcept { return kNouns; }
std::string_view closing_text() noexcept { return kClosing; }

}  // namespace stemma::cli
