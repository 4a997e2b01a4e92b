// The concern of docs/formats/leaf.md, built by the product's own functions. Names and texts are
// made up.
#pragma once

#include "merkle/field_tree.hpp"
#include "merkle/receipt.hpp"

#include <map>

namespace cairn::merkle {

struct worked_example {
    record_seed seed{};
    // The exact bytes of each party: sender, desk, desk.
    std::vector<bytes> exact;
    std::vector<field> fields;
    std::vector<bytes> entries;
    leaf record;
    // The third of this log.
    std::vector<bytes> log;
    std::string checkpoint_note;
    // Of the first party.
    std::string receipt;
    std::string vkey;
};

worked_example make_worked_example();
note_signer worked_signer();

// What the page shows, by the names it uses.
std::map<std::string, std::string> worked_values(const worked_example& e);

} // namespace cairn::merkle
