// What the agents' formats cost: a Children in Need census of many children, made as it is read, so
// that the file itself is in no memory, mapped to submissions as the agent does. Prints figures and
// decides nothing.
//
// usage: cairn-bench-formats [children]
#include "agents/apps/pickup.hpp"
#include "core/system.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace {

using namespace cairn;
using namespace cairn::agents;

constexpr std::string_view head =
    "<?xml version='1.0' encoding='utf-8'?>\n<Message>\n<Header>\n<CollectionDetails>\n"
    "<Collection>CIN</Collection>\n<Year>2026</Year>\n<ReferenceDate>2026-03-31</ReferenceDate>\n"
    "</CollectionDetails>\n<Source>\n<LEA>201</LEA>\n</Source>\n</Header>\n<Children>\n";
constexpr std::string_view tail = "</Children>\n</Message>\n";

// One child with what most have, and two assessments.
std::string child(std::size_t n) {
    std::string assessments;
    for (const auto* month : {"01", "02"})
        assessments += fmt::format(
            "<Assessments>\n<AssessmentActualStartDate>2025-{0}-01</AssessmentActualStartDate>\n"
            "<AssessmentAuthorisationDate>2025-{0}-20</AssessmentAuthorisationDate>\n"
            "<FactorsIdentifiedAtAssessment>\n<AssessmentFactors>3A</AssessmentFactors>\n"
            "<AssessmentFactors>4B</AssessmentFactors>\n</FactorsIdentifiedAtAssessment>\n"
            "</Assessments>\n",
            month
        );
    return fmt::format(
        "<Child>\n<ChildIdentifiers>\n<LAchildID>NS{0:08}</LAchildID>\n<UPN>H801200001001</UPN>\n"
        "<PersonBirthDate>2015-03-27</PersonBirthDate>\n<Sex>M</Sex>\n</ChildIdentifiers>\n"
        "<ChildCharacteristics>\n<Ethnicity>WBRI</Ethnicity>\n<Disabilities>\n"
        "<Disability>HAND</Disability>\n</Disabilities>\n</ChildCharacteristics>\n<CINdetails>\n"
        "<CINreferralDate>2025-01-01</CINreferralDate>\n<ReferralSource>1A</ReferralSource>\n"
        "<PrimaryNeedCode>N4</PrimaryNeedCode>\n<DateOfInitialCPC>2025-02-01</DateOfInitialCPC>\n"
        "{1}<CINPlanDates>\n<CINPlanStartDate>2025-03-01</CINPlanStartDate>\n</CINPlanDates>\n"
        "<Section47>\n<S47ActualStartDate>2025-01-03</S47ActualStartDate>\n"
        "<ICPCnotRequired>false</ICPCnotRequired>\n</Section47>\n<ChildProtectionPlans>\n"
        "<CPPstartDate>2025-02-01</CPPstartDate>\n<InitialCategoryOfAbuse>PHY"
        "</InitialCategoryOfAbuse>\n<NumberOfPreviousCPP>1</NumberOfPreviousCPP>\n"
        "</ChildProtectionPlans>\n</CINdetails>\n</Child>\n",
        n,
        assessments
    );
}

struct census {
    std::size_t children = 0;
    std::size_t bytes = 0;

    result<formats::next_piece> open() {
        bytes = 0;
        return [this, at = std::size_t{0}, piece = std::string()]() mutable -> result<bytes_view> {
            if (at > children + 1) return bytes_view{};
            piece = at == 0              ? std::string(head)
                    : at == children + 1 ? std::string(tail)
                                         : child(at);
            ++at;
            bytes += piece.size();
            return bytes_view(piece);
        };
    }
};

// MiB, of the whole process at its highest.
double peak_memory() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.rfind("VmHWM:", 0) == 0) return std::strtod(line.c_str() + 6, nullptr) / 1024;
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    census file;
    file.children = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000;
    ::cairn::v1::Concern defaults;
    defaults.set_purpose(::cairn::v1::PURPOSE_CIN17);
    defaults.add_bases(::cairn::v1::LAWFUL_BASIS_6E);
    defaults.add_desks("oakfield/dsl");
    const auto begun = system_clock().mono_now();
    std::size_t rows = 0;
    const auto report = apps::pick_up(
        "census.xml",
        [&] { return file.open(); },
        "bench",
        {defaults, "", system_clock().wall_now(), system_random()},
        [&](const submission&) -> status {
            ++rows;
            return {};
        }
    );
    const auto seconds = std::chrono::duration<double>(system_clock().mono_now() - begun).count();
    if (!report) {
        fmt::print(stderr, "{}\n", report.error().public_text());
        return EXIT_FAILURE;
    }
    fmt::print(
        "census: {} children, {:.1f} MiB, {} concerns, {:.2f} s, {:.0f} children a second, "
        "{:.0f} MiB of memory at most, report of {} bytes\n",
        file.children,
        static_cast<double>(file.bytes) / (1024 * 1024),
        rows,
        seconds,
        static_cast<double>(file.children) / seconds,
        peak_memory(),
        report->size()
    );
    return EXIT_SUCCESS;
}
