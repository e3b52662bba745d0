#include "core/lineage/index.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>

#include "core/base/log.hpp"

namespace stemma::lineage {
namespace {

constexpr std::array<char, 16> kMagic{'s', 't', 'e', 'm', 'm', 'a', ' ', 'l', 'i', 'n', 'e', 'a', 'g', 'e', '\n', '\0'};
constexpr std::uint32_t kSnapshotForm = 6;  // to be raised with every change of what is stored
constexpr std::uint32_t kByteOrder = 0x01020304;
constexpr std::chrono::seconds kMergeAgain{10};  // after one that failed
// While many entries come in: edges in the delta that are worth a merge, and how often to look.
constexpr std::size_t kManyEdgesMin = 4'000'000;
constexpr std::size_t kManyEdgesMax = 16'000'000;
constexpr Sequence kLookEvery = 4096;

}  // namespace

Index::Index(const IndexSettings& settings) : settings_{settings}, tables_{std::make_shared<Tables>(settings.graph)} { tables_->begin(); }

Index::~Index() {
    merger_.request_stop();
    if (merger_.joinable()) merger_.join();
}

std::shared_ptr<const Tables> Index::tables() const {
    const std::lock_guard lock{newest_mutex_};
    return tables_;
}

void Index::publish() {
    {
        const std::lock_guard lock{newest_mutex_};
        newest_ = tables_->newest();
    }
    position_.store(tables_->position(), std::memory_order_release);
}

/// Views that began before keep the old tables alive.
void Index::replace(std::shared_ptr<Tables> tables) {
    {
        const std::lock_guard lock{newest_mutex_};
        tables_ = std::move(tables);
    }
    publish();
}

void Index::apply(Sequence sequence, const Entry& entry) {
    bool ask = false;
    {
        const std::lock_guard lock{writer_};
        tables_->apply(sequence, entry);
        if (!tables_->wants_remaking() || !read_ledger_) publish();
        ask = wants_merge(sequence);
    }
    if (ask) ask_for_merge();
    if (!held_) remake_when_wanted();
}

void Index::hold(bool held) {
    held_ = held;
    if (!held_) remake_when_wanted();
}

void Index::take_in_many(bool many) {
    bool ask = false;
    {
        const std::lock_guard lock{writer_};
        many_ = many;
        ask = wants_merge(0);
    }
    if (ask) ask_for_merge();
    hold(many);
}

// --- ids that turned out to be one -----------------------------------------------------------------------------------

/// Tables as the entries [0, as_of) give them, with the groups of ids that they make known from the beginning.
std::shared_ptr<Tables> Index::make(const Tables& known, Sequence as_of) const {
    auto made = std::make_shared<Tables>(settings_.graph);
    made->begin(known.united, as_of);
    const auto merge = [&] {
        if (made->graph.begin_merge(made->newest().nodes)) made->graph.end_merge(made->graph.build());
    };
    read_ledger_(as_of, [&](Sequence sequence, const Entry& entry) {
        made->apply(sequence, entry);
        if (sequence % kLookEvery == 0 && made->graph.size().unmerged > kManyEdgesMax) merge();
    });
    if (made->graph.size().unmerged > kManyEdgesMin) merge();
    return made;
}

void Index::remake_when_wanted() {
    if (!read_ledger_ || !tables_->wants_remaking()) return;
    std::shared_ptr<Tables> made = make(*tables_, tables_->position());
    {
        const std::lock_guard one{merge_mutex_};
        const std::lock_guard lock{writer_};
        replace(std::move(made));
    }
    log::debug("LINEAGE_REMADE", "ids that were named before are one now, or no longer: the lineage was made anew from the ledger");
}

/// For a position that the newest tables do not answer for; those asked for last are kept.
std::shared_ptr<const Tables> Index::tables_at(const std::shared_ptr<const Tables>& newest, Sequence as_of) const {
    const std::lock_guard lock{old_mutex_};
    if (old_as_of_ != as_of) {
        old_ = make(*newest, as_of);
        old_as_of_ = as_of;
    }
    return old_;
}

bool Index::wants_merge(Sequence sequence) const {
    if (!settings_.merge_in_background || !tables_->graph.wants_merge()) return false;
    if (!many_) return true;
    if (sequence % kLookEvery != 0) return false;
    const Graph::Size size = tables_->graph.size();
    return size.unmerged >= std::min(kManyEdgesMax, std::max(kManyEdgesMin, size.edges - size.unmerged));
}

void Index::ask_for_merge() {
    {
        const std::lock_guard lock{asked_mutex_};
        asked_ = true;
    }
    asked_changed_.notify_one();
    if (!merger_.joinable()) merger_ = std::jthread{[this](const std::stop_token& stop) { merge_when_asked(stop); }};
}

void Index::merge() {
    const std::lock_guard one{merge_mutex_};
    {
        const std::lock_guard lock{writer_};
        if (!tables_->graph.begin_merge(tables_->newest().nodes) && !tables_->graph.merging()) return;
    }
    std::shared_ptr<Segment> built = tables_->graph.build();
    const std::lock_guard lock{writer_};
    tables_->graph.end_merge(std::move(built));
}

void Index::merge_when_asked(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock{asked_mutex_};
            if (!asked_changed_.wait(lock, stop, [&] { return asked_; })) return;
            asked_ = false;
        }
        try {
            merge();
        } catch (const std::exception& error) {
            log::error("LINEAGE_MERGE_FAILED", error.what());
            std::unique_lock lock{asked_mutex_};
            (void)asked_changed_.wait_for(lock, stop, kMergeAgain, [] { return false; });
            asked_ = true;
        }
    }
}

// --- snapshot --------------------------------------------------------------------------------------------------------

Result<void> Index::save(const std::filesystem::path& path, const std::string& ledger, const MacKey& key) {
    for (;;) {
        merge();
        const std::lock_guard one{merge_mutex_};
        const std::lock_guard lock{writer_};
        if (tables_->graph.size().unmerged != 0) continue;  // entries came in between
        SnapshotWriter out{path, key};
        out.value(kMagic);
        out.value(kSnapshotForm);
        out.value(kByteOrder);
        out.value(tables_->position());
        out.text(ledger);
        tables_->save(out);
        return out.finish();
    }
}

namespace {

std::optional<SnapshotInfo> read_head(SnapshotReader& in) {
    std::array<char, 16> magic{};
    std::uint32_t form = 0;
    std::uint32_t order = 0;
    SnapshotInfo info;
    in.value(magic);
    in.value(form);
    in.value(order);
    if (!in.good() || magic != kMagic || form != kSnapshotForm || order != kByteOrder) return std::nullopt;
    in.value(info.position);
    in.text(info.ledger);
    if (!in.good()) return std::nullopt;
    return info;
}

}  // namespace

std::optional<SnapshotInfo> Index::read_info(const std::filesystem::path& path) {
    SnapshotReader in{path, {}};  // nothing it says is used before load() has seen the whole
    return read_head(in);
}

bool Index::load(const std::filesystem::path& path, const MacKey& key) {
    const std::lock_guard lock{writer_};
    SnapshotReader in{path, key};
    if (!read_head(in)) return false;
    auto loaded = std::make_shared<Tables>(settings_.graph);
    loaded->load(in);
    const bool good = in.finish();
    if (!good) {
        loaded = std::make_shared<Tables>(settings_.graph);
        loaded->begin();
    }
    replace(std::move(loaded));
    return good;
}

// --- view ------------------------------------------------------------------------------------------------------------

View::View(const Index& index, Sequence as_of) : index_{&index} {
    Cut newest;
    {
        const std::lock_guard lock{index.newest_mutex_};
        newest = index.newest_;
        tables_ = index.tables_;
    }
    if (as_of < tables_->united.known_below()) {
        tables_ = index.tables_at(tables_, as_of);
        newest = tables_->newest();
    }
    cut_ = tables_->cut(as_of, newest);
    layers_ = tables_->graph.layers();  // after the cut: they hold all that it sees
}

const WalkRoom& View::room() const noexcept { return index_->room_; }

Node View::find(const ItemId& item) const noexcept { return tables().find_item(item.str(), cut_); }

Node View::find(const TransformationId& transformation) const noexcept {
    const std::uint32_t node = tables().nodes.names.find(transformation.str(), Tables::kTransformationSpace);
    return node < cut_.nodes ? Node{node} : Node::none;
}

std::vector<Node> View::items_of(const ProductId& product, std::size_t limit) const {
    std::vector<Node> items;
    const ProductNo wanted{tables().find_product(product.str(), cut_)};
    if (wanted == ProductNo::none) return items;
    for (std::uint32_t number = 0; number < cut_.nodes && items.size() < limit; ++number) {
        const ItemRecord* item = is_transformation(Node{number}) ? nullptr : tables().item_records.at(number, cut_.as_of);
        if (item != nullptr && item->product == wanted) items.push_back(Node{number});
    }
    return items;
}

NodeKind View::kind(Node node) const noexcept {
    if (is_transformation(node)) return NodeKind::transformation;
    if (const ItemRecord* item = tables().item_records.at(slot(node), cut_.as_of)) {
        switch (item->kind) {
            case ItemKind::serial: return NodeKind::serial;
            case ItemKind::lot: return NodeKind::lot;
            case ItemKind::logistic_unit: return NodeKind::logistic_unit;
        }
    }
    return is_untracked(node) ? NodeKind::untracked : NodeKind::unknown;
}

std::string_view View::text(std::uint32_t number) const noexcept {
    return number == kNone ? std::string_view{} : tables().texts.text(number);
}

std::string_view View::id(Node node) const noexcept { return tables().nodes.names.text(static_cast<std::uint32_t>(node)); }

std::string_view View::label(Node node) const noexcept {
    if (const ItemRecord* item = tables().item_records.at(slot(node), cut_.as_of)) return text(item->label);
    if (const ProductNo stock = tables().untracked_product(node, cut_); stock != ProductNo::none) {
        const ProductInfo info = product(stock);
        if (!info.sku.empty()) return info.sku;
        if (!info.name.empty()) return info.name;
    }
    return id(node);
}

ProductNo View::product(Node node) const noexcept {
    if (const ItemRecord* item = tables().item_records.at(slot(node), cut_.as_of)) return item->product;
    return tables().untracked_product(node, cut_);
}

bool View::sees(EdgeNo edge, Node node, Node other, Direction direction) const {
    const EdgeFacts facts = layers_->facts(edge);
    const EdgeKind kind = facts.kind();
    if (kind == EdgeKind::consumed || kind == EdgeKind::produced) return tables().events.stands(facts.event, cut_);
    const bool forward = direction == Direction::forward;
    return bond(forward ? node : other, forward ? other : node, facts).has_value();
}

std::optional<Bonds::State> View::bond(Node child, Node parent, const EdgeFacts& facts) const {
    if (!is_one_thing(kind(child)) || !is_unit(*this, parent)) return tables().bond({child, parent, facts.kind()}, facts, cut_);
    const UnitBond& held = packed_in_.of(*this, child);
    return held.unit == parent ? std::optional{Bonds::State{held.fact.amount, held.fact.event}} : std::nullopt;
}

Edge View::edge(EdgeNo number) const {
    const EdgeFacts facts = layers_->facts(number);
    Edge edge{number,
              layers_->from(number),
              layers_->to(number),
              facts.kind(),
              Confidence::recorded,
              tables().amounts[facts.amount()],
              facts.event,
              0};
    if ((edge.kind == EdgeKind::packed || edge.kind == EdgeKind::installed) && is_checked(edge.from, Direction::forward)) {
        const auto state = bond(edge.from, edge.to, facts).value_or(Bonds::State{});
        edge.amount = state.amount;
        edge.event = state.event;
    }
    if (is_untracked(edge.from) || is_untracked(edge.to)) edge.confidence = Confidence::inferred;
    if (edge.event != EventNo::none) edge.sequence = sequence_of(edge.event);
    return edge;
}

/// A pair's first event made its edge, so an edge that the view can see is enough.
bool View::has_held(Node node) const {
    if (!may_hold(node)) return false;
    EdgeWalk walk{*layers_, node, Direction::back};
    while (const auto step = walk.next()) {
        const EdgeFacts facts = layers_->facts(step->edge);
        if (slot(facts.event) >= cut_.events) return false;
        if (facts.kind() == EdgeKind::packed || facts.kind() == EdgeKind::installed) return true;
    }
    return false;
}

void View::append_bond_facts(EdgeNo edge, Node child, Node parent, std::vector<BondFact>& out) const {
    const EdgeFacts& facts = layers_->facts(edge);
    if (is_checked(child, Direction::forward) && tables().bonds.append_facts({child, parent, facts.kind()}, tables().events, cut_, out))
        return;
    if (tables().events.stands(facts.event, cut_))
        out.push_back({facts.event, tables().amounts[facts.amount()], true, facts.amount() == Tables::kUnstated});
}

// --- movements -------------------------------------------------------------------------------------------------------

View::MovementWalk::MovementWalk(const View& view, Node node)
    : view_{view},
      consumed_walk_{*view.layers_, node, Direction::forward},
      produced_walk_{*view.layers_, node, Direction::back},
      consumed_{next_of(consumed_walk_, EdgeKind::consumed)},
      produced_{next_of(produced_walk_, EdgeKind::produced)},
      row_{view.is_transformation(node) ? 0 : view.tables().nodes.heads.load(slot(node))} {}

std::optional<EdgeWalk::Step> View::MovementWalk::next_of(EdgeWalk& walk, EdgeKind kind) const {
    while (auto step = walk.next()) {
        const EdgeFacts facts = view_.layers_->facts(step->edge);
        if (slot(facts.event) >= view_.cut_.events) break;
        if (facts.kind() == kind) return step;
    }
    return std::nullopt;
}

std::uint32_t View::MovementWalk::event_of(const std::optional<EdgeWalk::Step>& step) const noexcept {
    return step ? static_cast<std::uint32_t>(view_.layers_->facts(step->edge).event) : kNone;
}

std::optional<Movement> View::MovementWalk::next() {
    const MovementTable& others = view_.tables().movements;
    const std::uint32_t consumed = event_of(consumed_);
    const std::uint32_t produced = event_of(produced_);
    std::uint32_t other = row_ == 0 ? kNone : static_cast<std::uint32_t>(others.rows[row_ - 1].event);
    if (other >= view_.cut_.events) other = kNone;
    if (other != kNone && other < consumed && other < produced) {
        const MovementTable::Row& row = others.rows[row_ - 1];
        row_ = load_from(row.next);
        return view_.movement(row.event, row.kind, row.amount);
    }
    if (consumed != kNone && consumed <= produced) {
        const EdgeFacts facts = view_.layers_->facts(consumed_->edge);
        consumed_ = next_of(consumed_walk_, EdgeKind::consumed);
        return view_.movement(facts.event, MovementKind::consumed, facts.amount());
    }
    if (produced == kNone) return std::nullopt;
    const EdgeFacts facts = view_.layers_->facts(produced_->edge);
    produced_ = next_of(produced_walk_, EdgeKind::produced);
    const bool waste = view_.tables().events.waste(facts.event);
    return view_.movement(facts.event, waste ? MovementKind::wasted : MovementKind::produced, facts.amount());
}

Movement View::movement(EventNo event, MovementKind kind, std::uint32_t amount) const noexcept {
    const EventTable& events = tables().events;
    const Sequence voided_at = events.voided_at(event);
    const bool transformed = kind == MovementKind::consumed || kind == MovementKind::produced || kind == MovementKind::wasted;
    return {events.sequence(event),
            events.time(event),
            events.date_only(event),
            kind,
            tables().amounts[amount],
            events.from(event),
            events.to(event),
            events.party(event),
            events.first_document(event),
            transformed ? events.anchor(event) : Node::none,
            event,
            voided_at < cut_.as_of ? voided_at : kNever};
}

// --- master data -----------------------------------------------------------------------------------------------------

ProductInfo View::product(ProductNo product) const noexcept {
    ProductInfo info;
    info.id = tables().products.text(static_cast<std::uint32_t>(product));
    const ProductRecord* record = tables().product_records.at(slot(product), cut_.as_of);
    if (record == nullptr) return info;
    info.sku = text(record->sku);
    info.name = text(record->name);
    info.category = text(record->category);
    info.unit = record->unit;
    info.tracking = record->tracking;
    info.known = true;
    return info;
}

PlaceInfo View::place(PlaceNo place) const noexcept {
    PlaceInfo info;
    info.id = tables().places.text(static_cast<std::uint32_t>(place));
    const PlaceRecord* record = tables().place_records.at(slot(place), cut_.as_of);
    if (record == nullptr) return info;
    info.code = text(record->code);
    info.name = text(record->name);
    info.kind = record->kind;
    info.parent = record->parent;
    info.known = true;
    return info;
}

PartyInfo View::party(PartyNo party) const noexcept {
    PartyInfo info;
    info.id = tables().parties.text(static_cast<std::uint32_t>(party));
    const PartyRecord* record = tables().party_records.at(slot(party), cut_.as_of);
    if (record == nullptr) return info;
    info.code = text(record->code);
    info.known = true;
    return info;
}

DocumentInfo View::document(DocumentNo document) const noexcept {
    DocumentInfo info;
    info.id = tables().documents.text(static_cast<std::uint32_t>(document));
    const DocumentRecord* record = tables().document_records.at(slot(document), cut_.as_of);
    if (record == nullptr) return info;
    info.type = text(record->type);
    info.number = text(record->number);
    return info;
}

std::string_view View::unit(UnitNo unit) const noexcept { return tables().units.text(static_cast<std::uint32_t>(unit)); }

}  // namespace stemma::lineage
