// The tables behind labels.hpp.
#pragma once

#include <span>
#include <string_view>

namespace cairn::agents {

struct label_row {
    // Full name without "cairn.v1.".
    std::string_view name;
    std::string_view words;
};

std::span<const label_row> field_labels();
std::span<const label_row> value_labels();

} // namespace cairn::agents
