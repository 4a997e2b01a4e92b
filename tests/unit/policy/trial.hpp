// The cases of the template, and texts to try some on.
#pragma once

#include "policy/dates.hpp"
#include "policy/testing/cases.hpp"
#include "support/paths.hpp"
#include "unit/policy/support.hpp"

#include <fstream>
#include <iterator>

namespace cairn::policy::testing {

inline const auto day = *parse_day(today);

inline std::string file_text(const std::string& path) {
    std::ifstream file(std::string(CAIRN_SOURCE_DIR) + "/" + path, std::ios::binary);
    if (!file) FAIL("no " << path);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline const v1::PolicyCases& template_cases() {
    static const auto read = [] {
        case_file all;
        for (const char* part : {"health.", "life.", "offences.", "people.", ""}) {
            const auto made = parse_cases(
                file_text("deploy/policy/template.cases." + std::string(part) + "textproto")
            );
            if (!made) FAIL(made.error().public_text());
            if (const auto more = add_cases(all, *made); !more) FAIL(more.error().public_text());
        }
        return all.cases;
    }();
    return read;
}

inline constexpr const char* good_case = R"(cases {
  name: "the midwife"
  scenario: "A baby is expected; the midwife asks where the mother stays."
  category: CATEGORY_PROTECTED_ADDRESS  subject: SUBJECT_CARER
  role: ROLE_MIDWIFE  purpose: PURPOSE_S47  risk: RISK_LEVEL_NEED
  form: FORM_FULL  rule: 332  reason: REASON_NEEDED_FOR_ROLE
}
)";

inline std::string changed(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

// A text of few rules over the words and routes of the shipped one.
inline std::shared_ptr<const table> text_with(std::initializer_list<std::uint32_t> rules) {
    auto p = shipped().source();
    p.clear_rules();
    p.clear_invariants();
    for (const auto n : rules) *p.add_rules() = *shipped().rule(n);
    return compiled(p);
}

} // namespace cairn::policy::testing
