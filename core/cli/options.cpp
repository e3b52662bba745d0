// The option tree: words in, an Invocation out. What CLI11 throws ends here; its help is written in help.cpp.
// Options of every verb may stand before the noun or after the verb.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "core/base/text.hpp"
#include "core/cli/help.hpp"
#include "core/cli/invocation.hpp"
#include "core/cli/verb_binds.hpp"
#include "core/cli/verb_table.hpp"

namespace stemma::cli {
namespace {

// --- the tree -----------------------------------------------------------------------------------------------------------------------

/// CLI11's tree, bound to the Invocation beside it.
struct Tree {
    Invocation to;
    CLI::App app;
    std::vector<CLI::App*> verbs;

    Tree() {
        app.formatter(help_writer());
        app.require_subcommand(1);
        bind_common(app, to);
        for (const NounText& noun : noun_texts()) {
            CLI::App* under = app.add_subcommand(std::string{noun.name}, std::string{noun.summary})->require_subcommand(1);
            under->set_help_flag("-h,--help", "this text")->group(kCommonGroup);
        }
        for (const VerbText& text : verb_texts()) add_verb(text);
    }

    void add_verb(const VerbText& text) {
        const std::size_t blank = text.path.find(' ');
        CLI::App* under = blank == std::string_view::npos ? &app : app.get_subcommand(std::string{text.path.substr(0, blank)});
        CLI::App* verb = under->add_subcommand(std::string{text.path.substr(blank + 1)}, std::string{text.summary});
        bind_verb(text.path, *verb, to);
        bind_common(*verb, to);
        verbs.push_back(verb);
    }
};

CLI::App& deepest(CLI::App& app) {
    const std::vector<CLI::App*> parsed = app.get_subcommands();
    return parsed.empty() ? app : deepest(*parsed.front());
}

/// What a word that nothing takes was meant to be.
ParseStop unknown_word(CLI::App& app, const std::string& word) {
    const std::string path = path_of(app);
    std::vector<std::string> known;
    if (word.starts_with('-')) {
        for (const CLI::Option* option : app.get_options())
            if (!option->get_positional()) known.push_back(option->get_name());
        return {true, fmt::format("stemma {} has no option {}", path, clip(word)), did_you_mean(word, known)};
    }
    for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) known.push_back(verb->get_name());
    if (known.empty()) return {true, fmt::format("'{}' is one word too many for stemma {}", clip(word), path), {}};
    return {true, fmt::format("there is no verb '{}{}'", path.empty() ? "" : path + ' ', clip(word)), did_you_mean(word, known)};
}

ParseStop explain(CLI::App& root, const CLI::Error& error) {
    CLI::App& app = deepest(root);
    const std::string help = path_of(app).empty() ? "stemma --help" : fmt::format("stemma {} --help", path_of(app));
    const std::vector<std::string> left = app.remaining();
    ParseStop stop{true, error.what(), {}};
    if (!left.empty())
        stop = unknown_word(app, left.front());
    else if (!app.get_subcommands([](const CLI::App*) { return true; }).empty())
        return {true, list_help(app), {}};
    if (stop.hint.empty()) stop.hint = help;
    return stop;
}

}  // namespace

std::expected<Invocation, ParseStop> parse(std::vector<std::string> words, std::string_view program_version) {
    Tree tree;
    bool version = false;
    tree.app
        .add_flag_callback(
            "--version",
            [&] {
                version = true;
                throw CLI::Success();
            },
            "the program's version")
        ->group(kCommonGroup);
    std::ranges::reverse(words);  // CLI11 takes them from the back
    try {
        tree.app.parse(std::move(words));
    } catch (const CLI::CallForHelp&) {
        return std::unexpected(ParseStop{false, tree.app.help(), {}});
    } catch (const CLI::Error& error) {
        if (version) return std::unexpected(ParseStop{false, fmt::format("stemma {}\n", program_version), {}});
        return std::unexpected(explain(tree.app, error));
    }
    tree.to.verb = path_of(deepest(tree.app));
    return tree.to;
}

std::vector<VerbForm> verb_forms() {
    const Tree tree;
    std::vector<VerbForm> forms;
    for (const CLI::App* verb : tree.verbs) {
        VerbForm form{usage_of(*verb), {}};
        for (const CLI::Option* option : verb->get_options())
            if (!option->get_positional() && option->get_group() != kCommonGroup) form.options.push_back(option->get_name());
        forms.push_back(std::move(form));
    }
    return forms;
}

std::vector<std::string> common_options() {
    const Tree tree;
    std::vector<std::string> names;
    for (const CLI::Option* option : tree.app.get_options())
        if (option->get_group() == kCommonGroup) names.push_back(option->get_name());
    return names;
}

}  // namespace stemma::cli
