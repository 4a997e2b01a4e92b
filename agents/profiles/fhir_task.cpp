#include "agents/profiles/fhir_task.hpp"

#include "agents/formats/fhir.hpp"
#include "agents/profiles/fhir_codes.hpp"
#include "agents/profiles/fhir_values.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;

struct task {
    std::string status;
    std::string concern;
    std::string thread;
    std::string code;
    std::string words;
    std::string staff;
    std::string role;
};

task read_task(const formats::fhir_resource& r) {
    task out;
    const auto place = [&](std::string_view element) -> std::string* {
        if (element == "status") return &out.status;
        if (element == "focus/identifier/value") return &out.concern;
        if (element == "groupIdentifier/value") return &out.thread;
        if (element == "output/valueCodeableConcept/coding/code") return &out.code;
        if (element == "owner/identifier/value") return &out.staff;
        return element == "performerType/text" ? &out.role : nullptr;
    };
    for (const auto& l : r.leaves) {
        if (!r.holds(l)) continue;
        const auto element = r.element(l);
        if (auto* at = place(element)) {
            // The first of several.
            if (at->empty()) *at = l.value;
            continue;
        }
        const bool words = element == "output/valueString" || element == "note/text" ||
                           element == "statusReason/text";
        if (words) (void) add_text(out.words, l.value, "\n\n");
    }
    return out;
}

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<v1::Outcome::Decision> decision(std::string_view code) {
    v1::Outcome::Decision out{};
    const std::string name(code);
    const bool known = v1::Outcome::Decision_Parse(name, &out) ||
                       v1::Outcome::Decision_Parse("DECISION_" + name, &out);
    if (!known || out == v1::Outcome::DECISION_UNSPECIFIED) return {};
    return out;
}

result<v1::Concern> answer_of(const formats::fhir_resource& r) {
    const auto t = read_task(r);
    const auto refuse = [&](std::string_view what) {
        return fail(
            errc::format_malformed, "line " + std::to_string(r.line) + ": " + std::string(what)
        );
    };
    v1::Concern out;
    out.set_in_reply_to(fhir::hex_of_urn(t.concern));
    if (out.in_reply_to().empty())
        return refuse("Task.focus.identifier, urn:uuid of the concern it answers");
    if (one_of(t.status, {"rejected", "cancelled", "failed", "entered-in-error"}))
        return refuse("Task.status sends the notice back: that is `cairn return`");
    if (!one_of(t.status, {"received", "accepted", "in-progress", "completed"}))
        return refuse("Task.status answers nothing yet");
    out.set_thread(fhir::hex_of_urn(t.thread));
    if (!t.staff.empty()) out.mutable_acting()->set_staff_id(t.staff);
    if (!t.role.empty()) out.mutable_acting()->set_role(t.role);
    if (t.code.empty() || t.status != "completed") {
        out.mutable_acknowledgement()->set_note(t.words);
        return out;
    }
    const auto decided = decision(t.code);
    if (!decided) return refuse("Task.output, a code of Outcome.Decision");
    out.mutable_outcome()->set_decision(*decided);
    out.mutable_outcome()->set_reason(t.words);
    return out;
}

} // namespace

result<std::vector<v1::Concern>> answers_of_fhir(bytes_view file) {
    std::vector<v1::Concern> out;
    formats::fhir_handlers handlers;
    handlers.outside = [](formats::leaf&&) -> status { return {}; };
    handlers.each = [&](formats::fhir_resource&& r) -> status {
        if (r.type != "Task") return {};
        auto answer = answer_of(r);
        if (!answer) return answer.error();
        out.push_back(std::move(*answer));
        return {};
    };
    formats::fhir_limits limits;
    constexpr std::size_t tasks_most = 1000;
    limits.bytes = std::size_t{4} * 1024 * 1024;
    limits.resources = tasks_most;
    CAIRN_TRY(formats::read_fhir(formats::pieces_of(file), handlers, limits));
    if (out.empty()) return fail(errc::required, "a Task");
    return out;
}

} // namespace cairn::agents::profiles
