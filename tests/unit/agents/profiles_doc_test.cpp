#include "agents/profiles/cin_table.hpp"
#include "agents/profiles/court.hpp"
#include "agents/profiles/fhir_table.hpp"
#include "agents/profiles/fhir_task.hpp"
#include "agents/profiles/identity_list.hpp"
#include "agents/profiles/inputs.hpp"
#include "agents/profiles/looked_after.hpp"

#include "support.hpp"
#include "support/golden.hpp"
#include "support/paths.hpp"
#include "way_back_table.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::agents::profiles;

namespace {

std::string profiles_of(const input_format& f) {
    std::string out;
    for (const auto p : f.taken_by) out += (out.empty() ? "" : ", ") + std::string(name_of(p));
    return out;
}

std::string formats_table() {
    std::string out = "| format | what | recognised by | taken by | becomes | feed |\n"
                      "|---|---|---|---|---|---|\n";
    for (const auto& f : input_formats()) {
        const auto sign = f.sign.empty() ? "anything else" : "`" + std::string(f.sign) + "`";
        out += "| `" + std::string(f.id) + "` | " + std::string(f.title) + " | `" +
               std::string(f.extension) + "`, " + sign + " | " + profiles_of(f) + " | " +
               std::string(f.becomes) + " | " + std::string(f.feed) + " |\n";
    }
    return out;
}

template <class Target>
void add_rows(std::string& out, std::string_view under, std::span<const row<Target>> rows) {
    for (const auto& r : rows)
        out += "| `" + std::string(under) + std::string(r.path) + "` | " +
               (r.set == nullptr ? "" : "`" + std::string(r.about) + "`") + " | " +
               (r.set == nullptr ? std::string(r.about) : "") + " |\n";
}

// Looked at and reported, never carried.
void add_looked_at(std::string& out, std::span<const row<identity_target>> rows) {
    for (const auto& r : rows) {
        const bool told = r.set != nullptr && r.about != "nothing";
        out += "| `" + std::string(r.path) + "` | " + std::string(told ? r.about : "") + " | " +
               std::string(r.set == nullptr ? r.about : "identity alone") + " |\n";
    }
}

std::string looked_at_tables() {
    const std::string head =
        "| in the file | the report says of it | ignored, because |\n|---|---|---|\n";
    std::string out = "### `pupil-list`\n\n" + head;
    add_looked_at(out, pupil_rows());
    out += "\n### `looked-after-header`\n\n" + head;
    add_looked_at(out, looked_after_identity_rows());
    out += "\n### The other tables of the SSDA903 return\n\n" + head;
    add_looked_at(out, statistics_rows());
    return out;
}

std::string mapping_tables() {
    const std::string head = "| in the file | in the concern | ignored, because |\n|---|---|---|\n";
    std::string out = "### `cin-census`\n\n" + head;
    add_rows(out, "Message/", cin_header_rows());
    add_rows(out, "Child/", cin_child_rows());
    out += "\n### `court-hearing`\n\n" + head;
    add_rows(out, "", hearing_rows());
    add_rows(out, "prosecutionCases/", case_rows());
    add_rows(out, "defendants/", defendant_rows());
    out += "\n### `missing-episodes`\n\n" + head;
    add_rows(out, "", missing_rows());
    out += "\n### `looked-after-episodes`\n\n" + head;
    add_rows(out, "", episode_rows());
    out += "\n### `looked-after-reviews`\n\n" + head;
    add_rows(out, "", review_rows());
    out += "\n" + looked_at_tables();
    out += "\n### FHIR R4\n\n" + head;
    for (const auto type : fhir_types()) add_rows(out, std::string(type) + "/", fhir_rows(type));
    add_rows(out, "(any)/", fhir_common_rows());
    add_rows(out, "Task/", fhir_task_rows());
    return out;
}

constexpr std::string_view way_back = R"(
## The way back, field by field

Where each field of a notice stands in the files of its number. `rows x.*` of the table are those
whose column `field` begins so, their value in `value`; any other name there is a column. Where a
cell is empty that file does not say it.

)";

// Of Concern, by names with dots.
bool is_field(std::string_view path) {
    const auto* type = ::cairn::v1::Concern::descriptor();
    while (!path.empty()) {
        const auto dot = path.find('.');
        if (type == nullptr) return false;
        const auto* field = type->FindFieldByName(std::string(path.substr(0, dot)));
        if (field == nullptr) return false;
        type = field->message_type();
        path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    }
    return true;
}

template <class Target>
void check_rows(std::span<const row<Target>> rows) {
    for (const auto& r : rows) {
        INFO(std::string(r.path) << " -> " << std::string(r.about));
        CHECK_FALSE(r.about.empty());
        if (r.set != nullptr) CHECK(is_field(r.about));
    }
}

} // namespace

TEST_CASE("every row of a mapping names a field of the schema, or why it is ignored") {
    check_rows(cin_header_rows());
    check_rows(cin_child_rows());
    check_rows(hearing_rows());
    check_rows(case_rows());
    check_rows(defendant_rows());
    check_rows(missing_rows());
    check_rows(episode_rows());
    check_rows(review_rows());
    check_rows(fhir_task_rows());
    CHECK_FALSE(is_field("persons.nothing"));
}

TEST_CASE("the documentation's tables of formats and mappings are the code's") {
    constexpr std::string_view mark = "<!-- From here on written by the test of this name. -->\n";
    const auto path = std::filesystem::path(CAIRN_SOURCE_DIR) / "docs/PROFILES.md";
    const auto kept = agents_test::read_file(path);
    const auto at = kept.find(mark);
    REQUIRE(at != std::string::npos);
    const auto now = kept.substr(0, at) + std::string(mark) + "\n## Formats\n\n" + formats_table() +
                     "\n## Mappings\n\n" + mapping_tables() + std::string(way_back) +
                     agents_test::way_back_tables();
    if (test::updating_golden()) std::ofstream(path, std::ios::binary) << now;
    // CAIRN_UPDATE_GOLDEN=1 writes it anew.
    CHECK((kept == now || test::updating_golden()));
}
