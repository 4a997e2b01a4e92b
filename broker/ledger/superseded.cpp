#include "ledger/superseded.hpp"

#include <algorithm>

namespace cairn::ledger {

std::vector<std::string>
superseded(const std::string& named, const std::vector<correction>& corrections) {
    std::string root = named;
    // A correction is younger than what it names: one walk back finds the root.
    for (auto c = corrections.rbegin(); c != corrections.rend(); ++c) {
        if (c->id == root) root = c->corrects;
    }
    std::vector<std::string> out{root};
    for (const correction& c : corrections) {
        if (std::find(out.begin(), out.end(), c.corrects) != out.end()) out.push_back(c.id);
    }
    return out;
}

} // namespace cairn::ledger
