// A court hearing (HMCTS Common Platform) to adult-risk notifications: one concern a defendant, for
// the front door, since the file names no child. Defendants of one hearing live in different
// households and are nobody else's business.
//
// The risk level is the agency's to say: its agent.toml or a sidecar file does.
#pragma once

#include "agents/formats/json.hpp"
#include "agents/profiles/table.hpp"

#include "cairn/v1/concern.pb.h"

#include <map>

namespace cairn::agents::profiles {

// Said once for all defendants.
struct hearing_facts {
    std::string court;
    std::string day;
    bool sentence = false;
};

struct prosecution_case {
    std::string reference;
};

struct defendant_target {
    ::cairn::v1::Person& adult;
    int year_now = 0;
    // Offences already begun: the number in the file to the place in the concern.
    std::map<std::uint32_t, int> offences{};
    ::cairn::v1::Address address{};
    bool person = false;
};

// Under the root, under hearing/prosecutionCases, under its defendants.
std::span<const row<hearing_facts>> hearing_rows();
std::span<const row<prosecution_case>> case_rows();
std::span<const row<defendant_target>> defendant_rows();

// errc::format_malformed where no defendant is a person, errc::too_large above 16 MiB or 100,000
// values, errc::too_many above 500 defendants.
result<file_report>
map_court(const formats::next_piece& file, const concern_sink& to, int year_now);

} // namespace cairn::agents::profiles
