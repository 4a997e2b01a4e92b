// Published values of the RFC 6962 tree: the eight classic leaves of Certificate Transparency, and
// the rolling digests over 130 one-byte leaves.
#include "core/crypto.hpp"
#include "merkle/frontier.hpp"
#include "merkle/hashing.hpp"
#include "merkle/proof.hpp"
#include "support/result_text.hpp"
#include "unit/merkle/reference.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <sstream>

namespace cairn::merkle {
namespace {

using reference::digest_of_hex;

const std::vector<std::string> classic_inputs = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
};

const std::map<std::string, std::string> classic_nodes = {
    {"L0", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {"L1", "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"},
    {"L2", "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7"},
    {"L3", "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7"},
    {"L4", "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"},
    {"L5", "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658"},
    {"L6", "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"},
    {"L7", "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1"},
    {"N10", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
    {"N11", "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"},
    {"N12", "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"},
    {"N13", "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"},
    {"N20", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
    {"N21", "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"},
    {"E7", "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e"},
};

const std::vector<std::string> classic_roots = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

// By size.
const std::vector<std::string> classic_ranges = {
    "",
    "L0",
    "N10",
    "N10,L2",
    "N20",
    "N20,L4",
    "N20,N12",
    "N20,N12,L6",
    "root8",
};

// By size, then index.
const std::vector<std::vector<std::string>> classic_paths = {
    {},
    {""},
    {"L1", "L0"},
    {"L1,L2", "L0,L2", "N10"},
    {"L1,N11", "L0,N11", "L3,N10", "L2,N10"},
    {"L1,N11,L4", "L0,N11,L4", "L3,N10,L4", "L2,N10,L4", "N20"},
    {"L1,N11,N12", "L0,N11,N12", "L3,N10,N12", "L2,N10,N12", "L5,N20", "L4,N20"},
    {"L1,N11,E7", "L0,N11,E7", "L3,N10,E7", "L2,N10,E7", "L5,L6,N20", "L4,L6,N20", "N12,N20"},
    {"L1,N11,N21",
     "L0,N11,N21",
     "L3,N10,N21",
     "L2,N10,N21",
     "L5,N13,N20",
     "L4,N13,N20",
     "L7,N12,N20",
     "L6,N12,N20"},
};

struct classic_consistency {
    std::uint64_t older;
    std::uint64_t newer;
    std::string path;
};

const std::vector<classic_consistency> classic_proofs = {
    {1, 2, "L1"},
    {1, 3, "L1,L2"},
    {1, 4, "L1,N11"},
    {1, 5, "L1,N11,L4"},
    {1, 6, "L1,N11,N12"},
    {1, 7, "L1,N11,E7"},
    {1, 8, "L1,N11,N21"},
    {2, 3, "L2"},
    {2, 4, "N11"},
    {2, 5, "N11,L4"},
    {2, 6, "N11,N12"},
    {2, 7, "N11,E7"},
    {2, 8, "N11,N21"},
    {3, 4, "L2,L3,N10"},
    {3, 5, "L2,L3,N10,L4"},
    {3, 6, "L2,L3,N10,N12"},
    {3, 7, "L2,L3,N10,E7"},
    {3, 8, "L2,L3,N10,N21"},
    {4, 5, "L4"},
    {4, 6, "N12"},
    {4, 7, "E7"},
    {4, 8, "N21"},
    {5, 6, "L4,L5,N20"},
    {5, 7, "L4,L5,L6,N20"},
    {5, 8, "L4,L5,N13,N20"},
    {6, 7, "N12,L6,N20"},
    {6, 8, "N12,N13,N20"},
    {7, 8, "L6,L7,N12,N20"},
};

std::vector<digest> named(const std::string& list) {
    std::vector<digest> out;
    std::istringstream in(list);
    for (std::string name; std::getline(in, name, ',');) {
        out.push_back(digest_of_hex(name == "root8" ? classic_roots[8] : classic_nodes.at(name)));
    }
    return out;
}

reference::stored_rows classic_tree() {
    reference::stored_rows out;
    for (const std::string& hex : classic_inputs) out.append(leaf_hash(from_hex(hex).value()));
    return out;
}

TEST_CASE("the eight classic leaves hash to their published values") {
    for (std::size_t i = 0; i < classic_inputs.size(); ++i) {
        CAPTURE(i);
        const digest hash = leaf_hash(from_hex(classic_inputs[i]).value());
        CHECK(hash == named("L" + std::to_string(i)).front());
    }
    CHECK(node_hash(named("L0")[0], named("L1")[0]) == named("N10")[0]);
    CHECK(node_hash(named("N12")[0], named("L6")[0]) == named("E7")[0]);
}

TEST_CASE("roots and compact ranges of the classic tree are the published ones at every size") {
    frontier border;
    for (std::size_t size = 0; size <= classic_inputs.size(); ++size) {
        CAPTURE(size);
        CHECK(border.size() == size);
        CHECK(border.root() == digest_of_hex(classic_roots[size]));
        CHECK(border.hashes() == named(classic_ranges[size]));
        if (size < classic_inputs.size()) {
            border.append(leaf_hash(from_hex(classic_inputs[size]).value()));
        }
    }
    CHECK(empty_root() == digest_of_hex(classic_roots[0]));
}

TEST_CASE("all inclusion proofs of the classic tree are the published ones and verify") {
    const auto tree = classic_tree();
    for (std::size_t size = 1; size < classic_paths.size(); ++size) {
        REQUIRE(classic_paths[size].size() == size);
        for (std::size_t i = 0; i < size; ++i) {
            CAPTURE(size, i);
            const auto path = inclusion_proof(tree, i, size);
            REQUIRE(path);
            CHECK(*path == named(classic_paths[size][i]));
            const digest leaf = named("L" + std::to_string(i)).front();
            CHECK(verify_inclusion(leaf, i, size, *path, digest_of_hex(classic_roots[size])));
        }
    }
}

TEST_CASE("all consistency proofs of the classic tree are the published ones and verify") {
    const auto tree = classic_tree();
    REQUIRE(classic_proofs.size() == 28);
    for (const auto& [older, newer, text] : classic_proofs) {
        CAPTURE(older, newer);
        const auto path = consistency_proof(tree, older, newer);
        REQUIRE(path);
        CHECK(*path == named(text));
        CHECK(verify_consistency(
            {older, digest_of_hex(classic_roots[older])},
            {newer, digest_of_hex(classic_roots[newer])},
            *path
        ));
    }
}

// The rolling digests: one SHA-256 over lines of text for every proof of every size up to 130.
class rolling {
public:
    rolling() {
        for (int i = 0; i < 130; ++i) tree_.append(leaf_hash(bytes(1, static_cast<char>(i))));
    }
    void add(const std::string& start, const std::vector<digest>& path) {
        text_ += start;
        for (const digest& d : path) text_ += " " + to_hex(view(d));
        text_ += "\n";
        ++lines_;
    }
    [[nodiscard]] std::string hex() const { return to_hex(view(sha256(text_))); }
    [[nodiscard]] const reference::stored_rows& tree() const { return tree_; }
    [[nodiscard]] std::size_t lines() const { return lines_; }

private:
    reference::stored_rows tree_;
    std::string text_;
    std::size_t lines_ = 0;
};

std::string range(std::size_t end) {
    return "[0, " + std::to_string(end) + ")";
}

TEST_CASE("the roots of all sizes to 130 give the published rolling digest") {
    rolling all;
    frontier border;
    for (std::size_t n = 0; n <= 130; ++n) {
        all.add(range(n), {border.root()});
        if (n < 130) border.append(leaf_hash(bytes(1, static_cast<char>(n))));
    }
    CHECK(all.hex() == "fb3949452a67f499fc2e39dc3c75c753fc954e481a7b4b7d09cc2210fced2c9d");
    CHECK(
        to_hex(view(border.root())) ==
        "f05d2f5ef24c72dd70b0a8f28e576b3acaf944c00e014524c47aa42325d7d1c3"
    );
}

TEST_CASE("all 8515 inclusion proofs to size 130 give the published rolling digest") {
    rolling all;
    for (std::size_t n = 1; n <= 130; ++n) {
        for (std::size_t i = 0; i < n; ++i) {
            all.add(std::to_string(i) + " " + range(n), inclusion_proof(all.tree(), i, n).value());
        }
    }
    CHECK(all.lines() == 8515);
    CHECK(all.hex() == "88dcf111d17b5f3b8454d1d8a0dab1b5769c0be929a227992420b7eb05d1a18d");
}

TEST_CASE("all 8515 consistency proofs to size 130 give the published rolling digest") {
    rolling all;
    for (std::size_t n = 0; n <= 130; ++n) {
        for (std::size_t m = 1; m <= n; ++m) {
            all.add(
                range(m) + " " + std::to_string(n), consistency_proof(all.tree(), m, n).value()
            );
        }
    }
    CHECK(all.lines() == 8515);
    CHECK(all.hex() == "f68f6336552ebfd1bf8785060925d6b04c3cce1892baad36a0d97f379024551d");
}

} // namespace
} // namespace cairn::merkle
