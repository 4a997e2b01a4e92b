// What agencies drop into an outbox: tables, the courts' JSON, sidecar files.
#include "agents/apps/sidecar.hpp"
#include "agents/formats/csv.hpp"
#include "agents/formats/json.hpp"
#include "agents/profiles/inputs.hpp"
#include "fuzz/targets.hpp"

namespace cairn::fuzz {
namespace {

std::size_t leaves_of(std::string_view extension, bytes_view in) {
    namespace formats = agents::formats;
    std::size_t leaves = 0;
    const auto count = [&](formats::leaf&&) -> status {
        ++leaves;
        return {};
    };
    const auto pieces = formats::pieces_of(in);
    const auto read = extension == ".csv"
                          ? formats::read_csv(
                                pieces, [](const auto&) -> status { return {}; }, count
                            )
                          : formats::read_json(pieces, count);
    must(read.has_value(), "what was mapped can be read");
    return leaves;
}

// Whatever is recognised: every leaf accounted for, every concern counted.
void dropped(std::string_view extension, bytes_view in) {
    namespace formats = agents::formats;
    namespace profiles = agents::profiles;
    const auto open = [&]() -> result<formats::next_piece> { return formats::pieces_of(in); };
    const auto format = profiles::recognise("file" + std::string(extension), open);
    // FHIR has a target of its own.
    if (!format || (*format)->map == nullptr || (*format)->id == "fhir-json") return;
    std::size_t concerns = 0;
    const auto out = (*format)->map(
        open,
        [&](auto&&) -> status {
            ++concerns;
            return {};
        },
        {2026}
    );
    if (!out) return;
    must(out->concerns == concerns, "every concern is counted");
    must(out->all() == leaves_of(extension, in), "every leaf is accounted for");
}

} // namespace

void table(bytes_view in) {
    dropped(".csv", in);
}

void foreign_json(bytes_view in) {
    dropped(".json", in);
}

void sidecar(bytes_view in) {
    (void) agents::apps::with_sidecar({}, "a.csv.toml", in);
    (void) agents::apps::with_sidecar({}, "a.csv.json", in);
}

std::vector<bytes> table_seeds() {
    return {
        "CHILD,DOB,MISSING,MIS_START,MIS_END\n1,02/03/2010,M,01/02/2020,02/02/2020\n1,,A,,\n",
        "\xef\xbb\xbfSurname,Forename,DOB,NHSNumber,UPN,PostCode\r\n\"Hart\"\"ley\",Baby of,"
        "01/01/2010,9000000009,A123456789123,ZZ99 3VZ\r\nZo\xeb,,,,,\n",
        "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,"
        "URN\n7,01/04/2025,S,C2,N1,U1,PR4,,,,NN1 1AA,NN4 6AB,SC1\n"};
}

std::vector<bytes> foreign_json_seeds() {
    return {R"({"hearing":{"type":{"description":"sentence"},"courtCentre":{"name":"C"},)"
            R"("hearingDays":[{"sittingDay":"2021-09-08T09:00:00.000Z"}],"prosecutionCases":[)"
            R"({"defendants":[{"pncId":"81/34U","offences":[{"offenceTitle":"t","plea":)"
            R"({"pleaValue":"GUILTY"}}],"personDefendant":{"personDetails":{"firstName":"A",)"
            R"("lastName":"B","dateOfBirth":"1980-02-03","address":{"address1":"x","postcode":)"
            R"("NN1 1AA"}}}}],"prosecutionCaseIdentifier":{"caseURN":"1"}}]}})"};
}

std::vector<bytes> sidecar_seeds() {
    return {
        "purpose = \"s47\"\nbases = [\"6E\"]\ndesks = [\"a/b\"]\nrisk = \"need\"\n",
        R"({"purpose":"s47","bases":["6E"],"urgency":"same_day","role":"r"})"};
}

} // namespace cairn::fuzz
