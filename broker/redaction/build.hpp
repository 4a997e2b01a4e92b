// The content of a notice, put together from permitted fields only.
#pragma once

#include "redaction/decide.hpp"
#include "redaction/protect.hpp"
#include "redaction/scope.hpp"

namespace cairn::redaction {

enum class presence : std::uint8_t {
    as_built, // in the content where something of it is, or where its header may be seen
    shown,    // something about the person is shown elsewhere in the content
    left_out, // nothing may be seen, and not even that there is somebody
};

class content_builder {
public:
    content_builder(
        const v1::Concern& c,
        const analysis& a,
        const people& who,
        const protected_strings& addresses,
        const concern_context& shared,
        const desk_context& desk,
        desk_decisions& decided
    );

    // Clears the counts of `decided` and counts anew. `persons` is by 1-based index.
    void build(const std::vector<presence>& persons, v1::Concern& out);

    // By 1-based index: 1-based position in the content last built, 0 where not in it.
    [[nodiscard]] const std::vector<std::uint32_t>& positions() const { return positions_; }

private:
    // Part of analysis::present: what stands below one message.
    struct span {
        std::uint32_t first = 0;
        std::uint32_t last = 0;
    };

    // Each builds into `out` what may be seen and says whether anything was. `at`: a place in
    // analysis::present, `from` the message that its field is of.
    bool fields(span in, const pb::Message& from, pb::Message& out);
    // All but what only names the message (field_plan::names).
    bool unnamed(span in, const pb::Message& from, pb::Message& out);
    bool field(std::uint32_t at, const pb::Message& from, pb::Message& out);
    bool singular(std::uint32_t at, const pb::Message& from, pb::Message& out);
    bool element(std::uint32_t at, const pb::Message& from, pb::Message& out);
    bool person(span below, std::uint32_t number, const v1::Person& in, v1::Person& out);
    bool leaf(std::uint32_t at, const pb::Message& from, pb::Message& out);
    [[nodiscard]] bool points_at_left_out(const message_plan& plan, const pb::Message& m) const;
    bool text(const field_plan& f, const std::string& value, pb::Message& out, cell_state& cell);
    bool
    date(const field_plan& f, const v1::PartialDate& value, pb::Message& out, cell_state& cell);
    // What is left of a date in the coarser form: all of it, but its year in a learning review.
    [[nodiscard]] bool dates_whole(const field_plan& f) const;
    [[nodiscard]] std::string pseudonym(std::string_view value, const cell_state& cell) const;

    const v1::Concern& concern_;
    const analysis& analysis_;
    const people& who_;
    const protected_strings& addresses_;
    const concern_context& shared_;
    const desk_context& desk_;
    desk_decisions& decided_;
    const std::vector<presence>* persons_ = nullptr;
    std::vector<std::uint32_t> positions_;
};

} // namespace cairn::redaction
