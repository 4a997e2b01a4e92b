// What the writer keeps in memory of the state tables: names, agency chains and desk sums, written
// back once a commit for those touched. After a rollback it is loaded again.
#pragma once

#include "ledger/sqlite.hpp"
#include "merkle/entry.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cairn::ledger {

struct chain_head {
    // Of the agency's last entry; 0 before the first.
    std::uint64_t seq = 0;
    digest entry{};
};

// routed = confirmed + returned + withdrawn + expired + pending.
struct desk_sums {
    std::int64_t routed = 0;
    std::int64_t confirmed = 0;
    std::int64_t returned = 0;
    std::int64_t withdrawn = 0;
    std::int64_t expired = 0;
    // Nothing below this position is pending: where a desk's reading begins.
    std::uint64_t low = 0;
};

// "northshire-police/mash" → "northshire-police".
inline std::string_view agency_of(std::string_view party) {
    return party.substr(0, party.find('/'));
}

// Owned and used by the writer.
class tallies {
public:
    status load(sql::database& db);
    // The number of a name; written at once where it is new.
    result<std::uint32_t> number_of(sql::database& db, std::string_view name);
    // 0 where the name was never seen.
    [[nodiscard]] std::uint32_t known(std::string_view name) const;
    [[nodiscard]] const std::string& name_of(std::uint32_t no) const { return names_.at(no); }

    // To be changed: counts as touched.
    chain_head& agency(std::uint32_t no);
    desk_sums& desk(std::uint32_t no);
    // A notice of this desk left the pending state: `low` may move.
    void settled(std::uint32_t desk) { settled_.push_back(desk); }

    // Writes what was touched; `end` is the position after the last record.
    status flush(sql::database& db, std::uint64_t end);

private:
    struct hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const {
            return std::hash<std::string_view>{}(s);
        }
    };
    status load_names(sql::database& db);
    status load_sums(sql::database& db);
    status raise_low(sql::database& db, std::uint64_t end);

    std::unordered_map<std::string, std::uint32_t, hash, std::equal_to<>> numbers_;
    std::unordered_map<std::uint32_t, std::string> names_;
    std::unordered_map<std::uint32_t, chain_head> agencies_;
    std::unordered_map<std::uint32_t, desk_sums> desks_;
    // May repeat.
    std::vector<std::uint32_t> touched_agencies_;
    std::vector<std::uint32_t> touched_desks_;
    std::vector<std::uint32_t> settled_;
};

} // namespace cairn::ledger
