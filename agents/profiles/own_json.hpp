// Our own JSON: protobuf's mapping of a Concern, or {"key": …, "concern": …}. Every value is
// carried, or the file is refused; what is left to say is what to look at.
#pragma once

#include "agents/formats/leaf.hpp"
#include "agents/profiles/report.hpp"

namespace cairn::agents::profiles {

class own_json {
public:
    // errc::format_malformed and errc::too_large as formats::read_json says.
    status read(bytes_view content);
    // Holds the concern as a member, beside its key.
    [[nodiscard]] bool wrapped() const { return wrapped_; }
    // After read(): every leaf as mapped, with what to look at in the concern that was read.
    [[nodiscard]] file_report report(const ::cairn::v1::Concern& concern, int year_now) const;

private:
    std::vector<formats::leaf> leaves_;
    bool wrapped_ = false;
};

} // namespace cairn::agents::profiles
