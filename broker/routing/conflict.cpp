#include "routing/conflict.hpp"

#include "registry/snapshot.hpp"

namespace cairn::routing {

namespace {

const v1::Person* person(const v1::Concern& c, const std::string& ref) {
    for (const auto& p : c.persons()) {
        if (!ref.empty() && p.ref() == ref) return &p;
    }
    return nullptr;
}

std::string_view agency_of(std::string_view desk) {
    return desk.substr(0, desk.find('/'));
}

} // namespace

conflict_set conflict_set::of(const v1::Concern& c) {
    conflict_set out;
    const auto employer = [&](const std::string& agency) {
        if (!agency.empty()) out.employers_.insert(agency);
    };
    for (const auto& listed : c.conflicts_of_interest()) out.listed_.insert(listed);
    for (const auto& a : c.assertions()) {
        if (!a.has_allegation()) continue;
        employer(a.allegation().employer_agency());
        if (const auto* p = person(c, a.allegation().accused())) {
            employer(p->professional().employer_agency());
        }
    }
    for (const auto& p : c.persons()) {
        if (p.role() == v1::SUBJECT_ALLEGED_PERPETRATOR) {
            employer(p.professional().employer_agency());
        }
    }
    return out;
}

void conflict_set::join(const conflict_set& other) {
    listed_.insert(other.listed_.begin(), other.listed_.end());
    employers_.insert(other.employers_.begin(), other.employers_.end());
}

bool conflict_set::lists(std::string_view desk) const {
    return listed_.count(desk) > 0 || listed_.count(agency_of(desk)) > 0;
}

bool conflict_set::binds(std::string_view desk) const {
    if (lists(desk)) return true;
    const auto name = registry::parse_desk(desk);
    if (name && name->role == v1::ROLE_LADO) return false;
    return employers_.count(agency_of(desk)) > 0;
}

bool conflict_set::binds_agency(std::string_view agency) const {
    return listed_.count(agency) > 0 || employers_.count(agency) > 0;
}

} // namespace cairn::routing
