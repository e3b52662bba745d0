#include "core/config/conf_d.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "core/config/file_io.hpp"
#include "core/config/layers.hpp"

namespace stemma::config {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFileName = "50-plugins.yaml";
constexpr std::string_view kNewFile =
    "# Plugins switched on and off by `stemma plugin enable` and `stemma plugin disable`.\n"
    "# Yours to edit: comments and options are kept.\n";
constexpr std::size_t kIndent = 2;

/// A scalar that is safe as it stands in block style and reads back as the same text.
bool is_plain_word(std::string_view text) {
    const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
    if (text.empty() || !letter(text.front())) return false;
    if (!std::ranges::all_of(text, [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; })) return false;
    return text != "true" && text != "false" && text != "null" && text != "Null" && text != "NULL";
}

std::string key_text(const std::string& key) { return is_plain_word(key) ? key : to_json(Node::scalar({}, {}, key, true)); }

/// "key: value" lines of a map at an indentation. Lists, empty maps and maps inside lists are written as JSON, which is YAML.
void append_block(std::string& out, const Node& map, std::size_t indent) {
    for (const Node::Entry& entry : map.entries()) {
        out += std::string(indent, ' ') + key_text(entry.key) + ":";
        if (entry.value.is_map() && !entry.value.entries().empty()) {
            out += "\n";
            append_block(out, entry.value, indent + kIndent);
        } else {
            out += " " + to_json(entry.value) + "\n";
        }
    }
}

/// A text that reads back as itself: "${" would name a variable.
Node literal(std::string_view text) {
    std::string out;
    for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${")) {
        out.append(text.substr(0, at)).append("$${");
        text.remove_prefix(at + 2);
    }
    return Node::scalar({}, {}, out.append(text), true);
}

/// What an edit sets beside the switch: a map of "options" and "data", as far as they are given.
Node members_of(const PluginEdit& edit) {
    std::vector<Node::Entry> members;
    if (edit.options) members.push_back({"options", {}, *edit.options});
    std::vector<Node> files;
    files.reserve(edit.data.size());
    for (const std::string& path : edit.data) files.push_back(literal(path));
    if (!files.empty()) members.push_back({"data", {}, Node::sequence({}, {}, std::move(files))});
    return Node::map({}, {}, std::move(members));
}

std::string members_block(const Node& members, std::size_t indent) {
    std::string out;
    append_block(out, members, indent);
    return out;
}

std::string members_flow(const Node& members) {
    std::string out;
    for (const Node::Entry& member : members.entries()) out += fmt::format(", {}: {}", member.key, to_json(member.value));
    return out;
}

/// "- name: lot" and what belongs to it, the dash at `indent`.
std::string element_block(const PluginEdit& edit, const Node& members, std::size_t indent) {
    return fmt::format("{}- name: {}\n{}enabled: {}\n", std::string(indent, ' '), key_text(edit.name), std::string(indent + kIndent, ' '),
                       edit.enabled) +
           members_block(members, indent + kIndent);
}

std::string element_flow(const PluginEdit& edit, const Node& members) {
    return fmt::format("{{name: {}, enabled: {}{}}}", key_text(edit.name), edit.enabled, members_flow(members));
}

/// The text with its lines' places.
class Text {
public:
    explicit Text(std::string_view text) : text_{text} {
        if (!text_.empty() && text_.back() != '\n') text_ += '\n';
        for (std::size_t at = 0; at < text_.size(); at = text_.find('\n', at) + 1) starts_.push_back(at);
    }

    [[nodiscard]] std::size_t offset(const Mark& mark) const { return line_start(mark.line) + static_cast<std::size_t>(mark.column - 1); }
    [[nodiscard]] char at(const Mark& mark) const { return text_[offset(mark)]; }
    /// Where the line after `line` begins.
    [[nodiscard]] std::size_t after_line(int line) const {
        return static_cast<std::size_t>(line) < starts_.size() ? starts_[static_cast<std::size_t>(line)] : text_.size();
    }

    /// Where a block that holds `mark` and is indented more than `indent` ends: the first line after it that is indented less, without
    /// the blank lines and the comments that lead on to what follows.
    [[nodiscard]] std::size_t end_of_block(const Mark& mark, std::size_t indent) const {
        std::size_t last = static_cast<std::size_t>(mark.line) - 1;
        for (std::size_t line = last + 1; line < starts_.size(); ++line) {
            const std::string_view content = line_text(line);
            const std::size_t first = content.find_first_not_of(" \t\r");
            if (first == std::string_view::npos) continue;
            if (first > indent)
                last = line;
            else if (content[first] != '#')
                break;
        }
        return after_line(static_cast<int>(last) + 1);
    }

    /// Past the scalar that begins at `mark` and was read as `node`, quoted or not, on one line.
    [[nodiscard]] std::size_t after_scalar(const Node& node) const {
        return offset(node.mark()) + node.raw().size() + (node.quoted() ? 2 : 0);
    }

    void insert(std::size_t offset, std::string_view added) { text_.insert(offset, added); }
    void replace(std::size_t offset, std::size_t size, std::string_view with) { text_.replace(offset, size, with); }
    [[nodiscard]] std::size_t size() const { return text_.size(); }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    [[nodiscard]] std::size_t line_start(int line) const { return starts_[static_cast<std::size_t>(line - 1)]; }
    [[nodiscard]] std::string_view line_text(std::size_t line) const {
        return std::string_view{text_}.substr(starts_[line], text_.find('\n', starts_[line]) - starts_[line]);
    }

    std::string text_;
    std::vector<std::size_t> starts_;
};

std::size_t indent_of(const Mark& mark) { return static_cast<std::size_t>(mark.column - 1); }

/// The paths that a list of data files does not hold yet.
std::vector<Node> missing_files(const Node& known, const Node& wanted) {
    std::vector<Node> missing;
    for (const Node& file : wanted.items())
        if (std::ranges::none_of(known.items(), [&](const Node& item) { return item.raw() == file.raw(); })) missing.push_back(file);
    return missing;
}

/// Adds elements at the end of a list that the text holds.
void append_items(Text& text, const Node& list, const std::vector<Node>& added) {
    const bool flow = text.at(list.mark()) == '[';
    std::string out;
    for (const Node& one : added)
        out += flow ? (out.empty() && list.items().empty() ? "" : ", ") + to_json(one)
                    : fmt::format("{}- {}\n", std::string(indent_of(list.mark()), ' '), to_json(one));
    if (!flow)
        text.insert(text.after_line(list.items().back().mark().line), out);
    else
        text.insert(list.items().empty() ? text.offset(list.mark()) + 1 : text.after_scalar(list.items().back()), out);
}

const Node* element_named(const Node* list, const std::string& name) {
    if (list == nullptr) return nullptr;
    for (const Node& element : list->items()) {
        const Node* known = element.find("name");
        if (known != nullptr && known->raw() == name) return &element;
    }
    return nullptr;
}

/// Changes the entry that is there already, and adds the members that it does not have yet.
void edit_element(Text& text, const Node& element, const PluginEdit& edit, const Node& added_members) {
    const Node& name = *element.find("name");
    const bool flow = text.at(element.mark()) == '{';
    const Node* enabled = element.find("enabled");
    // From the end of the entry to its beginning, so that the places still to be used stay right.
    const std::size_t indent = flow ? 0 : indent_of(element.entries().front().key_mark);
    const std::string added_flag = fmt::format("enabled: {}", edit.enabled);
    if (flow) {
        const std::size_t end = text.after_scalar(name);
        const std::string added = (enabled == nullptr ? ", " + added_flag : std::string{}) + members_flow(added_members);
        const bool flag_follows = enabled != nullptr && text.offset(enabled->mark()) > end;
        if (flag_follows) text.replace(text.offset(enabled->mark()), enabled->raw().size(), edit.enabled ? "true" : "false");
        text.insert(end, added);
        if (enabled != nullptr && !flag_follows)
            text.replace(text.offset(enabled->mark()), enabled->raw().size(), edit.enabled ? "true" : "false");
        return;
    }
    if (!added_members.entries().empty()) text.insert(text.end_of_block(element.mark(), indent - 1), members_block(added_members, indent));
    if (enabled != nullptr)
        text.replace(text.offset(enabled->mark()), enabled->raw().size(), edit.enabled ? "true" : "false");
    else
        text.insert(text.after_line(name.mark().line), std::string(indent, ' ') + added_flag + "\n");
}

/// Adds an entry, and the lists and maps around it that are missing.
void add_element(Text& text, const Node& root, const PluginEdit& edit, const Node& members) {
    const Node* plugins = root.find("plugins");
    const Node* list = plugins != nullptr ? plugins->find("enabled") : nullptr;
    if (list != nullptr && text.at(list->mark()) == '[') {
        text.insert(text.offset(list->mark()) + 1, element_flow(edit, members) + (list->items().empty() ? "" : ", "));
    } else if (list != nullptr) {
        const std::size_t dash = indent_of(list->mark());
        text.insert(text.end_of_block(list->items().back().mark(), dash), element_block(edit, members, dash));
    } else if (plugins != nullptr && text.at(plugins->mark()) == '{') {
        text.insert(text.offset(plugins->mark()) + 1,
                    fmt::format("enabled: [{}]{}", element_flow(edit, members), plugins->entries().empty() ? "" : ", "));
    } else if (plugins != nullptr) {
        const std::size_t indent = indent_of(plugins->entries().front().key_mark);
        const std::size_t line_start = text.after_line(plugins->entries().front().key_mark.line - 1);
        text.insert(line_start, std::string(indent, ' ') + "enabled:\n" + element_block(edit, members, indent + kIndent));
    } else {
        const std::size_t indent = root.is_map() && !root.entries().empty() ? indent_of(root.entries().front().key_mark) : 0;
        text.insert(text.size(), fmt::format("{0}plugins:\n{0}  enabled:\n", std::string(indent, ' ')) +
                                     element_block(edit, members, indent + 2 * kIndent));
    }
}

/// What the file must read back as: the old tree with this entry laid over it. A list in brackets gets a new entry at its front.
Node expected_tree(const Node& root, const PluginEdit& edit, const Node& members, bool at_front) {
    const auto word = [](std::string_view text) { return Node::scalar({}, {}, std::string{text}, false); };
    std::vector<Node::Entry> entry{{"name", {}, word(edit.name)}, {"enabled", {}, word(edit.enabled ? "true" : "false")}};
    entry.insert(entry.end(), members.entries().begin(), members.entries().end());
    std::vector<Node> items;
    items.push_back(Node::map({}, {}, std::move(entry)));
    std::vector<Node::Entry> plugins{{"enabled", {}, Node::sequence({}, {}, std::move(items))}};
    std::vector<Node::Entry> top{{"plugins", {}, Node::map({}, {}, std::move(plugins))}};
    Node added = Node::map({}, {}, std::move(top));
    if (!root.is_map()) return added;
    return at_front ? merge(added, root) : merge(root, added);
}

/// Equal but for the order of a map's keys, places, and how texts are quoted.
bool same(const Node& a, const Node& b) {
    if (a.kind() != b.kind()) return false;
    if (a.is_scalar()) return a.scalar_type() == b.scalar_type() && a.raw() == b.raw();
    if (a.items().size() != b.items().size() || a.entries().size() != b.entries().size()) return false;
    for (const Node::Entry& entry : a.entries()) {
        const Node* other = b.find(entry.key);
        if (other == nullptr || !same(entry.value, *other)) return false;
    }
    return std::ranges::equal(a.items(), b.items(), same);
}

/// The text with `files` added to the list `data` of a plugin's entry, or nothing when it would not read back so.
std::optional<std::string> with_files(std::string_view text, std::string_view file_name, const Node& root, const std::string& name,
                                      const Node& data, const std::vector<Node>& files) {
    Text longer{text};
    append_items(longer, data, files);
    std::vector<Node> all{data.items().begin(), data.items().end()};
    all.insert(all.end(), files.begin(), files.end());
    std::vector<Node> entry{
        Node::map({}, {}, {{"name", {}, Node::scalar({}, {}, name, false)}, {"data", {}, Node::sequence({}, {}, std::move(all))}})};
    const Node list = Node::map({}, {}, {{"enabled", {}, Node::sequence({}, {}, std::move(entry))}});
    std::string result = longer.take();
    const auto check = read_yaml_text(result, file_name);
    if (!check || !same(check->root(), merge(root, Node::map({}, {}, {{"plugins", {}, list}})))) return std::nullopt;
    return result;
}

/// A relative path begins at the folder of the file that is edited.
fs::path place_of(const fs::path& main_file, const fs::path& written) {
    return fs::absolute(fs::path{"."} / conf_folder(main_file) / written).lexically_normal();
}

const PluginSettings* plugin_named(const Settings& settings, const std::string& name) {
    const auto found = std::ranges::find(settings.plugins.enabled, name, &PluginSettings::name);
    return found != settings.plugins.enabled.end() ? &*found : nullptr;
}

/// The edit whose data files come after those in force, wherever these were given: a list in the file replaces the lists before it.
Checked<PluginEdit> after_known_data(const fs::path& main_file, const fs::path& file, std::string_view text, PluginEdit edit) {
    if (edit.data.empty()) return edit;
    const auto tree = read_yaml_text(text, file.string());
    const auto now = load_settings(main_file);
    if (!now) return std::unexpected(now.error());
    const PluginSettings* known = plugin_named(*now, edit.name);
    if (known == nullptr) return edit;
    std::erase_if(edit.data,
                  [&](const std::string& path) { return std::ranges::find(known->data, place_of(main_file, path)) != known->data.end(); });
    const Node* plugins = tree ? tree->root().find("plugins") : nullptr;
    const Node* element = element_named(plugins != nullptr ? plugins->find("enabled") : nullptr, edit.name);
    const bool listed_here = element != nullptr && element->find("data") != nullptr;
    if (edit.data.empty() || listed_here) return edit;
    std::vector<std::string> all;
    all.reserve(known->data.size() + edit.data.size());
    for (const fs::path& path : known->data) all.push_back(path.string());
    all.insert(all.end(), edit.data.begin(), edit.data.end());
    edit.data = std::move(all);
    return edit;
}

/// A file that is read later may say otherwise: then the edit would change nothing.
Result<void> check_heard(const Settings& settings, const PluginEdit& edit) {
    const PluginSettings* plugin = plugin_named(settings, edit.name);
    const auto files = std::ranges::find(settings.lines, fmt::format("plugins.enabled[{}].data", edit.name), &SettingLine::path);
    for (const std::string& path : edit.data)
        if (plugin != nullptr && std::ranges::find(plugin->data, place_of(settings.file, path)) == plugin->data.end())
            return fail(Errc::conflict, fmt::format("the data files of '{}' are given in a file that is read later", edit.name),
                        files != settings.lines.end() ? files->origin : std::string{}, "add the file there");
    const std::string path = fmt::format("plugins.enabled[{}].enabled", edit.name);
    const auto line = std::ranges::find(settings.lines, path, &SettingLine::path);
    if (line == settings.lines.end() || line->value == (edit.enabled ? "true" : "false")) return {};
    return fail(Errc::conflict, fmt::format("'enabled: {}' for '{}' stands in a file that is read later", line->value, edit.name),
                line->origin, "change it there");
}

}  // namespace

Result<std::string> edit_plugins_text(std::string_view text, std::string_view file_name, const PluginEdit& edit) {
    if (edit.options && !edit.options->is_map()) return fail(Errc::config, "the options of a plugin must be a map of keys");
    auto tree = read_yaml_text(text, file_name);
    if (!tree) return fail(std::move(tree));
    const Node& root = tree->root();
    const auto refuse = [&] {
        return fail(Errc::config,
                    fmt::format("this file cannot be edited safely; set 'enabled: {}' for '{}' by hand", edit.enabled, edit.name),
                    std::string{file_name});
    };
    const Node* plugins = root.find("plugins");
    const Node* list = plugins != nullptr ? plugins->find("enabled") : nullptr;
    if ((!root.is_null() && !root.is_map()) || (plugins != nullptr && !plugins->is_map()) || (list != nullptr && !list->is_sequence()))
        return refuse();

    const Node* element = element_named(list, edit.name);
    const Node* data = element != nullptr ? element->find("data") : nullptr;
    std::vector<Node> files;  // to be added to the data that the entry has already
    std::vector<Node::Entry> missing;
    const Node wanted = members_of(edit);
    for (const Node::Entry& member : wanted.entries()) {
        const Node* known = element != nullptr ? element->find(member.key) : nullptr;
        if (known == nullptr)
            missing.push_back(member);
        else if (known == data && known->is_sequence())
            files = missing_files(*known, member.value);
        else if (!same(*known, member.value))
            return fail(Errc::conflict, fmt::format("'{}' already has {} here", edit.name, member.key), known->mark().text(),
                        "edit them in the file");
    }
    if (!files.empty()) {
        const auto longer = with_files(text, file_name, root, edit.name, *data, files);
        if (!longer) return refuse();
        PluginEdit rest = edit;
        rest.data.clear();
        return edit_plugins_text(*longer, file_name, rest);
    }
    const Node added = Node::map({}, {}, std::move(missing));
    const Node* enabled = element != nullptr ? element->find("enabled") : nullptr;
    if (enabled != nullptr && !enabled->boolean()) return fail(enabled->boolean());
    if (enabled != nullptr && enabled->boolean() == edit.enabled && added.entries().empty()) return std::string{text};

    Text edited{text};
    const bool at_front = element == nullptr && list != nullptr && edited.at(list->mark()) == '[';
    if (element != nullptr)
        edit_element(edited, *element, edit, added);
    else
        add_element(edited, root, edit, added);
    std::string result = edited.take();
    const auto check = read_yaml_text(result, file_name);
    if (!check || !same(check->root(), expected_tree(root, edit, added, at_front))) return refuse();
    return result;
}

Checked<PlannedEdit> plan_plugin_edit(const fs::path& main_file, const PluginEdit& edit) {
    PlannedEdit plan;
    plan.file = conf_folder(main_file) / kFileName;
    auto before = read_file(plan.file, kFileBytesMax);
    if (before)
        plan.before = *std::move(before);
    else if (before.error().code != Errc::not_found)
        return std::unexpected(std::vector{before.error()});
    const std::string before_text = plan.before.value_or(std::string{kNewFile});
    const auto whole = after_known_data(main_file, plan.file, before_text, edit);
    if (!whole) return std::unexpected(whole.error());
    auto after = edit_plugins_text(before_text, plan.file.string(), *whole);
    if (!after) return std::unexpected(std::vector{after.error()});
    plan.after = *std::move(after);
    const Draft draft{plan.file, plan.after};
    auto settings = load_settings(main_file, &draft);
    if (!settings) return std::unexpected(std::move(settings).error());
    plan.settings = *std::move(settings);
    if (auto heard = check_heard(plan.settings, edit); !heard) return std::unexpected(std::vector{heard.error()});
    return plan;
}

Result<void> carry_out(const PlannedEdit& edit) {
    auto now = read_file(edit.file, kFileBytesMax);
    if (!now && now.error().code != Errc::not_found) return fail(std::move(now));
    const std::optional<std::string> content = now ? std::optional{*now} : std::nullopt;
    if (content != edit.before) return fail(Errc::conflict, "the file was changed meanwhile", edit.file.string(), "try again");
    if (content == edit.after) return {};
    std::error_code ec;
    fs::create_directories(edit.file.parent_path(), ec);
    if (ec) return fail(Errc::storage, "cannot be created: " + ec.message(), edit.file.parent_path().string());
    return replace_file(edit.file, edit.after, edit.settings.file);
}

}  // namespace stemma::config
