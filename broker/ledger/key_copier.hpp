// What a ledger with a keys.db of its own can do besides: tests and simulations have ledgers
// without.
#pragma once

#include "core/result.hpp"

#include <string>

namespace cairn::ledger {

class key_copier {
public:
    virtual ~key_copier() = default;
    // keys.db as it is now into a new file, while keys are read and made. Thread: any; takes as
    // long as copying takes.
    virtual status copy_keys(const std::string& path) = 0;
};

} // namespace cairn::ledger
