// Electronic signatures over the API: what has to be signed, by whom, what stands in the ledger; a second person.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/digest.hpp"
#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

const std::string kPhrase = "five quiet herons wade";
const char* const kSigned =
    "access:\n  hash_passes: 1\n  hash_bytes: 8192\n  tries_per_minute: 50\n  sign:\n"
    "    - {command: events.record, meanings: [authorship, review]}\n"
    "    - {command: master.record, second_person: true}\n"
    "    - {command: cases.act, workflow: rma, step: authorise, second_person: true, meanings: [approval], within: 1h}\n"
    "    - {command: plugins.change, second_person: true}\n"
    "    - {command: plugins.reload}\n"
    "    - {command: erp.declare, second_person: true}\n";

const char* const kTwoPersons =
    "access:\n  hash_passes: 1\n  hash_bytes: 8192\n  sign:\n"
    "    - {command: events.record, second_person: true}\n    - {command: cases.act, second_person: true}\n"
    "    - {command: plugins.reload, second_person: true}\n";

class Signed : public ::testing::Test {
protected:
    explicit Signed(const char* settings = kSigned) : stemma{false, settings} {
        add("ada", R"(["administrator","quality"])");
        stemma.come_from("192.0.2.1");
        ada = session("ada");
        for (const char* name : {"ben", "cy"}) add(name, R"(["quality","integrator"])", ada);
        add("olga", R"(["operator"])", ada);
        ben = session("ben");
        cy = session("cy");
    }

    void add(const std::string& name, const std::string& roles, const Headers& who = {}) {
        const Answer added =
            stemma.post("/api/v1/users", fmt::format(R"({{"name":"{}","password":"{}","roles":{}}})", name, kPhrase, roles), who);
        EXPECT_EQ(added.status, 201) << added.body;
    }
    Headers session(const std::string& name) {
        const Answer answer = stemma.post("/api/v1/login", fmt::format(R"({{"user":"{}","password":"{}"}})", name, kPhrase));
        return {{"authorization", "Bearer " + answer.text("/token")}};
    }
    static Headers with(Headers who, const std::string& user, const std::string& digest, const std::string& meaning,
                        const std::string& phrase = kPhrase) {
        who["stemma-signature"] = to_base64(
            fmt::format(R"({{"user":"{}","secret":"{}","meaning":"{}","reason":"seen","digest":"{}"}})", user, phrase, meaning, digest));
        return who;
    }
    /// Asks without a signature, then signs what is wanted.
    Answer sign(const std::string& target, const std::string& body, const Headers& who, const std::string& user,
                const std::string& meaning) {
        const Answer wanted = stemma.post(target, body, who);
        EXPECT_EQ(wanted.status, 428) << wanted.body;
        return stemma.post(target, body, with(who, user, wanted.text("/sign/digest"), meaning));
    }
    Answer entry(std::int64_t sequence) {
        Answer read = stemma.call("GET", fmt::format("/api/v1/ledger/entries/{}", sequence), {}, ada);
        boost::json::value inner = read.at("/entry");
        read.json = std::move(inner);
        return read;
    }
    std::int64_t size() { return stemma.call("GET", "/api/v1/ledger", {}, ada).number("/size"); }

    static std::string storing(const std::string& id) {
        return quoted("{'type':'ObjectEvent','eventID':'" + id +
                      "','eventTime':'2026-03-01T10:00:00Z','eventTimeZoneOffset':'+00:00','action':'OBSERVE','bizStep':'storing','epcList'"
                      ":['urn:example:item:1']}");
    }

    StemmaUnderTest stemma;
    Headers ada, ben, cy;
};

class TwoPersons : public Signed {
protected:
    TwoPersons() : Signed{kTwoPersons} {}
};

TEST_F(Signed, says_what_is_to_be_signed_and_records_nothing) {
    const std::int64_t before = size();
    const Answer wanted = stemma.post("/api/v1/events", storing("urn:example:event:1"), ben);
    EXPECT_EQ(wanted.status, 428);
    EXPECT_EQ(wanted.text("/type"), "/problems/signature_required");
    EXPECT_EQ(wanted.text("/sign/command"), "events.record");
    EXPECT_EQ(wanted.text("/sign/digest").size(), 64U);
    EXPECT_EQ(wanted.text("/sign/meanings/1"), "review");
    EXPECT_FALSE(wanted.at("/sign/secondPerson").as_bool());
    EXPECT_EQ(size(), before);
}

TEST_F(Signed, puts_the_signature_into_the_entry_over_its_own_body) {
    const Answer recorded = sign("/api/v1/events", storing("urn:example:event:1"), ben, "ben", "authorship");
    ASSERT_EQ(recorded.status, 201) << recorded.body;
    const Answer read = entry(recorded.number("/first"));
    EXPECT_EQ(read.text("/actor"), "user:ben");
    EXPECT_EQ(read.text("/signatures/0/user"), "ben");
    EXPECT_EQ(read.text("/signatures/0/meaning"), "authorship");
    EXPECT_EQ(read.text("/signatures/0/reason"), "seen");
    EXPECT_EQ(read.text("/signatures/0/digest"), stemma.post("/api/v1/events", storing("urn:example:event:1"), ben).text("/sign/digest"));
    EXPECT_EQ(read.body.find(kPhrase), std::string::npos);
}

TEST_F(Signed, signs_several_records_at_once_each_over_its_own_body) {
    const std::string both = "[" + storing("urn:example:event:1") + "," + storing("urn:example:event:2") + "]";
    const Answer wanted = stemma.post("/api/v1/events", both, ben);
    const Answer recorded = stemma.post("/api/v1/events", both, with(ben, "ben", wanted.text("/sign/digest"), "review"));
    ASSERT_EQ(recorded.status, 201) << recorded.body;
    std::string digests;
    for (const std::int64_t offset : {0, 1}) {
        const Answer read = entry(recorded.number("/first") + offset);
        EXPECT_EQ(read.text("/signatures/0/command"), wanted.text("/sign/digest"));
        digests += read.text("/signatures/0/digest") + "\n";
    }
    EXPECT_EQ(to_hex(sha256(digests)), wanted.text("/sign/digest"));
}

TEST_F(Signed, refuses_another_content_meaning_person_or_password) {
    const std::string body = storing("urn:example:event:1");
    const std::string digest = stemma.post("/api/v1/events", body, ben).text("/sign/digest");
    const std::int64_t before = size();
    EXPECT_EQ(stemma.post("/api/v1/events", storing("urn:example:event:2"), with(ben, "ben", digest, "review")).status, 409);
    EXPECT_EQ(stemma.post("/api/v1/events", body, with(ben, "ben", digest, "approval")).text("/hint"), "it may mean authorship, review");
    EXPECT_EQ(stemma.post("/api/v1/events", body, with(ben, "ada", digest, "review")).status, 403);
    EXPECT_EQ(stemma.post("/api/v1/events", body, with(ben, "ben", digest, "review", "six quiet herons wade")).status, 401);
    Headers noise = ben;
    noise["stemma-signature"] = "no base64!";
    EXPECT_EQ(stemma.post("/api/v1/events", body, noise).text("/pointer"), "Stemma-Signature");
    noise["stemma-signature"] = to_base64(R"({"user":"ben"})");
    EXPECT_EQ(stemma.post("/api/v1/events", body, noise).text("/pointer"), "Stemma-Signature/secret");
    EXPECT_LE(size(), before + 2);  // refused attempts alone
}

TEST_F(Signed, lets_no_program_sign) {
    const Answer made = stemma.post("/api/v1/tokens", quoted("{'name':'robot','roles':['quality'],'days':1}"), ada);
    const Headers robot{{"authorization", "Bearer " + made.text("/token")}};
    const Answer refused = sign("/api/v1/events", storing("urn:example:event:1"), robot, "ben", "review");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.text("/detail"), "token:robot cannot sign: only a person can");
}

TEST_F(Signed, keeps_what_needs_a_second_person_until_another_one_signs_it) {
    const std::string place = quoted("{'type':'place','id':'urn:example:place:1','kind':'stock','name':'Store'}");
    const std::int64_t before = size();
    const Answer waits = sign("/api/v1/master", place, ben, "ben", "approval");
    ASSERT_EQ(waits.status, 202) << waits.body;
    EXPECT_EQ(size(), before + 1);  // that it was proposed
    EXPECT_EQ(entry(before).text("/system/action"), "proposed");
    const std::string approval = "/api/v1/approvals/" + waits.text("/approval");
    const Answer list = stemma.call("GET", "/api/v1/approvals", {}, cy);
    EXPECT_EQ(list.text("/approvals/0/body"), place);
    EXPECT_EQ(list.text("/approvals/0/proposedBy"), "ben");
    EXPECT_EQ(list.body.find(kPhrase), std::string::npos);

    const std::string yes = R"({"decision":"approve"})";
    const std::string digest = waits.text("/digest");
    EXPECT_EQ(stemma.post(approval, yes, ben).status, 428);
    const Answer same = stemma.post(approval, yes, with(ben, "ben", digest, "approval"));
    EXPECT_EQ(same.status, 403);
    EXPECT_EQ(same.text("/detail"), "ben signed it already: the second signature is another person's");
    EXPECT_EQ(stemma.post(approval, yes, session("olga")).status, 428);  // an operator may record a place, but has not signed
    EXPECT_EQ(stemma.post(approval, yes, with(cy, "cy", std::string(64, '0'), "approval")).status, 409);
    const Answer done = stemma.post(approval, yes, with(cy, "cy", digest, "review"));
    ASSERT_EQ(done.status, 201) << done.body;
    const Answer read = entry(done.number("/first"));
    EXPECT_EQ(read.text("/actor"), "user:ben");
    EXPECT_EQ(read.text("/signatures/0/user"), "ben");
    EXPECT_EQ(read.text("/signatures/1/user"), "cy");
    EXPECT_EQ(read.text("/signatures/1/meaning"), "review");
    EXPECT_EQ(entry(done.number("/first") + 1).text("/system/action"), "approved");
    EXPECT_EQ(stemma.post(approval, yes, with(cy, "cy", digest, "review")).status, 404);
}

TEST_F(Signed, carries_out_nothing_that_was_rejected_or_whose_proposer_lost_the_right) {
    const auto propose = [&](const std::string& id) {
        return sign("/api/v1/master", quoted("{'type':'place','id':'" + id + "','kind':'stock','name':'Store'}"), ben, "ben", "approval");
    };
    const Answer first = propose("urn:example:place:1");
    EXPECT_EQ(stemma.post("/api/v1/approvals/" + first.text("/approval"), R"({"decision":"maybe"})", cy).status, 400);
    EXPECT_EQ(stemma.post("/api/v1/approvals/" + first.text("/approval"), R"({"decision":"reject","reason":"no"})", cy).status, 200);
    EXPECT_EQ(stemma.post("/api/v1/approvals/" + first.text("/approval"), R"({"decision":"approve"})", cy).status, 404);
    const Answer second = propose("urn:example:place:2");
    ASSERT_EQ(stemma.post("/api/v1/users/ben", R"({"roles":["auditor"]})", ada).status, 200);
    const Answer late = stemma.post("/api/v1/approvals/" + second.text("/approval"), R"({"decision":"approve"})",
                                    with(cy, "cy", second.text("/digest"), "approval"));
    EXPECT_EQ(late.status, 403);
    EXPECT_EQ(late.text("/detail"), "user:ben, who proposed it, may not master.record any more");
}

TEST_F(Signed, binds_a_cases_step_to_the_version_that_was_seen) {
    const std::string item =
        quoted("{'type':'item','id':'urn:example:item:7','kind':'serial','identifiers':[{'scheme':'serial','value':'S-7'}]}");
    const Answer waits = sign("/api/v1/master", item, ben, "ben", "approval");
    ASSERT_EQ(stemma
                  .post("/api/v1/approvals/" + waits.text("/approval"), R"({"decision":"approve"})",
                        with(cy, "cy", waits.text("/digest"), "approval"))
                  .status,
              201);
    const Answer opened = stemma.post(
        "/api/v1/cases",
        quoted("{'workflow':'rma','item':'urn:example:item:7','reason':'broken','fields':{'reason':'broken','customer':'C1'}}"), ben);
    ASSERT_EQ(opened.status, 201) << opened.body;
    const std::string commands = "/api/v1/cases/" + opened.text("/case") + "/commands";
    const Answer step = sign(commands, R"({"command":"authorise"})", ben, "ben", "approval");
    ASSERT_EQ(step.status, 202) << step.body;
    const std::string approval = "/api/v1/approvals/" + step.text("/approval");
    const Answer done = stemma.post(approval, R"({"decision":"approve"})", with(cy, "cy", step.text("/digest"), "approval"));
    ASSERT_EQ(done.status, 201) << done.body;
    const Answer read = entry(size() - 2);
    EXPECT_EQ(read.text("/kind"), "case");
    EXPECT_EQ(read.text("/signatures/1/user"), "cy");
    EXPECT_EQ(to_hex(sha256(read.text("/signatures/0/said"))), read.text("/signatures/0/digest"));
    EXPECT_NE(read.text("/signatures/0/said").find(R"("version":"1")"), std::string::npos);
}

TEST_F(Signed, asks_for_two_signatures_wherever_the_settings_say_so) {
    const std::string meeting = quoted("{'first':'urn:a','second':'urn:b','apart':false,'reason':'same'}");
    EXPECT_EQ(sign("/api/v1/erp/meetings", meeting, ben, "ben", "approval").status, 202);
    EXPECT_EQ(sign("/api/v1/plugins/rma/disable", "", ben, "ben", "approval").status, 202);
    EXPECT_EQ(sign("/api/v1/plugins/rma/enable", "", ben, "ben", "approval").status, 202);
    EXPECT_EQ(stemma.post("/api/v1/plugins/rma/disable", R"({"dryRun":true})", ben).status, 200);  // changes nothing
    const std::int64_t before = size();
    const Answer reloaded = sign("/api/v1/plugins/reload", "", ben, "ben", "responsibility");
    EXPECT_EQ(reloaded.status, 200) << reloaded.body;
    EXPECT_EQ(entry(before).text("/system/action"), "signed");
    EXPECT_EQ(entry(before).text("/signatures/0/meaning"), "responsibility");
}

TEST_F(TwoPersons, sign_events_the_opening_of_cases_and_a_reload) {
    const std::string item =
        quoted("{'type':'item','id':'urn:example:item:7','kind':'serial','identifiers':[{'scheme':'serial','value':'S-7'}]}");
    ASSERT_EQ(stemma.post("/api/v1/master", item, ben).status, 201);
    EXPECT_EQ(sign("/api/v1/cases", quoted("{'workflow':'rma','item':'urn:example:item:7'}"), ben, "ben", "review").status, 202);
    EXPECT_EQ(sign("/api/v1/plugins/reload", "", ben, "ben", "review").status, 202);
    const Answer waits = sign("/api/v1/events", storing("urn:example:event:1"), ben, "ben", "review");
    ASSERT_EQ(waits.status, 202) << waits.body;
    const std::string approval = "/api/v1/approvals/" + waits.text("/approval");
    const Answer done = stemma.post(approval, R"({"decision":"approve"})", with(cy, "cy", waits.text("/digest"), "approval"));
    ASSERT_EQ(done.status, 201) << done.body;
    EXPECT_EQ(entry(done.number("/first")).text("/signatures/1/user"), "cy");
}

}  // namespace
}  // namespace stemma::http::test
