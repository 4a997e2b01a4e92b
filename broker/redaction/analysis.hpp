// One walk over a submitted concern: which cells are there, what the decisions depend on, what the
// log commits to. Everything later works on its result.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "policy/decision.hpp"

#include "cairn/v1/concern.pb.h"
#include "cairn/v1/record.pb.h"

#include <vector>

namespace cairn::redaction {

namespace v1 = ::cairn::v1;

// Person index * 64 + category; index 0 is the concern itself, n the n-th person (1-based). Plus
// subject * 65536 where the cell stands with that person and is about somebody else: what the
// child's assessment says of a carer.
using cell_id = std::uint32_t;
constexpr cell_id
cell(std::uint32_t person, v1::Category c, v1::Subject about = v1::SUBJECT_UNSPECIFIED) {
    return static_cast<std::uint32_t>(about) * 65536 + person * 64 + static_cast<std::uint32_t>(c);
}
constexpr std::uint32_t person_of(cell_id c) {
    return c / 64 % 1024;
}
// UNSPECIFIED: about that person.
constexpr v1::Subject about_of(cell_id c) {
    return static_cast<v1::Subject>(c / 65536);
}
constexpr v1::Category category_of(cell_id c) {
    return static_cast<v1::Category>(c % 64);
}

// A populated cell and the inputs of its decision that do not depend on the desk.
struct cell_input {
    cell_id id = 0;
    v1::Subject subject = v1::SUBJECT_UNSPECIFIED;
    std::uint32_t flags = 0;
    bool operator==(const cell_input&) const = default;
};

// A leaf field as the log commits to it: path of (field number, index) steps, canonical value.
struct field_value {
    bytes path;
    bytes value;
};

struct analysis {
    v1::ConcernKind kind = v1::CONCERN_KIND_UNSPECIFIED;
    v1::Purpose purpose = v1::PURPOSE_UNSPECIFIED;
    v1::RiskLevel risk = v1::RISK_LEVEL_UNSPECIFIED;
    // In id order, each once.
    std::vector<cell_input> cells;
    std::vector<field_value> fields;
    std::uint32_t unknown_fields = 0;
    std::uint32_t populated_fields = 0;
    // Any narrative field is populated.
    bool has_narrative = false;
};

// `c` has passed intake::validate. A field decided by value is in its value's own cell; an address
// or contact without HARM_SAFE is in PROTECTED_ADDRESS.
analysis analyse(const v1::Concern& c);

} // namespace cairn::redaction
