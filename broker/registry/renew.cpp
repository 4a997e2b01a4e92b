#include "registry/enrol.hpp"

#include "core/limits.hpp"

namespace cairn::registry {
namespace {

const v1::Certificate* find_certificate(const v1::RegistryState& state, std::string_view sha256) {
    for (const auto& c : state.certificates()) {
        if (c.sha256() == sha256) return &c;
    }
    return nullptr;
}

change_list one(v1::Renewal row) {
    change_list out(1);
    *out.front().mutable_renewal() = std::move(row);
    return out;
}

// A certificate that was never used in place of its predecessor is no ground for a third.
bool predecessor_stands(
    const v1::RegistryState& state, const v1::Certificate& c, std::int64_t now_us
) {
    const auto* old = c.replaces().empty() ? nullptr : find_certificate(state, c.replaces());
    return old != nullptr && !old->revoked() && now_us < old->not_after_us();
}

bool may_retire(const v1::RegistryState& state, const caller& who, std::string_view sha256) {
    const auto* mine = find_certificate(state, who.certificate_sha256);
    if (mine == nullptr || sha256 == mine->sha256()) return false;
    if (mine->replaces() == sha256) return true;
    const auto* row = enrolment_of(state, who.id);
    return row != nullptr && row->step() == v1::ENROLMENT_STEP_TESTING &&
           row->probe_sha256() == sha256;
}

} // namespace

const v1::Renewal* find_renewal(const v1::RegistryState& state, std::string_view sha256) {
    for (const auto& row : state.renewals()) {
        if (row.certificate_sha256() == sha256) return &row;
    }
    return nullptr;
}

result<change_list> ask_renewal(
    const v1::RegistryState& state,
    const caller& who,
    const std::string& request_pem,
    const std::string& signature,
    std::int64_t now_us
) {
    const auto* c = find_certificate(state, who.certificate_sha256);
    if (c == nullptr) return fail(errc::certificate_unknown);
    if (const auto* open = find_renewal(state, c->sha256())) {
        if (open->request_pem() == request_pem) return change_list{};
        // What was refused may be asked again, with another key.
        if (open->refused_because().empty()) return fail(errc::renewal_pending);
    }
    if (predecessor_stands(state, *c, now_us)) return fail(errc::renewal_pending);
    const std::int64_t half = c->not_before_us() + (c->not_after_us() - c->not_before_us()) / 2;
    if (c->not_before_us() != 0 && now_us < half) {
        return fail(errc::renewal_pending, "certificate: not half of its life is over");
    }
    v1::Renewal row;
    row.set_certificate_sha256(c->sha256());
    row.set_request_pem(request_pem);
    row.set_signature(signature);
    row.set_asked_us(now_us);
    return one(std::move(row));
}

result<change_list> refuse_renewal(
    const v1::RegistryState& state, std::string_view sha256, const std::string& because
) {
    const auto* row = find_renewal(state, sha256);
    if (row == nullptr) return fail(errc::not_found, "renewal");
    if (because.empty()) return fail(errc::required, "because");
    if (because.size() > limits::text_field_bytes) return fail(errc::too_large, "because");
    if (!row->successor_sha256().empty()) return fail(errc::enrolment_step, "renewal: signed");
    v1::Renewal next = *row;
    next.set_refused_because(because);
    return one(std::move(next));
}

result<change_list> deliver_renewal(
    const v1::RegistryState& state, std::string_view sha256, const signed_certificate& successor
) {
    const auto* row = find_renewal(state, sha256);
    const auto* old = find_certificate(state, sha256);
    if (row == nullptr || old == nullptr) return fail(errc::not_found, "renewal");
    if (!row->successor_sha256().empty()) return fail(errc::enrolment_step, "renewal: signed");
    if (!row->refused_because().empty()) return fail(errc::enrolment_step, "renewal: refused");
    if (successor.uri != old->uri()) return fail(errc::rights_differ, "certificate: another name");
    if (find_certificate(state, successor.sha256) != nullptr) {
        return fail(errc::rights_differ, "certificate: registered before");
    }
    v1::Renewal next = *row;
    next.set_successor_sha256(successor.sha256);
    next.set_successor_pem(successor.pem);
    change_list out = one(std::move(next));
    // The rights of the old one as they are now, not as they were when it was asked.
    v1::Certificate& made = *out.emplace_back().mutable_certificate();
    made = *old;
    made.set_sha256(successor.sha256);
    made.set_not_before_us(successor.not_before_us);
    made.set_not_after_us(successor.not_after_us);
    made.set_replaces(old->sha256());
    return out;
}

result<change_list>
retire(const v1::RegistryState& state, const caller& who, std::string_view sha256) {
    const auto* c = find_certificate(state, sha256);
    if (c == nullptr || c->agency() != who.id || !may_retire(state, who, sha256)) {
        return fail(errc::not_found, "certificate_sha256");
    }
    if (c->revoked()) return change_list{};
    change_list out(1);
    v1::Certificate& ended = *out.front().mutable_certificate();
    ended = *c;
    ended.set_revoked(true);
    const auto* mine = find_certificate(state, who.certificate_sha256);
    ended.set_revoked_because(
        mine->replaces() == sha256 ? "replaced by its successor" : "conformance run"
    );
    return out;
}

} // namespace cairn::registry
