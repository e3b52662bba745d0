// The pipeline over a store, as the tests of the engine have it: a clock that is set, plugins that are fakes.
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "adapters/memory/clock.hpp"
#include "core/engine/capture.hpp"
#include "core/engine/stored.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/engine/fake_plugins.hpp"

namespace stemma::engine {

class PipelineRig {
protected:
    /// `make_store` may put files into the rig's folder.
    explicit PipelineRig(const std::function<std::unique_ptr<Store>(const test::TempFolder&)>& make_store)
        : store_{make_store(folder_)},
          appender_{*store_, index_, clock_,
                    Seal{"test.example/ledger", SigningKey::generate(), CheckpointFile{folder_.file("ledger.checkpoint")}}},
          capturing_{appender_, plugins_, limits_, {}} {
        EXPECT_TRUE(appender_.load());
    }

    static Event shipment(const std::string& id, const std::string& item = "urn:i:1") {
        Event event;
        event.id = EventId{id};
        event.biz_step = "shipping";
        event.disposition = "in_transit";
        event.time.instant = Instant{1'790'000'000 * kMicrosPerSecond};
        event.items = {{ItemId{item}, Quantity{kQuantityScale, "C62"}}};
        event.destinations = {{"possessing_party", "urn:c:1"}};
        return event;
    }

    Result<Receipt> capture(std::vector<std::variant<Event, Master>> records, const std::string& key = "") {
        return capturing_.capture({"user:test", "", key, std::move(records)});
    }
    Sequence size() { return *(*store_->read())->size(); }
    Entry entry(Sequence sequence) {
        const auto snapshot = store_->read();
        return *decode_stored((*snapshot)->entries(sequence, 1)->front());
    }

    test::TempFolder folder_;
    memory::SetClock clock_{Instant{1'795'219'200 * kMicrosPerSecond}};
    std::unique_ptr<Store> store_;
    lineage::Index index_;
    test::FakeSet plugins_;
    Limits limits_;
    Appender appender_;
    Capturing capturing_;
};

}  // namespace stemma::engine
