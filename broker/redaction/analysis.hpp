// One walk over a submitted concern: which cells are there, what the decisions depend on, what the
// log commits to. Everything later works on its result.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "policy/cell.hpp"
#include "redaction/field_list.hpp"

#include "cairn/v1/concern.pb.h"
#include "cairn/v1/record.pb.h"

#include <cstdint>
#include <vector>

namespace cairn::redaction {

namespace v1 = ::cairn::v1;

using policy::about_of;
using policy::category_of;
using policy::cell;
using policy::cell_id;
using policy::cell_input;
using policy::person_of;

struct field_plan;

// A field that is there, or one element of a repeated one.
struct present_field {
    const field_plan* field = nullptr;
    // Of the element; -1 where the field is not repeated.
    std::int32_t index = -1;
    // In the list it is in: the first that is not below it.
    std::uint32_t end = 0;
    // Of a leaf: its cell's place among the analysis's.
    std::uint32_t cell = 0;
};

struct analysis {
    v1::ConcernKind kind = v1::CONCERN_KIND_UNSPECIFIED;
    v1::Purpose purpose = v1::PURPOSE_UNSPECIFIED;
    v1::RiskLevel risk = v1::RISK_LEVEL_UNSPECIFIED;
    // In id order, each once.
    std::vector<cell_input> cells;
    field_list fields;
    // By field number, each message before what is in it. A notice is looked for among these: most
    // fields of a concern are empty, and asking each costs more than building what is there. Leaves
    // of a newer schema and dates of which nothing is said are not among them.
    std::vector<present_field> present;
    std::uint32_t unknown_fields = 0;
    std::uint32_t populated_fields = 0;
    // Any narrative field is populated.
    bool has_narrative = false;
    // Its sender may say that intelligence is released; what others say of it is left out.
    bool from_originator = false;
};

// `c` has passed intake::validate. A field decided by value is in its value's own cell; an address
// or contact without HARM_SAFE is in PROTECTED_ADDRESS. `from_originator`: the sender speaks for
// the originator of the intelligence in it; from anybody else none of it is released.
analysis analyse(const v1::Concern& c, bool from_originator = false);

} // namespace cairn::redaction
