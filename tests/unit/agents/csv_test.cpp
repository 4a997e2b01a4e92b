#include "agents/formats/csv.hpp"
#include "agents/formats/text_encoding.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::agents::formats;

namespace {

using texts = std::vector<std::string>;

result<std::vector<leaf>> all_csv(const next_piece& file, const csv_limits& limits = {}) {
    std::vector<leaf> out;
    const auto keep = [&](leaf&& l) -> status {
        out.push_back(std::move(l));
        return {};
    };
    const auto read = read_csv(
        file, [](const auto&) -> status { return {}; }, keep, limits
    );
    if (!read) return read.error();
    return out;
}

// "line path=value" of every leaf.
texts lines(bytes_view csv) {
    const auto leaves = all_csv(pieces_of(csv));
    REQUIRE_OK(leaves);
    texts out;
    for (const auto& l : *leaves)
        out.push_back(std::to_string(l.at.line) + " " + path_text(l) + "=" + l.value);
    return out;
}

failure refused(bytes_view csv, const csv_limits& limits = {}) {
    const auto leaves = all_csv(pieces_of(csv), limits);
    REQUIRE_FAILS(leaves);
    return leaves.error();
}

} // namespace

TEST_CASE("cells of a table are leaves named by the header, with the line they begin in") {
    CHECK(
        lines("A,B\n1, x \n,\"q,\"\"u\"\"\n2\"\n") ==
        texts{"2 row/A=1", "2 row/B=x", "3 row[2]/A=", "3 row[2]/B=q,\"u\"\n2"}
    );
    CHECK(lines("A,B\n1,\"two\nlines\"\n3,4\n").back() == "4 row[2]/B=4");
    CHECK(lines("A,A\n1,2") == texts{"2 row/A=1", "2 row/A[2]=2"});
    CHECK(lines("A,B\n").empty());
}

TEST_CASE("a byte order mark, blank lines and line ends of any kind, mixed, change nothing") {
    const texts wanted{
        "2 row/A=1", "2 row/B=2", "4 row[2]/A=3", "4 row[2]/B=4", "5 row[3]/A=5", "5 row[3]/B=6"};
    CHECK(
        lines("\xef\xbb\xbf"
              "A,B\r\n1,2\n\r\n3,4\r5,6") == wanted
    );
    CHECK(lines("A,B\n1,2\r\r3,4\r\n5,6\r\n") == wanted);
    // Only the beginning of one.
    CHECK(lines("\xc3\xab,B\n1,2") == texts{"2 row/\xc3\xab=1", "2 row/B=2"});
}

TEST_CASE("Latin-1 letters are read as Windows-1252 with a remark, at their place") {
    const auto leaves = all_csv(pieces_of("A,B\nZo\xeb,1\n\x80,\xc3\xab\n"));
    REQUIRE_OK(leaves);
    CHECK((*leaves)[0].value == "Zo\xc3\xab");
    CHECK((*leaves)[0].remark.find("Windows-1252") != std::string::npos);
    CHECK((*leaves)[0].at.line == 2);
    CHECK((*leaves)[1].remark.empty());
    CHECK((*leaves)[2].value == "\xe2\x82\xac");
    CHECK((*leaves)[3].remark.empty());
    // A byte that is a letter in neither.
    CHECK(refused("A,B\n1,x\x81\n").where == "line 2, column 2: neither UTF-8 nor Windows-1252");
    CHECK(is_utf8("\xf0\x9f\x98\x80"));
    for (const auto* wrong : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"})
        CHECK_FALSE(is_utf8(wrong));
}

TEST_CASE("what would put a value under the wrong name is refused with line and column") {
    CHECK(refused("A,B\n1,2\n1\n").where == "line 3: 1 cells where the header has 2");
    CHECK(refused("A,B\n1,2,3\n").where == "line 2: 3 cells where the header has 2");
    CHECK(
        refused("A,B\n1,x\"y\n").where ==
        "line 2, column 2: a quote inside a cell that is not quoted"
    );
    CHECK(refused("A,B\n1,\"x\"y\n").where == "line 2, column 2: text behind a closing quote");
    CHECK(
        refused("A,B\n\n1,\"x\n\n").where == "line 3, column 2: a quote is opened and not closed"
    );
    CHECK(
        refused(std::string("A\n1\0", 4)).where == "line 2, column 1: a zero byte; this is no text"
    );
    CHECK(
        refused("\xff\xfe"
                "A")
            .where.find("UTF-16") != std::string::npos
    );
    CHECK(refused("").where == "line 1: no header");
    CHECK(refused("\xef\xbb\xbf").where == "line 1: no header");
}

TEST_CASE("a table is read the same in pieces of one byte") {
    const std::string text = "\xef\xbb\xbf"
                             "A,B\r\n\"x\"\"\",Zo\xeb\r\n1,\"2\r\n3\"\n";
    std::size_t at = 0;
    const auto one = [&]() -> result<bytes_view> { return bytes_view(text).substr(at++, 1); };
    const auto leaves = all_csv(one);
    REQUIRE_OK(leaves);
    texts got;
    for (const auto& l : *leaves)
        got.push_back(std::to_string(l.at.line) + " " + path_text(l) + "=" + l.value);
    CHECK(got == lines(text));
}

TEST_CASE("rows, columns, cells and bytes of a table are limited and the limit is named") {
    csv_limits limits;
    limits.rows = 1;
    CHECK(refused("A\n1\n2\n", limits).where == "line 3: rows, limit 1");
    limits = {};
    limits.columns = 2;
    CHECK(refused("A,B,C\n", limits).code == errc::too_many);
    limits = {};
    limits.cell_bytes = 3;
    CHECK(refused("A\n1234\n", limits).where == "line 2, column 1: limit 3 bytes");
}

TEST_CASE("a table without end is refused at its limit, in bounded memory") {
    std::string piece;
    while (piece.size() < 64 * 1024) piece += "\"12345678\",01/01/2020\n";
    std::size_t given = 0;
    const auto endless = [&]() -> result<bytes_view> {
        static const std::string header = "CHILD,DOB\n";
        return given++ == 0 ? bytes_view(header) : bytes_view(piece);
    };
    csv_limits limits;
    limits.bytes = std::size_t{4} * 1024 * 1024;
    std::size_t leaves = 0;
    const auto read = read_csv(
        endless,
        [](const auto&) -> status { return {}; },
        [&](leaf&&) -> status {
            ++leaves;
            return {};
        },
        limits
    );
    CHECK(read.error().code == errc::too_large);
    CHECK(read.error().where == "file, limit 4194304 bytes");
    CHECK(given * piece.size() < limits.bytes + 4 * piece.size());
    CHECK(leaves > 100'000);
    // A quote that is never closed holds nothing back.
    const auto open = [&]() -> result<bytes_view> {
        static const std::string begin = "A\n\"";
        static const std::string more(64 * 1024, 'x');
        return given++ % 2 == 0 ? bytes_view(begin) : bytes_view(more);
    };
    given = 0;
    CHECK(all_csv(open).error().code == errc::too_large);
    CHECK(given < 10);
}
