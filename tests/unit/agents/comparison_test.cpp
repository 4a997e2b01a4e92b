#include "agents/core/comparison_html.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace cairn::agents;
namespace v1 = cairn::v1;

namespace {

v1::Concern sent() {
    v1::Concern c;
    c.set_purpose(v1::PURPOSE_S47);
    c.add_desks("oakfield/dsl");
    c.mutable_notification()->set_narrative("long story");
    auto& child = *c.add_persons();
    child.set_ref("child-1");
    child.set_role(v1::SUBJECT_CHILD);
    child.add_names()->set_given("Asha");
    child.mutable_birth()->mutable_born()->set_year(2015);
    child.mutable_birth()->mutable_born()->set_month(3);
    auto& safe = *child.add_addresses();
    safe.set_harm(v1::Address::HARM_PROTECTED);
    safe.set_postcode("ZZ1 1ZZ");
    auto& open = *child.add_addresses();
    open.set_harm(v1::Address::HARM_SAFE);
    open.set_postcode("ZZ2 2ZZ");
    child.add_sensitive_services()->set_detail("clinic");
    return c;
}

v1::Notice notice() {
    v1::Notice n;
    n.set_desk("oakfield/dsl");
    n.mutable_content()->set_purpose(v1::PURPOSE_S47);
    auto& child = *n.mutable_content()->add_persons();
    child.set_ref("child-1");
    child.add_names()->set_given("Asha");
    child.mutable_birth()->mutable_born()->set_year(2015);
    auto& open = *child.add_addresses();
    open.set_harm(v1::Address::HARM_SAFE);
    open.set_postcode("ZZ2 2ZZ");
    auto& w = *n.add_withheld();
    w.set_person_ref("child-1");
    w.set_category(v1::CATEGORY_PROTECTED_ADDRESS);
    w.set_sentence("It could put <somebody> in danger.");
    auto& held = *n.add_withheld();
    held.set_category(v1::CATEGORY_NARRATIVE);
    held.set_sentence("Free text is held.");
    return n;
}

comparison_cell cell(const std::vector<comparison_row>& rows, const std::string& value) {
    const auto it =
        std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.value == value; });
    REQUIRE(it != rows.end());
    return it->cells.at(0);
}

std::size_t count(const std::string& text, const std::string& what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
    return n;
}

} // namespace

TEST_CASE("a comparison tells shown, coarser, hidden with its sentence, and silent apart") {
    const auto rows = compare(sent(), {notice()});
    CHECK(cell(rows, "Asha").kind == cell_kind::shown);
    CHECK(cell(rows, "March 2015").kind == cell_kind::coarser);
    CHECK(cell(rows, "March 2015").value == "2015");
    CHECK(cell(rows, "ZZ1 1ZZ").kind == cell_kind::hidden);
    CHECK(cell(rows, "ZZ1 1ZZ").why == "It could put <somebody> in danger.");
    CHECK(cell(rows, "long story").why == "Free text is held.");
    CHECK(cell(rows, "clinic").kind == cell_kind::silent);
    // The second address moved to the first place: still the same value shown.
    CHECK(cell(rows, "ZZ2 2ZZ").kind == cell_kind::shown);
    // Kept for the log: not a row.
    CHECK(std::none_of(rows.begin(), rows.end(), [](const auto& r) {
        return r.value == "oakfield/dsl";
    }));
}

TEST_CASE("information held without saying which answers for what is not named otherwise") {
    auto n = notice();
    auto& vague = *n.add_withheld();
    vague.set_person_ref("child-1");
    vague.set_sentence("Other information is held.");
    CHECK(cell(compare(sent(), {n}), "clinic").why == "Other information is held.");
}

TEST_CASE("the comparison page escapes, gives each hidden field its reason, and has a column a desk"
) {
    auto c = sent();
    c.mutable_notification()->set_summary("<script>x</script>");
    auto other = notice();
    other.set_desk("northshire-council/front_door");
    const auto page = render_comparison_html(c, {notice(), other});
    CHECK(page.find("<script") == std::string::npos);
    const std::string why = "It could put &lt;somebody&gt; in danger.";
    const auto reason = page.find("<bdi>" + why);
    REQUIRE(reason != std::string::npos);
    const auto id = page.rfind("<li id=\"", reason) + 8;
    const auto link = "href=\"#" + page.substr(id, page.find('"', id) - id) + "\"";
    CHECK(page.find(link) < reason);
    // Listed once, however many cells it hides; said by each: two fields, at two desks.
    CHECK(page.find("It could put", reason + 6) == std::string::npos);
    CHECK(count(page, "class=\"hidden\" title=\"" + why + "\"") == 4);
    CHECK(count(page, link) == 4);
    // A quotation mark in a reason does not end what says it.
    auto quoting = notice();
    quoting.mutable_withheld(0)->set_sentence("It is \"not\" for you.");
    const auto quoted = render_comparison_html(c, {quoting});
    CHECK(count(quoted, "title=\"It is &quot;not&quot; for you.\"") == 2);
    CHECK(page.find("Front door, Northshire Council") != std::string::npos);
    CHECK(page.find("colspan=\"4\"") != std::string::npos);
}

TEST_CASE("a comparison without notices is the concern alone") {
    CHECK_FALSE(compare(sent(), {}).empty());
    CHECK(render_comparison_html(v1::Concern{}, {}).find("</html>") != std::string::npos);
}
