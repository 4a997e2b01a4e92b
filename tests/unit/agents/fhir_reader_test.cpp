#include "agents/formats/fhir.hpp"

#include "formats_support.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::agents::formats;

namespace {

struct read_file_result {
    std::vector<leaf> outside;
    std::vector<fhir_resource> resources;
};

result<read_file_result> read_all(bytes_view file, const fhir_limits& limits = {}) {
    read_file_result out;
    fhir_handlers handlers;
    handlers.outside = [&](leaf&& l) -> status {
        out.outside.push_back(std::move(l));
        return {};
    };
    handlers.each = [&](fhir_resource&& r) -> status {
        out.resources.push_back(std::move(r));
        return {};
    };
    const auto read = read_fhir(pieces_of(file), handlers, limits);
    if (!read) return read.error();
    return out;
}

std::string lines(bytes_view file) {
    const auto all = read_all(file);
    REQUIRE_OK(all);
    std::string out;
    for (const auto& r : all->resources)
        for (const auto& l : r.leaves) out += path_text(l) + "=" + l.value + "\n";
    for (const auto& l : all->outside) out += path_text(l) + "=" + l.value + "\n";
    return out;
}

failure refused(bytes_view file, const fhir_limits& limits = {}) {
    const auto all = read_all(file, limits);
    REQUIRE_FAILS(all);
    return all.error();
}

constexpr std::string_view open_bundle = "<Bundle xmlns='http://hl7.org/fhir'>";

std::string xml_entry(const std::string& inside) {
    return std::string(open_bundle) + "<entry><resource>" + inside + "</resource></entry></Bundle>";
}

} // namespace

TEST_CASE("XML and JSON of one bundle are the same leaves, extensions of primitives included") {
    const auto json = lines(R"({"entry":[{"fullUrl":"urn:uuid:a","resource":{
        "id":"p","name":[{"given":["Asha",null],"_given":[null,{"extension":[{"url":"u",
        "valueCode":"masked"}]}]}],"birthDate":"2017","_birthDate":{"id":"b"},
        "contained":[{"x":"1","resourceType":"Flag"}],"text":{"div":"<div>A page</div>"},
        "deceasedBoolean":true,"resourceType":"Patient"}}],"type":"collection",
        "resourceType":"Bundle"})");
    CHECK(
        json == "Bundle/entry/fullUrl=urn:uuid:a\n"
                "Bundle/entry/resource/Patient/id=p\n"
                "Bundle/entry/resource/Patient/name/given=Asha\n"
                "Bundle/entry/resource/Patient/name/given[2]=\n"
                "Bundle/entry/resource/Patient/name/given=\n"
                "Bundle/entry/resource/Patient/name/given[2]/extension/url=u\n"
                "Bundle/entry/resource/Patient/name/given[2]/extension/valueCode=masked\n"
                "Bundle/entry/resource/Patient/birthDate=2017\n"
                "Bundle/entry/resource/Patient/birthDate/id=b\n"
                "Bundle/entry/resource/Patient/contained/Flag/x=1\n"
                "Bundle/entry/resource/Patient/text/div=<div>A page</div>\n"
                "Bundle/entry/resource/Patient/deceasedBoolean=true\n"
                "Bundle/type=collection\n"
    );
    const auto xml = lines(R"(<f:Bundle xmlns:f="http://hl7.org/fhir"><f:type value="collection"/>
        <f:entry><f:fullUrl value="urn:uuid:a"/><f:resource><f:Patient><f:id value="p"/>
        <f:name><f:given value="Asha"/><f:given><f:extension url="u"><f:valueCode value="masked"/>
        </f:extension></f:given></f:name><f:birthDate id="b" value="2017"/>
        <f:contained><f:Flag><f:x value="1"/></f:Flag></f:contained>
        <f:text><div xmlns="http://www.w3.org/1999/xhtml">A <b>page</b></div></f:text>
        <f:deceasedBoolean value="true"/></f:Patient></f:resource></f:entry></f:Bundle>)");
    CHECK(
        xml == "Bundle/entry/fullUrl=urn:uuid:a\n"
               "Bundle/entry/resource/Patient/id=p\n"
               "Bundle/entry/resource/Patient/name/given=Asha\n"
               "Bundle/entry/resource/Patient/name/given[2]/extension/url=u\n"
               "Bundle/entry/resource/Patient/name/given[2]/extension/valueCode=masked\n"
               "Bundle/entry/resource/Patient/birthDate/id=b\n"
               "Bundle/entry/resource/Patient/birthDate=2017\n"
               "Bundle/entry/resource/Patient/contained/Flag/x=1\n"
               "Bundle/entry/resource/Patient/text/div=A page\n"
               "Bundle/entry/resource/Patient/deceasedBoolean=true\n"
               "Bundle/type=collection\n"
    );
}

TEST_CASE("a single resource is one, in either syntax, whatever it is") {
    for (const auto* text :
         {R"({"birthDate":"2017","id":"7","resourceType":"Patient"})",
          "<Patient xmlns='http://hl7.org/fhir'><birthDate value='2017'/><id "
          "value='7'/></Patient>"}) {
        const auto all = read_all(text);
        REQUIRE_OK(all);
        REQUIRE(all->resources.size() == 1);
        const auto& r = all->resources[0];
        CHECK(r.type == "Patient");
        CHECK(r.id == "7");
        CHECK(r.element(r.leaves[0]) == "birthDate");
    }
    // A List has entries of its own, and is no Bundle.
    const auto list = read_all(R"({"resourceType":"List","entry":[{"item":{"display":"x"}}]})");
    REQUIRE_OK(list);
    CHECK(list->resources[0].type.empty());
}

TEST_CASE("a resource knows its type, number, line and fullUrl, and what is of the entry alone") {
    const auto all = read_all("{\"resourceType\":\"Bundle\",\n\"entry\":[\n"
                              "{\"fullUrl\":\"urn:uuid:a\",\"search\":{\"mode\":\"match\"},\n"
                              "\"resource\":{\"resourceType\":\"Flag\",\"id\":\"f\"}},\n"
                              "{\"request\":{\"method\":\"GET\"}}]}");
    REQUIRE_OK(all);
    REQUIRE(all->resources.size() == 2);
    const auto& first = all->resources[0];
    CHECK(first.full_url == "urn:uuid:a");
    CHECK(first.at.line == 3);
    CHECK(first.type == "Flag");
    CHECK_FALSE(first.holds(first.leaves[0]));
    CHECK(first.holds(first.leaves.back()));
    CHECK(all->resources[1].ordinal == 1);
    CHECK(all->resources[1].type.empty());
}

TEST_CASE("another namespace is refused with its line, below the root as well") {
    CHECK(
        refused("<Patient><id value='1'/></Patient>").where ==
        "line 1, column 1: an element of another namespace"
    );
    CHECK(
        refused(xml_entry("<Flag>\n<x:id xmlns:x='urn:x' value='1'/></Flag>")).where ==
        "line 2, column 1: an element of another namespace"
    );
    // XHTML is FHIR's narrative, and nothing else in it.
    const auto odd = read_all(
        xml_entry("<Flag><h:status xmlns:h='http://www.w3.org/1999/xhtml' value='active'/></Flag>")
    );
    REQUIRE_OK(odd);
    CHECK(path_text(odd->resources[0].leaves[0]).find("Flag/status") == std::string::npos);
}

TEST_CASE("an XML bomb and an external entity are refused before anything is read") {
    for (const auto* doctype :
         {"<!DOCTYPE Bundle [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>",
          "<!DOCTYPE Bundle [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"}) {
        const auto f = refused(
            std::string(doctype) +
            "<Patient xmlns='http://hl7.org/fhir'><id value='&b;'/></Patient>"
        );
        CHECK(f.where == "line 1, column 1: a document type is not allowed");
    }
}

TEST_CASE("JSON that is cut, deep, huge or doubled is refused with its place") {
    const std::string whole =
        R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Flag","id":"f"}}]})";
    REQUIRE_OK(read_all(whole));
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK_FAILS(read_all(bytes_view(whole).substr(0, size)));
    REQUIRE_OK(read_all("\xEF\xBB\xBF" + whole));
    std::string deep = R"({"resourceType":"Patient","a":)";
    for (int i = 0; i < 100; ++i) deep += R"({"a":)";
    CHECK(refused(deep).code == errc::too_large);
    fhir_limits small;
    small.value_bytes = 100;
    const auto huge = R"({"resourceType":"Patient","id":")" + std::string(200, 'x') + "\"}";
    CHECK(refused(huge, small).code == errc::too_large);
    const auto attribute = "<Patient xmlns='http://hl7.org/fhir'><id value='" +
                           std::string(200, 'x') + "'/></Patient>";
    CHECK(refused(attribute, small).code == errc::too_large);
    const auto doubled = refused("{\"resourceType\":\"Patient\",\n\"id\":\"1\",\"id\":\"2\"}");
    CHECK(doubled.where == "line 2, column 13: a member is given twice");
}

TEST_CASE("a resource without a type and a file without one are refused, and quote nothing") {
    CHECK(
        refused(R"({"resourceType":"Bundle","entry":[{"resource":{"id":"f"}}]})").where ==
        "line 1, column 53: a resource that does not say its type"
    );
    CHECK(refused(R"({"a":1})").where == "line 1, column 1: no FHIR resource, its type is missing");
    CHECK(
        refused(
            std::string(open_bundle) + "<entry>\n<resource>\n <id value='f'/></resource></entry>"
                                       "</Bundle>"
        )
            .where == "line 3, column 2: a resource that does not say its type"
    );
    // A type goes into reports.
    CHECK_FAILS(read_all(R"({"resourceType":"John Smith","a":1})"));
    CHECK_FAILS(read_all(xml_entry("<Flag><id value='1'/></Flag><Patient><id value='1'/></Patient>")
    ));
}

TEST_CASE("limits on resources and on the values of one") {
    fhir_limits small;
    small.resources = 1;
    const std::string two =
        R"({"resourceType":"Bundle","entry":[{"fullUrl":"a"},{"fullUrl":"b"}]})";
    CHECK(refused(two, small).where == "line 1, column 62: records, limit 1");
    small = {};
    small.leaves_each = 2;
    CHECK(
        refused(R"({"resourceType":"Patient","a":[1,2,3,4]})", small).where ==
        "line 1, column 34: values of one resource, limit 2"
    );
}

TEST_CASE("FHIR is recognised by its beginning") {
    CHECK(looks_like_fhir("<?xml version='1.0'?><Bundle xmlns='http://hl7.org/fhir'>"));
    CHECK(looks_like_fhir("\xEF\xBB\xBF {\"resourceType\": \"Patient\""));
    CHECK_FALSE(looks_like_fhir("<Message><Header/>"));
    CHECK_FALSE(looks_like_fhir("{\"purpose\":\"PURPOSE_S47\"}"));
    CHECK_FALSE(looks_like_fhir(""));
}
