#include "redaction/scope.hpp"

#include <algorithm>

namespace cairn::redaction {

people::people(const v1::Concern& c) {
    roles_.reserve(static_cast<std::size_t>(c.persons_size()) + 1);
    roles_.push_back(v1::SUBJECT_CONCERN);
    by_ref_.reserve(static_cast<std::size_t>(c.persons_size()));
    for (const v1::Person& p : c.persons()) {
        const bool known = p.role() >= v1::SUBJECT_CHILD && p.role() <= v1::SUBJECT_PROFESSIONAL;
        by_ref_.emplace_back(p.ref(), static_cast<std::uint32_t>(roles_.size()));
        roles_.push_back(known ? p.role() : v1::SUBJECT_UNSPECIFIED);
    }
    std::sort(by_ref_.begin(), by_ref_.end());
}

std::uint32_t people::index_of(std::string_view ref) const {
    if (ref.empty()) return 0;
    const auto at = std::lower_bound(
        by_ref_.begin(),
        by_ref_.end(),
        ref,
        [](const auto& entry, std::string_view wanted) { return entry.first < wanted; }
    );
    return at != by_ref_.end() && at->first == ref ? at->second : 0;
}

bool covers(const v1::Detriment& d, const people& who, cell_id id) {
    if (d.category() != category_of(id)) return false;
    // Declared of nobody in particular, or of somebody unknown: of everybody.
    const std::uint32_t person = who.index_of(d.person_ref());
    if (person == 0 || person == person_of(id)) return true;
    // What is said of "a carer" may be said of this one.
    return who.role_of(person) == about_of(id);
}

scope enter(
    const message_plan& plan, const pb::Message& m, scope outer, int index, const people& who
) {
    switch (plan.what) {
    case shape::person:
        return {static_cast<std::uint32_t>(index) + 1, false};
    case shape::assertion:
        return {who.index_of(static_cast<const v1::Assertion&>(m).about()), false};
    case shape::allegation:
        return {who.index_of(static_cast<const v1::Allegation&>(m).accused()), false};
    case shape::intelligence:
        return outer;
    case shape::address: {
        const v1::Address::Harm harm = plan.type == v1::Address::descriptor()
                                           ? static_cast<const v1::Address&>(m).harm()
                                           : static_cast<const v1::ContactPoint&>(m).harm();
        return {outer.person, harm != v1::Address::HARM_SAFE};
    }
    default:
        break;
    }
    if (plan.subject == v1::SUBJECT_OF_PERSON || plan.subject == v1::SUBJECT_OF_ABOUT) return outer;
    return {};
}

placement place(const field_plan& f, const pb::Message& m, scope s, int index) {
    placement out;
    v1::Category category = f.category;
    v1::Subject about = v1::SUBJECT_UNSPECIFIED;
    if (f.decided_by != nullptr) {
        const pb::Reflection& r = *f.reflection;
        const int number = f.decided_by->is_repeated()
                               ? r.GetRepeatedEnumValue(m, f.decided_by, index)
                               : r.GetEnumValue(m, f.decided_by);
        const value_plan* const value = f.value(number);
        if (value == nullptr) {
            out.known = false;
            return out;
        }
        category = value->category;
        // Below a person the child of a value is that person.
        if (value->about != v1::SUBJECT_CHILD || s.person == 0) about = value->about;
        out.statutory_bar = value->statutory_bar;
    }
    if (category == v1::CATEGORY_CONTACT && s.protected_contact) {
        category = v1::CATEGORY_PROTECTED_ADDRESS;
    }
    out.cell = cell(s.person, category, about);
    return out;
}

} // namespace cairn::redaction
