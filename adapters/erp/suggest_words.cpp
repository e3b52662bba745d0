#include "adapters/erp/suggest_words.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace stemma::erp {
namespace {

struct Words {
    Idea idea;
    double sure;
    std::string_view list;  ///< divided by blanks; ASCII, lower case, singular
};

// The one table. A word may stand in several lines.
constexpr std::array kWords{
    Words{Idea::product, 1, "product produkt produit producto article artikel articulo sku teil"},
    Words{Idea::product, 0.8, "item material part goods ware"},
    Words{Idea::party, 1, "partner party tercero tiers thirdparty geschaeftspartner"},
    Words{Idea::party, 0.5, "contact kontakt company firma societe organisation organization address adresse"},
    Words{Idea::supplier, 1, "supplier vendor lieferant kreditor creditor fournisseur proveedor supp"},
    Words{Idea::customer, 1, "customer client kunde debitor debtor cliente cust buyer abnehmer consignee"},
    Words{Idea::place, 1,
          "place location loc warehouse lagerort lagerplatz storage bin standort entrepot emplacement almacen ubicacion depot "
          "magasin whse"},
    Words{Idea::place, 0.6, "lager store site platz ort silo tank room"},
    Words{Idea::lot, 1, "lot batch charge chargen lote"},
    Words{Idea::serial, 1, "serial serialno serien seriennummer serie imei sernr"},
    Words{Idea::expiry, 1,
          "expiry expiration expire expires bestbefore best bbd bbe mhd haltbar haltbarkeit mindesthaltbarkeit verfall ablauf "
          "peremption dluo dlc caducidad vencimiento sellby useby"},
    Words{Idea::made, 1, "made manufactured mfg hergestellt herstelldatum herstell birth"},
    Words{Idea::receipt, 1,
          "receipt received receive receiving recd grn inbound incoming arrival wareneingang zugang anlieferung reception "
          "recepcion entrada recv intake"},
    Words{Idea::receipt, 0.7, "eingang in"},
    Words{Idea::delivery, 1,
          "delivery deliver delivered shipment shipping shipped ship dispatch despatch outbound outgoing lieferschein "
          "lieferung auslieferung warenausgang versand livraison expedition envio entrega salida"},
    Words{Idea::delivery, 0.7, "ausgang abgang out sale verkauf invoice rechnung issue abgabe"},
    Words{Idea::returned, 1, "return returned rma retoure ruecksendung ruecknahme rueckgabe ruecklieferung retour devolucion creditnote"},
    Words{Idea::returned, 0.7, "credit gutschrift refund rueck"},
    Words{Idea::move, 1, "move movement lagerbewegung bewegung mouvement movimiento transaction transaktion stockmove"},
    Words{Idea::move, 0.6, "trans posting buchung transfer umlagerung"},
    Words{Idea::transfer, 1, "transfer umlagerung transfert traslado relocation putaway"},
    Words{Idea::production, 1,
          "production produce manufacturing manufacture workorder wo fertigung fertigungsauftrag produktion herstellung "
          "fabrication produccion fabricacion assembly montage mrp"},
    Words{Idea::production, 0.7, "work job produced"},
    Words{Idea::input, 1,
          "input consumption consumed consume component ingredient used usage verbrauch einsatz entnahme consommation consumo "
          "raw komponente"},
    Words{Idea::input, 0.7, "issue issued material"},
    Words{Idea::output, 1, "output produced finished yield ausbringung ergebnis completed erzeugt resultado"},
    Words{Idea::line, 1, "line detail position pos row zeile ligne linea"},
    Words{Idea::line, 0.4, "item entry"},
    Words{Idea::quantity, 1, "quantity qty quant menge anzahl quantite cantidad"},
    Words{Idea::quantity, 0.6, "amount pieces"},
    Words{Idea::unit, 1, "unit uom einheit unite unidad mengeneinheit"},
    Words{Idea::date, 1, "date day datum tag fecha jour"},
    Words{Idea::date, 0.6, "on at time when zeit zeitpunkt"},
    Words{Idea::changed, 1,
          "changed change modified updated update aenderung geaendert aenderungsdatum modification modificado tms lastmod mtime"},
    Words{Idea::changed, 0.8, "write modify"},
    Words{Idea::created, 1, "created create creation erstellt angelegt inserted entered datec cree creado"},
    Words{Idea::name, 1, "name description title label bezeichnung beschreibung nom nombre libelle descripcion desc designation"},
    Words{Idea::number, 1, "number no nr num nummer code ref numero kode"},
    Words{Idea::number, 0.7, "reference sku"},
    Words{Idea::id, 1, "id key rowid oid"},
    Words{Idea::kind, 1, "kind type typ art tipo bewegungsart direction richtung"},
    Words{Idea::state, 1, "state status etat estado zustand"},
    Words{Idea::state, 0.6, "done closed posted cancelled canceled storno"},
    Words{Idea::from, 1, "from source src von origin quelle desde depuis origen"},
    Words{Idea::to, 1, "to dest destination target nach ziel hacia vers"},
    Words{Idea::contact, 1, "email mail phone telephone tel telefon mobile telefono courriel"},
    Words{Idea::stock, 1, "stock bestand existencia stk onhand"},
    Words{Idea::count, 1, "stocktake inventur adjustment adjust korrektur correction stockcount"},
    Words{Idea::count, 0.6, "inventory count inventaire inventario"},
    Words{Idea::scrap, 1, "scrap waste ausschuss verschrottung rebut merma disposal writeoff destroyed schwund"},
    Words{Idea::tracking, 1,
          "tracked tracking track traced traceable controlled serialised serialized chargenpflichtig chargenpflicht pflicht"},
    Words{Idea::order, 1, "order auftrag bestellung commande pedido orden purchorder salesorder"},
    Words{Idea::purchase, 1, "purchase purch po einkauf achat compra purchorder"},
    Words{Idea::sale, 1, "sale sales so verkauf vente venta salesorder"},
    Words{Idea::master, 1, "master stamm stammdaten"},
    Words{Idea::beside, 1,
          "price tax vat account budget salary cost currency payment bank audit log tmp temp backup user role permission session "
          "report config setting translation image attachment menu category group forecast plan planned discount bom recipe "
          "demand quote offer offerte preis steuer konto kosten benutzer kategorie gruppe angebot rezept employee asset "
          "contract calendar message history supplierinfo opening balance"}};

struct Entry {
    std::string_view word;
    Idea idea;
    double sure;
};

const std::vector<Entry>& entries() {
    static const std::vector<Entry> all = [] {
        std::vector<Entry> made;
        for (const Words& words : kWords)
            for (std::string_view rest = words.list; !rest.empty();) {
                const std::size_t end = std::min(rest.find(' '), rest.size());
                made.push_back({rest.substr(0, end), words.idea, words.sure});
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
        std::ranges::sort(made, {}, &Entry::word);
        return made;
    }();
    return all;
}

bool is_known(std::string_view word) { return std::ranges::binary_search(entries(), word, {}, &Entry::word); }

/// The word in the table that a word of a name is: itself, or itself without the ending of a plural or a joint. "" for none.
std::string_view known_form(std::string_view word) {
    if (is_known(word)) return word;
    for (const std::string_view ending : {"s", "es", "e", "n", "en", "er", "os"})
        if (word.size() > ending.size() + 2 && word.ends_with(ending) && is_known(word.substr(0, word.size() - ending.size())))
            return word.substr(0, word.size() - ending.size());
    return {};
}

/// Lower case, and letters with marks as people write them without: "Rücklieferung" is "ruecklieferung".
std::string folded(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kLetters{
        {{"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"Ä", "ae"}, {"Ö", "oe"}, {"Ü", "ue"}, {"ß", "ss"}, {"é", "e"},
         {"è", "e"},  {"ê", "e"},  {"É", "e"},  {"à", "a"},  {"á", "a"},  {"â", "a"},  {"ç", "c"},  {"í", "i"},
         {"î", "i"},  {"ñ", "n"},  {"ó", "o"},  {"ô", "o"},  {"ú", "u"},  {"û", "u"}}};
    std::string made;
    for (std::size_t i = 0; i < text.size();) {
        const auto found = std::ranges::find_if(kLetters, [&](const auto& letter) { return text.substr(i).starts_with(letter.first); });
        if (found != kLetters.end()) {
            made += found->second;
            i += found->first.size();
        } else {
            made += static_cast<char>(std::tolower(static_cast<unsigned char>(text[i++])));
        }
    }
    return made;
}

/// A name at its joints: what is no letter, a capital behind a small letter. In lower case.
std::vector<std::string> pieces_of(std::string_view name) {
    std::string spread;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto is = [&](std::size_t at, auto test) { return test(static_cast<unsigned char>(name[at])) != 0; };
        if (i > 0 && is(i, [](int c) { return std::isupper(c); }) && is(i - 1, [](int c) { return std::islower(c); })) spread += ' ';
        spread += name[i];
    }
    std::vector<std::string> pieces(1);
    for (const char c : folded(spread)) {
        if (std::isalpha(static_cast<unsigned char>(c)) != 0)
            pieces.back() += c;
        else if (!pieces.back().empty())
            pieces.emplace_back();
    }
    if (pieces.back().empty()) pieces.pop_back();
    return pieces;
}

/// The words of the table that a glued name is made of, such that the fewest letters are left over; up to two may be between words.
/// Words of two letters count at the end alone ("debtorno"), shorter ones never.
std::vector<std::string> unglued(std::string_view piece) {
    struct Best {
        std::size_t left_over{0};
        std::vector<std::string> words;
    };
    std::vector<Best> best(piece.size() + 1);
    for (std::size_t end = 1; end <= piece.size(); ++end) {
        best[end] = best[end - 1];
        ++best[end].left_over;
        for (std::size_t begin = 0; begin + 2 <= end; ++begin) {
            const std::string_view part = piece.substr(begin, end - begin);
            if (part.size() == 2 && (end != piece.size() || begin == 0)) continue;
            const std::string_view word = part.size() >= 4 ? known_form(part) : is_known(part) ? part : std::string_view{};
            if (word.empty()) continue;
            const Best& before = best[begin];
            const bool fewer = before.left_over < best[end].left_over ||
                               (before.left_over == best[end].left_over && before.words.size() + 1 < best[end].words.size());
            if (!fewer) continue;
            Best made = before;
            made.words.emplace_back(word);
            best[end] = std::move(made);
        }
    }
    const bool enough = best.back().left_over * 3 <= piece.size();
    return enough ? std::move(best.back().words) : std::vector<std::string>{};
}

}  // namespace

void Meaning::add(const Meaning& other) {
    for (std::size_t i = 0; i < kIdeas; ++i) sure[i] = std::max(sure[i], other.sure[i]);
    words.insert(words.end(), other.words.begin(), other.words.end());
}

Meaning meaning_of(std::string_view name) {
    Meaning meaning;
    for (const std::string& piece : pieces_of(name)) {
        const std::string_view whole = known_form(piece);
        const std::vector<std::string> words = whole.empty() ? unglued(piece) : std::vector{std::string{whole}};
        for (const std::string& word : words) {
            meaning.words.push_back(word);
            const auto found = std::ranges::equal_range(entries(), std::string_view{word}, {}, &Entry::word);
            for (const Entry& entry : found) {
                double& sure = meaning.sure[static_cast<std::size_t>(entry.idea)];
                sure = std::max(sure, entry.sure);
            }
        }
    }
    // A master of stock is one of products.
    if (meaning.is(Idea::stock) && meaning.is(Idea::master)) meaning.sure[static_cast<std::size_t>(Idea::product)] = 1;
    return meaning;
}

std::string_view unit_code(std::string_view symbol) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 24> kCodes{
        {{"C62", " pcs pc pce piece pieces each ea st stk stck stueck unit units nos u un und uds pza pieza unite unidad no "},
         {"KGM", " kg kgs kilogram kilogramm kilo "},
         {"GRM", " g gr gram gramm grams gms "},
         {"MGM", " mg "},
         {"TNE", " t to ton tonne tonnes "},
         {"LTR", " l lt ltr liter litre litres litro "},
         {"MLT", " ml "},
         {"HLT", " hl "},
         {"MTR", " m mtr meter metre meters metres metro "},
         {"CMT", " cm "},
         {"MMT", " mm "},
         {"MTK", " m2 sqm qm "},
         {"MTQ", " m3 cbm "},
         {"LBR", " lb lbs pound "},
         {"ONZ", " oz ounce "},
         {"FOT", " ft foot feet "},
         {"INH", " in inch inches "},
         {"HUR", " h hr hour hours std "},
         {"MIN", " min "},
         {"DAY", " d day days "},
         {"BX", " box bx kiste "},
         {"PR", " pair paar pr "},
         {"SET", " set satz "},
         {"DZN", " dz dozen dutzend "}}};
    const std::string wanted = ' ' + folded(symbol) + ' ';
    if (wanted.find(' ', 1) != wanted.size() - 1) return {};
    for (const auto& [code, symbols] : kCodes)
        if (symbols.contains(wanted)) return code;
    return {};
}

namespace {

bool has_word(std::string_view value, std::string_view words) {
    const std::vector<std::string> pieces = pieces_of(value);
    return std::ranges::any_of(pieces, [&](const std::string& piece) { return words.contains(' ' + piece + ' '); });
}

}  // namespace

bool says_done(std::string_view value) {
    return has_word(value,
                    " done closed finished completed complete posted booked received delivered shipped fertig erledigt abgeschlossen "
                    "gebucht geliefert termine cloture terminado cerrado hecho ");
}

bool says_cancelled(std::string_view value) {
    return has_word(value, " cancelled canceled cancel void deleted storniert storno annule anulado cancelado ");
}

}  // namespace stemma::erp
