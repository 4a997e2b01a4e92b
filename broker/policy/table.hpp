// The policy text, compiled: total, closed, no evaluation errors.
//
// bar > must > deny > allow > default. Inside bar and deny the strictest form wins, inside must and
// allow the most open one, ties by the lowest rule number: the order of rows never matters.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "policy/decision.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace cairn::policy {

// Immutable after compile; any thread.
class table {
public:
    // Protobuf text format; `where` of a failure is for the author. errc::policy_missing (empty),
    // policy_invalid (line and column, rule number, what is wrong), policy_contradiction (two
    // routing rules, two rules with one number, a SILENT form without approver, a must rule that
    // could raise a protected address to a role outside the final list of ARCHITECTURE.md section 5
    // invariant 5), policy_expired. `today_iso`: "2026-11-22"; a rule whose in_force day is later
    // is not applied, so that a text with dated rules must be compiled anew each day. `signed_by`:
    // see below.
    static result<std::shared_ptr<const table>>
    compile(std::string_view text, std::string_view today_iso, std::string signed_by = {});

    virtual ~table() = default;
    // Total: a role, purpose, category or subject outside the closed sets, and SEALED, are masked
    // by rule 0; one that is not said, too, but for a protected address, which rule 1 masks.
    [[nodiscard]] virtual decision decide(const point& p) const = 0;
    // SHA-256 of the exact text.
    [[nodiscard]] virtual const digest& text_digest() const = 0;
    [[nodiscard]] virtual const std::string& digest_hex() const = 0;
    [[nodiscard]] virtual const v1::Policy& source() const = 0;
    // Names of the keys that signed the text, for people; empty where nobody asked for signatures.
    [[nodiscard]] virtual const std::string& signed_by() const = 0;
    [[nodiscard]] virtual const v1::Rule* rule(std::uint32_t number) const = 0;
    [[nodiscard]] virtual const v1::RoutingRule* routing_rule(std::uint32_t number) const = 0;
    // Its very existence is not told.
    [[nodiscard]] virtual bool veiled(v1::Category c) const = 0;
    // False after valid_until; checked at each submit.
    [[nodiscard]] virtual bool in_force(std::int64_t now_us) const = 0;

    // Words and sentences for people; never a rule number, a path or an enum name.
    [[nodiscard]] virtual std::string word(std::string_view enum_name) const = 0;
    // What a desk may read about a cell. Where the category is veiled the caller gives UNSPECIFIED
    // for it: then the sentence is the neutral one ("other information is held") whatever the
    // reason is, and the reason code in the notice must be UNSPECIFIED too. `subject` UNSPECIFIED
    // where even that is not said.
    [[nodiscard]] virtual std::string sentence(
        v1::ReasonCode reason, v1::Category category, v1::Subject subject, std::string_view ask
    ) const = 0;
    // The same about a cell the desk sees part of. Its category is no secret then, veiled or not.
    [[nodiscard]] virtual std::string sentence_of_part(
        v1::ReasonCode reason, v1::Category category, v1::Subject subject, std::string_view ask
    ) const = 0;
};

// The policy Cairn ships, from the disclosure matrix; text is in deploy/policy/template.textproto
// and compiled into the programs.
std::string_view template_policy();

} // namespace cairn::policy
