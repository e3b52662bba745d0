// Master data: what is known of products, items, places and parties apart from events. Pure values.
// A record replaces the one before it for the same id; the ledger keeps all of them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/domain/ids.hpp"

namespace stemma {

/// How a product's items are told apart.
enum class Tracking : unsigned char { none, lot, serial, lot_serial };

/// What an item is. `untracked` never stands in master data: it is the anonymous stock of a product without lots.
enum class ItemKind : unsigned char { serial, lot, logistic_unit };

/// One number of an item in one scheme. Values are kept as written; look-ups go by the scheme's normal form.
struct Identifier {
    std::string scheme;  ///< "serial", "lot", "imei", "supplier_lot" ...
    std::string value;   ///< 1..limits::identifier_bytes_max bytes of clean UTF-8
    friend bool operator==(const Identifier&, const Identifier&) = default;
};

/// Named values that a source knows. Names of CBV 2.0 ILMD where it has one: itemExpirationDate, bestBeforeDate, productionDate ...
using Attributes = std::map<std::string, std::string>;

struct Product {
    ProductId id;
    std::string sku;  ///< may be empty
    std::string name;
    Tracking tracking{Tracking::none};
    std::string unit{"C62"};  ///< base unit of its quantities, UN/CEFACT Rec 20
    std::string category;     ///< "food", ...; lower case; empty when unknown
    Attributes attributes;    ///< gtin, revision, ...
    friend bool operator==(const Product&, const Product&) = default;
};

struct Item {
    ItemId id;
    ItemKind kind{ItemKind::lot};
    ProductId product;                    ///< may be empty for an item known only from foreign events
    std::vector<Identifier> identifiers;  ///< the first is the one people see
    Attributes attributes;
    friend bool operator==(const Item&, const Item&) = default;
};

/// What a place is for stock: only `stock` and `transit` hold goods that are ours.
enum class PlaceKind : unsigned char { stock, transit, outside };

struct Place {
    PlaceId id;
    std::string code;
    std::string name;
    PlaceKind kind{PlaceKind::stock};
    PlaceId parent;           ///< empty at the top
    Attributes attributes{};  ///< is_open_attribute() alone
    friend bool operator==(const Place&, const Place&) = default;
};

/// A person or company. Name and contact live in the store's redactable table; here stands only their salted digest.
struct Party {
    PartyId id;
    std::string code;            ///< the ERP's short code, no name
    std::string contact_digest;  ///< SHA-256 hex over salt ‖ name ‖ contact; empty when nothing is known
    Attributes attributes{};     ///< is_open_attribute() alone
    friend bool operator==(const Party&, const Party&) = default;
};

using Master = std::variant<Product, Item, Place, Party>;

/// What the ledger may say of parties and places, for it cannot forget: "country" (ISO 3166-1 alpha-2), "market", "kind".
[[nodiscard]] bool is_open_attribute(std::string_view name) noexcept;

/// The record's id as text.
[[nodiscard]] const std::string& id_of(const Master& master);

/// What a person is shown for an item: its first identifier, else its id.
[[nodiscard]] const std::string& label_of(const Item& item);

[[nodiscard]] std::string_view to_string(Tracking tracking) noexcept;  ///< "none", "lot", "serial", "lot+serial"
[[nodiscard]] std::string_view to_string(ItemKind kind) noexcept;      ///< "serial", "lot", "logistic_unit"
[[nodiscard]] std::string_view to_string(PlaceKind kind) noexcept;     ///< "stock", "transit", "outside"
[[nodiscard]] Result<Tracking> tracking_from(std::string_view text);
[[nodiscard]] Result<ItemKind> item_kind_from(std::string_view text);
[[nodiscard]] Result<PlaceKind> place_kind_from(std::string_view text);

}  // namespace stemma
