// docs/formats/journal.md and notices.md against the tables that an agent makes.
#include "agents/core/notice_book.hpp"
#include "agents/core/outbox.hpp"
#include "agents/core/sqlite_file.hpp"
#include "support.hpp"
#include "support/paths.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace cairn;
using namespace cairn::agents;
using namespace agents_test;

namespace {

// "table.column type", in order of table and column.
using columns = std::vector<std::string>;

std::string between(const std::string& line, std::string_view from, std::string_view to) {
    const auto begin = line.find(from) + from.size();
    return line.substr(begin, line.find(to, begin) - begin);
}

std::string page(const std::string& name) {
    std::ifstream in(std::string(CAIRN_SOURCE_DIR) + "/docs/formats/" + name);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

// A table's name stands in bold at the beginning of the line that introduces its rows.
columns columns_of(const std::string& text) {
    columns out;
    std::string table;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("**", 0) == 0) table = between(line, "**", "**");
        if (line.rfind("| ", 0) != 0 || line.rfind("| column ", 0) == 0) continue;
        const std::string name = between(line, "| ", " |");
        out.push_back(table + "." + name + " " + between(line, name + " | ", " |"));
    }
    return out;
}

// The file refuses to be opened under another application or version than it is of.
columns columns_in(const std::string& path, int application, int version) {
    const auto db = open_sqlite_file(path, {application, version, "", "page"});
    REQUIRE_OK(db);
    statement s(
        db->get(),
        "SELECT t.name || '.' || c.name || ' ' || lower(c.type) FROM sqlite_master t"
        " JOIN pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY t.rowid, c.cid"
    );
    columns out;
    for (;;) {
        const auto row = s.next();
        REQUIRE_OK(row);
        if (!*row) return out;
        out.push_back(s.column(0));
    }
}

void check_page(const std::string& name, const std::string& path) {
    const std::string text = page(name);
    const int application = std::stoi(between(text, "`application_id` ", " "), nullptr, 16);
    const int version = std::stoi(between(text, "`user_version` ", ","));
    CHECK(columns_of(text) == columns_in(path, application, version));
}

} // namespace

TEST_CASE("the page on journal.db has its tables, columns and types, and no others") {
    const scratch_folder folder;
    const std::string path = (folder.path() / "journal.db").string();
    REQUIRE_OK(open_sqlite_outbox(path));
    check_page("journal.md", path);
}

TEST_CASE("the page on notices.db has its tables, columns and types, and no others") {
    const scratch_folder folder;
    const std::string path = (folder.path() / "notices.db").string();
    REQUIRE_OK(open_notice_book(path));
    check_page("notices.md", path);
}
