#include "core/app/code_map.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>

#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace stemma::app {
namespace {

constexpr std::array<std::string_view, 4> kHeading{"source", "sku", "source", "sku"};

struct Field {
    std::string text;
    std::size_t column{1};
};

/// One line's fields; a quoted one may hold commas and doubled quotes, no line breaks.
Result<std::vector<Field>> fields_of(std::string_view line, const std::function<std::string(std::size_t)>& at) {
    std::vector<Field> fields;
    std::size_t i = 0;
    for (;;) {
        Field field{{}, i + 1};
        if (i < line.size() && line[i] == '"') {
            for (++i;; ++i) {
                if (i >= line.size()) return fail(Errc::config, "a quote is not closed on its line", at(field.column));
                if (line[i] != '"') {
                    field.text += line[i];
                } else if (i + 1 < line.size() && line[i + 1] == '"') {
                    field.text += line[i++];
                } else {
                    break;
                }
            }
            ++i;
            if (i < line.size() && line[i] != ',')
                return fail(Errc::config, "a closing quote is followed by text", at(i + 1), "double quotes inside quotes: \"\"");
        } else {
            while (i < line.size() && line[i] != ',') field.text += line[i++];
        }
        fields.push_back(std::move(field));
        if (i >= line.size()) return fields;
        ++i;
    }
}

Result<std::string> text_of(const std::filesystem::path& path) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    auto text = file.get() < 0 ? std::nullopt : read_up_to(file.get(), kCodeMapBytesMax + 1);
    if (!text)
        return fail(Errc::config, fmt::format("the code map cannot be read: {}", std::strerror(errno)), path.string(),
                    "erp.code_maps names it");
    if (text->size() > kCodeMapBytesMax)
        return fail(Errc::config, fmt::format("a code map has at most {} bytes", kCodeMapBytesMax), path.string(),
                    "split it into several files");
    return *std::move(text);
}

Result<void> check_row(const std::vector<Field>& fields, const std::vector<std::string>& sources,
                       const std::function<std::string(std::size_t)>& at) {
    if (fields.size() != kHeading.size())
        return fail(Errc::config, fmt::format("a row has four fields, this one has {}", fields.size()),
                    at(fields.size() > kHeading.size() ? fields[kHeading.size()].column : fields.back().column), "source,sku,source,sku");
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].text.empty()) return fail(Errc::config, fmt::format("the {} is empty", kHeading.at(i)), at(fields[i].column));
        if (i % 2 == 0 && std::ranges::find(sources, fields[i].text) == sources.end()) {
            std::string hint = did_you_mean(fields[i].text, sources);
            if (hint.empty()) hint = fmt::format("there is {}", fmt::join(sources, ", "));
            return fail(Errc::config, fmt::format("'{}' is not the name of a source under erp.sources", clip(fields[i].text)),
                        at(fields[i].column), std::move(hint));
        }
    }
    if (fields[0].text == fields[2].text)
        return fail(Errc::config, "both sides are of one source: products of one ERP are not made one here", at(fields[2].column));
    return {};
}

}  // namespace

config::Checked<std::vector<engine::SameProduct>> read_code_map(std::string_view text, std::string_view file,
                                                                const std::vector<std::string>& sources) {
    std::vector<engine::SameProduct> rows;
    std::vector<Error> errors;
    text = without_byte_order_mark(text);
    if (!is_clean_utf8(text)) return std::unexpected(std::vector{Error{Errc::config, "the file is not UTF-8", std::string{file}, {}}});
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        const auto at = [&](std::size_t column) { return fmt::format("{}:{}:{}", file, number, column); };
        auto fields = fields_of(line, at);
        if (!fields) {
            errors.push_back(fields.error());
            continue;
        }
        const auto is_heading = [&] { return std::ranges::equal(*fields, kHeading, {}, &Field::text); };
        if (number == 1 && is_heading()) continue;
        if (auto fits = check_row(*fields, sources, at); !fits) {
            errors.push_back(fits.error());
            continue;
        }
        rows.push_back({(*fields)[0].text, (*fields)[1].text, (*fields)[2].text, (*fields)[3].text, MeetingRule::code_map,
                        fmt::format("{}:{}", file, number)});
    }
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return rows;
}

config::Checked<engine::MeetingSettings> meeting_settings(const config::Settings& settings) {
    engine::MeetingSettings meetings;
    std::vector<Error> errors;
    for (const config::ErpSourceSettings& source : settings.erp.sources) meetings.sources.push_back(source.name);
    for (const config::SameProductSettings& same : settings.erp.same_products)
        for (std::size_t i = 1; i < same.skus.size(); ++i)
            meetings.same_products.push_back(
                {same.skus[0].first, same.skus[0].second, same.skus[i].first, same.skus[i].second, MeetingRule::alias, same.mark.text()});
    for (const std::filesystem::path& path : settings.erp.code_maps) {
        const auto text = text_of(path);
        if (!text) {
            errors.push_back(text.error());
            continue;
        }
        auto rows = read_code_map(*text, path.filename().string(), meetings.sources);
        if (!rows)
            errors.insert(errors.end(), rows.error().begin(), rows.error().end());
        else
            meetings.same_products.insert(meetings.same_products.end(), rows->begin(), rows->end());
    }
    if (meetings.same_products.size() > kCodeMapRowsMax)
        errors.push_back({Errc::config,
                          fmt::format("{} products under erp.same_products and erp.code_maps, {} are allowed",
                                      meetings.same_products.size(), kCodeMapRowsMax),
                          "erp.code_maps",
                          {}});
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return meetings;
}

}  // namespace stemma::app
