#include "agents/apps/inbox.hpp"
#include "agents/apps/recall.hpp"
#include "agents/formats/csv.hpp"
#include "agents/profiles/notice_csv.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace cairn;
using namespace cairn::agents;
using namespace cairn::agents::profiles;
namespace v1 = cairn::v1;
namespace fs = std::filesystem;

namespace {

v1::Notice notice_of() {
    v1::Notice n;
    n.set_concern_id(std::string(32, 'a'));
    n.set_desk("oakfield/dsl");
    n.set_sender("northshire-police");
    n.set_kind(v1::CONCERN_KIND_NOTIFICATION);
    n.set_decided_at_us(1'795'305'600'000'000);
    auto& child = *n.mutable_content()->add_persons();
    child.set_ref("child-1");
    child.set_role(v1::SUBJECT_CHILD);
    auto& name = *child.add_names();
    name.set_given("=HYPERLINK(\"x\")");
    name.set_family("Oak, \"Tam\"");
    n.mutable_content()->mutable_notification()->set_summary("two\nlines");
    auto& w = *n.add_withheld();
    w.set_person_ref("child-1");
    w.set_category(v1::CATEGORY_HEALTH);
    w.set_sentence("Health is held and not shown to a school");
    w.set_ask("northshire-council/front_door");
    w.set_challenge_id("0123456789abcdef");
    return n;
}

} // namespace

TEST_CASE("what a spreadsheet would take for a formula is text") {
    CHECK(csv_cell("=1+1") == "\"'=1+1\"");
    for (const auto* cell : {"+1", "-1", "@x", " =1", "\t=1", "\rx", "\n@x"})
        CHECK(csv_cell(cell)[1] == '\'');
    for (const auto* cell : {"", "1", "a=b", "Oak-ley", "'x"})
        CHECK(csv_cell(cell) == "\"" + std::string(cell) + "\"");
    CHECK(csv_cell("a\"b") == "\"a\"\"b\"");
}

TEST_CASE("a notice as a table can be read back: a row a value, a row a hidden value") {
    const auto text = notice_as_csv(notice_of(), {7, 0, 1'795'392'000'000'000});
    std::vector<std::string> values;
    std::vector<std::string> columns;
    const auto read = formats::read_csv(
        formats::pieces_of(text),
        [&](const auto& names) -> status {
            columns = names;
            return {};
        },
        [&](formats::leaf&& l) -> status {
            values.push_back(l.path.back().name + "=" + l.value);
            return {};
        }
    );
    REQUIRE_OK(read);
    REQUIRE(columns.size() == 14);
    CHECK(values.size() % columns.size() == 0);
    const auto has = [&](const std::string& v) {
        return std::find(values.begin(), values.end(), v) != values.end();
    };
    CHECK(has("field=names[0].given"));
    CHECK(has("value='=HYPERLINK(\"x\")"));
    CHECK(has("value=Oak, \"Tam\""));
    CHECK(has("value=two\nlines"));
    CHECK(has("hidden_because=Health is held and not shown to a school"));
    CHECK(has("challenge=0123456789abcdef"));
    CHECK(has("decided=2026-11-22T00:00:00Z"));
    CHECK(has("acknowledge_by=2026-11-23T00:00:00Z"));
}

TEST_CASE("the table stands beside a notice in the profiles that have it and goes with it") {
    agents_test::scratch_folder folder;
    delivery d;
    d.position = 7;
    d.notice = notice_of().SerializeAsString();
    REQUIRE_OK(apps::store_notice(folder.path() / "a", d, agency_profile::school));
    CHECK(fs::exists(folder.path() / "a/7.csv"));
    REQUIRE_OK(apps::store_notice(folder.path() / "b", d, agency_profile::police));
    CHECK_FALSE(fs::exists(folder.path() / "b/7.csv"));
    REQUIRE_OK(apps::store_notice(folder.path() / "c", d, agency_profile::health));
    CHECK(fs::exists(folder.path() / "c/7.fhir"));
    CHECK_FALSE(fs::exists(folder.path() / "a/7.fhir"));
    noted_notice taken{};
    taken.position = 7;
    REQUIRE_OK(apps::make_folder(folder.path() / "recalled"));
    REQUIRE_OK(apps::take_back(folder.path() / "a", folder.path() / "recalled", taken, {}));
    CHECK_FALSE(fs::exists(folder.path() / "a/7.csv"));
    CHECK_FALSE(fs::exists(folder.path() / "a/7.json"));
}
