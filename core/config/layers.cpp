#include "core/config/layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/base/text.hpp"
#include "core/config/file_io.hpp"
#include "core/config/settings.hpp"

namespace stemma::config {
namespace {

constexpr std::string_view kEnv = "${env:";
constexpr std::string_view kFile = "${file:";
constexpr std::array<std::string_view, 2> kListsByName{"plugins.enabled", "erp.sources"};

bool merges_by_name(std::string_view path) { return std::ranges::find(kListsByName, path) != kListsByName.end(); }

bool is_variable_name(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
    return !name.empty() && letter(name.front()) && std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

Result<std::string> from_environment(std::string_view name, const Mark& mark) {
    if (!is_variable_name(name))
        return fail(Errc::config, fmt::format("'{}' is no name of an environment variable", clip(name)), mark.text());
    const char* value = std::getenv(std::string{name}.c_str());
    if (value == nullptr) return fail(Errc::config, fmt::format("the environment variable '{}' is not set", clip(name)), mark.text());
    if (!is_clean_utf8(value))
        return fail(Errc::config, fmt::format("the environment variable '{}' is not UTF-8", clip(name)), mark.text());
    return std::string{value};
}

Result<std::string> from_secret_file(std::string_view name, const Mark& mark) {
    if (name.empty()) return fail(Errc::config, "'${file:}' names no file", mark.text());
    const std::filesystem::path path = std::filesystem::path{mark.file ? *mark.file : std::string{}}.parent_path() / name;
    auto content = read_file_and_mode(path, kSecretFileBytesMax);
    if (!content) {
        const Error& cause = content.error();
        return fail(cause.code, fmt::format("the secret file '{}': {}", cause.where, cause.message), mark.text());
    }
    if ((content->mode & 077) != 0)
        return fail(Errc::config,
                    fmt::format("the secret file '{}' is open to group or others (mode {:04o})", path.string(), content->mode), mark.text(),
                    fmt::format("chmod 600 {}", path.string()));
    if (content->text.ends_with('\n')) content->text.pop_back();
    if (!is_clean_utf8(content->text))
        return fail(Errc::config, fmt::format("the secret file '{}' is not UTF-8", path.string()), mark.text());
    return std::move(content->text);
}

/// The text with its references replaced. "$${" is how a text says "${".
Result<std::string> replace_references(std::string_view text, const Mark& mark) {
    std::string out;
    while (!text.empty()) {
        const std::size_t dollar = std::min(text.find('$'), text.size());
        out += text.substr(0, dollar);
        text.remove_prefix(dollar);
        if (text.starts_with("$${")) {
            out += "${";
            text.remove_prefix(3);
        } else if (text.starts_with(kEnv) || text.starts_with(kFile)) {
            const bool env = text.starts_with(kEnv);
            const std::size_t end = text.find('}');
            if (end == std::string_view::npos)
                return fail(Errc::config, fmt::format("'{}' is not closed", env ? kEnv : kFile), mark.text(), "add '}'");
            const std::string_view name = text.substr(0, end).substr((env ? kEnv : kFile).size());
            auto value = env ? from_environment(name, mark) : from_secret_file(name, mark);
            if (!value) return value;
            out += *value;
            text.remove_prefix(end + 1);
        } else if (!text.empty()) {
            out += text.front();
            text.remove_prefix(1);
        }
    }
    return out;
}

Node resolve_scalar(const Node& node, std::vector<Error>& errors) {
    if (node.raw().find("${") == std::string::npos) return node;
    auto text = replace_references(node.raw(), node.mark());
    if (!text) {
        errors.push_back(std::move(text).error());
        return node;
    }
    return Node::scalar(node.mark(), node.name(), *std::move(text), node.quoted(), node.raw());
}

/// The text under `name` of a list's element, or nullptr.
const Node* element_name(const Node& element) {
    const Node* name = element.find("name");
    return name != nullptr && name->is_scalar() ? name : nullptr;
}

Node merge_at(const Node& base, const Node& over, const std::string& path);

Node merge_maps(const Node& base, const Node& over, const std::string& path) {
    std::vector<Node::Entry> entries{base.entries().begin(), base.entries().end()};
    for (const Node::Entry& added : over.entries()) {
        const auto old = std::ranges::find(entries, added.key, &Node::Entry::key);
        if (old == entries.end()) {
            entries.push_back(added);
            continue;
        }
        Node merged = merge_at(old->value, added.value, path.empty() ? added.key : path + "." + added.key);
        *old = Node::Entry{added.key, added.key_mark, std::move(merged)};
    }
    return Node::map(base.mark(), base.name(), std::move(entries));
}

Node merge_lists(const Node& base, const Node& over) {
    std::vector<Node> items{base.items().begin(), base.items().end()};
    for (const Node& added : over.items()) {
        const Node* name = element_name(added);
        const auto old = std::ranges::find_if(items, [&](const Node& item) {
            const Node* known = element_name(item);
            return name != nullptr && known != nullptr && known->raw() == name->raw();
        });
        if (old == items.end())
            items.push_back(added);
        else
            *old = merge_maps(*old, added, "[]");
    }
    return Node::sequence(base.mark(), base.name(), std::move(items));
}

Node merge_at(const Node& base, const Node& over, const std::string& path) {
    if (base.is_map() && over.is_map()) return merge_maps(base, over, path);
    if (base.is_sequence() && over.is_sequence() && merges_by_name(path)) return merge_lists(base, over);
    return over;
}

}  // namespace

Node resolve_references(const Node& node, std::vector<Error>& errors) {
    switch (node.kind()) {
        case Node::Kind::null: return node;
        case Node::Kind::scalar: return resolve_scalar(node, errors);
        case Node::Kind::sequence: {
            std::vector<Node> items;
            items.reserve(node.items().size());
            for (const Node& item : node.items()) items.push_back(resolve_references(item, errors));
            return Node::sequence(node.mark(), node.name(), std::move(items));
        }
        case Node::Kind::map: break;
    }
    std::vector<Node::Entry> entries;
    entries.reserve(node.entries().size());
    for (const Node::Entry& entry : node.entries())
        entries.push_back(Node::Entry{entry.key, entry.key_mark, resolve_references(entry.value, errors)});
    return Node::map(node.mark(), node.name(), std::move(entries));
}

Node merge(const Node& base, const Node& over) { return merge_at(base, over, {}); }

void check_names(const Node& root, std::vector<Error>& errors) {
    for (const std::string_view path : kListsByName) {
        const std::size_t dot = path.find('.');
        const Node* section = root.find(path.substr(0, dot));
        const Node* list = section != nullptr ? section->find(path.substr(dot + 1)) : nullptr;
        if (list == nullptr) continue;
        std::unordered_map<std::string, Mark> seen;
        for (const Node& element : list->items()) {
            const Node* name = element_name(element);
            if (name == nullptr) continue;
            const auto [first, fresh] = seen.emplace(name->raw(), name->mark());
            if (!fresh)
                errors.push_back(
                    Error{Errc::config,
                          fmt::format("'{}' is named twice under '{}', first in line {}", clip(name->raw()), path, first->second.line),
                          name->mark().text(), "delete one of the two"});
        }
    }
}

}  // namespace stemma::config
