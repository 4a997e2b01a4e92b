// The list of erased records, which is kept apart from every archive: what it names is destroyed
// again after a restore. docs/formats/backup.md, "The list of erasures".
#pragma once

#include "ledger/copied.hpp"

#include <span>
#include <string>
#include <vector>

namespace cairn::backup {

struct erased_list {
    std::string ledger_id; // hex
    std::vector<ledger::erased_record> records;
};

std::string print_erased(const erased_list& l);
// errc::format_malformed where "line N".
result<erased_list> parse_erased(std::string_view text);

} // namespace cairn::backup
