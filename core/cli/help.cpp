#include "core/cli/help.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "core/cli/verb_table.hpp"

namespace stemma::cli {
namespace {

constexpr std::size_t kHelpColumns = 80;  ///< of a line of help
constexpr std::size_t kHelpIndent = 24;   ///< where the descriptions of options begin

/// Words broken into lines that begin at `indent`; the first one continues a line that is `used` columns long.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t used) {
    std::string out;
    std::size_t column = used;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (column > indent && column + 1 + end > kHelpColumns) {
            out += '\n' + std::string(indent, ' ');
            column = indent;
        }
        if (column > indent) out += ' ';
        column += end + (column > indent ? 1 : 0);
        out += text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out + '\n';
}

std::string help_line(const std::string& name, std::string_view description) {
    std::string line = "  " + name;
    if (line.size() + 2 > kHelpIndent) return line + '\n' + std::string(kHelpIndent, ' ') + wrapped(description, kHelpIndent, kHelpIndent);
    line.resize(kHelpIndent, ' ');
    return line + wrapped(description, kHelpIndent, kHelpIndent);
}

std::string positional_of(const CLI::Option& option) {
    std::string name = option.get_name(true);
    if (option.get_items_expected_max() > 1) name += "...";
    return option.get_required() ? name : '[' + name + ']';
}

std::string option_lines(const CLI::App& app, bool common) {
    std::string out;
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_positional() || (option->get_group() == kCommonGroup) != common) continue;
        const bool flag = option->get_items_expected_max() == 0;
        out += help_line(option->get_name(false, true) + (flag ? "" : ' ' + option->get_type_name()), option->get_description());
    }
    return out;
}

std::string verb_help(const CLI::App& app, const VerbText& text) {
    const std::string own = option_lines(app, false);
    std::string out = fmt::format("stemma {} - {}\n\nUsage\n  stemma {} [options]\n", text.path, text.summary, usage_of(app));
    if (!text.description.empty()) out += '\n' + wrapped(text.description, 0, 0);
    std::string arguments;
    for (const CLI::Option* option : app.get_options())
        if (option->get_positional()) arguments += help_line(option->get_name(true), option->get_description());
    if (!arguments.empty()) out += "\nArguments\n" + arguments;
    if (!own.empty()) out += "\nOptions\n" + own;
    out += fmt::format("\n{}\n{}\nExamples\n", kCommonGroup, option_lines(app, true));
    for (std::string_view rest = text.examples; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        out += fmt::format("  {}\n", rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out + "\nExit codes: 0 done, 1 the answer is no, 2 bad input, 3 not reached, 4 failed inside.\n";
}

class Help : public CLI::FormatterBase {
public:
    std::string make_help(const CLI::App* app, std::string /*name*/, CLI::AppFormatMode /*mode*/) const override {
        const auto text = std::ranges::find(verb_texts(), std::string_view{path_of(*app)}, &VerbText::path);
        return text == verb_texts().end() ? list_help(*app) : verb_help(*app, *text);
    }
};

}  // namespace

std::string path_of(const CLI::App& app) {
    if (app.get_parent() == nullptr) return {};
    const std::string parent = path_of(*app.get_parent());
    return parent.empty() ? app.get_name() : parent + ' ' + app.get_name();
}

std::string usage_of(const CLI::App& app) {
    std::string usage = path_of(app);
    for (const CLI::Option* option : app.get_options())
        if (option->get_positional()) usage += ' ' + positional_of(*option);
    return usage;
}

std::string list_help(const CLI::App& app) {
    const std::string path = path_of(app);
    std::string out = path.empty() ? "stemma - where did it come from, where did it go, and can you show it?\n\n"
                                   : fmt::format("stemma {} - {}\n\n", path, app.get_description());
    out += fmt::format("Usage\n  stemma {}VERB ... [options]\n\nVerbs (each has --help with examples)\n", path.empty() ? "" : path + ' ');
    for (const VerbText& text : verb_texts())
        if (path.empty() || text.path.starts_with(path + ' ')) out += help_line(std::string{text.path}, text.summary);
    if (!path.empty()) return out;
    return fmt::format("{}\n{}\n{}\n{}", out, kCommonGroup, option_lines(app, true), closing_text());
}

std::shared_ptr<CLI::FormatterBase> help_writer() { return std::make_shared<Help>(); }

}  // namespace stemma::cli
