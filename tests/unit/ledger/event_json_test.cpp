// Events as users post them: each refusal has a place, a plain sentence and, where there is one, a way out.
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/ledger/entry_codec.hpp"
#include "tests/unit/ledger/random_entry.hpp"

namespace stemma {
namespace {

/// An ObjectEvent with `more` behind its required fields.
std::string with(const std::string& more) {
    return R"({"type":"ObjectEvent","eventTime":"2026-03-01T12:00:00+02:00","action":"OBSERVE")" + (more.empty() ? "" : "," + more) + "}";
}

Event accepted(const std::string& json) {
    Result<Event> event = decode_event(json, JsonLimits{});
    EXPECT_TRUE(event) << event.error().text() << "\n" << json;
    return event ? *std::move(event) : Event{};
}

Error refused(const std::string& json, const JsonLimits& limits = {}) {
    const Result<Event> event = decode_event(json, limits);
    EXPECT_FALSE(event) << json;
    return event ? Error{} : event.error();
}

TEST(PostedEvent, reads_time_and_offset) {
    const Event event = accepted(with(""));
    EXPECT_EQ(event.time.instant.us, 1'772'359'200'000'000);  // date -ud 2026-03-01T10:00:00 +%s
    EXPECT_EQ(event.time.offset, "+02:00");
    EXPECT_FALSE(event.time.date_only);
    EXPECT_EQ(accepted(with(R"("eventTimeZoneOffset":"-06:00")")).time.offset, "-06:00");
    EXPECT_EQ(accepted(with(R"("eventTimeZoneOffset":"Z")")).time.offset, "+00:00");
    EXPECT_EQ(refused(with(R"("eventTimeZoneOffset":"CET")")).where, "/eventTimeZoneOffset");
    EXPECT_EQ(refused(with(R"("eventTimeZoneOffset":"+15:00")")).where, "/eventTimeZoneOffset");
    EXPECT_EQ(refused(with(R"("eventTimeZoneOffset":".5Z")")).where, "/eventTimeZoneOffset");
}

TEST(PostedEvent, keeps_a_date_a_date) {
    const auto dated = [](const std::string& time, const std::string& flag) {
        return R"({"type":"ObjectEvent","action":"ADD","eventTime":")" + time + "\"" + flag + "}";
    };
    EXPECT_TRUE(accepted(dated("2026-03-01", "")).time.date_only);
    EXPECT_TRUE(accepted(dated("2026-03-01T00:00:00Z", R"(,"stemma:dateOnly":true)")).time.date_only);
    EXPECT_FALSE(accepted(dated("2026-03-01T00:00:00Z", R"(,"stemma:dateOnly":false)")).time.date_only);
    EXPECT_EQ(refused(dated("2026-03-01T00:00:01Z", R"(,"stemma:dateOnly":true)")).where, "/stemma:dateOnly");
    EXPECT_EQ(refused(dated("2026-02-30", "")).where, "/eventTime");
}

TEST(PostedEvent, refuses_times_outside_the_years_that_can_be_written_down) {
    const auto at = [](const std::string& time) { return R"({"type":"ObjectEvent","action":"ADD","eventTime":")" + time + "\"}"; };
    EXPECT_TRUE(decode_event(at("0001-01-01T00:00:00Z"), JsonLimits{}));
    EXPECT_EQ(refused(at("0001-01-01T00:00:00+00:01")).where, "/eventTime");
    EXPECT_TRUE(decode_event(at("9999-12-31T23:59:59.999999Z"), JsonLimits{}));
    EXPECT_EQ(refused(at("9999-12-31T23:59:59-00:01")).where, "/eventTime");
}

TEST(PostedEvent, reads_vocabulary_in_each_spelling_of_cbv) {
    for (const std::string step :
         {"shipping", "urn:epcglobal:cbv:bizstep:shipping", "https://ref.gs1.org/cbv/BizStep-shipping", "cbv:BizStep-shipping"})
        EXPECT_EQ(accepted(with(R"("bizStep":")" + step + "\"")).biz_step, "shipping");
    for (const std::string state : {"in_transit", "urn:epcglobal:cbv:disp:in_transit", "https://ref.gs1.org/cbv/Disp-in_transit"})
        EXPECT_EQ(accepted(with(R"("disposition":")" + state + "\"")).disposition, "in_transit");
    const Event event =
        accepted(with(R"("bizTransactionList":[{"type":"urn:epcglobal:cbv:btt:po","bizTransaction":"urn:x"}],)"
                      R"("sourceList":[{"type":"https://ref.gs1.org/cbv/SDT-owning_party","source":"urn:y"}],)"
                      R"("errorDeclaration":{"declarationTime":"2026-03-02T00:00:00Z","reason":"urn:epcglobal:cbv:er:did_not_occur",)"
                      R"("correctiveEventIDs":["urn:z"]})"));
    EXPECT_EQ(event.documents.at(0).type, "po");
    EXPECT_EQ(event.sources.at(0).type, "owning_party");
    EXPECT_EQ(event.error.value().reason, "did_not_occur");
    EXPECT_EQ(event.error.value().corrective_events, std::vector{EventId{"urn:z"}});
}

TEST(PostedEvent, reads_quantities_exactly) {
    const auto micros = [](const std::string& number) {
        return accepted(with(R"("quantityList":[{"epcClass":"urn:a","quantity":)" + number + "}]")).items.at(0).quantity.value().micros;
    };
    EXPECT_EQ(micros("0.1"), 100'000);
    EXPECT_EQ(micros("9007199254740.993"), 9'007'199'254'740'993'000);  // no double holds this
    EXPECT_EQ(micros("1e-6"), 1);
    EXPECT_EQ(micros("1000E-9"), 1);
    EXPECT_EQ(micros("0.0000010"), 1);
    EXPECT_EQ(micros("12.000000000"), 12'000'000);
    EXPECT_EQ(micros("-0"), 0);
    EXPECT_EQ(micros("0e400"), 0);
    const auto place = [](const std::string& number) {
        return refused(with(R"("quantityList":[{"epcClass":"urn:a","quantity":)" + number + "}]")).where;
    };
    EXPECT_EQ(place("0.0000001"), "/quantityList/0/quantity");
    EXPECT_EQ(place("1.0000005"), "/quantityList/0/quantity");
    EXPECT_EQ(place("1e13"), "/quantityList/0/quantity");
    EXPECT_EQ(place("1e400"), "/quantityList/0/quantity");
}

TEST(PostedEvent, says_where_a_value_has_the_wrong_type) {
    const Error error = refused(with(R"("quantityList":[{"epcClass":"urn:a","quantity":"5"}])"));
    EXPECT_EQ(error.where, "/quantityList/0/quantity");
    EXPECT_EQ(error.message, "expected a number, found a string");
    EXPECT_EQ(refused(with(R"("epcList":"urn:a")")).message, "expected an array, found a string");
    EXPECT_EQ(refused(with(R"("epcList":["urn:a",null])")).where, "/epcList/1");
    EXPECT_EQ(refused(with(R"("readPoint":"urn:a")")).message, "expected an object, found a string");
    EXPECT_EQ(refused("[]").message, "expected an object, found an array");
    EXPECT_EQ(refused(with(R"("ilmd":{"lot/no":7})")).where, "/ilmd/lot~1no");
}

TEST(PostedEvent, names_the_nearest_field_for_an_unknown_one) {
    const Error error = refused(with(R"("bizstep":"shipping")"));
    EXPECT_EQ(error.where, "/bizstep");
    EXPECT_EQ(error.message, "unknown field 'bizstep'");
    EXPECT_EQ(error.hint, "did you mean 'bizStep'?");
    EXPECT_EQ(refused(with(R"("quantityList":[{"epcClass":"urn:a","quantity":1,"unit":"KGM"}])")).where, "/quantityList/0/unit");
    EXPECT_EQ(refused(with(R"("stemma:dateonly":true)")).hint, "did you mean 'stemma:dateOnly'?");
}

TEST(PostedEvent, passes_over_context_and_record_time_and_refuses_what_it_would_lose) {
    accepted(
        with(R"("@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"a":"b"}],"recordTime":"2026-03-01T10:00:00Z")"));
    const Error extension = refused(with(R"("example:colour":"red")"));
    EXPECT_EQ(extension.where, "/example:colour");
    EXPECT_EQ(extension.message, "the extension field 'example:colour' is not kept by Stemma");
    const Error standard = refused(with(R"("persistentDisposition":{"set":["completeness_verified"]})"));
    EXPECT_EQ(standard.message, "EPCIS has the field 'persistentDisposition', Stemma does not keep it");
    EXPECT_EQ(refused(with(R"("sensorElementList":[{"sensorReport":[{"type":"Temperature","minValue":1,"uom":"CEL"}]}])")).where,
              "/sensorElementList/0/sensorReport/0/minValue");
}

TEST(PostedEvent, asks_for_what_the_standard_asks_for) {
    EXPECT_EQ(refused(R"({"eventTime":"2026-03-01T12:00:00Z","action":"ADD"})").where, "/type");
    EXPECT_EQ(refused(R"({"type":"ObjectEvent","action":"ADD"})").where, "/eventTime");
    EXPECT_EQ(refused(R"({"type":"ObjectEvent","eventTime":"2026-03-01"})").message, "the field 'action' is missing");
    EXPECT_EQ(refused(R"({"type":"TransformationEvent","eventTime":"2026-03-01","action":"ADD"})").where, "/action");
    EXPECT_EQ(refused(R"({"type":"ObjektEvent","eventTime":"2026-03-01","action":"ADD"})").hint, "did you mean 'ObjectEvent'?");
    EXPECT_EQ(refused(with(R"("quantityList":[{"epcClass":"urn:a"}])")).where, "/quantityList/0/quantity");
    EXPECT_EQ(refused(with(R"("quantityList":[{"quantity":1}])")).where, "/quantityList/0/epcClass");
    EXPECT_EQ(refused(with(R"("bizTransactionList":[{"type":"po"}])")).where, "/bizTransactionList/0/bizTransaction");
    EXPECT_EQ(refused(with(R"("bizTransactionList":[{"bizTransaction":""}])")).message, "the string is empty");
    EXPECT_EQ(refused(with(R"("destinationList":[{"type":"location"}])")).where, "/destinationList/0/destination");
}

TEST(PostedEvent, reads_goods_of_a_parent_as_children_only) {
    const std::string head = R"({"type":"AggregationEvent","eventTime":"2026-03-01","action":"ADD","parentID":"urn:box",)";
    const Event event = accepted(head + R"("childQuantityList":[{"epcClass":"urn:b","quantity":2}],"childEPCs":["urn:a"]})");
    ASSERT_EQ(event.items.size(), 2U);
    EXPECT_EQ(event.items[0].item.str(), "urn:a");
    EXPECT_FALSE(event.items[0].quantity);
    EXPECT_EQ(event.items[1].quantity, (Quantity{2'000'000, "C62"}));
    EXPECT_EQ(refused(head + R"("epcList":["urn:a"]})").where, "/epcList");
    EXPECT_EQ(refused(with(R"("childEPCs":["urn:a"])")).message, "an ObjectEvent has no childEPCs");
}

TEST(PostedEvent, gives_sensor_reports_the_time_and_device_of_their_element) {
    const Event event = accepted(with(
        R"("sensorElementList":[{"sensorMetadata":{"time":"2026-03-01T10:00:00Z","deviceID":"urn:d"},)"
        R"("sensorReport":[{"type":"Temperature","value":-4.5,"uom":"CEL"},{"type":"Sound","stringValue":"loud","deviceID":"urn:e"}]}])"));
    ASSERT_EQ(event.sensors.size(), 2U);
    EXPECT_EQ(event.sensors[0], (SensorReport{"Temperature", Quantity{-4'500'000, "CEL"}, "", Instant{1'772'359'200'000'000}, "urn:d"}));
    EXPECT_EQ(event.sensors[1].device, "urn:e");
    EXPECT_EQ(refused(with(R"("sensorElementList":[{"sensorReport":[{"type":"Temperature","uom":"CEL"}]}])")).where,
              "/sensorElementList/0/sensorReport/0/uom");
}

TEST(PostedEvent, takes_lot_data_with_and_without_its_prefix) {
    const Event event = accepted(with(R"("ilmd":{"cbvmda:itemExpirationDate":"2026-05-01","colour":""})"));
    EXPECT_EQ(event.ilmd, (Attributes{{"itemExpirationDate", "2026-05-01"}, {"colour", ""}}));
    EXPECT_EQ(refused(with(R"("ilmd":{"cbvmda:lotNumber":"1","lotNumber":"2"})")).where, "/ilmd/lotNumber");
}

TEST(PostedEvent, says_where_a_text_was_cut_short) {
    const std::string whole = with(R"("epcList":["urn:a","urn:b"],"readPoint":{"id":"urn:c"})");
    for (std::size_t size = 1; size < whole.size(); ++size) {
        const Error error = refused(whole.substr(0, size));
        EXPECT_TRUE(error.message.starts_with("the text ends inside ")) << error.message;
        EXPECT_TRUE(error.message.ends_with("at byte " + std::to_string(size))) << error.message;
    }
    EXPECT_EQ(refused(whole.substr(0, whole.find("rn:b"))).message,
              "the text ends inside '/epcList' at byte " + std::to_string(whole.find("rn:b")));
    EXPECT_EQ(refused("").message, "the text is empty, a JSON object is expected");
}

TEST(PostedEvent, says_where_a_text_is_no_json) {
    const Error error = refused(R"({"type":"ObjectEvent","epcList":["urn:a",}]})");
    EXPECT_EQ(error.where, "/epcList");
    EXPECT_TRUE(error.message.starts_with("the text is not JSON at byte 41")) << error.message;
    EXPECT_EQ(refused(with("") + "x").message, "something follows the JSON value at byte " + std::to_string(with("").size()));
    EXPECT_TRUE(decode_event(" \r\n\t" + with("") + " \n", JsonLimits{}));
    EXPECT_EQ(refused(with(R"("bizStep":"a","bizStep":"b")")).message, "the field 'bizStep' stands here twice");
    EXPECT_EQ(refused(with(R"("bizStep":"a","bizStep":"b")")).where, "/bizStep");
    EXPECT_EQ(refused(with(R"("bizStep":"a\u0000b")")).where, "/bizStep");
}

TEST(PostedEvent, holds_a_text_to_its_limits_and_names_them) {
    const std::string event = with("");
    EXPECT_TRUE(decode_event(event, {.bytes_max = event.size(), .depth_max = 32, .values_max = 100}));
    const Error size = refused(event, {.bytes_max = event.size() - 1, .depth_max = 32, .values_max = 100});
    EXPECT_EQ(size.code, Errc::too_large);
    EXPECT_EQ(size.message,
              "the JSON has " + std::to_string(event.size()) + " bytes, " + std::to_string(event.size() - 1) + " are allowed");

    const auto nested = [](std::size_t arrays) { return with("\"@context\":" + std::string(arrays, '[') + std::string(arrays, ']')); };
    accepted(nested(31));  // the event is the 32nd level
    EXPECT_EQ(refused(nested(32)).code, Errc::too_large);
    EXPECT_EQ(refused(nested(32)).message, "the JSON nests deeper than 32 levels");

    EXPECT_TRUE(decode_event(event, {.bytes_max = 1000, .depth_max = 32, .values_max = 4}));  // the object and its three fields
    EXPECT_EQ(refused(event, {.bytes_max = 1000, .depth_max = 32, .values_max = 3}).message, "the JSON has more than 3 values");
}

TEST(PostedEvent, reads_or_explains_every_event_of_the_published_examples) {
    const std::filesystem::path folder = std::filesystem::path{STEMMA_SOURCE_DIR} / "../shared/vectors/epcis/docs";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no shared/vectors/epcis/docs";
    int read = 0;
    int explained = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator{folder}) {
        if (file.path().extension() != ".jsonld" && file.path().extension() != ".json") continue;
        std::stringstream text;
        text << std::ifstream{file.path()}.rdbuf();
        boost::json::error_code ec;
        const boost::json::value document = boost::json::parse(text.str(), ec);
        const boost::json::value* list = ec ? nullptr : document.find_pointer("/epcisBody/eventList", ec);
        if (list == nullptr || !list->is_array()) continue;
        for (const boost::json::value& event : list->as_array()) {
            const Result<Event> decoded = decode_event(boost::json::serialize(event), JsonLimits{});
            if (!decoded) {
                EXPECT_FALSE(decoded.error().message.empty());
                EXPECT_TRUE(decoded.error().where.starts_with('/')) << decoded.error().text();
                ++explained;
                continue;
            }
            ++read;
            const Result<Event> again = decode_event(encode_event(*decoded), JsonLimits{});
            EXPECT_TRUE(again && test::same(*again, *decoded));
        }
    }
    EXPECT_GE(read, 30);
    EXPECT_GE(explained, 30);  // most examples show off extensions and sensor data that Stemma does not keep
}

}  // namespace
}  // namespace stemma
