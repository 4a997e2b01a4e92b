#include "agents/profiles/fhir_task.hpp"

#include "agents/profiles/fhir_codes.hpp"
#include "agents/profiles/fhir_graph.hpp"
#include "agents/profiles/fhir_values.hpp"

#include <algorithm>

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;
using formats::fhir_resource;
using formats::leaf;
using target = fhir_answer;

// The first of several.
leaf_outcome put_first(std::string& field, std::string_view value) {
    if (!field.empty() && field != value) return fhir_second;
    field = value;
    return fhir_taken;
}

leaf_outcome put_id(std::string& field, const leaf& l) {
    const auto hex = fhir::hex_of_urn(l.value);
    if (hex.empty()) return {false, "not a urn:uuid of a concern"};
    return put_first(field, hex);
}

leaf_outcome put_status(target&, const leaf&) {
    return fhir_taken;
}

leaf_outcome put_focus(target& to, const leaf& l) {
    return put_id(*to.concern.mutable_in_reply_to(), l);
}

leaf_outcome put_thread(target& to, const leaf& l) {
    return put_id(*to.concern.mutable_thread(), l);
}

leaf_outcome put_staff(target& to, const leaf& l) {
    return put_first(*to.concern.mutable_acting()->mutable_staff_id(), l.value);
}

leaf_outcome put_role(target& to, const leaf& l) {
    return put_first(*to.concern.mutable_acting()->mutable_role(), l.value);
}

leaf_outcome put_words(target& to, const leaf& l) {
    return add_text(to.words, l.value, "\n\n");
}

leaf_outcome put_decision(target& to, const leaf& l) {
    if (to.status != "completed") return {false, "the Task is not completed: it decides nothing"};
    to.coded = true;
    v1::Outcome::Decision found{};
    const bool known = v1::Outcome::Decision_Parse(l.value, &found) ||
                       v1::Outcome::Decision_Parse("DECISION_" + l.value, &found);
    if (!known || found == v1::Outcome::DECISION_UNSPECIFIED) return fhir_not_a_code;
    if (to.decision != v1::Outcome::DECISION_UNSPECIFIED && to.decision != found)
        return fhir_second;
    to.decision = found;
    return fhir_taken;
}

constexpr std::string_view of_the_request = "of what was asked, not of the answer";
constexpr std::string_view names_a_set = "names the set of a number or a code";

// clang-format off
constexpr row<target> task_rows[] = {
    {"status", put_status, "acknowledgement"},
    {"focus/identifier/value", put_focus, "in_reply_to"},
    {"focus/identifier/system", nullptr, names_a_set},
    {"focus/reference", nullptr, "the identifier beside it counts"},
    {"groupIdentifier/value", put_thread, "thread"},
    {"groupIdentifier/system", nullptr, names_a_set},
    {"output/valueCodeableConcept/coding/code", put_decision, "outcome.decision"},
    {"output/valueCodeableConcept/coding/system", nullptr, names_a_set},
    {"output/valueCodeableConcept/coding/display", nullptr, "the words of a code"},
    {"output/valueString", put_words, "outcome.reason"},
    {"output/type/*", nullptr, "what kind of output it is, its value says"},
    {"note/text", put_words, "acknowledgement.note"},
    {"statusReason/text", put_words, "acknowledgement.note"},
    {"owner/identifier/value", put_staff, "acting.staff_id"},
    {"owner/identifier/system", nullptr, names_a_set},
    {"owner/display", nullptr, "names stay with the sender: the staff id says who acted"},
    {"performerType/text", put_role, "acting.role"},
    {"intent", nullptr, of_the_request},
    {"priority", nullptr, of_the_request},
    {"code/*", nullptr, of_the_request},
    {"description", nullptr, of_the_request},
    {"for/*", nullptr, of_the_request},
    {"requester/*", nullptr, of_the_request},
    {"restriction/*", nullptr, of_the_request},
    {"authoredOn", nullptr, of_the_request},
    {"lastModified", nullptr, "the broker's own time counts"},
    {"executionPeriod/*", nullptr, "the broker's own time counts"},
    {"identifier/*", nullptr, "the sending system's own number for it"},
    {"id", nullptr, "the sending system's own number for the record"},
    {"meta/*", nullptr, "versions and profiles of the record"},
    {"language", nullptr, "of the record"},
    {"text/*", nullptr, "the elements again, as a page for people"},
};
// clang-format on

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

failure refusal(const fhir_resource& task, std::string_view what) {
    return fail(errc::format_malformed, formats::place_text(task.at) + ": " + std::string(what));
}

std::string status_of(const fhir_resource& task) {
    for (const auto& l : task.leaves)
        if (task.holds(l) && task.element(l) == "status") return l.value;
    return {};
}

void read_leaves(const fhir_resource& task, target& to, file_report& report) {
    for (const auto& l : task.leaves) {
        if (task.holds(l) || l.value.empty())
            report.add(apply_leaf(fhir_task_rows(), to, l, task.depth));
        else
            report.add(report_of(l, leaf_status::ignored, "of the entry, not of what is in it"));
    }
}

} // namespace

std::span<const row<target>> fhir_task_rows() {
    return task_rows;
}

result<v1::Concern> answer_of_task(const fhir_resource& task, file_report& report) {
    target to{status_of(task)};
    read_leaves(task, to, report);
    auto& out = to.concern;
    if (out.in_reply_to().empty())
        return refusal(task, "Task.focus.identifier, urn:uuid of the concern it answers");
    if (one_of(to.status, {"rejected", "cancelled", "failed", "entered-in-error"}))
        return refusal(task, "Task.status sends the notice back: that is `cairn return`");
    if (!one_of(to.status, {"received", "accepted", "in-progress", "completed"}))
        return refusal(task, "Task.status answers nothing yet");
    if (const auto why = left_out_because(task); !why.empty()) return refusal(task, why);
    if (!to.coded) {
        out.mutable_acknowledgement()->set_note(to.words);
        return std::move(out);
    }
    if (to.decision == v1::Outcome::DECISION_UNSPECIFIED)
        return refusal(task, "Task.output, a code of Outcome.Decision");
    out.mutable_outcome()->set_decision(to.decision);
    out.mutable_outcome()->set_reason(to.words);
    return std::move(out);
}

} // namespace cairn::agents::profiles
