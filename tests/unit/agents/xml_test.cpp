#include "agents/formats/cin.hpp"

#include "formats_support.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::agents::formats;
using agents_test::all_xml;
using texts = std::vector<std::string>;

namespace {

// "line path=value" of every leaf.
std::vector<std::string> lines(std::string_view xml) {
    const auto leaves = all_xml(xml);
    REQUIRE_OK(leaves);
    std::vector<std::string> out;
    for (const auto& leaf : *leaves)
        out.push_back(std::to_string(leaf.at.line) + " " + path_text(leaf) + "=" + leaf.value);
    return out;
}

// "line,column path=value" of every leaf.
std::vector<std::string> places(std::string_view xml) {
    const auto leaves = all_xml(xml);
    REQUIRE_OK(leaves);
    std::vector<std::string> out;
    for (const auto& leaf : *leaves)
        out.push_back(
            std::to_string(leaf.at.line) + "," + std::to_string(leaf.at.column) + " " +
            path_text(leaf) + "=" + leaf.value
        );
    return out;
}

failure refused(std::string_view xml, const xml_limits& limits = {}) {
    const auto leaves = all_xml(xml, limits);
    REQUIRE_FAILS(leaves);
    return leaves.error();
}

} // namespace

TEST_CASE("leaves come in document order with exact lines and numbered siblings") {
    CHECK(
        lines("<a>\n <b>1</b>\n <b>\n  2\n </b>\n <c x='y'><d/></c>\n</a>") ==
        std::vector<std::string>{"2 a/b=1", "4 a/b[2]=2", "6 a/c/@x=y", "6 a/c/d="}
    );
}

TEST_CASE("values of XML stand where they begin, by characters") {
    CHECK(
        places("<a>\n <b>1</b> <c x='y'/>\n  two<d>\n\n   3\n </d></a>") ==
        texts{"2,5 a/b=1", "2,11 a/c/@x=y", "2,11 a/c=", "3,3 a/text()=two", "5,4 a/d=3"}
    );
    // Letters of more than one byte count once, in texts and attributes.
    CHECK(
        places("<a x='Zo\u00eb'>Si\u00e2n<b>x</b>y</a>") ==
        texts{"1,1 a/@x=Zo\u00eb", "1,12 a/text()=Si\u00e2n", "1,19 a/b=x", "1,24 a/text()[2]=y"}
    );
    // What is no value moves on as well.
    CHECK(
        places("<?xml version='1.0'?>\n<!-- one -->\n  <a><!-- two\n --><?p q?> t&amp;<b/>u</a>") ==
        texts{"4,13 a/text()=t&", "4,19 a/b=", "4,23 a/text()[2]=u"}
    );
    CHECK(
        places("<a><![CDATA[x\n\ny]]>z<b>w</b></a>") == texts{"1,13 a/text()=x\n\nyz", "3,9 a/b=w"}
    );
    CHECK(places("<a>&#233;<b>&lt;</b></a>") == texts{"1,4 a/text()=\u00e9", "1,13 a/b=<"});
    // A byte order mark is no character; tags may run over lines.
    CHECK(
        places("\xef\xbb\xbf<a\n  x='1'\n>2<b\n y='3'/></a>") ==
        texts{"1,1 a/@x=1", "3,2 a/text()=2", "3,3 a/b/@y=3", "3,3 a/b="}
    );
}

TEST_CASE("places in XML are the same in whatever pieces the file comes") {
    std::string text = "<?xml version='1.0'?>\n<a>";
    std::vector<place> expected;
    const auto add = [&](std::size_t length, const std::string& begin, const std::string& end) {
        const std::string more(length, 'e');
        expected.push_back(behind({}, text + begin));
        text += begin + "S\u00e9 " + more + "\n" + more + end;
    };
    for (std::size_t i = 0; i < 900; ++i) {
        text += std::string(i % 7, ' ') + std::string(i % 3, '\n');
        add(i, "<b>", "</b>");
        add(i, "<c><![CDATA[", "]]></c>");
        expected.push_back(behind({}, text));
        text += "<d x='" + std::string(i, 'y') + "'><e/></d><!-- " + std::string(i, '-') + " -->";
        text.replace(text.rfind("<!-- ") + 5, i, i, '.');
        expected.push_back(behind({}, text.substr(0, text.rfind("<e/>"))));
    }
    text += "</a>";
    for (const std::size_t size : {std::size_t{1}, std::size_t{509}, text.size()}) {
        INFO(size);
        std::vector<place> found;
        const auto read = read_xml(
            [&, at = std::size_t{0}]() mutable -> result<bytes_view> {
                const auto piece = bytes_view(text).substr(std::min(at, text.size()), size);
                at += size;
                return piece;
            },
            [&](leaf&& l) -> status {
                found.push_back(l.at);
                return {};
            }
        );
        REQUIRE_OK(read);
        CHECK(found == expected);
    }
}

TEST_CASE("lines are exact in files with Windows line ends and in long ones") {
    CHECK(
        lines("<a>\r\n<b>1</b>two\r\n\r\n<c>\r\n3</c></a>") ==
        std::vector<std::string>{"2 a/b=1", "2 a/text()=two", "5 a/c=3"}
    );
    std::string text = "<a>";
    for (int i = 0; i < 70'000; ++i) text += "<b/>\n";
    text += "<c>x</c></a>";
    const auto leaves = all_xml(text);
    REQUIRE_OK(leaves);
    CHECK(leaves->back().at.line == 70'001);
}

TEST_CASE("stray text before, between and after elements is a leaf of its own") {
    CHECK(
        lines("<a>one<b>x</b>\ntwo<b>y</b>three</a>") ==
        std::vector<std::string>{
            "1 a/text()=one", "1 a/b=x", "2 a/text()[2]=two", "2 a/b[2]=y", "2 a/text()[3]=three"}
    );
}

TEST_CASE("namespaces are read and set aside, and the five entities and CDATA are text") {
    CHECK(
        lines("<n:a xmlns:n='urn:x'><n:b>x &amp; <![CDATA[<y>]]></n:b></n:a>") ==
        std::vector<std::string>{"1 a/b=x & <y>"}
    );
}

TEST_CASE("a declared encoding is turned into UTF-8") {
    const auto out = lines("<?xml version='1.0' encoding='ISO-8859-1'?><a>Zo\xeb</a>");
    CHECK(out == std::vector<std::string>{"1 a=Zo\xc3\xab"});
}

TEST_CASE("a document type is refused before anything in it is read") {
    const auto f = refused("<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY e SYSTEM "
                           "'file:///etc/hostname'>]>\n<a>&e;</a>");
    CHECK(f.code == errc::format_malformed);
    CHECK(f.where == "line 2, column 1: a document type is not allowed");
    CHECK(
        refused("<!DOCTYPE a SYSTEM 'http://example.invalid/a.dtd'><a/>").code ==
        errc::format_malformed
    );
}

TEST_CASE("a document type hidden in another encoding is refused, too") {
    std::string utf16("\xff\xfe", 2);
    for (const char c : std::string("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>")) {
        utf16 += c;
        utf16 += '\0';
    }
    CHECK(refused(utf16).where.find("document type") != std::string::npos);
}

TEST_CASE("what is not well-formed names its line and quotes nothing of the file") {
    CHECK(refused("").code == errc::format_malformed);
    CHECK(refused("not xml at all").code == errc::format_malformed);
    const auto f = refused("<a>\n<b>SECRET</c>\n</a>");
    CHECK(f.where == "line 2, column 14: an element is closed that is not the one open");
    const auto entity = refused("<a>\n&SECRET;</a>");
    CHECK(entity.where.find("SECRET") == std::string::npos);
    CHECK(entity.where == "line 2, column 9: an entity is used that XML does not define");
    CHECK(
        refused("<a>\xff\xfe\xfa</a>").where ==
        "line 1, column 4: the bytes do not fit the encoding declared"
    );
    CHECK(refused("<a>\n<b x=1/></a>").where == "line 2, column 6: the XML is not well-formed");
    CHECK(refused("<a><b>cut off").code == errc::format_malformed);
}

TEST_CASE("depth, size, value and count are limited and the limit is named") {
    std::string deep;
    for (int i = 0; i < 33; ++i) deep += "<a>";
    CHECK(refused(deep).where == "line 1, column 97: nested too deep, limit 32");
    xml_limits small;
    small.bytes = 10;
    CHECK(refused("<a>0123456789</a>", small).code == errc::too_large);
    small = {};
    small.value_bytes = 10;
    CHECK(
        refused("<a>\n 0123456789a</a>", small).where ==
        "line 2, column 2: value too long, limit 10"
    );
    CHECK(
        refused("<a>\n <b x='0123456789a'/></a>", small).where ==
        "line 2, column 2: value too long, limit 10"
    );
    small = {};
    small.leaves = 2;
    CHECK(
        refused("<a><b/><b/>\n<b/></a>", small).where ==
        "line 2, column 1: too many values, limit 2"
    );
    std::string at_limit;
    for (int i = 0; i < 32; ++i) at_limit += "<a>";
    for (int i = 0; i < 32; ++i) at_limit += "</a>";
    CHECK_OK(all_xml(at_limit));
}

TEST_CASE("every cut of a file is refused, never half read") {
    const std::string whole = "<a><b c='d'>e &lt; f</b><g/></a>";
    REQUIRE_OK(all_xml(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        INFO(size);
        CHECK_FAILS(all_xml(std::string_view(whole).substr(0, size)));
    }
}

namespace {

// How many children, or the failure.
result<std::size_t> children(std::string_view xml, std::size_t* seen = nullptr) {
    std::size_t count = 0;
    record_handlers to;
    to.outside = [](leaf&&) -> status { return {}; };
    to.each = [&](record&&) -> status {
        ++count;
        return {};
    };
    const auto read = read_cin(pieces_of(xml), to);
    if (seen != nullptr) *seen = count;
    if (!read) return read.error();
    return count;
}

} // namespace

TEST_CASE("another collection and another root are no census return, before a child is taken") {
    const std::string head =
        "<Message><Header><CollectionDetails><Collection>CIN</Collection></CollectionDetails>"
        "</Header><Children>";
    const std::string child = "<Child><X>1</X></Child>";
    CHECK(children(head + child + child + "</Children></Message>").value() == 2);
    CHECK(
        children(head + child + "</Children><Children>" + child + "</Children></Message>")
            .value() == 2
    );
    CHECK(children("<Other/>").error().where.find("root") != std::string::npos);
    CHECK(children("<Message/>").error().code == errc::format_malformed);
    const auto other = children("<Message><Header><CollectionDetails><Collection>SSDA903"
                                "</Collection></CollectionDetails></Header></Message>");
    CHECK(other.error().where == "line 1, column 49: the collection is not CIN");
    std::size_t seen = 1;
    const auto headless = children("<Message><Children>" + child + "</Children></Message>", &seen);
    CHECK(headless.error().code == errc::format_malformed);
    CHECK(seen == 0);
}

TEST_CASE("records are handed over one by one, and their number and size are limited") {
    std::vector<std::string> order;
    record_handlers to;
    to.outside = [&](leaf&& l) -> status {
        order.push_back(path_text(l));
        return {};
    };
    to.each = [&](record&& r) -> status {
        order.push_back("record " + std::to_string(r.size()));
        return {};
    };
    record_limits limits;
    limits.records = 2;
    limits.leaves_each = 2;
    const auto read = [&](std::string_view xml) {
        order.clear();
        record_splitter split("a/r", to, limits);
        const auto done =
            read_xml(pieces_of(xml), [&](leaf&& l) { return split.take(std::move(l)); });
        return done ? split.finish() : done;
    };
    CHECK_OK(read("<a><h>1</h><r><x>1</x><y>2</y></r>stray<r><x>3</x></r></a>"));
    CHECK(order == std::vector<std::string>{"a/h", "record 2", "a/text()", "record 1"});
    const auto many = read("<a><r><x/></r>\n<r><x/></r>\n<r><x/></r></a>");
    CHECK(many.error().code == errc::too_many);
    CHECK(many.error().where == "line 3, column 4: records, limit 2");
    CHECK(read("<a><r><x/><x/><x/></r></a>").error().code == errc::too_large);
}

TEST_CASE("what the taker of leaves refuses ends the reading with its failure") {
    std::size_t taken = 0;
    const auto read = read_xml(pieces_of("<a><b>1</b><b>2</b><b>3</b></a>"), [&](leaf&&) -> status {
        if (++taken == 2) return fail(errc::storage_full, "here");
        return {};
    });
    CHECK((read.error() == fail(errc::storage_full, "here")));
    CHECK(taken == 2);
}
