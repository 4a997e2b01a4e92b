#include "agents/profiles/inputs.hpp"

#include "agents/formats/csv.hpp"
#include "agents/formats/json.hpp"
#include "agents/formats/xml.hpp"
#include "agents/profiles/cin.hpp"
#include "agents/profiles/court.hpp"
#include "agents/profiles/fhir.hpp"
#include "agents/profiles/identity_list.hpp"
#include "agents/profiles/looked_after.hpp"

#include <algorithm>
#include <set>

namespace cairn::agents::profiles {
namespace {

using formats::next_piece;
using enum agency_profile;

constexpr std::size_t mib = std::size_t{1024} * 1024;

// A mapping that needs no options.
template <result<file_report> (*map)(const next_piece&, const concern_sink&)>
result<file_report> plain(const open_file& file, const concern_sink& to, const map_options&) {
    const auto pieces = file();
    return pieces ? map(*pieces, to) : pieces.error();
}

// One that reads the file more than once.
template <result<file_report> (*map
)(const open_file&, const concern_sink&, const looked_after_options&)>
result<file_report> again(const open_file& file, const concern_sink& to, const map_options&) {
    return map(file, to, {});
}

result<file_report>
court(const open_file& file, const concern_sink& to, const map_options& options) {
    const auto pieces = file();
    return pieces ? map_court(*pieces, to, options.year_now) : pieces.error();
}

result<file_report>
fhir(const open_file& file, const concern_sink& to, const map_options& options) {
    fhir_options how;
    how.today = options.today;
    return map_fhir(file, how, to);
}

constexpr agency_profile councils[] = {social_care};
constexpr agency_profile trusts[] = {health};
constexpr agency_profile schools[] = {school};
constexpr agency_profile forces[] = {police};
constexpr agency_profile forces_and_councils[] = {police, social_care};
constexpr agency_profile everybody[] = {police, health, school, social_care};

constexpr std::string_view yearly =
    "no feed: a yearly return that proves the mapping; a system's own export as it happens has "
    "this shape or can be made to";
constexpr std::string_view no_concern = "a report, never a concern";

// clang-format off
constexpr input_format all[] = {
    {"own", "Cairn's own JSON", ".json", "", everybody, "the concern it is",
     "a live feed: what a system writes that was taught to", 4 * mib, nullptr},
    {"cin-census", "Children in Need census", ".xml", "Message", councils,
     "a status notification a child", yearly, 256 * mib, plain<map_cin>},
    {"court-hearing", "court hearing (HMCTS Common Platform)", ".json", "hearing", forces,
     "an adult-risk notification a defendant, to the front door",
     "a live feed where a force or probation receives hearings; the sample is redacted and proves "
     "the mapping", 16 * mib, court},
    {"fhir-xml", "FHIR R4 (UK Core) in XML", ".xml", "http://hl7.org/fhir", trusts,
     "a concern for each patient about whom there is something to tell; of Tasks answers to "
     "notices",
     "a live feed where a system sends a Communication; the sample of CP-IS proves the mapping",
     256 * mib, fhir},
    {"fhir-json", "FHIR R4 (UK Core) in JSON", ".json", "resourceType", trusts,
     "a concern for each patient about whom there is something to tell; of Tasks answers to "
     "notices; of identities a report",
     "a live feed where a system sends a Communication; the sample of PDS proves the mapping",
     256 * mib, fhir},
    {"missing-episodes", "missing or away episodes (SSDA903)", ".csv",
     "CHILD MISSING MIS_START MIS_END", forces_and_councils,
     "a status notification a child, with every episode",
     "no feed: a yearly table that proves the mapping; a child who is missing now is a concern of "
     "its own", 256 * mib, again<map_missing>},
    {"looked-after-episodes", "looked-after episodes (SSDA903)", ".csv", "CHILD DECOM LS DEC",
     councils, "a status notification a child, the placement's address protected", yearly,
     256 * mib, again<map_episodes>},
    {"looked-after-reviews", "looked-after reviews (SSDA903)", ".csv",
     "CHILD DOB REVIEW REVIEW_CODE", councils, "a status notification a child", yearly,
     256 * mib, again<map_reviews>},
    {"looked-after-header", "looked-after children's identities (SSDA903)", ".csv",
     "CHILD SEX DOB ETHNIC UPN", councils, no_concern, yearly, 256 * mib,
     plain<map_looked_after_identity>},
    {"looked-after-uasc", "unaccompanied asylum seekers (SSDA903)", ".csv", "CHILD DOB DUC",
     councils, no_concern, yearly, 256 * mib, plain<map_statistics>},
    {"looked-after-oc2", "health of looked-after children (SSDA903)", ".csv", "CHILD DOB SDQ_SCORE",
     councils, no_concern, yearly, 256 * mib, plain<map_statistics>},
    {"looked-after-oc3", "care leavers (SSDA903)", ".csv", "CHILD DOB IN_TOUCH ACTIV ACCOM",
     councils, no_concern, yearly, 256 * mib, plain<map_statistics>},
    {"looked-after-ad1", "adopted children (SSDA903)", ".csv", "CHILD DOB DATE_INT DATE_MATCH",
     councils, no_concern, yearly, 256 * mib, plain<map_statistics>},
    {"looked-after-placed", "children placed for adoption (SSDA903)", ".csv",
     "CHILD DOB DATE_PLACED", councils, no_concern, yearly, 256 * mib, plain<map_statistics>},
    {"looked-after-previous", "previous permanence (SSDA903)", ".csv", "CHILD DOB PREV_PERM",
     councils, no_concern, yearly, 256 * mib, plain<map_statistics>},
    {"pupil-list", "pupil list", ".csv", "Surname Forename DOB", schools, no_concern,
     "no feed: says who pupils are; shows wrong, missing and repeated numbers before they matter",
     256 * mib, plain<map_pupils>},
};
// clang-format on

std::string_view extension_of(std::string_view name) {
    const auto dot = name.rfind('.');
    return dot == std::string_view::npos ? std::string_view{} : name.substr(dot);
}

// Reading ended on purpose.
constexpr errc seen_enough = errc::cancelled;

// Enough of a file to see FHIR's namespace or its first member.
result<bytes> head_of(const next_piece& file) {
    constexpr std::size_t enough = std::size_t{64} * 1024;
    bytes out;
    while (out.size() < enough) {
        const auto piece = file();
        if (!piece) return piece.error();
        if (piece->empty()) break;
        out += *piece;
    }
    return out;
}

const input_format* fhir_format(std::string_view extension) {
    for (const auto& f : all)
        if (f.map == fhir && f.extension == extension) return &f;
    return nullptr;
}

// Names at the root: one element's of XML, the members' of JSON.
result<std::set<std::string>> roots(std::string_view extension, const next_piece& file) {
    std::set<std::string> out;
    const auto look = [&](formats::leaf&& l) -> status {
        out.insert(std::move(l.path.front().name));
        const bool sure = extension == ".xml" || out.count("hearing") != 0 ||
                          out.count("resourceType") != 0 || out.count("concern") != 0;
        return sure ? status(fail(seen_enough)) : status{};
    };
    const auto read =
        extension == ".xml" ? formats::read_xml(file, look) : formats::read_json(file, look);
    if (!read && read.error().code != seen_enough) return read.error();
    return out;
}

result<std::set<std::string>> columns(const next_piece& file) {
    std::set<std::string> out;
    const auto read = formats::read_csv(
        file,
        [&](const std::vector<std::string>& names) -> status {
            out = {names.begin(), names.end()};
            return fail(seen_enough);
        },
        [](formats::leaf&&) -> status { return {}; }
    );
    if (!read && read.error().code != seen_enough) return read.error();
    return out;
}

// Every word of the sign is there.
bool shows(const std::set<std::string>& names, std::string_view sign) {
    while (!sign.empty()) {
        const auto blank = sign.find(' ');
        if (names.count(std::string(sign.substr(0, blank))) == 0) return false;
        sign = blank == std::string_view::npos ? std::string_view{} : sign.substr(blank + 1);
    }
    return true;
}

std::string known_signs(std::string_view extension) {
    std::string out;
    for (const auto& f : all) {
        if (f.extension != extension || f.sign.empty()) continue;
        out += std::string(out.empty() ? "" : "; ") + std::string(f.title) + ": " +
               std::string(f.sign);
    }
    return out;
}

} // namespace

std::span<const input_format> input_formats() {
    return all;
}

result<const input_format*> recognise(std::string_view name, const open_file& file) {
    const auto extension = extension_of(name);
    if (most_bytes(name) == 0)
        return fail(errc::format_malformed, "the name: known are .json, .xml and .csv");
    const auto* as_fhir = fhir_format(extension);
    if (as_fhir != nullptr) {
        const auto begin = file();
        if (!begin) return begin.error();
        const auto head = head_of(*begin);
        if (!head) return head.error();
        if (formats::looks_like_fhir(*head)) return as_fhir;
    }
    const auto piece = file();
    if (!piece) return piece.error();
    const auto names = extension == ".csv" ? columns(*piece) : roots(extension, *piece);
    if (!names) return names.error();
    const input_format* plain_json = nullptr;
    for (const auto& f : all) {
        if (f.extension != extension) continue;
        if (f.sign.empty())
            plain_json = &f;
        else if (shows(*names, f.sign))
            return &f;
    }
    if (plain_json != nullptr) return plain_json;
    return fail(
        errc::format_malformed, "line 1: no format known; known are " + known_signs(extension)
    );
}

std::size_t most_bytes(std::string_view name) {
    std::size_t out = 0;
    for (const auto& f : all)
        if (f.extension == extension_of(name)) out = std::max(out, f.bytes);
    return out;
}

namespace {

constexpr std::pair<std::string_view, agency_profile> profiles[] = {
    {"any", any},
    {"police", police},
    {"health", health},
    {"school", school},
    {"social_care", social_care}};

} // namespace

std::optional<agency_profile> profile_named(std::string_view name) {
    for (const auto& [known, profile] : profiles)
        if (known == name) return profile;
    return {};
}

std::string_view name_of(agency_profile p) {
    for (const auto& [known, profile] : profiles)
        if (profile == p) return known;
    return "any";
}

bool takes(agency_profile p, const input_format& f) {
    return p == any || std::find(f.taken_by.begin(), f.taken_by.end(), p) != f.taken_by.end();
}

} // namespace cairn::agents::profiles
