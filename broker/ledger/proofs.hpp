// Receipts and tree proofs out of ledger.db, on whichever connection the caller has.
#pragma once

#include "ledger/keys.hpp"
#include "ledger/stored.hpp"
#include "merkle/frontier.hpp"
#include "merkle/proof.hpp"

namespace cairn::ledger {

// Stored perfect subtrees of one year's log. Lives as long as one question.
class stored_nodes final : public merkle::node_source {
public:
    stored_nodes(sql::database& db, std::uint32_t year) : db_(db), year_(year) {}
    [[nodiscard]] result<digest> node(unsigned level, std::uint64_t index) const override;

private:
    sql::database& db_;
    std::uint32_t year_;
};

// The right border of a year's first `size` records.
result<merkle::frontier> read_frontier(sql::database& db, std::uint32_t year, std::uint64_t size);

// The head a record was committed under.
struct stored_checkpoint {
    position last;
    digest root{};
    // Highest data key slot of any record up to here.
    std::uint64_t slot = 0;
    std::string note;
};
// errc::not_found.
result<stored_checkpoint> checkpoint_of(sql::database& db, position at);
result<stored_checkpoint> last_checkpoint(sql::database& db, std::uint32_t year);

// reader::proof() on a given connection.
result<std::string>
make_receipt(sql::database& db, key_store& keys, position at, std::string_view party);

} // namespace cairn::ledger
