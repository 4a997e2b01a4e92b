// What preview and explain print of a desk.
#include "apps/cairn/desk_explanation.hpp"

#include "support/golden.hpp"

#include <catch2/catch.hpp>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

struct row {
    const char* person;
    const char* category;
    const char* form;
    const char* sentence;
    const char* change = "";
};

v1::DeskExplanation desk(const std::string& name, const std::vector<row>& rows) {
    v1::DeskExplanation out;
    out.set_desk(name);
    for (const row& r : rows) {
        v1::ExplainedCell& cell = *out.add_cells();
        cell.set_person_ref(r.person);
        cell.set_category(r.category);
        cell.set_form(r.form);
        cell.set_sentence(r.sentence);
        cell.set_what_would_change_it(r.change);
    }
    return out;
}

} // namespace

TEST_CASE("a desk is printed by what it sees, most first, each cell with its sentence") {
    auto sender = desk(
        "northshire-police/mash",
        {{"", "what is kept for the log only", "not mentioned", "Kept for the log."},
         {"man-1",
          "police intelligence",
          "not shown",
          "Only its originator may release it. What would change it: Release by the originator.",
          "Release by the originator."},
         {"child-1", "the NHS number", "as a token", "A token is enough."},
         {"child-1", "physical health", "in a shorter form", "More is not needed."},
         {"child-1", "name", "in full", "It must be shared."},
         {"man-1", "name", "in full", "It must be shared."}}
    );
    sender.set_route_sentence("The sender addressed this desk.");
    std::string out = explanation_text(sender);
    // A desk's own sentence does not say what would change it.
    out += "\n" + explanation_text(desk(
                      "elmwood/dsl", {{"", "risk", "not shown", "It is held.", "Another purpose."}}
                  ));
    // A policy with words of its own for the forms: they stand as they are, none is left out.
    out += "\n" + explanation_text(desk(
                      "elmwood/dsl",
                      {{"", "risk", "whole", "It is needed."},
                       {"", "family", "hinted at", "More is not needed."},
                       {"", "facts", "in full", "It is needed."},
                       {"child-1", "risk", "whole", "It is needed."}}
                  ));
    out += "\n" + explanation_text(desk("routed by policy", {}));
    const auto r = test::golden("desk_explanation.txt", out);
    INFO(r.difference);
    CHECK(r.same);
}

} // namespace cairn::cli
