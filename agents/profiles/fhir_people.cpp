#include "agents/profiles/fhir_people.hpp"

#include "agents/core/labels.hpp"
#include "agents/core/outline.hpp"
#include "agents/profiles/fhir_codes.hpp"
#include "core/bytes.hpp"
#include "core/crypto.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>

namespace cairn::agents::profiles::fhir {
namespace {

namespace v1 = ::cairn::v1;

void put(json& to, const char* member, json value) {
    if (!value.is_null() && !value.empty()) to[member] = std::move(value);
}

void add(json& list, json value) {
    if (!value.is_null() && !value.empty()) list.push_back(std::move(value));
}

template <class Value>
json word(std::span<const code<Value>> table, Value value) {
    const auto found = word_of(table, value);
    return found.empty() ? json() : json(found);
}

json date_of(const v1::PartialDate& d) {
    const auto text = fhir_date(d);
    return text.empty() ? json() : json(text);
}

bool is_child(const v1::Person& p) {
    return p.role() == v1::SUBJECT_CHILD;
}

// Hidden whole, and said so: what stands in a coarser form is there and not masked.
bool hides(const v1::Notice& n, const v1::Person& p, v1::Category category) {
    return std::any_of(n.withheld().begin(), n.withheld().end(), [&](const auto& w) {
        return w.person_ref() == p.ref() && w.category() == category && !w.partly_shown() &&
               w.about() == v1::SUBJECT_UNSPECIFIED;
    });
}

bool endangers(const v1::Person& p) {
    const auto bad = [](const auto& x) { return x.harm() != v1::Address::HARM_SAFE; };
    return std::any_of(p.addresses().begin(), p.addresses().end(), bad) ||
           std::any_of(p.contacts().begin(), p.contacts().end(), bad);
}

json meta_of(const v1::Notice& n, const v1::Person& p) {
    if (!endangers(p) && !hides(n, p, v1::CATEGORY_PROTECTED_ADDRESS)) return {};
    return {
        {"security",
         json::array(
             {{{"system", confidentiality_system}, {"code", "R"}, {"display", "restricted"}}}
         )}};
}

json identifiers_of(const v1::Notice& n, const v1::Person& p) {
    auto out = json::array();
    for (const auto& id : p.identifiers()) {
        if (id.value().empty()) continue;
        const auto scheme = v1::Identifier::Scheme_Name(id.scheme());
        const bool nhs = id.scheme() == v1::Identifier::SCHEME_NHS_NUMBER;
        json one;
        one["system"] =
            nhs ? std::string(nhs_number_system) : std::string(own) + "Identifier.Scheme:" + scheme;
        put(one, "value", text_of(id.value()));
        json period;
        put(period, "start", date_of(id.valid_from()));
        put(period, "end", date_of(id.valid_until()));
        put(one, "period", period);
        out.push_back(one);
    }
    if (hides(n, p, v1::CATEGORY_CONSISTENT_IDENTIFIER))
        out.push_back({{"system", nhs_number_system}, {"_value", masked()}});
    return out;
}

json names_of(const v1::Notice& n, const v1::Person& p) {
    auto out = json::array();
    for (const auto& name : p.names()) {
        json one;
        put(one, "use", word(name_uses(), name.use()));
        put(one, "family", text_of(name.family()));
        if (auto given = text_of(name.given()); !given.is_null())
            one["given"] = json::array({std::move(given)});
        add(out, one);
    }
    if (out.empty() && hides(n, p, v1::CATEGORY_IDENTITY)) out.push_back(masked());
    return out;
}

json telecoms_of(const v1::Notice& n, const v1::Person& p) {
    auto out = json::array();
    for (const auto& c : p.contacts()) {
        json one;
        auto value = text_of(c.value());
        if (value.is_null()) continue;
        // R4 cpt-2: a value needs a system.
        auto system = word(contact_systems(), c.system());
        one["system"] = system.is_null() ? json("other") : std::move(system);
        one["value"] = std::move(value);
        out.push_back(one);
    }
    if (out.empty() && hides(n, p, v1::CATEGORY_CONTACT)) out.push_back(masked());
    return out;
}

json addresses_of(const v1::Notice& n, const v1::Person& p) {
    auto out = json::array();
    for (const auto& a : p.addresses()) {
        json one;
        put(one, "use", word(address_uses(), a.use()));
        auto lines = json::array();
        for (const auto& line : a.lines()) add(lines, text_of(line));
        put(one, "line", lines);
        put(one, "district", text_of(a.local_authority()));
        put(one, "postalCode", text_of(a.postcode()));
        json period;
        put(period, "start", date_of(a.since()));
        put(one, "period", period);
        add(out, one);
    }
    const bool hidden =
        hides(n, p, v1::CATEGORY_CONTACT) || hides(n, p, v1::CATEGORY_PROTECTED_ADDRESS);
    if (hidden) out.push_back(masked());
    return out;
}

void put_birth(json& to, const v1::Notice& n, const v1::Person& p) {
    put(to, "gender", word(genders(), p.sex()));
    put(to, "birthDate", date_of(p.birth().born()));
    const bool known = p.birth().has_born() || p.birth().has_expected();
    if (!known && hides(n, p, v1::CATEGORY_IDENTITY)) to["_birthDate"] = masked();
}

json expected_of(const v1::Person& p) {
    const auto date = date_of(p.birth().expected());
    if (date.is_null()) return {};
    return json::array({{{"url", expected_birth_url}, {"valueDate", date}}});
}

json patient(const v1::Notice& n, const v1::Person& p) {
    json r;
    r["resourceType"] = "Patient";
    put(r, "meta", meta_of(n, p));
    put(r, "extension", expected_of(p));
    put(r, "identifier", identifiers_of(n, p));
    put(r, "name", names_of(n, p));
    put(r, "telecom", telecoms_of(n, p));
    put_birth(r, n, p);
    if (p.deceased()) r["deceasedBoolean"] = true;
    put(r, "address", addresses_of(n, p));
    return r;
}

// A relation is said once, by either of the two.
v1::Relation::Kind relation_between(const v1::Person& a, const v1::Person& b) {
    for (const auto& r : a.relations())
        if (r.to_ref() == b.ref()) return r.kind();
    for (const auto& r : b.relations())
        if (r.to_ref() == a.ref()) return r.kind();
    return v1::Relation::KIND_UNSPECIFIED;
}

bool related(const v1::Person& a, const v1::Person& b) {
    const auto names = [](const v1::Person& x, const v1::Person& y) {
        return std::any_of(x.relations().begin(), x.relations().end(), [&](const auto& r) {
            return r.to_ref() == y.ref();
        });
    };
    return names(a, b) || names(b, a);
}

// Null: nobody, or more than one and none of them said.
const v1::Person* child_of(const v1::Notice& n, const v1::Person& p) {
    const v1::Person* only = nullptr;
    std::size_t children = 0;
    for (const auto& child : n.content().persons()) {
        if (!is_child(child)) continue;
        if (related(p, child)) return &child;
        only = &child;
        ++children;
    }
    return children == 1 ? only : nullptr;
}

json relationships(const v1::Person& p, const v1::Person& child) {
    auto out = json::array();
    const auto role = v1::Subject_Name(p.role());
    const auto* said = v1::Subject_descriptor()->FindValueByNumber(p.role());
    out.push_back(
        concept_of(std::string(own) + "Subject", role, said == nullptr ? "" : value_label(*said))
    );
    const auto kind = relation_between(p, child);
    const auto* value = v1::Relation::Kind_descriptor()->FindValueByNumber(kind);
    if (kind == v1::Relation::KIND_UNSPECIFIED || value == nullptr) return out;
    const auto hl7 = word_of(relations(), kind);
    if (!hl7.empty())
        out.push_back(concept_of(role_system, hl7, value_label(*value)));
    else
        out.push_back(
            concept_of(std::string(own) + "Relation.Kind", value->name(), value_label(*value))
        );
    return out;
}

json other_person(const v1::Notice& n, const v1::Person& p) {
    const auto* child = child_of(n, p);
    json r;
    r["resourceType"] = child == nullptr ? "Person" : "RelatedPerson";
    put(r, "meta", meta_of(n, p));
    put(r, "identifier", identifiers_of(n, p));
    if (child != nullptr) {
        r["patient"] = reference_to(n, *child);
        r["relationship"] = relationships(p, *child);
    }
    put(r, "name", names_of(n, p));
    put(r, "telecom", telecoms_of(n, p));
    put_birth(r, n, p);
    put(r, "address", addresses_of(n, p));
    return r;
}

// The authority that answers for a plan, and where to ring it.
bool has_team(const v1::Person& p) {
    const auto& status = p.case_status();
    return status.plans_size() != 0 && !text_of(status.local_authority()).is_null();
}

json plan_of(const v1::Notice& n, const v1::Person& p, const v1::CaseStatus::Plan& plan) {
    json r;
    r["resourceType"] = "CarePlan";
    r["status"] = plan.has_until() ? "completed" : "active";
    r["intent"] = "plan";
    const auto* kind = v1::CaseStatus::Plan::Kind_descriptor()->FindValueByNumber(plan.kind());
    const auto snomed = word_of(plans(), plan.kind());
    const auto words = kind == nullptr ? std::string_view{} : value_label(*kind);
    if (!snomed.empty())
        r["category"] = json::array({concept_of(snomed_system, snomed, words)});
    else if (plan.kind() != v1::CaseStatus::Plan::KIND_UNSPECIFIED && kind != nullptr)
        r["category"] =
            json::array({concept_of(std::string(own) + "CaseStatus.Plan.Kind", kind->name(), words)}
            );
    r["subject"] = reference_to(n, p);
    json period;
    put(period, "start", date_of(plan.from()));
    put(period, "end", date_of(plan.until()));
    put(r, "period", period);
    if (has_team(p))
        r["careTeam"] = json::array({{{"reference", entry_url(n, "team/" + p.ref())}}});
    return r;
}

json team_of(const v1::Person& p) {
    json r;
    r["resourceType"] = "CareTeam";
    r["status"] = "active";
    put(r, "name", text_of(p.case_status().local_authority()));
    auto telecom = text_of(p.case_status().worker_contact());
    if (!telecom.is_null())
        r["telecom"] = json::array({{{"system", "other"}, {"value", std::move(telecom)}}});
    return r;
}

} // namespace

std::string entry_url(const v1::Notice& n, std::string_view what) {
    constexpr std::size_t uuid_bytes = 16;
    const auto digest = sha256({n.concern_id(), "\n", n.desk(), "\n", what});
    return uuid_urn(to_hex(view(digest).substr(0, uuid_bytes)));
}

json text_of(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool allowed = byte >= 0x20 || c == '\t' || c == '\n' || c == '\r';
        out += allowed ? c : ' ';
    }
    if (out.find_first_not_of(" \t\r\n") == std::string::npos) return {};
    return out;
}

json masked() {
    return {{"extension", json::array({{{"url", absent_url}, {"valueCode", "masked"}}})}};
}

json concept_of(std::string_view system, std::string_view code, std::string_view text) {
    json coding;
    coding["system"] = system;
    coding["code"] = code;
    put(coding, "display", text_of(text));
    json out;
    out["coding"] = json::array({coding});
    put(out, "text", text_of(text));
    return out;
}

json reference_to(const v1::Notice& n, const v1::Person& p) {
    json out;
    out["reference"] = entry_url(n, "person/" + p.ref());
    put(out, "display", text_of(person_title(p)));
    return out;
}

std::vector<entry> people_of(const v1::Notice& n) {
    std::vector<entry> out;
    for (const auto& p : n.content().persons())
        out.push_back(
            {entry_url(n, "person/" + p.ref()), is_child(p) ? patient(n, p) : other_person(n, p)}
        );
    return out;
}

std::vector<entry> plans_of(const v1::Notice& n) {
    std::vector<entry> out;
    for (const auto& p : n.content().persons()) {
        if (!is_child(p)) continue;
        int i = 0;
        for (const auto& plan : p.case_status().plans())
            out.push_back(
                {entry_url(n, "plan/" + p.ref() + "/" + std::to_string(i++)), plan_of(n, p, plan)}
            );
        if (has_team(p)) out.push_back({entry_url(n, "team/" + p.ref()), team_of(p)});
    }
    return out;
}

} // namespace cairn::agents::profiles::fhir
