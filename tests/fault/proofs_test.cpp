// R6: proofs of RFC 9162 against an oracle of its own, written from the recursive definitions of section 2.1: the published vectors, random
// trees, mutated proofs. Three verifiers with a known fault go through the same checks and must be caught by them.
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <random>
#include <span>

#include "core/ledger/tree.hpp"
#include "tests/fault/scale.hpp"
#include "tests/support/merkle_definitions.hpp"
#include "tests/support/merkle_vectors.hpp"

namespace stemma {
namespace {

using Leaves = std::vector<Digest>;
using Hashes = std::span<const std::string>;
using test::join;
using test::mth;
using test::path;
using test::ProofVector;
using test::split;
using test::subproof;

// A verifier that undoes those definitions from the top, and the faults it can be given.

enum class Fault : unsigned char { none, off_by_one, old_size_zero, hash_of_31_bytes };

class Oracle {
public:
    explicit Oracle(Fault fault) : fault_{fault} {}

    [[nodiscard]] bool inclusion(std::uint64_t index, std::uint64_t size, std::string_view leaf, Hashes proof,
                                 std::string_view root) const {
        const std::optional<Digest> given = digest(leaf);
        if (index >= size || !given) return false;
        const std::optional<Digest> found = root_over(index, size, *given, proof);
        return found && same(*found, root);
    }

    [[nodiscard]] bool consistency(std::uint64_t old_size, std::uint64_t size, std::string_view old_root, Hashes proof,
                                   std::string_view root) const {
        if (old_size == 0) return fault_ == Fault::old_size_zero && proof.empty();
        if (old_size == size) return proof.empty() && old_root == root;  // published: there the roots may be anything, if equal
        const std::optional<Digest> old_given = digest(old_root);
        if (old_size > size || !old_given) return false;
        const auto found = both_roots(old_size, size, true, *old_given, proof);
        return found && same(found->first, old_root) && same(found->second, root);
    }

private:
    struct Roots {
        Digest first;
        Digest second;
    };

    /// Whether m of a tree of more leaves lies on the left; the one fault is to count from the other side of the edge.
    [[nodiscard]] bool left(std::uint64_t m, std::uint64_t k, bool edge_is_left) const {
        const bool at_edge = fault_ == Fault::off_by_one ? !edge_is_left : edge_is_left;
        return at_edge ? m <= k : m < k;
    }

    [[nodiscard]] std::optional<Digest> root_over(std::uint64_t m, std::uint64_t n, const Digest& leaf, Hashes proof) const {
        if (n == 1) return proof.empty() ? std::optional{leaf} : std::nullopt;
        if (proof.empty()) return std::nullopt;
        const std::uint64_t k = split(n);
        const bool on_left = left(m, k, false);
        const std::optional<Digest> beside = digest(proof.back());
        const Hashes rest = proof.first(proof.size() - 1);
        const std::optional<Digest> found = on_left ? root_over(m, k, leaf, rest) : root_over(m - k, n - k, leaf, rest);
        if (!beside || !found) return std::nullopt;
        return on_left ? join(*found, *beside) : join(*beside, *found);
    }

    [[nodiscard]] std::optional<Roots> both_roots(std::uint64_t m, std::uint64_t n, bool whole, const Digest& old_root,
                                                  Hashes proof) const {
        if (m == n && whole) return proof.empty() ? std::optional{Roots{old_root, old_root}} : std::nullopt;
        if (proof.empty()) return std::nullopt;
        const std::optional<Digest> beside = digest(proof.back());
        if (!beside) return std::nullopt;
        if (m == n) return proof.size() == 1 ? std::optional{Roots{*beside, *beside}} : std::nullopt;
        if (n < 2) return std::nullopt;
        const std::uint64_t k = split(n);
        const bool on_left = left(m, k, true);
        const Hashes rest = proof.first(proof.size() - 1);
        const auto found = on_left ? both_roots(m, k, whole, old_root, rest) : both_roots(m - k, n - k, false, old_root, rest);
        if (!found) return std::nullopt;
        return on_left ? Roots{found->first, join(found->second, *beside)}
                       : Roots{join(*beside, found->first), join(*beside, found->second)};
    }

    [[nodiscard]] std::optional<Digest> digest(std::string_view raw) const {
        Digest out{};
        if (raw.size() != out.size() && !(fault_ == Fault::hash_of_31_bytes && raw.size() == out.size() - 1)) return std::nullopt;
        std::ranges::copy(raw, out.begin());
        return out;
    }

    [[nodiscard]] bool same(const Digest& found, std::string_view given) const {
        const std::string_view whole = as_view(found);
        return fault_ == Fault::hash_of_31_bytes ? given.size() >= 31 && whole.starts_with(given.substr(0, 31)) : whole == given;
    }

    Fault fault_;
};

// One set of checks for the product's verifier and for the faulty ones: how often they are wrong.

struct Verifier {
    std::function<bool(std::uint64_t, std::uint64_t, std::string_view, Hashes, std::string_view)> inclusion;
    std::function<bool(std::uint64_t, std::uint64_t, std::string_view, Hashes, std::string_view)> consistency;
};

Verifier product() { return {verify_inclusion, verify_consistency}; }

Verifier faulty(Fault fault) {
    const Oracle oracle{fault};
    return {[oracle](auto... given) { return oracle.inclusion(given...); },
            [oracle](auto... given) { return oracle.consistency(given...); }};
}

/// The published vectors that it answers otherwise than published.
std::vector<std::string> wrong_vectors(const Verifier& verifier) {
    std::vector<std::string> wrong;
    for (const ProofVector& v : test::proof_vectors("inclusion"))
        if (verifier.inclusion(v.first, v.size, v.hash, v.proof, v.root) != v.valid) wrong.push_back(v.name);
    for (const ProofVector& v : test::proof_vectors("consistency"))
        if (verifier.consistency(v.first, v.size, v.hash, v.proof, v.root) != v.valid) wrong.push_back(v.name);
    return wrong;
}

using Random = std::mt19937_64;

std::uint64_t below(Random& random, std::uint64_t end) { return std::uniform_int_distribution<std::uint64_t>{0, end - 1}(random); }

Leaves some_leaves(std::uint64_t count) {
    Leaves leaves;
    leaves.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(std::to_string(i)));
    return leaves;
}

LeafSource source(const Leaves& leaves) {
    return [&leaves](std::uint64_t first, std::uint64_t count) -> Result<Leaves> {
        return Leaves(leaves.begin() + static_cast<std::ptrdiff_t>(first), leaves.begin() + static_cast<std::ptrdiff_t>(first + count));
    };
}

std::vector<std::string> raw(const Proof& proof) {
    std::vector<std::string> out;
    for (const Digest& hash : proof) out.emplace_back(as_view(hash));
    return out;
}

void flip(std::string& hash, Random& random) {
    char& byte = hash[below(random, hash.size())];
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << below(random, 8)));
}

void mutate_hashes(ProofVector& v, Random& random) {
    if (v.proof.empty()) {
        v.proof.emplace_back(32, 'x');
        return;
    }
    const std::size_t at = below(random, v.proof.size());
    const auto place = v.proof.begin() + static_cast<std::ptrdiff_t>(at);
    switch (below(random, 7)) {
        case 0:
        case 1: flip(*place, random); break;
        case 2: place->pop_back(); break;
        case 3: *place += '\0'; break;
        case 4: v.proof.erase(place); break;
        case 5: v.proof.insert(place, v.proof[below(random, v.proof.size())]); break;
        default: std::swap(*place, v.proof[(at + 1) % v.proof.size()]); break;
    }
}

/// The proof with something else in one place. What is left alone by chance is changed at its root.
ProofVector mutated(const ProofVector& valid, Random& random) {
    ProofVector v = valid;
    switch (below(random, 8)) {
        case 0: flip(v.hash, random); break;
        case 1: flip(v.root, random); break;
        case 2: v.root.pop_back(); break;
        case 3: v.hash.pop_back(); break;
        default: mutate_hashes(v, random); break;
    }
    if (v.hash == valid.hash && v.root == valid.root && v.proof == valid.proof) flip(v.root, random);
    return v;
}

struct Mutations {
    int accepted{0};
    int tried{0};
};

/// Mutated proofs of both kinds over trees of up to 300 leaves that the verifier takes for valid.
Mutations accepted_mutations(const Verifier& verifier, int count, std::uint64_t seed) {
    Random random{seed};
    const Leaves leaves = some_leaves(300);
    MerkleTree tree;
    for (const Digest& leaf : leaves) tree.append(leaf);
    Mutations out;
    while (out.tried < count) {
        const std::uint64_t size = 1 + below(random, leaves.size());
        const std::uint64_t index = below(random, size);
        const std::uint64_t old_size = 1 + below(random, size);
        const std::string root{as_view(mth(std::span{leaves}.first(size)))};
        const ProofVector in{
            "",   index, size, std::string{as_view(leaves[index])}, raw(tree.inclusion_proof(index, size, source(leaves)).value()),
            root, true};
        const ProofVector con{"",
                              old_size,
                              size,
                              std::string{as_view(mth(std::span{leaves}.first(old_size)))},
                              raw(tree.consistency_proof(old_size, size, source(leaves)).value()),
                              root,
                              true};
        for (int times = 0; times < 250 && out.tried < count; ++times, out.tried += 4) {
            const ProofVector a = mutated(in, random);
            const ProofVector b = mutated(con, random);
            const std::uint64_t other = (index + 1 + below(random, leaves.size() - 1)) % leaves.size();
            out.accepted += verifier.inclusion(a.first, a.size, a.hash, a.proof, a.root) ? 1 : 0;
            out.accepted += verifier.consistency(b.first, b.size, b.hash, b.proof, b.root) ? 1 : 0;
            out.accepted += verifier.inclusion(other, size, in.hash, in.proof, root) ? 1 : 0;
            out.accepted += verifier.consistency(0, size, con.hash, times % 2 == 0 ? Hashes{} : Hashes{con.proof}, root) ? 1 : 0;
        }
    }
    return out;
}

TEST(FaultProofs, all_196_published_vectors_are_answered_as_published) {
    if (!std::filesystem::exists(test::kMerkleVectors)) GTEST_SKIP() << "no shared/vectors/merkle";
    EXPECT_EQ(test::proof_vectors("inclusion").size() + test::proof_vectors("consistency").size(), 196U);
    EXPECT_EQ(wrong_vectors(product()), std::vector<std::string>{});
    EXPECT_EQ(wrong_vectors(faulty(Fault::none)), std::vector<std::string>{}) << "the oracle itself";
}

TEST(FaultProofs, the_published_vectors_catch_three_faulty_verifiers) {
    if (!std::filesystem::exists(test::kMerkleVectors)) GTEST_SKIP() << "no shared/vectors/merkle";
    const std::size_t off_by_one = wrong_vectors(faulty(Fault::off_by_one)).size();
    const std::size_t old_size_zero = wrong_vectors(faulty(Fault::old_size_zero)).size();
    std::printf("red controls, wrong in 196 vectors: off by one %zu, old size 0 accepted %zu\n", off_by_one, old_size_zero);
    EXPECT_GT(off_by_one, 0U);
    EXPECT_GT(old_size_zero, 0U);
}

TEST(FaultProofs, trees_to_100000_leaves_give_the_oracles_roots_and_proofs) {
    Random random{11};
    const int trees = test::short_or_long(5, 60);
    for (int round = 0; round < trees; ++round) {
        const Leaves leaves = some_leaves(round == 0 ? 100'000 : 1 + below(random, round % 2 == 0 ? 100'000 : 3'000));
        MerkleTree tree;
        for (const Digest& leaf : leaves) tree.append(leaf);
        ASSERT_EQ(tree.root(), mth(leaves)) << leaves.size();
        for (int i = 0; i < 5; ++i) {
            const std::uint64_t size = i == 0 ? leaves.size() : 1 + below(random, leaves.size());
            const std::uint64_t index = below(random, size);
            const std::uint64_t old_size = 1 + below(random, size);
            const auto seen = std::span{leaves}.first(size);
            const std::string root{as_view(mth(seen))};
            const std::string old_root{as_view(mth(seen.first(old_size)))};
            const Proof inclusion = tree.inclusion_proof(index, size, source(leaves)).value();
            const Proof consistency = tree.consistency_proof(old_size, size, source(leaves)).value();
            ASSERT_EQ(inclusion, path(index, seen)) << index << " of " << size;
            ASSERT_EQ(consistency, subproof(old_size, seen, true)) << old_size << " of " << size;
            ASSERT_TRUE(verify_inclusion(index, size, as_view(leaves[index]), raw(inclusion), root));
            ASSERT_TRUE(verify_consistency(old_size, size, old_root, raw(consistency), root));
        }
    }
}

TEST(FaultProofs, no_mutated_proof_is_accepted) {
    const Mutations done = accepted_mutations(product(), test::short_or_long(100'000, 1'000'000), 12);
    EXPECT_EQ(done.accepted, 0);
    std::printf("%d mutated proofs, %d accepted\n", done.tried, done.accepted);
}

TEST(FaultProofs, mutated_proofs_catch_faulty_verifiers) {
    const int count = 20'000;
    EXPECT_EQ(accepted_mutations(faulty(Fault::none), count, 13).accepted, 0) << "the oracle itself";
    const int old_size_zero = accepted_mutations(faulty(Fault::old_size_zero), count, 13).accepted;
    const int short_hash = accepted_mutations(faulty(Fault::hash_of_31_bytes), count, 13).accepted;
    const int off_by_one = accepted_mutations(faulty(Fault::off_by_one), count, 13).accepted;
    std::printf("red controls, accepted of %d mutated proofs: old size 0 accepted %d, hash of 31 bytes accepted %d, off by one %d\n", count,
                old_size_zero, short_hash, off_by_one);
    EXPECT_GT(old_size_zero, 0);
    EXPECT_GT(short_hash, 0);
    EXPECT_GT(off_by_one, 0);
}

/// Wrong sizes are not always provably wrong: a path may have the same shape in two trees. There the oracle says what is right.
TEST(FaultProofs, any_sizes_are_judged_as_the_oracle_judges_them) {
    Random random{14};
    const Oracle oracle{Fault::none};
    const Leaves leaves = some_leaves(70);
    MerkleTree tree;
    for (const Digest& leaf : leaves) tree.append(leaf);
    int accepted = 0;
    for (int i = 0; i < test::short_or_long(20'000, 300'000); ++i) {
        const std::uint64_t size = 1 + below(random, leaves.size());
        const std::uint64_t index = below(random, size);
        const auto inclusion = raw(tree.inclusion_proof(index, size, source(leaves)).value());
        const auto consistency = raw(tree.consistency_proof(index + 1, size, source(leaves)).value());
        const std::string root{as_view(tree.root(size, source(leaves)).value())};
        const std::string old_root{as_view(tree.root(index + 1, source(leaves)).value())};
        const std::uint64_t a = below(random, 100);
        const std::uint64_t b = random() % 50 == 0 ? random() : below(random, 100);
        const bool included = verify_inclusion(a, b, as_view(leaves[index]), inclusion, root);
        ASSERT_EQ(included, oracle.inclusion(a, b, as_view(leaves[index]), inclusion, root)) << a << " of " << b;
        const bool consistent = verify_consistency(a, b, old_root, consistency, root);
        ASSERT_EQ(consistent, oracle.consistency(a, b, old_root, consistency, root)) << a << " of " << b;
        accepted += included || consistent ? 1 : 0;
    }
    EXPECT_GT(accepted, 0) << "the case is there";
}

}  // namespace
}  // namespace stemma
