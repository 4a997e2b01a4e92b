#include "policy/parse.hpp"
#include "policy/render/csv.hpp"
#include "policy/render/csv_rows.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>

using namespace cairn::policy;
using namespace cairn::policy::testing;
using cairn::errc;

namespace {

const v1::Policy& text() {
    return shipped().source();
}

// The first rule's row alone below the header.
std::string table_of_two() {
    v1::Policy p = text();
    p.mutable_rules()->DeleteSubrange(2, p.rules_size() - 2);
    return rules_csv(p);
}

std::string replaced(std::string in, const std::string& what, const std::string& by) {
    const auto at = in.find(what);
    REQUIRE(at != std::string::npos);
    return in.replace(at, what.size(), by);
}

std::string refusal(const std::string& csv) {
    const auto read = import_rules(csv, text());
    REQUIRE_FALSE(read);
    return read.error().where;
}

} // namespace

TEST_CASE("the template goes through a table and back without a letter lost") {
    const auto back = import_rules(rules_csv(text()), text());
    if (!back) FAIL(back.error().public_text());
    CHECK(canonical_text(*back) == canonical_text(text()));
    // And the text of it is the policy again.
    const auto parsed = parse(canonical_text(*back));
    REQUIRE(parsed);
    CHECK(parsed->policy.SerializeAsString() == text().SerializeAsString());
}

TEST_CASE("an edit in the table is the edit in the text, and nothing else moves") {
    const auto csv = replaced(rules_csv(text()), "School's floor on convictions", "Another title");
    const auto back = import_rules(csv, text());
    REQUIRE(back);
    v1::Policy expected = text();
    for (auto& r : *expected.mutable_rules()) {
        if (r.number() == 112) r.set_title("Another title");
    }
    CHECK(canonical_text(*back) == canonical_text(expected));
}

TEST_CASE("texts that no spreadsheet may take for its own come back as they were") {
    for (const char* title :
         {"=1+1",
          "+44",
          "-x",
          "@cmd",
          "'quoted",
          "''",
          "a,b;c",
          "say \"so\"",
          "two\nlines",
          "\tx",
          "\xc3\xa9t\xc3\xa9",
          " blank "}) {
        INFO(title);
        v1::Policy p = text();
        p.mutable_rules()->DeleteSubrange(2, p.rules_size() - 2);
        p.mutable_rules(0)->set_title(title);
        const auto csv = rules_csv(p);
        // No cell begins with what computes.
        const auto rows = read_csv_rows(csv);
        REQUIRE(rows);
        for (const auto& row : *rows) {
            for (const auto& c : row.cells) {
                CHECK(
                    (c.empty() ||
                     std::string_view("=+-@\t\r").find(c.front()) == std::string_view::npos)
                );
            }
        }
        const auto back = import_rules(csv, p);
        if (!back) FAIL(back.error().public_text());
        CHECK(back->rules(0).title() == title);
    }
}

TEST_CASE("columns may change places, and line ends be any") {
    auto csv = table_of_two();
    // number and title swapped, in all three rows.
    csv = replaced(csv, "number,title,", "title,number,");
    csv = replaced(csv, "1,Protected address,", "Protected address,1,");
    csv = replaced(csv, "2,Desk in conflict of interest,", "Desk in conflict of interest,2,");
    for (auto at = csv.find("\r\n"); at != std::string::npos; at = csv.find("\r\n")) {
        csv.replace(at, 2, "\n");
    }
    const auto back = import_rules("\n" + csv + "\n\n", text());
    if (!back) FAIL(back.error().public_text());
    REQUIRE(back->rules_size() == 2);
    CHECK(back->rules(1).SerializeAsString() == text().rules(1).SerializeAsString());
}

TEST_CASE("a byte order mark of UTF-8 is skipped, UTF-16 is refused by name") {
    const auto csv = table_of_two();
    CHECK(import_rules("\xef\xbb\xbf" + csv, text()));
    CHECK(refusal("\xff\xfen") == "row 1, cell A1: the file is in UTF-16: save it as CSV in UTF-8");
    CHECK(refusal("\xfe\xffn") == "row 1, cell A1: the file is in UTF-16: save it as CSV in UTF-8");
}

TEST_CASE("letters that are not UTF-8 are refused in their cell, and no letter that is") {
    const auto good = table_of_two();
    for (const char* bad :
         {"caf\xe9",
          "\x80",
          "\xc0\xaf",
          "\xe0\x80\xaf",
          "\xed\xa0\x80",
          "\xf4\x90\x80\x80",
          "\xf0\x80\x80\xaf",
          "\xf8\x88\x80\x80\x80",
          "\xe2\x82"}) {
        CHECK(
            refusal(replaced(good, "Protected address", bad)) ==
            "row 2, cell B2: letters not in UTF-8: save it as CSV in UTF-8"
        );
    }
    for (const char* letters :
         {"\xc3\xa9",
          "\xe2\x82\xac",
          "\xed\x9f\xbf",
          "\xee\x80\x80",
          "\xf0\x90\x80\x80",
          "\xf4\x8f\xbf\xbf"}) {
        CHECK(import_rules(replaced(good, "Protected address", letters), text()));
    }
}

TEST_CASE("bad tables are refused with the cell's address") {
    const auto good = table_of_two();
    struct bad_table {
        std::string csv;
        std::string where;
    };
    const bad_table tables[] = {
        {"",
         "row 1, column header (A1): there is no header: begin with a table that cairn policy "
         "render --csv wrote"},
        {"\r\n\r\n",
         "row 1, column header (A1): there is no header: begin with a table that cairn policy "
         "render --csv wrote"},
        {"number;title;tier\r\n",
         "row 1, column header (A1): one column alone: save the table with "
         "commas, not semicolons or tabs"},
        {replaced(good, "number,title", "number,number"),
         "row 1, column header (B1): stands there twice"},
        {replaced(good, "number,title,", "number,"),
         "row 1, column header (U1): the column title is missing"},
        {replaced(good, "bar,protected_address", "barr,protected_address"),
         "row 2, column tier (C2): not known; the nearest is bar"},
        {replaced(good, "protected_address", "protected_adress"),
         "row 2, column categories (D2): not known; the nearest is protected_address"},
        {replaced(good, "mash; ", "mash; ;"),
         "row 2, column roles (F2): not known; the nearest is ed"},
        // Merged with the cell above, as a spreadsheet writes it: empty.
        {replaced(good, "2,Desk in conflict of interest,bar", "2,Desk in conflict of interest,"),
         "row 3, column tier (C3): empty; was it merged with the cell above?"},
        {replaced(good, "2,Desk", ",Desk"),
         "row 3, column number (A3): no number of a rule; was it merged with the cell above?"},
        {replaced(good, "2,Desk", "2.0,Desk"),
         "row 3, column number (A3): no number of a rule; was it merged with the cell above?"},
        // And as one that leaves the cells out.
        {good.substr(0, good.find("2,Desk")) + "2,Desk,bar\r\n",
         "row 3, column categories (D3): 3 cells, the header has 21: take merged cells apart, and "
         "quote text that has a comma"},
        {replaced(good, "Protected address", "=SUM(A1)"),
         "row 2, column title (B2): a formula: write plain text, or an apostrophe first"},
        {replaced(good, "Protected address", "@x"),
         "row 2, column title (B2): a formula: write plain text, or an apostrophe first"},
        {replaced(good, "2025-01-01", "01/01/2025"),
         "row 2, column in_force (P2): no day: write it as 2026-11-22"},
        {replaced(good, "Protected address", "Protected \"address"),
         "row 2, cell B2: a quote inside a cell without quotes"},
        {replaced(good, "Protected address", "\"Protected\" address"),
         "row 2, cell B2: letters behind the closing quote"},
        {good + "3,\"never", "row 4, cell B4: its quotes never close"},
        // What check() finds is found in the row.
        {replaced(good, "2,Desk", "1,Desk"),
         "row 3, column number (A3): rule 1: another rule has this number: give it one that no "
         "rule "
         "ever had"},
        {replaced(
             good, "\"UK GDPR Art 32, Art 5(1)(f); rights of others (DPA 2018 Sch 2 para 16)\"", ""
         ),
         "row 2, column authority (M2): rule 1: authority is missing: name the section and "
         "paragraph it stands on"},
    };
    for (const auto& t : tables) {
        INFO(t.csv.substr(0, 300));
        CHECK(refusal(t.csv) == t.where);
    }
}

TEST_CASE("a table longer than a policy may be is refused") {
    const std::string long_one(11 * 1024 * 1024, 'x');
    CHECK(refusal(long_one).find("line 1, column 1048577: longer than 1048576 bytes") == 0);
}

TEST_CASE("no file of random cuts is taken for a table, and none ends the process") {
    const auto good = table_of_two();
    for (std::size_t n = 0; n < good.size(); n += 7) {
        const auto read = import_rules(good.substr(0, n), text());
        // Whole but for its last line end.
        if (read) CHECK((read->rules_size() < 2 || n + 2 >= good.size()));
    }
    CHECK(cell_address(0, 1) == "A1");
    CHECK(cell_address(25, 2) == "Z2");
    CHECK(cell_address(26, 3) == "AA3");
    CHECK(cell_address(701, 3) == "ZZ3");
    CHECK(cell_address(702, 3) == "AAA3");
}
