// The mapping as a table: which path of the census goes where.
#pragma once

#include "agents/profiles/table.hpp"

#include "cairn/v1/concern.pb.h"

#include <map>
#include <span>
#include <string>

namespace cairn::agents::profiles {

// What one child's leaves are written into.
struct cin_target {
    ::cairn::v1::Concern& concern;
    ::cairn::v1::Person& child;
    // Repeated groups already begun: the group's numbered path to the element made for it.
    std::map<std::string, int> groups{};
    // Sex was given as "0": unborn or not known, by whether there is a birth date.
    bool sex_is_zero = false;
};

// Under Child; under Message.
std::span<const row<cin_target>> cin_child_rows();
std::span<const row<cin_target>> cin_header_rows();

} // namespace cairn::agents::profiles
