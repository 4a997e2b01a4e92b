// FHIR in both syntaxes, from bytes to concerns.
#include "agents/profiles/fhir.hpp"
#include "fuzz/targets.hpp"

namespace cairn::fuzz {
namespace {

namespace formats = agents::formats;
namespace profiles = agents::profiles;

// Whatever the order in which resources come, a few patients at a time are enough.
void map(bytes_view in, std::size_t open_at_once) {
    std::size_t concerns = 0;
    const auto report = profiles::map_fhir(
        [in]() -> result<formats::next_piece> { return formats::pieces_of(in); },
        {"2026-11-22", open_at_once},
        [&](::cairn::v1::Concern&& c) -> status {
            ++concerns;
            must(c.persons_size() > 0, "a concern is about somebody");
            must(c.has_status() || c.has_notification(), "a concern has a body");
            return {};
        }
    );
    if (!report) {
        must(!report.error().where.empty(), "a file that is refused says where");
        return;
    }
    std::size_t values = 0;
    formats::fhir_handlers count;
    count.outside = [&](formats::leaf&&) -> status {
        ++values;
        return {};
    };
    count.each = [&](formats::fhir_resource&& r) -> status {
        values += r.leaves.size();
        return {};
    };
    must(formats::read_fhir(formats::pieces_of(in), count).has_value(), "it was read before");
    must(report->all() == values, "every value is accounted for");
    must(report->concerns == concerns, "every concern was handed over");
}

} // namespace

void fhir(bytes_view in) {
    map(in, 1);
    map(in, 1000);
}

std::vector<bytes> fhir_seeds() {
    return {
        R"({"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:p",
"resource":{
"resourceType":"Patient","id":"p","meta":{"security":[{"code":"R"}]},"identifier":[{
"system": "https://fhir.nhs.uk/Id/nhs-number","value":"9000000009"}],"name":[{"use":"usual",
"given":["A",null], "_given":[null,{"extension":[{"url":"u","valueCode":"masked"}]}]}],
"birthDate":"2017-03","address":[ {"line":["3 Larkspur Way"],"postalCode":"NN4 6AB"}]}},{
"fullUrl":"urn:uuid:c","resource":{ "resourceType":"Communication","status":"completed",
"subject":{"reference":"Patient/p"},"partOf":[ {"reference":"urn:uuid:c"}],
"sent":"2026-11-20T10:00:00Z","payload":[{"contentString":"x"}]}}]})",
        R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Flag","status":"active",
"contained":[{"resourceType":"Patient","id":"p","birthDate":"2017"},{"resourceType":"CareTeam",
"id":"t","participant":[{"member":{"reference":"#"}}]}],"code":{"text":"x"},"subject":{
"reference":"#p"}}},{"resource":{"resourceType":"Flag","status":"active","code":{"text":"y"},
"subject":{"identifier":{"system":"u","value":"7"}}}}]})",
        R"(<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/><entry>
<fullUrl value="Flag/f"/> <resource><Flag><id value="f"/><text>
<div xmlns="http://www.w3.org/1999/xhtml">a<b>b</b></div></text> <contained><CareTeam>
<id value="t"/></CareTeam></contained><status value="active"/><code><coding>
<code value="child-protection-information-system-flag"/></coding></code><subject>
<reference value="Patient/q"/> <display value="Q"/></subject><period>
<start value="2024-07-22T09:00:00+00:00"/></period><extension url="u"><valueReference>
<reference value="CarePlan/k"/></valueReference></extension></Flag></resource> </entry>
<entry><resource><CarePlan><id value="k"/><category><coding><code value="818901000000100"/>
 </coding></category><subject><reference value="Patient/q"/></subject></CarePlan></resource>
</entry> </Bundle>)"};
}

} // namespace cairn::fuzz
