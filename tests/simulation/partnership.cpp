#include "simulation/partnership.hpp"

#include "core/crypto.hpp"
#include "support/people.hpp"

#include "cairn/v1/annotations.pb.h"

namespace cairn::sim {
namespace {

constexpr std::int64_t far_future_us = 2'000'000'000'000'000;

void add_agency(
    std::vector<v1::RegistryChange>& out, const char* id, v1::AgencyKind kind, const char* code
) {
    v1::Agency& a = *out.emplace_back().mutable_agency();
    a.set_id(id);
    a.set_name(std::string("The ") + id);
    a.set_kind(kind);
    if (*code != '\0') a.add_organisation_codes(code);
}

void add_desk(std::vector<v1::RegistryChange>& out, std::string_view id) {
    out.emplace_back().mutable_desk()->set_id(std::string(id));
}

// Everything told in words.
void clear_narratives(google::protobuf::Message& m) {
    const auto& r = *m.GetReflection();
    std::vector<const google::protobuf::FieldDescriptor*> set;
    r.ListFields(m, &set);
    for (const auto* f : set) {
        if (f->options().GetExtension(v1::disclosure).narrative()) {
            r.ClearField(&m, f);
        } else if (f->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
            if (!f->is_repeated()) clear_narratives(*r.MutableMessage(&m, f));
            for (int i = 0; f->is_repeated() && i < r.FieldSize(m, f); ++i)
                clear_narratives(*r.MutableRepeatedMessage(&m, f, i));
        }
    }
}

void say_otherwise(v1::Concern& c, dice& random) {
    v1::Person& girl = *c.mutable_persons(0);
    if (random.chance(30)) girl.clear_health();
    if (random.chance(30)) girl.clear_voice();
    if (random.chance(30)) girl.clear_sensitive_services();
    if (random.chance(30)) c.mutable_risk()->set_level(v1::RISK_LEVEL_IMMINENT_DANGER);
    if (random.chance(30)) c.mutable_assertions()->RemoveLast();
    if (random.chance(20)) c.set_urgency(v1::URGENCY_IMMEDIATE);
    if (random.chance(20)) c.set_purpose(v1::PURPOSE_CIN17);
    const auto n = std::to_string(random.below(100000));
    girl.mutable_names(0)->set_given("Tamsin" + n);
    v1::Notification& body = *c.mutable_notification();
    body.set_summary("Bruise seen at school, note " + n);
    // An address in the words is an address all the same.
    if (random.chance(30)) {
        body.set_narrative(
            "She sleeps at " + std::string(test::protected_line) + ", " +
            std::string(test::protected_postcode) + ", since Monday."
        );
    }
    // Most say it in fields: the front door may not read every narrative, and without that the
    // concern is refused.
    if (random.chance(85)) clear_narratives(c);
}

} // namespace

session::peer identity(std::string_view name, int n) {
    session::peer p;
    p.certificate_sha256 = to_hex(view(sha256(std::string(name) + " " + std::to_string(n))));
    p.uris = {"spiffe://" + std::string(partnership_name) + "/" + std::string(name)};
    p.address = std::string(name) + "#" + std::to_string(n);
    return p;
}

v1::Certificate
certificate(std::string_view name, int n, const std::vector<std::string_view>& desks) {
    const session::peer p = identity(name, n);
    v1::Certificate c;
    c.set_sha256(p.certificate_sha256);
    c.set_uri(p.uris.front());
    c.set_not_after_us(far_future_us);
    constexpr std::string_view agency = "agency/";
    if (!name.starts_with(agency)) return c;
    c.set_agency(std::string(name.substr(agency.size())));
    for (const auto d : desks) c.add_desks(std::string(d));
    for (int k = 1; k <= v1::ConcernKind_MAX; ++k) c.add_kinds(static_cast<v1::ConcernKind>(k));
    for (int k = 1; k <= v1::Purpose_MAX; ++k) c.add_purposes(static_cast<v1::Purpose>(k));
    return c;
}

std::vector<v1::RegistryChange> founding() {
    std::vector<v1::RegistryChange> out;
    add_agency(out, "oakfield", v1::AGENCY_KIND_SCHOOL, "100042");
    add_agency(out, "riverside", v1::AGENCY_KIND_SCHOOL, "100043");
    add_agency(out, "northshire-police", v1::AGENCY_KIND_POLICE, "");
    add_agency(out, "northshire-council", v1::AGENCY_KIND_SOCIAL_CARE, "");
    add_agency(out, "northshire-nhs", v1::AGENCY_KIND_HEALTH, "");
    for (const auto d : {dsl, other_dsl, mash, front_door, allocated, lado, named})
        add_desk(out, d);
    const auto pin = [&out](std::string_view name, const std::vector<std::string_view>& desks) {
        *out.emplace_back().mutable_certificate() = certificate(name, 1, desks);
    };
    pin("admin/ops", {});
    pin("auditor/dpo", {});
    pin("agency/oakfield", {dsl});
    pin("agency/riverside", {other_dsl});
    pin("agency/northshire-police", {mash});
    pin("agency/northshire-council", {front_door, allocated, lado});
    pin("agency/northshire-nhs", {named});
    return out;
}

v1::SubmitRequest notification(dice& random, const std::string& key) {
    v1::SubmitRequest out;
    out.set_key(key);
    v1::Concern& c = *out.mutable_concern();
    if (random.chance(8)) {
        // Anything the schema can say; most of it is refused.
        c = test::random_filler(random.below(1000000)).concern();
    } else {
        c = test::school_concern();
        say_otherwise(c, random);
    }
    c.clear_desks();
    c.clear_thread();
    c.clear_in_reply_to();
    // Now and then to one desk alone: the one that closes, too.
    if (random.chance(15)) {
        c.add_desks(std::string(other_dsl));
        return out;
    }
    for (const auto d : {front_door, mash, named, other_dsl}) {
        if (random.chance(d == other_dsl ? 40 : 75)) c.add_desks(std::string(d));
    }
    if (c.desks().empty()) c.add_desks(std::string(mash));
    return out;
}

v1::SubmitRequest acknowledgement(const v1::Notice& of, const std::string& key) {
    v1::SubmitRequest out;
    out.set_key(key);
    v1::Concern& c = *out.mutable_concern();
    c.set_purpose(v1::PURPOSE_S47);
    c.add_bases(v1::LAWFUL_BASIS_6C);
    c.set_urgency(v1::URGENCY_ROUTINE);
    c.mutable_acting()->set_role("contact officer");
    c.mutable_acting()->set_staff_id("nc-204");
    c.mutable_acting()->set_authenticated_by("entra-mfa");
    c.set_thread(of.thread());
    c.set_in_reply_to(of.concern_id());
    c.mutable_acknowledgement();
    return out;
}

v1::SubmitRequest
recall(const std::string& concern_id, const std::string& thread, const std::string& key) {
    v1::SubmitRequest out;
    out.set_key(key);
    v1::Concern& c = *out.mutable_concern();
    c.set_purpose(v1::PURPOSE_S47);
    c.add_bases(v1::LAWFUL_BASIS_6C);
    c.set_urgency(v1::URGENCY_ROUTINE);
    c.mutable_acting()->set_role("designated safeguarding lead");
    c.mutable_acting()->set_staff_id("oak-7731");
    c.mutable_acting()->set_authenticated_by("entra-mfa");
    c.set_thread(thread);
    c.set_in_reply_to(concern_id);
    c.mutable_recall()->set_reason("sent about the wrong child");
    return out;
}

} // namespace cairn::sim
