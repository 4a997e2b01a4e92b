// The whole matrix of the shipped policy as one readable page: a change of a row shows as the cells
// it changes. CAIRN_UPDATE_GOLDEN=1 writes the page anew.
#include "support/golden.hpp"
#include "support/paths.hpp"
#include "unit/policy/support.hpp"

#include <fstream>
#include <sstream>

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

char letter(v1::Form f) {
    switch (f) {
    case v1::FORM_FULL:
        return 'F';
    case v1::FORM_GENERALISED:
        return 'G';
    case v1::FORM_PSEUDONYM:
        return 'P';
    case v1::FORM_SILENT:
        return 'S';
    default:
        return 'M';
    }
}

// "CATEGORY_MENTAL_HEALTH" without its first word.
std::string tail(const std::string& name) {
    return name.substr(name.find('_') + 1);
}

// Where a category is about the concern as a whole the persons' columns would only repeat.
std::vector<v1::Subject> subjects_of(v1::Category c) {
    switch (c) {
    case v1::CATEGORY_HEADER:
    case v1::CATEGORY_FACTS:
    case v1::CATEGORY_NARRATIVE:
    case v1::CATEGORY_RISK:
    case v1::CATEGORY_INTELLIGENCE:
    case v1::CATEGORY_ALLEGATION:
    case v1::CATEGORY_ATTACHMENT:
        return {v1::SUBJECT_CONCERN};
    case v1::CATEGORY_REFERRER:
        return {v1::SUBJECT_CONCERN, v1::SUBJECT_REFERRER, v1::SUBJECT_PROFESSIONAL};
    case v1::CATEGORY_IDENTITY:
    case v1::CATEGORY_CONSISTENT_IDENTIFIER:
    case v1::CATEGORY_CONTACT:
        return {
            v1::SUBJECT_CHILD,
            v1::SUBJECT_SIBLING,
            v1::SUBJECT_CARER,
            v1::SUBJECT_ALLEGED_PERPETRATOR,
            v1::SUBJECT_THIRD_PARTY,
            v1::SUBJECT_REFERRER,
            v1::SUBJECT_PROFESSIONAL};
    case v1::CATEGORY_CASE_STATUS:
        return {v1::SUBJECT_CHILD, v1::SUBJECT_SIBLING, v1::SUBJECT_CONCERN};
    default:
        return {
            v1::SUBJECT_CHILD,
            v1::SUBJECT_SIBLING,
            v1::SUBJECT_CARER,
            v1::SUBJECT_ALLEGED_PERPETRATOR,
            v1::SUBJECT_THIRD_PARTY};
    }
}

std::string cell(v1::Category c, v1::Role r, v1::Purpose p) {
    std::string out;
    // A conviction counts as relevant where the sender says nothing: the flag is then set.
    const auto set = c == v1::CATEGORY_CONVICTION ? bit(v1::FLAG_RELEVANT_CONVICTION) : 0U;
    for (const auto s : subjects_of(c)) {
        out.push_back(
            letter(shipped().decide({c, s, r, p, v1::RISK_LEVEL_SIGNIFICANT_HARM, set}).form)
        );
    }
    return out;
}

void pad(std::string& line, const std::string& text, std::size_t width) {
    line += text;
    line.append(text.size() < width ? width - text.size() : 1, ' ');
}

std::string page() {
    std::ostringstream out;
    out << "The shipped policy at significant harm, no flags (convictions: relevant).\n"
           "F full, G generalised, P pseudonym, M masked, S silent; one letter a person, in the "
           "order\n"
           "named beside the category.\n";
    for (const auto c : categories) {
        if (c == v1::CATEGORY_SEALED) continue;
        out << "\n" << tail(v1::Category_Name(c)) << " of";
        for (const auto s : subjects_of(c)) out << ' ' << tail(v1::Subject_Name(s));
        out << "\n";
        std::string line;
        pad(line, "", 16);
        for (const auto p : purposes) pad(line, tail(v1::Purpose_Name(p)).substr(0, 8), 9);
        out << line.substr(0, line.find_last_not_of(' ') + 1) << "\n";
        for (const auto r : roles) {
            line.clear();
            pad(line, "  " + tail(v1::Role_Name(r)), 16);
            for (const auto p : purposes) pad(line, cell(c, r, p), 9);
            out << line.substr(0, line.find_last_not_of(' ') + 1) << "\n";
        }
    }
    return out.str();
}

} // namespace

TEST_CASE("the matrix of the shipped policy is the one on file") {
    const std::string path = std::string(CAIRN_SOURCE_DIR) + "/tests/golden/policy_matrix.txt";
    const auto now = page();
    if (test::updating_golden()) std::ofstream(path, std::ios::binary) << now;
    std::ifstream file(path, std::ios::binary);
    const std::string before(
        (std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()
    );
    std::istringstream a(before);
    std::istringstream b(now);
    std::string was;
    std::string is;
    for (int line = 1; std::getline(b, is); ++line) {
        if (!std::getline(a, was)) was = "(nothing)";
        INFO("line " << line);
        REQUIRE(was == is);
    }
    CHECK(before == now);
}
