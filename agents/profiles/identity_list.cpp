#include "agents/profiles/identity_list.hpp"

#include "agents/profiles/cin_values.hpp"
#include "agents/profiles/dirty_values.hpp"

#include <map>

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;
using formats::leaf;
using target = identity_target;

constexpr leaf_outcome taken{};

template <v1::Identifier::Scheme scheme>
leaf_outcome check_identifier(target& to, const leaf& l) {
    return {true, identifier_note(scheme, l.value, to.year_now)};
}

leaf_outcome check_upn(target& to, const leaf& l) {
    if (census_code(*v1::UpnUnknown_descriptor(), l.value)) return {true, "a reason, not a number"};
    return check_identifier<v1::Identifier::SCHEME_UPN>(to, l);
}

leaf_outcome check_birth(target& to, const leaf& l) {
    const auto date = english_date(l.value);
    if (!date) return {true, "not a date of the form DD/MM/YYYY"};
    return put_birth(to.person, *date);
}

leaf_outcome check_given(target& to, const leaf& l) {
    return put_given(to.person, l.value);
}

leaf_outcome check_family(target& to, const leaf& l) {
    return put_family(to.person, l.value);
}

leaf_outcome check_postcode(target& to, const leaf& l) {
    return put_postcode(*to.person.add_addresses(), l.value);
}

leaf_outcome known(target&, const leaf&) {
    return taken;
}

// clang-format off
constexpr row<target> pupils[] = {
    {"NHSNumber", check_identifier<v1::Identifier::SCHEME_NHS_NUMBER>, "check digit, repeats"},
    {"UPN", check_upn, "check letter, repeats"},
    {"DOB", check_birth, "date, 1 January"},
    {"Surname", check_family, "placeholders"},
    {"Forename", check_given, "placeholders"},
    {"PostCode", check_postcode, "placeholders"},
    {"SourceID", known, "repeats"},
    {"Gender", known, "nothing"},
    {"Ethnicity", known, "nothing"},
    {"ImmigrationStatus", known, "nothing"},
};

constexpr row<target> looked_after[] = {
    {"CHILD", known, "repeats"},
    {"SEX", known, "nothing"},
    {"DOB", check_birth, "date, 1 January"},
    {"ETHNIC", known, "nothing"},
    {"UPN", check_upn, "check letter, repeats"},
    {"MOTHER", known, "nothing"},
    {"MC_DOB", known, "nothing"},
};

constexpr std::string_view of_whom = "who it is, for statistics";
constexpr std::string_view of_health = "a year's health, for statistics";
constexpr std::string_view leaver = "a care leaver's year, for statistics";
constexpr std::string_view adoption = "an adoption, for statistics";
constexpr std::string_view earlier = "permanence before, for statistics";

// The columns of every such table: a column of one is nothing else in another.
constexpr row<target> statistics[] = {
    {"CHILD", nullptr, of_whom},
    {"SEX", nullptr, of_whom},
    {"DOB", nullptr, of_whom},
    {"DUC", nullptr, "when an unaccompanied child ceased to be one, for statistics"},
    {"SDQ_SCORE", nullptr, of_health},
    {"SDQ_REASON", nullptr, of_health},
    {"CONVICTED", nullptr, of_health},
    {"HEALTH_CHECK", nullptr, of_health},
    {"IMMUNISATIONS", nullptr, of_health},
    {"TEETH_CHECK", nullptr, of_health},
    {"HEALTH_ASSESSMENT", nullptr, of_health},
    {"SUBSTANCE_MISUSE", nullptr, of_health},
    {"INTERVENTION_RECEIVED", nullptr, of_health},
    {"INTERVENTION_OFFERED", nullptr, of_health},
    {"IN_TOUCH", nullptr, leaver},
    {"ACTIV", nullptr, leaver},
    {"ACCOM", nullptr, leaver},
    {"DATE_INT", nullptr, adoption},
    {"DATE_MATCH", nullptr, adoption},
    {"FOSTER_CARE", nullptr, adoption},
    {"NB_ADOPTR", nullptr, adoption},
    {"SEX_ADOPTR", nullptr, adoption},
    {"LS_ADOPTR", nullptr, adoption},
    {"DATE_PLACED", nullptr, adoption},
    {"DATE_PLACED_CEASED", nullptr, adoption},
    {"REASON_PLACED_CEASED", nullptr, adoption},
    {"PREV_PERM", nullptr, earlier},
    {"LA_PERM", nullptr, earlier},
    {"DATE_PERM", nullptr, earlier},
};
// clang-format on

// Rows that share an identifier: either a child twice or two children on one number, and a person
// has to say which.
class repeats {
public:
    // The line where the value stood first; 0: nowhere yet.
    std::uint32_t look(const leaf& l) {
        constexpr std::size_t most = 500'000;
        constexpr std::string_view unique[] = {"NHSNumber", "UPN", "SourceID", "CHILD"};
        const auto& name = l.path.back().name;
        if (l.value.empty() ||
            std::find(std::begin(unique), std::end(unique), name) == std::end(unique))
            return 0;
        const auto key = name + '\t' + l.value;
        const auto it = first_.find(key);
        if (it != first_.end()) return it->second;
        if (first_.size() < most) first_.emplace(key, l.at.line);
        return 0;
    }

private:
    std::map<std::string, std::uint32_t> first_;
};

constexpr std::string_view identity_only = "identity alone: no concern is made of it";

void add(file_report& report, const leaf& l, std::string note) {
    if (!note.empty()) ++report.warnings;
    auto text = std::string(identity_only);
    if (!note.empty()) text += "; " + note;
    report.add({l.at.line, formats::path_text(l), leaf_status::ignored, std::move(text)});
}

result<file_report> look_through(
    std::string_view format, std::span<const row<target>> table, const formats::next_piece& file
) {
    file_report report;
    report.format = std::string(format);
    repeats seen;
    formats::record_handlers handlers;
    handlers.outside = [](leaf&&) -> status { return {}; };
    handlers.each = [&](formats::record&& row) -> status {
        v1::Person scratch;
        target to{scratch};
        for (const auto& l : row) {
            auto said = apply_leaf(table, to, l, formats::csv_depth);
            if (said.status != leaf_status::mapped) {
                report.add(std::move(said));
                continue;
            }
            const auto before = seen.look(l);
            if (before != 0)
                said.note += std::string(said.note.empty() ? "" : "; ") + "also in line " +
                             std::to_string(before);
            add(report, l, std::move(said.note));
        }
        return {};
    };
    formats::record_splitter split(formats::csv_record, handlers);
    CAIRN_TRY(formats::read_csv(
        file,
        [](const auto&) -> status { return {}; },
        [&](leaf&& l) { return split.take(std::move(l)); }
    ));
    CAIRN_TRY(split.finish());
    return report;
}

} // namespace

std::span<const row<target>> pupil_rows() {
    return pupils;
}

std::span<const row<target>> looked_after_identity_rows() {
    return looked_after;
}

std::span<const row<target>> statistics_rows() {
    return statistics;
}

result<file_report> map_pupils(const formats::next_piece& file, const concern_sink&) {
    return look_through("pupil list", pupil_rows(), file);
}

result<file_report>
map_looked_after_identity(const formats::next_piece& file, const concern_sink&) {
    return look_through("SSDA903 header", looked_after_identity_rows(), file);
}

result<file_report> map_statistics(const formats::next_piece& file, const concern_sink&) {
    file_report report;
    report.format = "SSDA903 statistics";
    v1::Person nobody;
    target to{nobody};
    CAIRN_TRY(formats::read_csv(
        file,
        [](const auto&) -> status { return {}; },
        [&](leaf&& l) -> status {
            report.add(apply_leaf(statistics_rows(), to, l, formats::csv_depth));
            return {};
        }
    ));
    return report;
}

} // namespace cairn::agents::profiles
