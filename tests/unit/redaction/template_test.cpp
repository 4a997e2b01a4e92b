// Notices under the policy Cairn ships: golden files, and what must hold whatever its rows say.
#include "policy/final_list.hpp"
#include "redaction/notice.hpp"
#include "redaction/plan.hpp"
#include "support/golden.hpp"
#include "support/paths.hpp"
#include "support/people.hpp"
#include "support/shipped_policy.hpp"

#include <catch2/catch.hpp>
#include <google/protobuf/text_format.h>

#include <fstream>
#include <iterator>
#include <map>

using namespace cairn;
using namespace cairn::redaction;

namespace {

const policy::table& rules() {
    return *test::shipped_policy();
}

concern_context shared() {
    concern_context s;
    s.concern_id = "0123456789abcdef0123456789abcdef";
    s.thread = s.concern_id;
    s.sender = "oakfield";
    s.decided_at_us = 1795339800000000;
    s.ask = "oakfield/dsl";
    s.pseudonym_key.fill(0x5a);
    s.open_desks = {"northshire-council/front_door", "northshire-police/mash"};
    return s;
}

desk_context desk(v1::Role role, std::string name) {
    desk_context d;
    d.desk = std::move(name);
    d.role = role;
    if (role == v1::ROLE_DSL) d.organisation_codes = {"100042"};
    return d;
}

v1::Concern read(const std::string& name) {
    std::ifstream file{std::string{CAIRN_SOURCE_DIR} + "/tests/golden/" + name};
    REQUIRE(file.good());
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    v1::Concern c;
    REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &c));
    return c;
}

void check_golden(const std::string& name, v1::Role role, const std::string& desk_name) {
    const v1::Concern c = read("notice_" + name + ".in.textproto");
    redacted r = make_notice(c, analyse(c), rules(), shared(), desk(role, desk_name));
    // The text of the policy may gain comments without another notice.
    r.notice.clear_policy_digest();
    std::string text;
    google::protobuf::TextFormat::PrintToString(r.notice, &text);
    const std::string part = desk_name.substr(desk_name.find('/') + 1);
    const auto compared = test::golden("notice_" + name + "." + part + ".textproto", text);
    INFO(compared.difference);
    INFO("A notice changed. Where that is wanted: CAIRN_UPDATE_GOLDEN=1, and read the difference.");
    CHECK(compared.same);
}

char letter(const field_plan& f, const policy::point& p) {
    switch (rules().decide(p).form) {
    case v1::FORM_FULL:
        // Free text outside category NARRATIVE needs to see everything as well.
        return f.narrative && f.category != v1::CATEGORY_NARRATIVE ? 'n' : 'F';
    case v1::FORM_GENERALISED:
        if (f.generaliser == v1::GENERALISER_KEEP) return 'k';
        if (f.generaliser == v1::GENERALISER_DATE && p.purpose != v1::PURPOSE_REVIEW_LEARNING) {
            return 'k';
        }
        return f.generaliser == v1::GENERALISER_DROP ? '-' : 'g';
    case v1::FORM_PSEUDONYM:
        return f.pseudonym ? 'p' : '-';
    case v1::FORM_SILENT:
        return 's';
    default:
        return '-';
    }
}

v1::Subject usual_subject(v1::Category c, bool of_person) {
    switch (c) {
    case v1::CATEGORY_CONVICTION:
    case v1::CATEGORY_INTELLIGENCE:
    case v1::CATEGORY_ALLEGATION:
        return v1::SUBJECT_ALLEGED_PERPETRATOR;
    case v1::CATEGORY_REFERRER:
        return of_person ? v1::SUBJECT_PROFESSIONAL : v1::SUBJECT_CONCERN;
    default:
        return of_person ? v1::SUBJECT_CHILD : v1::SUBJECT_CONCERN;
    }
}

// One line of letters: what is shown of a field where it is in this cell.
void add_row(
    const field_plan& f,
    const std::string& name,
    v1::Category category,
    v1::Subject subject,
    std::string& out
) {
    policy::point p;
    p.category = category;
    p.subject = subject;
    p.risk = v1::RISK_LEVEL_SIGNIFICANT_HARM;
    if (p.category == v1::CATEGORY_CONVICTION) p.flags |= policy::bit(v1::FLAG_RELEVANT_CONVICTION);
    out += name + " " + v1::Category_Name(category).substr(9) + " " +
           v1::Subject_Name(subject).substr(8) + "\n ";
    for (int purpose = v1::Purpose_MIN + 1; purpose <= v1::Purpose_MAX; ++purpose) {
        out += ' ';
        for (int role = v1::Role_MIN + 1; role <= v1::Role_MAX; ++role) {
            p.purpose = static_cast<v1::Purpose>(purpose);
            p.role = static_cast<v1::Role>(role);
            out += letter(f, p);
        }
    }
    out += "\n";
}

// The other cells a field can be in: an address not said to be safe, and each of its values' own.
void add_other_rows(
    const field_plan& f,
    const std::string& name,
    v1::Subject subject,
    bool of_person,
    std::string& out
) {
    if (f.category == v1::CATEGORY_CONTACT) {
        add_row(f, name + " (not said to be safe)", v1::CATEGORY_PROTECTED_ADDRESS, subject, out);
    }
    if (f.decided_by == nullptr) return;
    // By cell: the values there.
    std::map<std::pair<v1::Category, v1::Subject>, std::string> cells;
    for (std::size_t n = 0; n < f.values.size(); ++n) {
        const value_plan& v = f.values[n];
        if (!v.known || (v.category == f.category && v.about == v1::SUBJECT_UNSPECIFIED)) continue;
        const bool own =
            v.about == v1::SUBJECT_UNSPECIFIED || (v.about == v1::SUBJECT_CHILD && of_person);
        std::string& values =
            cells[{v.category, own ? usual_subject(v.category, of_person) : v.about}];
        if (!values.empty()) values += ' ';
        values += f.decided_by->enum_type()->FindValueByNumber(static_cast<int>(n))->name();
    }
    for (const auto& [in, values] : cells) {
        add_row(f, name + " (" + values + ")", in.first, in.second, out);
    }
}

void add_rows(const message_plan& plan, const std::string& path, bool of_person, std::string& out) {
    of_person = of_person || plan.what == shape::person || plan.what == shape::assertion;
    for (const field_plan& f : plan.fields) {
        const std::string name = path.empty() ? f.field->name() : path + "." + f.field->name();
        if (f.nested != nullptr) {
            add_rows(*f.nested, name, of_person, out);
            continue;
        }
        const v1::Subject subject = usual_subject(f.category, of_person);
        add_row(f, name, f.category, subject, out);
        add_other_rows(f, name, subject, of_person, out);
    }
}

} // namespace

TEST_CASE("the school's referral reaches each desk as its golden notice") {
    check_golden("school", v1::ROLE_FRONT_DOOR, "northshire-council/front_door");
    check_golden("school", v1::ROLE_MASH, "northshire-police/mash");
    check_golden("school", v1::ROLE_NAMED, "northshire-health/named");
    check_golden("school", v1::ROLE_ALLOCATED, "northshire-council/allocated");
}

TEST_CASE("a domestic-abuse notice reaches the school as its golden notice") {
    check_golden("encompass", v1::ROLE_DSL, "oakfield/dsl");
    check_golden("encompass", v1::ROLE_FRONT_DOOR, "northshire-council/front_door");
}

TEST_CASE("field, role and purpose give the golden matrix") {
    std::string text =
        "# What the template policy shows of every field, at significant harm, no flags but that "
        "a\n"
        "# conviction is relevant. A line of letters has a group for each purpose, a letter in it "
        "for\n"
        "# each role, both in the order of proto/cairn/v1/roles.proto. In brackets: values and "
        "addresses\n"
        "# that are in another cell than their field.\n"
        "# F full   n full where the desk sees all   k kept in the coarse form   g made coarser\n"
        "# p pseudonym   s silent   - masked\n";
    add_rows(concern_plan(), "", false, text);
    const auto compared = test::golden("schema_matrix.txt", text);
    INFO(compared.difference);
    INFO("Who sees which field changed. Where that is wanted: CAIRN_UPDATE_GOLDEN=1.");
    CHECK(compared.same);
}

TEST_CASE("under the template no desk outside the final list gets a protected address") {
    constexpr std::uint64_t start = 20261122;
    std::size_t shown = 0;
    for (std::uint64_t seed = start; seed < start + 25; ++seed) {
        v1::Concern c = test::random_filler{seed}.concern();
        *c.add_persons() = test::child(99);
        test::add_protected_address(*c.mutable_persons(c.persons_size() - 1));
        const std::string line{test::protected_line};
        const std::string postcode{test::protected_postcode};
        c.mutable_notification()->set_summary("taken to " + line);
        c.mutable_notification()->set_narrative("now at " + postcode);
        const analysis a = analyse(c);
        for (int role = v1::Role_MIN + 1; role <= v1::Role_MAX; ++role) {
            const desk_context d = desk(static_cast<v1::Role>(role), "x/y");
            const bytes raw = encode(make_notice(c, a, rules(), shared(), d).notice);
            const bool there = raw.find(line) != bytes::npos || raw.find(postcode) != bytes::npos;
            CAPTURE(seed, v1::Role_Name(role));
            if (policy::may_see_protected_address(d.role)) {
                shown += there ? 1 : 0;
            } else {
                REQUIRE_FALSE(there);
            }
        }
    }
    CHECK(shown > 0);
}

TEST_CASE("decisions under the template take under 400 bytes a desk") {
    const v1::Concern c = test::school_concern();
    const analysis a = analyse(c);
    REQUIRE(a.populated_fields >= 40);
    for (int role = v1::Role_MIN + 1; role <= v1::Role_MAX; ++role) {
        const redacted r =
            make_notice(c, a, rules(), shared(), desk(static_cast<v1::Role>(role), "x/y"));
        v1::Notice only;
        *only.mutable_decisions() = r.notice.decisions();
        CAPTURE(v1::Role_Name(role));
        CHECK(only.ByteSizeLong() < 400);
        v1::Notice recorded;
        for (const v1::DecisionGroup& g : r.decisions) *recorded.add_decisions() = g;
        CHECK(recorded.ByteSizeLong() < 400);
    }
}

TEST_CASE("what desks read holds no enum name, path or rule number") {
    const v1::Concern c = test::school_concern();
    const analysis a = analyse(c);
    int merged = 0;
    for (int role = v1::Role_MIN + 1; role <= v1::Role_MAX; ++role) {
        const redacted r =
            make_notice(c, a, rules(), shared(), desk(static_cast<v1::Role>(role), "x/y"));
        for (const v1::Withheld& w : r.notice.withheld()) {
            CAPTURE(w.sentence());
            CHECK_FALSE(w.sentence().empty());
            CHECK(w.sentence().find('_') == std::string::npos);
            CHECK(w.sentence().find('{') == std::string::npos);
            CHECK(w.sentence().find("persons") == std::string::npos);
            merged += w.category() == v1::CATEGORY_UNSPECIFIED ? 1 : 0;
        }
    }
    CHECK(merged > 0);
}
