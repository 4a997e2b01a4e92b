// A notice for one desk: built from permitted fields only, never by deleting from a copy.
#pragma once

#include "core/crypto.hpp"
#include "policy/table.hpp"
#include "redaction/analysis.hpp"

#include "cairn/v1/notice.pb.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::redaction {

// What a decision needs to know of the desk.
struct desk_context {
    std::string desk;
    v1::Role role = v1::ROLE_UNSPECIFIED;
    // Organisation codes of the desk's agency: OWN_PUPIL is computed against the person's school.
    std::vector<std::string> organisation_codes;
    bool sender_desk = false;
    bool lead_practitioner = false;
    bool in_reply = false;
    bool conflict = false;
    std::uint32_t route_rule = 0;
};

// What all notices of one concern share.
struct concern_context {
    std::string concern_id;
    std::string thread;
    std::string sender;
    std::int64_t decided_at_us = 0;
    // Whom to ask about something hidden: the sender's ask line, or a role in words.
    std::string ask;
    // Challenge ids and pseudonyms are keyed hashes under this.
    key256 pseudonym_key{};
    // Of a conformance run.
    bool test = false;
    // Desks told that others may know of.
    std::vector<std::string> open_desks;
    // Called, where set, when a desk's cells are decided and before its notice is built: for
    // measurements alone.
    std::function<void()> decided;
};

// What was decided for a desk, beside the notice itself.
struct verdicts {
    // Every populated cell and what became of it, grouped, persons numbered as in the concern: for
    // the record, the sender and the auditor, never for the desk. The rule is the one that decided,
    // form and reason those of the notice: a text that was held is masked, or in part so.
    std::vector<v1::DecisionGroup> decisions;
    // False where a narrative was masked for this desk.
    bool narrative_shown = true;
    std::uint32_t desk_flags = 0;
};

struct redacted : verdicts {
    // Its decisions are those its desk may know of: no sealed, silent or veiled cell, and persons
    // numbered as in its content, so that whoever is left out leaves no gap.
    v1::Notice notice;
};

struct encoded_notice : verdicts {
    // What is stored, delivered and committed to.
    bytes encoded;
};

// Pure: the same arguments give the same bytes (invariant 4).
redacted make_notice(
    const v1::Concern& c,
    const analysis& a,
    const policy::table& rules,
    const concern_context& shared,
    const desk_context& desk
);

// The same, encoded at once. On the way of a concern nobody needs the message: it is built in an
// arena and gone with it, which is half the cost of building one on the heap.
encoded_notice make_encoded_notice(
    const v1::Concern& c,
    const analysis& a,
    const policy::table& rules,
    const concern_context& shared,
    const desk_context& desk
);

// Deterministic encoding: what is stored, delivered and committed to.
bytes encode(const v1::Notice& n);

// Explanation of the decisions of a desk, from the policy they were made under, to the desk itself:
// from notice.decisions with notice.content. Whatever is not in them is not told.
v1::DeskExplanation explain(
    const policy::table& rules,
    std::string_view desk,
    std::uint32_t route_rule,
    const google::protobuf::RepeatedPtrField<v1::DecisionGroup>& decisions,
    const v1::Concern* own_concern // for person refs; null: "person 1" and so on
);

} // namespace cairn::redaction
