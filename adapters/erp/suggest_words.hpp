// What the names in a foreign database mean: one table of words of English, German, French and Spanish ERPs, each with the idea that it
// stands for and how surely. Names are cut into words at '_', blanks and capitals, and glued ones by the table itself ("stockserialmoves",
// "Lagerbewegung"). Pure; guesses alone, so whatever is built on them has to say so.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stemma::erp {

enum class Idea : unsigned char {
    product,
    party,
    supplier,
    customer,
    place,
    lot,
    serial,
    expiry,
    made,
    receipt,
    delivery,
    returned,
    move,
    transfer,
    production,
    input,
    output,
    line,
    quantity,
    unit,
    date,
    changed,
    created,
    name,
    number,
    id,
    kind,
    state,
    from,
    to,
    contact,
    stock,
    count,
    scrap,
    tracking,
    order,
    purchase,
    sale,
    master,
    beside  ///< beside: money, users, plans, logs: no goods that move
};
inline constexpr std::size_t kIdeas = static_cast<std::size_t>(Idea::beside) + 1;

/// How surely a name stands for each idea: 0 not at all, 1 surely. Of several words the surest counts.
struct Meaning {
    std::array<double, kIdeas> sure{};
    std::vector<std::string> words;  ///< as they were recognised, in order

    [[nodiscard]] double of(Idea idea) const noexcept { return sure[static_cast<std::size_t>(idea)]; }
    [[nodiscard]] bool is(Idea idea) const noexcept { return of(idea) >= 0.5; }
    void add(const Meaning& other);
};

[[nodiscard]] Meaning meaning_of(std::string_view name);

/// The UN/CEFACT Recommendation 20 code that people mean by a unit's symbol, in any case of letters; "" for one that is not known.
[[nodiscard]] std::string_view unit_code(std::string_view symbol);

/// Whether a state's name says that something has happened ("done", "closed", "fertig"), or that it never will ("cancelled", "storniert").
[[nodiscard]] bool says_done(std::string_view value);
[[nodiscard]] bool says_cancelled(std::string_view value);

}  // namespace stemma::erp
