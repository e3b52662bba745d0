// Events of about 1 KiB of JSON, as a program sends them one by one.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "core/ledger/entry_codec.hpp"
#include "tests/support/supply_chain.hpp"

namespace stemma::bench {

/// No two have the same id.
class Posts {
public:
    Posts() {
        event_.id = EventId{id(0)};
        event_.action = Action::observe;
        event_.biz_step = "storing";
        event_.time.instant.us = 1'767'225'600'000'000;
        event_.biz_location = PlaceId{"urn:place:plant-1"};
        for (std::uint32_t item = 0; encode_event(event_).size() < kBytes; ++item)
            event_.items.push_back({ItemId{test::item_name(item)}, std::nullopt});
        json_ = encode_event(event_);
        at_ = json_.find(id(0));
    }
    std::string next() {
        std::string json = json_;
        json.replace(at_, id(0).size(), id(++made_));
        return json;
    }

private:
    static constexpr std::size_t kBytes = 1024;
    static std::string id(std::uint64_t number) { return fmt::format("urn:bench:post:{:012}", number); }
    Event event_;
    std::string json_;
    std::size_t at_{0};
    std::uint64_t made_{0};
};

}  // namespace stemma::bench
