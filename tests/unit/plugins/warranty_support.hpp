// Warranty facts from a short notation, and policies from YAML, as the tests of the plugin write them.
//   delivered=2024-03-10            a milestone: a date alone, or an instant 2024-03-10T23:30:00Z; kinds as in item.milestones
//   sold=2024-06-12@B2              to that party; without it to "buyer"
//   repair=2024-06-01/2024-06-10    a repair; without its end it is open
//   replaces=DAY  replaced_by=DAY   the next unit of the chain is what this one replaces
//   1.delivered=...                 of the unit that the item replaces; 2. and 3. of those before it
//   market=AT buyer=business        of all milestones of the unit, of the buyer
//   attr.NAME=VALUE                 an attribute of the item; part=SKU[:DAY:REPLACED] a part of it
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/warranty/facts.hpp"
#include "plugins/warranty/policy.hpp"

namespace stemma::warranty::test {

[[nodiscard]] Moment moment(std::string_view text);
/// A date is asked about at noon UTC.
[[nodiscard]] Facts facts(std::string_view notation, std::string_view as_of);

/// The policies of a file, read as the host hands them over. Throws std::runtime_error with place and reason.
[[nodiscard]] std::vector<Policy> policies_in(const std::filesystem::path& file);
[[nodiscard]] std::vector<Policy> policies_of(const std::string& yaml);  ///< of a text
[[nodiscard]] std::string json_of(const std::filesystem::path& file);
/// eu-statutory.yaml, markets.yaml, commercial.yaml.
[[nodiscard]] const std::vector<Policy>& shipped();
/// "shipped" for all shipped ones, else ids of warranty_truth.yaml, parted by blanks.
[[nodiscard]] std::vector<Policy> chosen(std::string_view names);

}  // namespace stemma::warranty::test
