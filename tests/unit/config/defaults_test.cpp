// One list of keys in four places: the schema, the reader, the annotated config/stemma.yaml and the defaults. They must agree, both ways.
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "core/config/settings.hpp"
#include "tests/unit/config/support.hpp"

namespace stemma::config {
namespace {

namespace json = boost::json;
using Values = std::map<std::string, std::string>;

const std::filesystem::path kSource{STEMMA_SOURCE_DIR};

json::value schema() { return json::parse(settings_schema()); }

std::string text_of(const json::value& value) { return value.is_string() ? std::string{value.get_string()} : json::serialize(value); }

/// Every key of the schema below `object` with its default, "-" where there is none; an element of a list is "list[x]".
void collect(const json::object& object, const std::string& path, Values& values) {
    for (const auto& property : object.at("properties").as_object()) {
        const std::string name = (path.empty() ? "" : path + ".") + std::string{property.key()};
        const json::object& one = property.value().as_object();
        if (one.contains("properties")) {
            collect(one, name, values);
            continue;
        }
        values[name] = one.contains("default") ? text_of(one.at("default")) : "-";
        if (one.contains("items") && one.at("items").as_object().contains("properties"))
            collect(one.at("items").as_object(), name + "[x]", values);
    }
}

/// Every description the schema lacks.
void undescribed(const json::value& value, const std::string& path, std::set<std::string>& missing) {
    const json::object& object = value.as_object();
    if (!object.contains("description")) missing.insert(path);
    if (const json::value* properties = object.if_contains("properties")) {
        if (object.at("additionalProperties") != json::value(false)) missing.insert(path + ": additionalProperties");
        for (const auto& property : properties->as_object())
            undescribed(property.value(), path + "/" + std::string{property.key()}, missing);
    }
    if (const json::value* items = object.if_contains("items")) undescribed(*items, path + "[]", missing);
}

Settings load(const std::filesystem::path& file) {
    auto settings = load_settings(file);
    EXPECT_TRUE(settings) << (settings ? "" : settings.error().front().text());
    return settings ? *std::move(settings) : Settings{};
}

TEST(Defaults, schema_describes_every_key_and_allows_no_other) {
    std::set<std::string> missing;
    undescribed(schema(), "", missing);
    EXPECT_EQ(missing, std::set<std::string>{});
}

TEST(Defaults, reader_and_schema_know_the_same_keys_and_defaults) {
    Values wanted;
    collect(schema().as_object(), "", wanted);
    const Folder folder;
    // The least a list's element needs, so that the reader asks for every key of one.
    const Settings settings = load(folder.write("stemma.yaml",
                                                "plugins: {enabled: [{name: x}]}\nerp: {sources: [{name: x, mapping: m, connection: c}]}\n"
                                                "access: {sign: [{command: cases.act}]}\n"));
    const std::string named = "[cases.act]";  // the one list whose elements cannot have any name
    Values read;
    for (const SettingLine& line : settings.lines) {
        std::string path = line.path;
        if (const std::size_t at = path.find(named); at != std::string::npos) path.replace(at, named.size(), "[x]");
        read[path] = line.origin == "default" ? line.value : "-";
    }
    for (const SettingLine& line : load(folder.write("empty.yaml", "")).lines) read[line.path] = line.value;
    EXPECT_EQ(read, wanted);
}

TEST(Defaults, annotated_file_sets_every_key_to_its_default) {
    const Settings annotated = load(kSource / "config" / "stemma.yaml");
    const Folder folder;
    const Settings empty = load(folder.write("stemma.yaml", ""));
    ASSERT_EQ(annotated.lines.size(), empty.lines.size());
    for (std::size_t i = 0; i < empty.lines.size(); ++i) {
        EXPECT_EQ(annotated.lines[i].path, empty.lines[i].path);
        EXPECT_EQ(annotated.lines[i].value, empty.lines[i].value) << empty.lines[i].path;
        EXPECT_NE(annotated.lines[i].origin, "default") << empty.lines[i].path;
    }
}

// The examples of list elements are comments: taken out of them, they must load and name every key.
TEST(Defaults, annotated_file_shows_every_key_of_a_plugin_and_a_source) {
    const std::string text = read_all(kSource / "config" / "stemma.yaml");
    std::string examples;
    for (const auto& [section, list] : {std::pair{"plugins", "enabled"}, std::pair{"erp", "sources"}}) {
        examples += std::string{section} + ":\n";
        const std::string comment = "  # ";
        std::size_t at = text.find(comment + list + ":\n");
        ASSERT_NE(at, std::string::npos) << list;
        while (text.compare(at, comment.size(), comment) == 0) {
            const std::size_t end = text.find('\n', at);
            examples += "  " + text.substr(at + comment.size(), end - at - comment.size()) + "\n";
            at = end + 1;
        }
    }
    const Folder folder;
    std::filesystem::permissions(folder.write("tryton-password", "x\n"), std::filesystem::perms::owner_read);
    const Settings settings = load(folder.write("stemma.yaml", examples));
    ASSERT_EQ(settings.plugins.enabled.size(), 1U);
    ASSERT_EQ(settings.erp.sources.size(), 1U);
    for (const SettingLine& line : settings.lines)
        EXPECT_TRUE(line.path.find('[') == std::string::npos || line.origin != "default") << line.path;
}

TEST(Defaults, embedded_schema_is_the_file_byte_for_byte) {
    EXPECT_EQ(settings_schema(), read_all(kSource / "schemas" / "config" / "stemma.schema.json"));
}

}  // namespace
}  // namespace stemma::config
