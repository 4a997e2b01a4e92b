// The registry as the admin's commands read and change it.
#pragma once

#include "apps/cairn/program.hpp"

#include "cairn/v1/admin.pb.h"

#include <fmt/format.h>

#include <string>
#include <type_traits>

namespace cairn::cli {

inline result<::cairn::v1::RegistryState> registry_of(program& p) {
    return p.call<::cairn::v1::RegistryState>(
        "/cairn.v1.Admin/ListRegistry", ::cairn::v1::ListRegistryRequest{}
    );
}

// One change, then what was said of it; or why not.
inline void apply(program& p, const ::cairn::v1::RegistryChange& change, const std::string& said) {
    ::cairn::v1::ApplyRequest request;
    *request.add_changes() = change;
    const auto done = p.call<::cairn::v1::ApplyResponse>("/cairn.v1.Admin/Apply", request);
    if (!done) return p.stop_with(done.error());
    if (p.json) return p.print_json(*done);
    fmt::print("{} (registry epoch {})\n", said, done->epoch());
}

// The row of this id; null where there is none.
template <class Rows>
auto row_of(const Rows& rows, const std::string& id) -> decltype(&*rows.begin()) {
    for (const auto& row : rows) {
        if (row.id() == id) return &row;
    }
    return nullptr;
}

} // namespace cairn::cli
