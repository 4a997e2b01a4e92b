#include "intake/refs.hpp"

#include "core/limits.hpp"

#include <string>
#include <string_view>
#include <unordered_set>

namespace cairn::intake {
namespace {

namespace v1 = ::cairn::v1;
using refs = std::unordered_set<std::string_view>;

bool is_ref(std::string_view text) {
    if (text.empty() || text.size() > 32) return false;
    for (const char c : text) {
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') return false;
    }
    return true;
}

std::string at(std::string_view list, int index, std::string_view field = {}) {
    std::string out = "concern." + std::string{list} + "[" + std::to_string(index) + "]";
    if (!field.empty()) out += "." + std::string{field};
    return out;
}

status check_persons(const v1::Concern& c, refs& known) {
    for (int i = 0; i < c.persons_size(); ++i) {
        const v1::Person& p = c.persons(i);
        if (p.ref().empty()) return fail(errc::required, at("persons", i, "ref"));
        if (!is_ref(p.ref()) || !known.insert(p.ref()).second) {
            return fail(errc::bad_value, at("persons", i, "ref"));
        }
        if (p.role() == v1::SUBJECT_UNSPECIFIED) {
            return fail(errc::required, at("persons", i, "role"));
        }
        if (p.role() < v1::SUBJECT_CHILD || p.role() > v1::SUBJECT_PROFESSIONAL) {
            return fail(errc::bad_value, at("persons", i, "role"));
        }
    }
    return {};
}

bool points(const refs& known, const std::string& ref) {
    return ref.empty() || known.count(ref) != 0;
}

status check_household(const v1::Concern& c, int i, const refs& known) {
    const v1::Person& p = c.persons(i);
    for (int k = 0; k < p.relations_size(); ++k) {
        if (!points(known, p.relations(k).to_ref())) {
            return fail(
                errc::bad_value, at("persons", i, "relations[" + std::to_string(k) + "].to_ref")
            );
        }
    }
    for (int k = 0; k < p.household().members_size(); ++k) {
        if (!points(known, p.household().members(k).ref())) {
            return fail(
                errc::bad_value,
                at("persons", i, "household.members[" + std::to_string(k) + "].ref")
            );
        }
    }
    return {};
}

status check_assertions(const v1::Concern& c, const refs& persons) {
    refs known;
    for (int i = 0; i < c.assertions_size(); ++i) {
        const std::string& ref = c.assertions(i).ref();
        if (!ref.empty() && (!is_ref(ref) || !known.insert(ref).second)) {
            return fail(errc::bad_value, at("assertions", i, "ref"));
        }
    }
    for (int i = 0; i < c.assertions_size(); ++i) {
        const v1::Assertion& a = c.assertions(i);
        if (!points(persons, a.about())) return fail(errc::bad_value, at("assertions", i, "about"));
        if (!points(persons, a.allegation().accused())) {
            return fail(errc::bad_value, at("assertions", i, "allegation.accused"));
        }
        for (int k = 0; k < a.corroborates_size(); ++k) {
            if (known.count(a.corroborates(k)) == 0) {
                return fail(
                    errc::bad_value, at("assertions", i, "corroborates[" + std::to_string(k) + "]")
                );
            }
        }
    }
    return {};
}

} // namespace

status check_refs(const v1::Concern& c) {
    refs persons;
    CAIRN_TRY(check_persons(c, persons));
    for (int i = 0; i < c.persons_size(); ++i) CAIRN_TRY(check_household(c, i, persons));
    CAIRN_TRY(check_assertions(c, persons));
    for (int i = 0; i < c.detriments_size(); ++i) {
        if (!points(persons, c.detriments(i).person_ref())) {
            return fail(errc::bad_value, at("detriments", i, "person_ref"));
        }
    }
    return {};
}

} // namespace cairn::intake
