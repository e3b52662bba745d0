// Whole runs of the command against a fake API: what is printed where, and with which exit code.
#include <fmt/format.h>

#include "tests/unit/cli/raw_server.hpp"
#include "tests/unit/cli/run_fixture.hpp"

namespace stemma::cli {
namespace {

TEST_F(Run, prints_the_answer_and_nothing_else_on_the_output) {
    answer(200, R"({"items":[{"id":"i:1","label":"S4-L17","kind":"lot","matched":{"scheme":"lot","value":"S4-L17"}}]})");
    EXPECT_EQ(run({"search", "S4-L17"}), ExitCode::done);
    EXPECT_EQ(out.str(), "item    kind  found by    id\nS4-L17  lot   lot S4-L17  i:1\n");
    EXPECT_EQ(err.str(), "stemmad is not running: reading the state folder directly\n");
    EXPECT_EQ(script.asked[0].method, "GET");
    EXPECT_EQ(script.asked[0].path, "/api/v1/search");
    EXPECT_EQ(script.asked[0].query, (Query{{"q", "S4-L17"}}));
}

TEST_F(Run, prints_the_json_as_it_came) {
    const std::string body = R"({"items": [],  "odd":1.50})";
    answer(200, body);
    EXPECT_EQ(run({"search", "X", "--json"}), ExitCode::done);
    EXPECT_EQ(out.str(), body + "\n");
}

TEST_F(Run, names_the_actor) {
    answer(200, "{}");
    EXPECT_EQ(run({"search", "X", "--actor", "ada"}), ExitCode::done);
    EXPECT_EQ(script.asked[0].header("stemma-actor"), "ada");
}

TEST_F(Run, says_a_problem_on_the_error_stream_with_its_hint) {
    answer(
        404,
        R"({"type":"/problems/not_found","title":"Not found","status":404,"detail":"there is no rule 'x'","pointer":"/id","hint":"did you mean 'y'?"})");
    EXPECT_EQ(run({"rule", "explain", "x"}), ExitCode::usage);
    EXPECT_EQ(out.str(), "");
    EXPECT_TRUE(err.str().ends_with("stemma: /id: there is no rule 'x'\n  did you mean 'y'?\n")) << err.str();
}

TEST_F(Run, says_a_refusal_with_its_findings_and_prints_the_problem_as_json) {
    const std::string body =
        R"({"type":"/problems/refused","title":"Refused","status":422,"detail":"wrong unit","verdict":{"outcome":"refused","findings":[)"
        R"({"code":"rma.wrong_unit","message":"wrong unit"},{"code":"a.b","message":"no date","subject":"urn:stemma:t:lot:1","citation":"art. 9"}]}})";
    answer(422, body);
    EXPECT_EQ(run({"case", "do", "rma-1", "receive", "--field", "item=X", "--version", "3", "--json"}), ExitCode::no);
    EXPECT_EQ(out.str(), body + "\n");
    EXPECT_TRUE(err.str().ends_with("stemma: wrong unit\n  rma.wrong_unit\n  a.b: no date [lot 1] (art. 9)\n")) << err.str();
    EXPECT_EQ(script.asked[0].path, "/api/v1/cases/rma-1/commands");
    EXPECT_EQ(script.asked[0].body, R"({"command":"receive","version":3,"fields":{"item":"X"}})");
}

TEST_F(Run, shows_where_the_next_signed_checkpoint_is_when_a_proof_has_none) {
    answer(200, R"({"sequence":3,"size":5,"leafHash":"aa","root":"bb","proof":["cc"],"nextCheckpoint":1200,"hint":"ask for ?size=1200"})");
    EXPECT_EQ(run({"ledger", "proof", "3", "--size", "5"}), ExitCode::done);
    EXPECT_EQ(script.asked[0].query, (Query{{"size", "5"}}));
    EXPECT_EQ(out.str(),
              "entry           3\nin a ledger of  5 entries\nroot            bb\n\nProof, from the leaf up\n  cc\n\n"
              "No signed checkpoint of this size is stored; the next one is of 1,200 entries:\n  stemma ledger proof 3 --size 1200\n");
}

TEST_F(Run, calls_the_item_of_a_case_what_people_call_it) {
    const std::string about = R"("workflow":"rma","state":"requested","version":1,"item":"urn:stemma:t:lot:7")";
    answer(200,
           R"({"cases":[{"case":"rma-1","label":"S4-L17",)" + about + R"(},{"case":"rma-2","label":"urn:stemma:t:lot:7",)" + about + "}]}");
    EXPECT_EQ(run({"case", "list"}), ExitCode::done);
    EXPECT_EQ(out.str(),
              "case   workflow  state      version  item\nrma-1  rma       requested        1  S4-L17\n"
              "rma-2  rma       requested        1  lot 7\n");
    answer(200, R"({"case":"rma-1","label":"S4-L17","history":[],)" + about + "}");
    EXPECT_EQ(run({"case", "show", "rma-1"}), ExitCode::done);
    EXPECT_TRUE(out.str().starts_with("rma-1: rma, requested (version 1), about S4-L17\n")) << out.str();
}

TEST_F(Run, ends_with_3_when_no_answer_comes) {
    EXPECT_EQ(run({"status", "--json"}), ExitCode::unreachable);
    EXPECT_NE(out.str().find("/problems/unavailable"), std::string::npos);
}

TEST_F(Run, ends_with_3_when_something_else_answers) {
    answer(200, "<html>hello</html>");
    EXPECT_EQ(run({"status"}), ExitCode::unreachable);
    EXPECT_NE(err.str().find("is not Stemma"), std::string::npos);
}

TEST_F(Run, ends_with_3_when_the_state_folder_is_in_use) {
    offline.open = [](const config::Settings&) -> Result<std::unique_ptr<Transport>> {
        return fail(Errc::unavailable, "in use", "/state");
    };
    EXPECT_EQ(run({"status"}), ExitCode::unreachable);
    EXPECT_EQ(err.str(), "stemma: /state: in use\n");
}

TEST_F(Run, ends_with_2_on_wrong_settings_and_names_every_mistake) {
    write("stemma.yaml", "daemon: {prot: 0}\nlog: {level: loud}\n");
    EXPECT_EQ(run({"status"}), ExitCode::usage);
    EXPECT_NE(err.str().find("stemma.yaml:1:10: "), std::string::npos) << err.str();
    EXPECT_NE(err.str().find("stemma.yaml:2:"), std::string::npos) << err.str();
    EXPECT_EQ(run({"config", "check"}), ExitCode::no);
}

TEST_F(Run, ends_with_2_on_a_verb_that_is_none) {
    EXPECT_EQ(run({"serach", "X"}), ExitCode::usage);
    EXPECT_EQ(err.str(), "stemma: there is no verb 'serach'\n  did you mean 'search'?\n");
}

TEST_F(Run, ends_with_2_on_a_file_that_is_not_there) {
    EXPECT_EQ(run({"event", "capture", folder.file("none.json")}), ExitCode::usage);
    EXPECT_EQ(run({"event", "capture", folder.path()}), ExitCode::usage);
    EXPECT_TRUE(script.asked.empty());
}

TEST_F(Run, sends_a_file_or_the_standard_input_with_reason_and_key) {
    write("event.json", R"({"type":"ObjectEvent"})");
    answer(201, R"({"first":7,"count":1,"replayed":false,"judged":true,"ids":["urn:x:event:1"],"verdict":{"outcome":"accepted"}})");
    EXPECT_EQ(run({"event", "capture", folder.file("event.json"), "--reason", "scanner off", "--idempotency-key", "k1"}), ExitCode::done);
    EXPECT_EQ(out.str(), "Recorded: entry 7.\n  urn:x:event:1\n  accepted\n");
    EXPECT_EQ(script.asked[0].body, R"({"type":"ObjectEvent"})");
    EXPECT_EQ(script.asked[0].query, (Query{{"reason", "scanner off"}}));
    EXPECT_EQ(script.asked[0].header("idempotency-key"), "k1");
    in.str("[1, 2]");
    answer(201, R"({"first":7,"count":2,"replayed":true,"judged":false,"ids":["urn:x:1","urn:x:2"],"verdict":{"outcome":"accepted"}})");
    EXPECT_EQ(run({"master", "capture", "-"}), ExitCode::done);
    EXPECT_EQ(out.str(), "Recorded before under this key: 2 entries from 7.\n  urn:x:1\n  urn:x:2\n  no plugin judged it\n");
    EXPECT_EQ(script.asked[1].path, "/api/v1/master");
    EXPECT_EQ(script.asked[1].body, "[1, 2]");
}

TEST_F(Run, lists_the_first_ids_of_a_long_batch) {
    std::string ids = R"("urn:x:1")";
    for (int i = 2; i <= 21; ++i) ids += fmt::format(R"(,"urn:x:{}")", i);
    in.str("[]");
    answer(201, R"({"first":7,"count":21,"replayed":false,"judged":true,"ids":[)" + ids + R"(],"verdict":{"outcome":"accepted"}})");
    EXPECT_EQ(run({"event", "capture", "-"}), ExitCode::done);
    EXPECT_NE(out.str().find("  urn:x:20\n  ... 1 more id not shown, --json has all\n  accepted\n"), std::string::npos) << out.str();
}

TEST_F(Run, shows_an_entry_of_any_kind_by_its_number) {
    answer(200, R"({"sequence":3,"entry":{"sequence":3,"recordedAt":"2026-11-21T08:53:00Z","actor":"user:ada","kind":"item","record":)"
                R"({"type":"item","id":"urn:x:1","identifiers":[{"scheme":"lot","value":"L1"}],"attributes":{"made_at":"2026-01-10"}}}})");
    EXPECT_EQ(run({"ledger", "show", "3"}), ExitCode::done);
    EXPECT_EQ(script.asked[0].path, "/api/v1/ledger/entries/3");
    EXPECT_EQ(out.str(),
              "item record\n"
              "  type                 item\n"
              "  id                   urn:x:1\n"
              "  identifiers: scheme  lot\n"
              "  identifiers: value   L1\n"
              "  attributes: made at  2026-01-10\n"
              "  ledger entry         3\n"
              "  recorded             2026-11-21T08:53:00Z by user:ada\n");
    answer(200, R"({"sequence":4,"entry":{"sequence":4,"recordedAt":"2026-11-21T08:53:00Z","actor":"user:ada","kind":"case","case":)"
                R"({"case":"rma-000004","workflow":"rma","version":1,"type":"opened","item":"urn:x:1","state":"requested"}}})");
    EXPECT_EQ(run({"ledger", "show", "4"}), ExitCode::done);
    EXPECT_TRUE(out.str().starts_with("step of a case\n  case          rma-000004\n")) << out.str();
    answer(200, R"({"sequence":5,"entry":{"sequence":5,"kind":"event","event":{"type":"ObjectEvent","eventID":"urn:x:event:1"}}})");
    EXPECT_EQ(run({"ledger", "show", "5"}), ExitCode::done);
    EXPECT_TRUE(out.str().starts_with("ObjectEvent urn:x:event:1\n")) << out.str();
}

TEST_F(Run, asks_for_a_recall_as_the_options_say) {
    answer(200, R"({"asOf":5,"seeds":[]})");
    EXPECT_EQ(run({"recall", "simulate", "A", "B", "--as-of", "5", "--certain-only"}), ExitCode::done);
    EXPECT_EQ(script.asked[0].body, R"({"items":["A","B"],"listItems":false,"asOf":5,"inferred":false})");
    answer(200, R"({"asOf":5,"seeds":[]})");
    EXPECT_EQ(run({"recall", "simulate", "A", "--items"}), ExitCode::done);
    EXPECT_EQ(script.asked[1].body, R"({"items":["A"],"listItems":true})");
    answer(200, R"({"asOf":5,"seeds":[]})");
    EXPECT_EQ(run({"recall", "simulate", "A", "--timed", "--as-of", "2026-03-03"}), ExitCode::done);
    EXPECT_EQ(script.asked[2].body, R"({"items":["A"],"listItems":false,"asOf":"2026-03-03","timed":true})");
}

TEST_F(Run, asks_for_broken_links_and_amounts_as_the_options_say) {
    const auto asked = [&](std::vector<std::string> words) {
        answer(200, R"({"asOf":5,"seed":{"label":"A"},"items":[],"gaps":[]})");
        EXPECT_EQ(run(std::move(words)), ExitCode::done);
        return script.asked.back().query;
    };
    EXPECT_EQ(asked({"trace", "gaps", "A", "--kind", "no_inputs", "--limit", "7", "--cursor", "9", "--count", "--as-of", "2026-03-03"}),
              (Query{{"item", "A"}, {"kind", "no_inputs"}, {"limit", "7"}, {"cursor", "9"}, {"count", "true"}, {"as_of", "2026-03-03"}}));
    EXPECT_EQ(asked({"trace", "amounts", "A", "--certain-only", "--timed"}),
              (Query{{"item", "A"}, {"inferred", "false"}, {"timed", "true"}}));
    EXPECT_EQ(run({"trace", "back", "A", "--as-of", "yesterday"}), ExitCode::usage);
}

TEST_F(Run, asks_for_a_cause_as_the_options_say) {
    answer(200, R"({"asOf":5,"hypotheses":[]})");
    EXPECT_EQ(run({"recall",     "attribute",       "A",       "B",          "--product", "P",    "--product",    "Q",
                   "--from",     "2026-03-01",      "--to",    "2026-03-31", "--alpha",   "0.01", "--failed-min", "4",
                   "--inferred", "--no-conditions", "--as-of", "5",          "--limit",   "7"}),
              ExitCode::done);
    EXPECT_EQ(script.asked[0].path, "/api/v1/recalls/attribute");
    EXPECT_EQ(script.asked[0].body,
              R"({"failed":["A","B"],"population":{"products":["P","Q"],"from":"2026-03-01","to":"2026-03-31"},"asOf":5,"alpha":1E-2,)"
              R"("failedMin":4,"limit":7,"inferred":true,"conditions":false})");
    answer(200, R"({"asOf":5,"hypotheses":[]})");
    EXPECT_EQ(run({"recall", "attribute", "A"}), ExitCode::done);
    EXPECT_EQ(script.asked[1].body, R"({"failed":["A"]})");
}

TEST_F(Run, compares_with_the_items_of_a_file_one_a_line) {
    in.str("C\n D \r\n\nE");
    answer(200, R"({"asOf":5,"hypotheses":[]})");
    EXPECT_EQ(run({"recall", "attribute", "A", "--among", "-"}), ExitCode::done);
    EXPECT_EQ(script.asked[0].body, R"({"failed":["A"],"population":{"items":["C","D","E"]}})");
    EXPECT_EQ(run({"recall", "attribute", "A", "--alpha", "0"}), ExitCode::usage);
    EXPECT_EQ(run({"recall", "attribute"}), ExitCode::usage);
}

TEST_F(Run, ends_with_1_on_an_invalid_number_and_marks_the_place) {
    answer(
        200,
        R"({"scheme":"serial","number":"HJ26-0I148","normal":"HJ26-0I148","result":"invalid","code":"alphabet","message":"I is not used","offset":6,"length":1})");
    EXPECT_EQ(run({"number", "check", "serial", "HJ26-0I148"}), ExitCode::no);
    EXPECT_EQ(out.str(),
              "HJ26-0I148: invalid, scheme serial\n"
              "  HJ26-0I148\n"
              "        ^\n"
              "  I is not used (alphabet)\n");
    EXPECT_EQ(script.asked[0].query, (Query{{"number", "HJ26-0I148"}}));
}

TEST_F(Run, ends_a_replay_with_1_when_anything_differs) {
    const auto replayed = [](const char* facts) {
        return std::string{
                   R"({"sequence":9,"judgements":[{"stored":{"plugin":"p","version":"1","position":9,"verdict":{"outcome":"accepted"}},"now":{"verdict":{"outcome":"accepted"}},)"} +
               R"("replayed":true,"pluginEqual":true,"storedEqual":true,"factsEqual":)" + facts + R"(,"verdictEqual":true,"equal":)" +
               facts + "}]}";
    };
    answer(200, replayed("true"));
    EXPECT_EQ(run({"replay", "9"}), ExitCode::done);
    answer(200, replayed("false"));
    EXPECT_EQ(run({"replay", "9"}), ExitCode::no);
    EXPECT_NE(out.str().find("equal, DIFFERENT, equal"), std::string::npos) << out.str();
    answer(200, R"({"sequence":9,"judgements":[]})");
    EXPECT_EQ(run({"replay", "9"}), ExitCode::done);
    answer(200, R"({"sequence":9,"judgements":[{"stored":{"plugin":"p"},"replayed":false,"note":"a case's step"}]})");
    EXPECT_EQ(run({"replay", "9"}), ExitCode::done);
    EXPECT_NE(out.str().find("not judged again"), std::string::npos) << out.str();
}

TEST_F(Run, checks_every_source_and_ends_with_1_when_one_does_not_fit) {
    answer(200, R"({"sources":[{"source":"a"},{"source":"b"}]})");
    answer(
        200,
        R"({"source":"a","erp":"Tryton","version":"6.0","fits":false,"findings":[{"level":"error","subject":"column stock_move.lot","message":"is missing"}]})");
    answer(200, R"({"source":"b","erp":"Tryton","version":"6.0","fits":true})");
    EXPECT_EQ(run({"erp", "check"}), ExitCode::no);
    EXPECT_EQ(out.str(),
              "a: Tryton 6.0\n"
              "  fits  no: the source is paused, its last state is served\n"
              "\n"
              "FAIL  column stock_move.lot  is missing\n"
              "\n"
              "b: Tryton 6.0\n"
              "  fits  yes\n");
}

// --- verbs that work on the files -----------------------------------------------------------------------------------------------------

TEST_F(Run, ends_doctor_with_1_only_on_an_error) {
    using Level = app::DoctorLine::Level;
    std::vector<app::DoctorLine> lines{{Level::ok, "store", "", "healthy", ""}, {Level::warning, "plugins", "", "old", "update it"}};
    offline.doctor = [&](const std::filesystem::path&) { return lines; };
    EXPECT_EQ(run({"doctor"}), ExitCode::done);
    EXPECT_EQ(out.str(),
              "ok    store    healthy\n"
              "warn  plugins  old\n"
              "               update it\n"
              "2 checks, 0 errors, 1 warning\n");
    lines.push_back({Level::error, "erp:tryton", "column stock_move.lot", "is missing", ""});
    EXPECT_EQ(run({"doctor", "--json"}), ExitCode::no);
    EXPECT_TRUE(out.str().ends_with(
        R"({"level":"error","area":"erp:tryton","subject":"column stock_move.lot","message":"is missing","hint":""}],"errors":1,"warnings":1})"
        "\n"))
        << out.str();
}

TEST_F(Run, ends_verify_with_1_and_names_the_bad_entry) {
    VerifyReport report{2, 2, "ab12", {}};
    std::optional<std::filesystem::path> database;
    std::optional<std::string> key;
    offline.verify = [&](const config::Settings&, const auto& given_database, const auto& given_key,
                         const VerifyProgress&) -> Result<VerifyReport> {
        database = given_database;
        key = given_key;
        return report;
    };
    EXPECT_EQ(run({"ledger", "verify", "--database", "copy.db", "--key", "k"}), ExitCode::done);
    EXPECT_EQ(out.str(), "2 of 2 entries verified\nroot ab12\nok    every entry is as it was signed\n");
    EXPECT_EQ(database, "copy.db");
    EXPECT_EQ(key, "k");
    report = {20, 17, "cd34", {{17, "entry 17 was changed"}}};
    EXPECT_EQ(run({"ledger", "verify"}), ExitCode::no);
    EXPECT_EQ(out.str(), "17 of 20 entries verified\nroot cd34\nFAIL  entry 17 was changed\nThis ledger does not verify.\n");
    EXPECT_EQ(run({"ledger", "verify", "--json"}), ExitCode::no);
    EXPECT_EQ(out.str(),
              R"({"ok":false,"entries":20,"verified":17,"root":"cd34","findings":[{"text":"entry 17 was changed","entry":17}],"notes":[]})"
              "\n");
}

TEST_F(Run, ends_verify_with_0_when_all_there_is_to_say_is_a_note) {
    offline.verify = [](const auto&...) -> Result<VerifyReport> { return VerifyReport{2, 2, "ab12", {}, {"its end is not proven"}}; };
    EXPECT_EQ(run({"ledger", "verify", "--database", "copy.db"}), ExitCode::done);
    EXPECT_EQ(out.str(), "2 of 2 entries verified\nroot ab12\nnote  its end is not proven\nok    every entry is as it was signed\n");
    EXPECT_EQ(run({"ledger", "verify", "--database", "copy.db", "--json"}), ExitCode::done);
    EXPECT_EQ(out.str(), R"({"ok":true,"entries":2,"verified":2,"root":"ab12","findings":[],"notes":["its end is not proven"]})"
                         "\n");
}

TEST_F(Run, ends_verify_with_1_on_a_file_that_is_damaged_as_a_whole) {
    offline.verify = [](const auto&...) -> Result<VerifyReport> {
        return VerifyReport{0, 0, {}, {{std::nullopt, "file damaged: file is not a database"}}};
    };
    EXPECT_EQ(run({"ledger", "verify"}), ExitCode::no);
    EXPECT_EQ(out.str(), "0 of 0 entries verified\nFAIL  file damaged: file is not a database\nThis ledger does not verify.\n");
}

TEST_F(Run, ends_verify_with_4_when_the_store_fails) {
    offline.verify = [](const config::Settings&, const auto&, const auto&, const VerifyProgress&) -> Result<VerifyReport> {
        return fail(Errc::storage, "disk I/O error", "store");
    };
    EXPECT_EQ(run({"ledger", "verify"}), ExitCode::broken);
}

TEST_F(Run, ends_rebuild_with_1_when_the_result_differs) {
    engine::RebuildReport report{5, "aa", "aa"};
    offline.rebuild = [&](const config::Settings&, const auto&) -> Result<engine::RebuildReport> { return report; };
    EXPECT_EQ(run({"ledger", "rebuild"}), ExitCode::done);
    EXPECT_NE(out.str().find("The result is identical."), std::string::npos);
    report.digest_after = "bb";
    EXPECT_EQ(run({"ledger", "rebuild"}), ExitCode::no);
    EXPECT_NE(out.str().find("The result differs"), std::string::npos);
}

TEST_F(Run, ends_a_plugin_check_with_1_when_it_does_not_pass) {
    app::PluginCheck check{true, {"ok   example is valid"}};
    std::string options;
    offline.check_plugin = [&](const config::Settings&, const std::filesystem::path&,
                               const std::string& given) -> Result<app::PluginCheck> {
        options = given;
        return check;
    };
    write("options.yaml", "width: 5\n");
    write("x.so", "");
    const std::string file = folder.file("x.so");
    EXPECT_EQ(run({"plugin", "check", file, "--options-file", folder.file("options.yaml")}), ExitCode::done);
    EXPECT_EQ(out.str(), "ok   example is valid\npassed\n");
    EXPECT_EQ(options, "width: 5\n");
    check.passed = false;
    EXPECT_EQ(run({"plugin", "check", file}), ExitCode::no);
    EXPECT_EQ(run({"plugin", "check", folder.file("none.so")}), ExitCode::usage);
    for (const Errc refused : {Errc::plugin, Errc::config, Errc::too_large}) {
        offline.check_plugin = [&](const auto&...) -> Result<app::PluginCheck> { return fail(refused, "there is no entry"); };
        EXPECT_EQ(run({"plugin", "check", file}), ExitCode::no);
    }
    offline.check_plugin = [&](const auto&...) -> Result<app::PluginCheck> { return fail(Errc::invalid_input, "the options are no map"); };
    EXPECT_EQ(run({"plugin", "check", file}), ExitCode::usage);
}

TEST_F(Run, ends_with_1_when_a_set_of_plugins_is_refused_in_this_process) {
    offline.open = [](const config::Settings&) -> Result<std::unique_ptr<Transport>> {
        return fail(Errc::plugin, "no such rule [PLUGIN_CREATE_FAILED]", "50.yaml:3:9");
    };
    EXPECT_EQ(run({"plugin", "reload"}), ExitCode::no);
    EXPECT_EQ(err.str(), "stemma: 50.yaml:3:9: no such rule [PLUGIN_CREATE_FAILED]\n");
}

// --- settings that this process may not have ---------------------------------------------------------------------------------------

constexpr const char* kSecretSettings =
    "daemon: {port: 0}\nerp: {sources: [{name: main, mapping: t, connection: 'sqlite:/${env:STEMMA_TEST_NOT_SET}'}]}\n";

TEST_F(Run, needs_no_secret_of_the_erp_where_only_the_files_are_read) {
    write("stemma.yaml", kSecretSettings);
    offline.verify = [](const auto&...) -> Result<VerifyReport> { return VerifyReport{}; };
    EXPECT_EQ(run({"ledger", "verify"}), ExitCode::done);
    EXPECT_EQ(run({"config", "show"}), ExitCode::done);
    EXPECT_NE(out.str().find("${env:STEMMA_TEST_NOT_SET}"), std::string::npos) << out.str();
    EXPECT_EQ(run({"config", "check"}), ExitCode::no);
    EXPECT_NE(err.str().find("'STEMMA_TEST_NOT_SET' is not set"), std::string::npos) << err.str();
}

TEST_F(Run, needs_every_secret_where_it_takes_the_daemon_s_place) {
    write("stemma.yaml", kSecretSettings);
    EXPECT_EQ(run({"status"}), ExitCode::usage);
    EXPECT_TRUE(script.asked.empty());
    EXPECT_NE(err.str().find("stemma.yaml:2:54: the environment variable 'STEMMA_TEST_NOT_SET' is not set\n  no stemmad answers"),
              std::string::npos)
        << err.str();
}

TEST_F(Run, needs_no_secret_where_a_daemon_answers) {
    const test::RawServer server{{{test::http_ok("{}"), test::http_ok("{}")}}};
    std::string settings = kSecretSettings;
    settings.replace(settings.find("port: 0"), 7, "port: " + std::to_string(server.port()));
    write("stemma.yaml", settings);
    EXPECT_EQ(run({"status"}), ExitCode::done);
    EXPECT_EQ(err.str(), "");
}

TEST_F(Run, needs_what_says_where_the_daemon_is) {
    write("stemma.yaml", "daemon: {address: '${env:STEMMA_TEST_NOT_SET}'}\n");
    EXPECT_EQ(run({"status"}), ExitCode::usage);
    EXPECT_NE(err.str().find("stemma.yaml:1:19: the environment variable"), std::string::npos) << err.str();
}

TEST_F(Run, calls_settings_valid_only_with_their_parts) {
    write("stemma.yaml", "daemon: {address: 0.0.0.0}\n");
    offline.check_parts = [](const config::Settings&) { return app::PartsCheck{{}, {"open"}}; };
    EXPECT_EQ(run({"config", "check"}), ExitCode::done);
    EXPECT_NE(out.str().find("\nwarn  open\n"), std::string::npos) << out.str();
    EXPECT_NE(out.str().find("stemma doctor"), std::string::npos) << out.str();
    offline.check_parts = [](const config::Settings&) { return app::PartsCheck{{{Errc::config, "no mapping", "x:1:1", {}}}, {}}; };
    EXPECT_EQ(run({"config", "check"}), ExitCode::no);
    EXPECT_NE(err.str().find("x:1:1: no mapping"), std::string::npos) << err.str();
}

TEST_F(Run, shows_what_enabling_a_plugin_would_do) {
    answer(
        200,
        R"({"dryRun":true,"added":["scheme serial"],"removed":[],"changed":["code of lot"],"dataFiles":["/a.yaml"],"file":"conf.d/50-plugins.yaml","text":"plugins:\n  enabled:\n    - name: serial\n","generation":1})");
    write("options.yaml", "width: 5\n");
    EXPECT_EQ(run({"plugin", "enable", "serial", "--dry-run", "--options-file", folder.file("options.yaml")}), ExitCode::done);
    EXPECT_EQ(out.str(),
              "would add scheme serial\n"
              "would change code of lot\n"
              "data then in force: /a.yaml\n"
              "\n"
              "Nothing was changed. conf.d/50-plugins.yaml would be:\n"
              "  plugins:\n"
              "    enabled:\n"
              "      - name: serial\n");
    EXPECT_EQ(script.asked[0].path, "/api/v1/plugins/serial/enable");
    EXPECT_EQ(script.asked[0].body, R"({"dryRun":true,"options":"width: 5\n"})");
}

TEST_F(Run, names_a_plugin_s_data_files_by_where_they_are) {
    answer(200, R"({"dryRun":false,"added":[],"removed":[],"generation":2})");
    EXPECT_EQ(run({"plugin", "enable", "compliance", "--data", "rules/own.yaml", "--data", "/etc/stemma/rules/../food.yaml"}),
              ExitCode::done);
    const std::string here = std::filesystem::current_path().string();
    EXPECT_EQ(script.asked[0].body, R"({"data":[")" + here + R"(/rules/own.yaml","/etc/stemma/food.yaml"]})");
}

TEST_F(Run, shows_a_plugin_with_its_options) {
    answer(
        200,
        R"({"name":"expiry","id":"org.stemma.expiry","version":"0.1.0","offers":["assessment expiry"],"dataKinds":["rule_pack"],"optionsSchema":)"
        R"({"properties":{"days":{"type":"integer","default":14,"description":"Days left."}}}})");
    EXPECT_EQ(run({"plugin", "info", "expiry"}), ExitCode::done);
    EXPECT_EQ(out.str(),
              "expiry 0.1.0 (org.stemma.expiry)\n"
              "  adds              assessment expiry\n"
              "  takes data files  rule_pack\n"
              "\n"
              "Options\n"
              "  option  type          default  meaning\n"
              "  days    whole number  14       Days left.\n");
    EXPECT_EQ(script.asked[0].path, "/api/v1/plugins/expiry");
}

TEST_F(Run, shows_settings_with_their_origin_and_without_it) {
    EXPECT_EQ(run({"config", "show", "--origin"}), ExitCode::done);
    EXPECT_NE(out.str().find("stemma.yaml:1:16"), std::string::npos) << out.str();
    EXPECT_EQ(run({"config", "show"}), ExitCode::done);
    EXPECT_EQ(out.str().find("stemma.yaml:1:16"), std::string::npos);
    EXPECT_NE(out.str().find("daemon.port"), std::string::npos);
}

TEST_F(Run, becomes_the_daemon_with_the_same_settings) {
    std::vector<std::string> arguments;
    offline.serve = [&](const std::vector<std::string>& given) {
        arguments = given;
        return Error{Errc::unavailable, "No such file or directory", "/usr/sbin/stemmad", ""};
    };
    EXPECT_EQ(run({"serve"}), ExitCode::unreachable);
    EXPECT_EQ(arguments, (std::vector<std::string>{"--config", folder.file("stemma.yaml")}));
}

TEST_F(Run, says_what_init_made_and_kept) {
    offline.init = [](const std::filesystem::path&) -> Result<app::InitReport> {
        return app::InitReport{{"state"}, {"stemma.yaml"}, "k+1"};
    };
    EXPECT_EQ(run({"init"}), ExitCode::done);
    EXPECT_TRUE(out.str().starts_with("made  state\nkept  stemma.yaml\n\nPublic key, for auditors:\n  k+1\n")) << out.str();
    EXPECT_EQ(run({"init", "--json"}), ExitCode::done);
    EXPECT_EQ(out.str(), "{\"made\":[\"state\"],\"kept\":[\"stemma.yaml\"],\"publicKey\":\"k+1\"}\n");
}

TEST_F(Run, shows_progress_on_a_terminal_alone) {
    offline.rebuild = [](const config::Settings&, const auto& progress) -> Result<engine::RebuildReport> {
        progress(5000);
        return engine::RebuildReport{5000, "aa", "aa"};
    };
    EXPECT_EQ(run({"ledger", "rebuild"}), ExitCode::done);
    EXPECT_EQ(err.str(), "");
    EXPECT_EQ(cli::run({"ledger", "rebuild", "--config", folder.file("stemma.yaml")}, Screen{in, out, err, {}, false, true}, offline, ""),
              ExitCode::done);
    EXPECT_EQ(err.str(), "\r\x1b[K5,000 entries read\r\x1b[K");
}

TEST_F(Run, ends_with_4_when_the_answer_cannot_be_written) {
    answer(200, "{}");
    std::ostream nowhere{nullptr};
    EXPECT_EQ(cli::run({"search", "X", "--config", folder.file("stemma.yaml")}, Screen{in, nowhere, err, {}}, offline, ""),
              ExitCode::broken);
}

}  // namespace
}  // namespace stemma::cli
