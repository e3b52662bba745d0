#include "plugins/pattern/numbering.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace stemma::pattern {
namespace {

constexpr std::int64_t kExampleDayUs = 1'772'409'600'000'000;  // 2026-03-02

}  // namespace

SchemeList::SchemeList(const sdk::Config& config, Reader read, SchemePtr fallback) {
    const sdk::Json* list = config.options().find("schemes");
    if (list == nullptr) {
        schemes_.push_back(std::move(fallback));
        return;
    }
    for (const sdk::Json& item : list->items()) {
        SchemePtr scheme = read(item);
        const auto same = [&](const SchemePtr& other) { return other->name() == scheme->name(); };
        if (std::ranges::any_of(schemes_, same)) throw sdk::BadOption("two schemes have the name '" + scheme->name() + "'");
        schemes_.push_back(std::move(scheme));
    }
}

std::vector<sdk::Scheme> SchemeList::schemes() const {
    std::vector<sdk::Scheme> out;
    for (const SchemePtr& scheme : schemes_) {
        sdk::Scheme described{scheme->name(),
                              scheme->summary(),
                              scheme->example(),
                              {},
                              {},
                              scheme->counter_max().has_value(),
                              scheme->counter_max().value_or(0)};
        for (const Reason& reason : scheme->reasons()) described.reasons.push_back({reason.code, reason.text});
        for (const Wanted& wanted : scheme->wanted()) described.fields[wanted.name] = wanted.example;
        out.push_back(std::move(described));
    }
    return out;
}

sdk::CheckResult SchemeList::check(std::size_t scheme, std::string_view text) const {
    const auto remark = schemes_[scheme]->check(text);
    if (!remark) return sdk::CheckResult::valid();
    return sdk::CheckResult::invalid(static_cast<std::uint32_t>(remark->reason), static_cast<std::uint32_t>(remark->offset),
                                     static_cast<std::uint32_t>(remark->length));
}

std::string SchemeList::normalise(std::size_t scheme, std::string_view text) const { return schemes_[scheme]->normalise(text); }

std::vector<sdk::Section> SchemeList::decode(std::size_t scheme, std::string_view text) const {
    std::vector<sdk::Section> out;
    for (Part& part : schemes_[scheme]->decode(text))
        out.push_back({std::move(part.name), std::move(part.value), part.offset, part.length});
    return out;
}

std::variant<std::string, sdk::Refused> SchemeList::format(std::size_t scheme, const sdk::FormatRequest& request) const {
    auto made = schemes_[scheme]->format({request.counter, request.fields, request.as_of_us});
    if (!made) return sdk::Refused{made.error()};
    return std::move(*made);
}

void SchemeList::self_check() const {
    for (const SchemePtr& scheme : schemes_) {
        FormatRequest request{std::min<std::uint64_t>(1, scheme->counter_max().value_or(0)), {}, kExampleDayUs};
        for (const Wanted& wanted : scheme->wanted()) request.fields[wanted.name] = wanted.example;
        const auto made = scheme->format(request);
        if (!made) throw std::runtime_error("scheme '" + scheme->name() + "' cannot make a number: " + made.error());
        if (scheme->check(*made) || scheme->normalise(*made) != *made)
            throw std::runtime_error("scheme '" + scheme->name() + "' made '" + *made + "', which it does not accept as canonical");
    }
}

}  // namespace stemma::pattern
