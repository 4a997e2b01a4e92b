// The definitions of RFC 9162 section 2.1 written down as they stand there: slow, recursive, over
// all leaf hashes at once. What the product computes otherwise is compared with these.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "merkle/frontier.hpp"
#include "merkle/proof.hpp"

#include <random>
#include <string>
#include <vector>

namespace cairn::merkle::reference {

using hashes = std::vector<digest>;

// MTH(D[first:end]).
digest root(const hashes& leaves, std::size_t first, std::size_t end);
inline digest root(const hashes& leaves, std::size_t size) {
    return root(leaves, 0, size);
}
// PATH(m, D[0:size]).
hashes path(const hashes& leaves, std::size_t m, std::size_t size);
// PROOF(m, D[0:size]).
hashes consistency(const hashes& leaves, std::size_t m, std::size_t size);

// Rows as a store keeps them: what frontier::append() returned, found by node_row() and
// node_offset().
class stored_rows final : public node_source {
public:
    void append(const digest& leaf) { rows_.push_back(border_.append(leaf)); }
    [[nodiscard]] result<digest> node(unsigned level, std::uint64_t index) const override;
    [[nodiscard]] const frontier& border() const { return border_; }
    [[nodiscard]] const bytes& row(std::size_t i) const { return rows_.at(i); }

private:
    frontier border_;
    std::vector<bytes> rows_;
};

// From CAIRN_SEED or the machine; the caller shows it with INFO.
std::uint64_t test_seed();
digest random_digest(std::mt19937_64& random);
digest digest_of_hex(std::string_view hex);
digest digest_of_base64(std::string_view text);
std::string read_text(const std::string& path);

} // namespace cairn::merkle::reference
