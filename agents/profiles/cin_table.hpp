// The mapping as a table: which path of the census goes where.
#pragma once

#include "agents/formats/xml.hpp"

#include "cairn/v1/concern.pb.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

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

struct leaf_outcome {
    bool taken = true;
    // Why it was not taken; or, taken, what to look at.
    std::string_view note;
};

using setter = leaf_outcome (*)(cin_target& to, const formats::xml_leaf& leaf);

struct cin_row {
    // Under Child, without numbers; in the header table under Message.
    std::string_view path;
    // Null: ignored, for the reason given.
    setter set = nullptr;
    std::string_view why_ignored{};
};

// Nullopt: no row, the leaf is unmapped.
std::optional<cin_row> find_child_row(std::string_view path);
std::optional<cin_row> find_header_row(std::string_view path);

} // namespace cairn::agents::profiles
