#include "registry/enrol.hpp"

#include "core/limits.hpp"

#include <algorithm>

namespace cairn::registry {
namespace {

change_list one(v1::Enrolment row) {
    change_list out(1);
    *out.front().mutable_enrolment() = std::move(row);
    return out;
}

failure wrong_step(const v1::Enrolment& row) {
    return fail(errc::enrolment_step, "enrolment: it is " + std::string(step_text(row.step())));
}

v1::RegistryChange stage_change(const v1::RegistryState& state, const v1::Enrolment& row) {
    v1::RegistryChange out;
    for (const auto& a : state.agencies()) {
        if (a.id() == row.agency()) *out.mutable_agency() = a;
    }
    return out;
}

v1::Certificate certificate_row(const v1::Enrolment& row, const signed_certificate& made) {
    v1::Certificate out;
    out.set_sha256(made.sha256);
    out.set_uri(made.uri);
    out.set_agency(row.agency());
    *out.mutable_desks() = row.desks();
    *out.mutable_kinds() = row.kinds();
    *out.mutable_purposes() = row.purposes();
    out.set_not_before_us(made.not_before_us);
    out.set_not_after_us(made.not_after_us);
    return out;
}

const v1::Certificate* find_certificate(const v1::RegistryState& state, std::string_view sha256) {
    for (const auto& c : state.certificates()) {
        if (c.sha256() == sha256) return &c;
    }
    return nullptr;
}

// What is never given in answer to a row: a name of another, a pin that stands for something.
status fits(const v1::RegistryState& state, std::string_view name, const signed_certificate& made) {
    if (made.uri != name) return fail(errc::rights_differ, "certificate: another name");
    if (find_certificate(state, made.sha256) != nullptr) {
        return fail(errc::rights_differ, "certificate: registered before");
    }
    return {};
}

// The partnership is that of the invitation's own name.
std::string agency_name(const v1::RegistryState& state, const v1::Enrolment& row) {
    const auto* c = find_certificate(state, row.invitation_sha256());
    if (c == nullptr) return {};
    const auto cut = c->uri().rfind("/invite/");
    return c->uri().substr(0, cut) + "/agency/" + row.agency();
}

} // namespace

std::string_view step_text(v1::EnrolmentStep step) {
    switch (step) {
    case v1::ENROLMENT_STEP_INVITED:
        return "invited";
    case v1::ENROLMENT_STEP_REQUESTED:
        return "requested";
    case v1::ENROLMENT_STEP_APPROVED:
        return "approved";
    case v1::ENROLMENT_STEP_TESTING:
        return "testing";
    case v1::ENROLMENT_STEP_LIVE:
        return "live";
    case v1::ENROLMENT_STEP_REFUSED:
        return "refused";
    default:
        return "unknown";
    }
}

const v1::Enrolment* find_enrolment(const v1::RegistryState& state, std::string_view id) {
    for (const auto& row : state.enrolments()) {
        if (row.id() == id) return &row;
    }
    return nullptr;
}

const v1::Enrolment* enrolment_of(const v1::RegistryState& state, std::string_view agency) {
    const v1::Enrolment* found = nullptr;
    for (const auto& row : state.enrolments()) {
        if (row.agency() == agency && row.step() != v1::ENROLMENT_STEP_REFUSED) found = &row;
    }
    return found;
}

result<change_list> take_request(
    const v1::RegistryState& state, std::string_view id, const asked_keys& keys, std::int64_t now_us
) {
    const auto* row = find_enrolment(state, id);
    if (row == nullptr) return fail(errc::not_found, "enrolment");
    if (row->step() == v1::ENROLMENT_STEP_REFUSED) return fail(errc::enrolment_refused);
    if (row->step() != v1::ENROLMENT_STEP_INVITED) {
        // A tool that was not told asks again.
        if (row->key_sha256() == keys.key_sha256) return change_list{};
        return fail(errc::invitation_used);
    }
    if (now_us >= row->until_us()) return fail(errc::invitation_expired);
    v1::Enrolment next = *row;
    next.set_step(v1::ENROLMENT_STEP_REQUESTED);
    next.set_request_pem(keys.request_pem);
    next.set_probe_request_pem(keys.probe_request_pem);
    next.set_key_sha256(keys.key_sha256);
    return one(std::move(next));
}

result<change_list> approve(
    const v1::RegistryState& state,
    const caller& admin,
    std::string_view id,
    std::string_view key_sha256,
    std::int64_t now_us
) {
    const auto* row = find_enrolment(state, id);
    if (row == nullptr) return fail(errc::not_found, "enrolment");
    for (const auto& a : row->approvals()) {
        // By name: two certificates do not make two people.
        if (a.admin() == admin.id) return fail(errc::approved_before);
    }
    if (row->step() != v1::ENROLMENT_STEP_REQUESTED) return wrong_step(*row);
    if (row->key_sha256() != key_sha256) return fail(errc::key_differs, "key_sha256");
    v1::Enrolment next = *row;
    auto& mine = *next.add_approvals();
    mine.set_admin(admin.id);
    mine.set_certificate_sha256(admin.certificate_sha256);
    mine.set_at_us(now_us);
    if (next.approvals_size() >= limits::approvals) next.set_step(v1::ENROLMENT_STEP_APPROVED);
    return one(std::move(next));
}

result<change_list> refuse_enrolment(
    const v1::RegistryState& state,
    const caller& admin,
    std::string_view id,
    const std::string& because
) {
    const auto* row = find_enrolment(state, id);
    if (row == nullptr) return fail(errc::not_found, "enrolment");
    if (because.empty()) return fail(errc::required, "because");
    if (because.size() > limits::text_field_bytes) return fail(errc::too_large, "because");
    if (row->step() == v1::ENROLMENT_STEP_LIVE || row->step() == v1::ENROLMENT_STEP_REFUSED) {
        return wrong_step(*row);
    }
    v1::Enrolment next = *row;
    next.set_step(v1::ENROLMENT_STEP_REFUSED);
    next.set_refused_by(admin.id);
    next.set_refused_because(because);
    for (auto* text :
         {next.mutable_request_pem(),
          next.mutable_probe_request_pem(),
          next.mutable_certificate_pem(),
          next.mutable_probe_pem()}) {
        text->clear();
    }
    change_list out = one(std::move(next));
    // What it was given for the run ends with it.
    auto stage = stage_change(state, *row);
    stage.mutable_agency()->set_stage(v1::AGENCY_STAGE_INVITED);
    out.push_back(std::move(stage));
    for (const auto& pin : {row->certificate_sha256(), row->probe_sha256()}) {
        const auto* c = find_certificate(state, pin);
        if (c == nullptr || c->revoked()) continue;
        v1::Certificate& ended = *out.emplace_back().mutable_certificate();
        ended = *c;
        ended.set_revoked(true);
        ended.set_revoked_because("enrolment refused");
    }
    return out;
}

result<change_list> deliver(
    const v1::RegistryState& state,
    std::string_view id,
    const signed_certificate& certificate,
    const signed_certificate& probe
) {
    const auto* row = find_enrolment(state, id);
    if (row == nullptr) return fail(errc::not_found, "enrolment");
    if (row->step() != v1::ENROLMENT_STEP_APPROVED) return wrong_step(*row);
    const std::string name = agency_name(state, *row);
    CAIRN_TRY(fits(state, name, certificate));
    CAIRN_TRY(fits(state, name, probe));
    if (certificate.sha256 == probe.sha256) {
        return fail(errc::rights_differ, "probe: the certificate itself");
    }
    v1::Enrolment next = *row;
    next.set_step(v1::ENROLMENT_STEP_TESTING);
    next.set_certificate_sha256(certificate.sha256);
    next.set_certificate_pem(certificate.pem);
    next.set_probe_sha256(probe.sha256);
    next.set_probe_pem(probe.pem);
    auto stage = stage_change(state, *row);
    stage.mutable_agency()->set_stage(v1::AGENCY_STAGE_TESTING);
    change_list out = one(std::move(next));
    out.push_back(std::move(stage));
    for (const auto* made : {&certificate, &probe}) {
        *out.emplace_back().mutable_certificate() = certificate_row(*row, *made);
    }
    return out;
}

namespace {

bool is_step_name(std::string_view text) {
    return text.size() >= 2 && text.size() <= 40 &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || c == '_';
           });
}

status check_steps(const std::vector<v1::ConformanceStep>& steps) {
    if (steps.empty()) return fail(errc::required, "steps");
    if (steps.size() > limits::conformance_steps) {
        return fail(errc::too_many, "steps, at most " + std::to_string(limits::conformance_steps));
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::string where = "steps[" + std::to_string(i) + "].";
        if (!is_step_name(steps[i].name())) return fail(errc::bad_value, where + "name");
        if (steps[i].detail().size() > limits::conformance_detail_bytes) {
            return fail(errc::too_large, where + "detail");
        }
    }
    return {};
}

// The broker believes what it saw itself.
status
check_seen(const v1::RegistryState& state, const v1::Enrolment& row, const seen_notices& seen) {
    if (seen.confirmed == 0) return fail(errc::run_not_seen, "a notice confirmed");
    if (seen.returned == 0) return fail(errc::run_not_seen, "a notice returned");
    const auto* probe = find_certificate(state, row.probe_sha256());
    if (probe == nullptr || !probe->revoked()) {
        return fail(errc::run_not_seen, "the trial certificate revoked");
    }
    return {};
}

} // namespace

result<change_list> report(
    const v1::RegistryState& state,
    const caller& who,
    const std::vector<v1::ConformanceStep>& steps,
    const seen_notices& seen,
    std::int64_t now_us
) {
    const auto* row = enrolment_of(state, who.id);
    if (row == nullptr) return fail(errc::not_found, "enrolment");
    if (row->step() != v1::ENROLMENT_STEP_TESTING) return wrong_step(*row);
    CAIRN_TRY(check_steps(steps));
    const bool passed =
        std::all_of(steps.begin(), steps.end(), [](const auto& s) { return s.passed(); });
    if (passed) CAIRN_TRY(check_seen(state, *row, seen));
    v1::Enrolment next = *row;
    next.clear_run();
    for (const auto& s : steps) *next.add_run() = s;
    next.set_run_at_us(now_us);
    if (!passed) return one(std::move(next));
    next.set_step(v1::ENROLMENT_STEP_LIVE);
    for (auto* text :
         {next.mutable_request_pem(),
          next.mutable_probe_request_pem(),
          next.mutable_certificate_pem(),
          next.mutable_probe_pem()}) {
        text->clear();
    }
    auto stage = stage_change(state, *row);
    stage.mutable_agency()->set_stage(v1::AGENCY_STAGE_LIVE);
    change_list out = one(std::move(next));
    out.push_back(std::move(stage));
    // The invitation has done its work.
    if (const auto* c = find_certificate(state, row->invitation_sha256())) {
        v1::Certificate& ended = *out.emplace_back().mutable_certificate();
        ended = *c;
        ended.set_revoked(true);
        ended.set_revoked_because("the agency is live");
    }
    return out;
}

} // namespace cairn::registry
