// The story told as SQL: one ERP's shape says how its master data and each fact are written.
#pragma once

#include <string>
#include <utility>

#include "tests/integration/six_shapes/story.hpp"

namespace stemma::six_shapes {

class StoryRows {
public:
    StoryRows() = default;
    StoryRows(const StoryRows&) = delete;
    StoryRows& operator=(const StoryRows&) = delete;
    virtual ~StoryRows() = default;

    /// All statements, each ended by a semicolon.
    [[nodiscard]] std::string of_story() {
        masters();
        for (const Fact& fact : facts()) tell(fact);
        return std::exchange(sql_, {});
    }

protected:
    void add(const std::string& statement) { sql_ += statement + ";\n"; }

private:
    virtual void masters() = 0;
    virtual void tell(const Fact& fact) = 0;

    std::string sql_;
};

}  // namespace stemma::six_shapes
