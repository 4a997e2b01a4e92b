// SHA-256 of what comes piece by piece: a file that is never in memory whole.
#pragma once

#include "core/bytes.hpp"

#include <memory>

namespace cairn {

// FIPS 180-4. Copies share their state.
class running_sha256 {
public:
    running_sha256();
    void add(bytes_view more);
    // Once, at the end.
    digest finish();

private:
    std::shared_ptr<void> context_;
};

} // namespace cairn
