// The Children in Need census return: which leaves belong to the return and which to which child.
#pragma once

#include "agents/formats/xml.hpp"

#include <string_view>

namespace cairn::agents::formats {

struct cin_return {
    // Header, and whatever stands outside a child.
    std::vector<xml_leaf> outside;
    // Per child, in document order.
    std::vector<std::vector<xml_leaf>> children;
};

inline constexpr std::size_t cin_children = 10'000;

// errc::format_malformed where the root is not a census return, errc::too_many above cin_children.
result<cin_return> parse_cin(bytes_view file);

// Path without numbers under `from` steps: "CINdetails/Assessments/AssessmentActualStartDate".
std::string plain_path(const xml_leaf& leaf, std::size_t from);

} // namespace cairn::agents::formats
