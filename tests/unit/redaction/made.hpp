// A notice for one desk, and what it says of a cell.
#pragma once

#include "redaction/notice.hpp"

#include "support/people.hpp"
#include "unit/redaction/fake_table.hpp"

#include <catch2/catch.hpp>
#include <google/protobuf/unknown_field_set.h>

namespace cairn::redaction::testing {

using test::fake_table;

inline concern_context shared() {
    concern_context s;
    s.concern_id = std::string(32, '1');
    s.thread = std::string(32, '2');
    s.sender = "oakfield";
    s.decided_at_us = 1795000000000000;
    s.ask = "the sender's safeguarding lead";
    s.pseudonym_key.fill(7);
    s.open_desks = {"northshire-council/front_door", "northshire-police/mash"};
    return s;
}

inline desk_context desk(const char* name = "northshire-council/front_door") {
    desk_context d;
    d.desk = name;
    d.role = v1::ROLE_FRONT_DOOR;
    return d;
}

inline redacted make(const v1::Concern& c, const policy::table& t, const desk_context& d = desk()) {
    return make_notice(c, analyse(c), t, shared(), d);
}

inline fake_table
all_but(std::initializer_list<v1::Category> hidden, v1::Form form = v1::FORM_MASKED) {
    const std::set<v1::Category> set{hidden};
    return fake_table{[set, form](const policy::point& p) {
        if (set.count(p.category) == 0) return fake_table::full();
        return form == v1::FORM_MASKED ? fake_table::masked() : fake_table::of(form);
    }};
}

inline const v1::Withheld* withheld(const redacted& r, const char* ref, v1::Category c) {
    for (const v1::Withheld& w : r.notice.withheld()) {
        if (w.person_ref() == ref && w.category() == c) return &w;
    }
    return nullptr;
}

inline bool
decided(const google::protobuf::RepeatedPtrField<v1::DecisionGroup>& groups, cell_id id) {
    for (const v1::DecisionGroup& g : groups) {
        for (const auto c : g.cells()) {
            if (c == id) return true;
        }
    }
    return false;
}

} // namespace cairn::redaction::testing
