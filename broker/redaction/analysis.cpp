#include "redaction/analysis.hpp"

#include "core/assert.hpp"
#include "redaction/canonical.hpp"
#include "redaction/scope.hpp"

#include <algorithm>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <map>

namespace cairn::redaction {
namespace {

using policy::bit;

constexpr v1::ConcernKind kind_of(v1::Concern::BodyCase body) {
    if (body == v1::Concern::BODY_NOT_SET) return v1::CONCERN_KIND_UNSPECIFIED;
    return static_cast<v1::ConcernKind>(body - v1::Concern::kNotification + 1);
}
static_assert(kind_of(v1::Concern::kNotification) == v1::CONCERN_KIND_NOTIFICATION);
static_assert(kind_of(v1::Concern::kChallenge) == v1::CONCERN_KIND_CHALLENGE);
static_assert(kind_of(v1::Concern::kStatus) == v1::CONCERN_KIND_STATUS);

bool empty(const v1::PartialDate& d) {
    return d.year() == 0 && d.month() == 0 && d.day() == 0;
}

// What the walk saw in one cell.
struct seen {
    bool populated = false;
    bool barred = false;
    bool intelligence = false;
    bool intelligence_held = false;
    bool relevant_conviction = false;
    bool source_private = false;
    bool source_professional = false;
};

enum class source { unsaid, professional, individual };

source source_of(v1::ReferralSource s) {
    if (s == v1::REFERRAL_SOURCE_UNSPECIFIED) return source::unsaid;
    if (s >= v1::REFERRAL_SOURCE_2A && s <= v1::REFERRAL_SOURCE_8) return source::professional;
    return source::individual; // family, acquaintance, self, anonymous, unknown; any newer code
}

bool barred(const v1::SensitiveService& s) {
    if (s.bar() == v1::SensitiveService::BAR_NONE) return false;
    if (s.bar() != v1::SensitiveService::BAR_UNSPECIFIED) return true;
    return s.kind() != v1::SensitiveService::KIND_SEXUAL_HEALTH &&
           s.kind() != v1::SensitiveService::KIND_TERMINATION &&
           s.kind() != v1::SensitiveService::KIND_SUBSTANCE_TREATMENT;
}

class walker {
public:
    walker(const v1::Concern& c, bool from_originator)
        : concern_(c), who_(c), cells_((std::size_t{who_.count()} + 1) * 64) {
        out_.fields.reserve(64, 4096);
        out_.present.reserve(128);
        out_.from_originator = from_originator;
    }

    analysis run() {
        out_.kind = kind_of(concern_.body_case());
        out_.purpose = concern_.purpose();
        out_.risk = concern_.risk().level();
        message(concern_plan(), concern_, {});
        for (std::size_t i = 0; i < cells_.size(); ++i) {
            if (!cells_[i].populated) continue;
            const auto id = static_cast<cell_id>(i);
            out_.cells.push_back({id, who_.role_of(person_of(id)), flags(id, cells_[i])});
        }
        for (const auto& [id, cell] : of_others_) {
            out_.cells.push_back({id, about_of(id), flags(id, cell)});
        }
        find_cells();
        return std::move(out_);
    }

private:
    // From a leaf's cell to its place in the list, so that no desk's notice looks for it.
    void find_cells() {
        const auto& cells = out_.cells;
        for (present_field& f : out_.present) {
            if (f.field->nested != nullptr) continue;
            const auto before = [](const cell_input& in, cell_id id) { return in.id < id; };
            const auto at = std::lower_bound(cells.begin(), cells.end(), f.cell, before);
            CAIRN_ASSERT(at != cells.end() && at->id == f.cell, "every populated cell is listed");
            f.cell = static_cast<std::uint32_t>(at - cells.begin());
        }
    }

    void message(const message_plan& plan, const pb::Message& m, scope s) {
        const pb::Reflection& r = *plan.reflection;
        count_unknown(r.GetUnknownFields(m));
        note(plan, m, s);
        for (const field_plan& f : plan.fields) {
            if (f.repeated) {
                const int n = r.FieldSize(m, f.field);
                for (int i = 0; i < n; ++i) field(f, m, r, s, i);
            } else if (r.HasField(m, f.field)) {
                field(f, m, r, s, -1);
            }
        }
    }

    void
    field(const field_plan& f, const pb::Message& m, const pb::Reflection& r, scope s, int index) {
        const std::uint32_t step = f.repeated ? static_cast<std::uint32_t>(index) : no_index;
        push_step(path_, f.field->number(), step);
        if (f.nested != nullptr || f.partial_date) {
            const pb::Message& inner =
                f.repeated ? r.GetRepeatedMessage(m, f.field, index) : r.GetMessage(m, f.field);
            if (f.partial_date) {
                date(f, m, static_cast<const v1::PartialDate&>(inner), s, index);
            } else {
                below(f, inner, enter(*f.nested, inner, s, index, who_), index);
            }
        } else {
            leaf(f, m, s, index, step);
        }
        pop_step(path_);
    }

    void below(const field_plan& f, const pb::Message& m, scope s, int index) {
        const std::size_t at = out_.present.size();
        out_.present.push_back({&f, index, 0, 0});
        message(*f.nested, m, s);
        out_.present[at].end = static_cast<std::uint32_t>(out_.present.size());
    }

    void leaf(const field_plan& f, const pb::Message& m, scope s, int index, std::uint32_t step) {
        if (!populated(f, m, s, index)) return;
        out_.fields.add(path_, [&](bytes& out) { put_canonical(out, f, m, step); });
    }

    void
    date(const field_plan& f, const pb::Message& m, const v1::PartialDate& d, scope s, int index) {
        count_unknown(d.GetReflection()->GetUnknownFields(d));
        if (empty(d) || !populated(f, m, s, index)) return;
        date_part(v1::PartialDate::kYearFieldNumber, d.year());
        date_part(v1::PartialDate::kMonthFieldNumber, d.month());
        date_part(v1::PartialDate::kDayFieldNumber, d.day());
    }

    void date_part(int number, std::uint32_t value) {
        if (value == 0) return;
        push_step(path_, number, no_index);
        out_.fields.add(path_, [&](bytes& out) { put_varint(out, value); });
        pop_step(path_);
    }

    // False where it is of a newer schema.
    bool populated(const field_plan& f, const pb::Message& m, scope s, int index) {
        const placement at = place(f, m, s, index);
        if (!at.known) {
            ++out_.unknown_fields;
            return false;
        }
        const auto next = static_cast<std::uint32_t>(out_.present.size()) + 1;
        out_.present.push_back({&f, index, next, at.cell});
        seen& cell = seen_in(at.cell);
        cell.populated = true;
        cell.barred = cell.barred || at.statutory_bar;
        // That it is there by its value says nothing of what it means for the child: it counts.
        const bool record = category_of(at.cell) == v1::CATEGORY_CONVICTION;
        if (record && f.category != v1::CATEGORY_CONVICTION) cell.relevant_conviction = true;
        ++out_.populated_fields;
        out_.has_narrative = out_.has_narrative || f.narrative;
        return true;
    }

    void count_unknown(const pb::UnknownFieldSet& unknown) {
        out_.unknown_fields += static_cast<std::uint32_t>(unknown.field_count());
    }

    seen& seen_in(cell_id id) {
        return about_of(id) == v1::SUBJECT_UNSPECIFIED ? cells_[id] : of_others_[id];
    }
    seen& at(v1::Category category, scope s) { return cells_[cell(s.person, category)]; }

    void note_source(source from, scope s) {
        seen& cell = at(v1::CATEGORY_REFERRER, s);
        cell.source_private = cell.source_private || from == source::individual;
        cell.source_professional = cell.source_professional || from == source::professional;
    }

    // What sets flags besides the fields themselves.
    void note(const message_plan& plan, const pb::Message& m, scope s) {
        switch (plan.what) {
        case shape::sensitive_service:
            if (barred(static_cast<const v1::SensitiveService&>(m))) {
                at(v1::CATEGORY_SENSITIVE_SERVICE, s).barred = true;
            }
            break;
        case shape::intelligence:
            at(v1::CATEGORY_INTELLIGENCE, s).intelligence = true;
            if (!out_.from_originator ||
                !static_cast<const v1::Intelligence&>(m).released_by_originator()) {
                at(v1::CATEGORY_INTELLIGENCE, s).intelligence_held = true;
            }
            break;
        case shape::conviction:
            if (static_cast<const v1::Conviction&>(m).relevant_to_child() !=
                v1::Relation::ANSWER_NO) {
                at(v1::CATEGORY_CONVICTION, s).relevant_conviction = true;
            }
            break;
        case shape::person:
            note_person(static_cast<const v1::Person&>(m), s);
            break;
        case shape::assertion: {
            // Only what a professional saw or thinks is a professional's word.
            const auto& a = static_cast<const v1::Assertion&>(m);
            if (!a.source().empty() && a.kind() != v1::Assertion::KIND_FACT &&
                a.kind() != v1::Assertion::KIND_OPINION) {
                note_source(source::individual, s);
            }
            break;
        }
        default:
            if (plan.type == v1::Notification::descriptor()) {
                const source from = source_of(static_cast<const v1::Notification&>(m).source());
                note_source(from, s);
                note_referrer(from);
            }
            break;
        }
    }

    void note_person(const v1::Person& p, scope s) {
        note_source(source_of(p.case_status().referral_source()), s);
        if (p.wishes_anonymity()) {
            note_source(source::individual, s);
            note_referrer(source::individual);
        } else if (p.role() == v1::SUBJECT_PROFESSIONAL) {
            note_source(source::professional, s);
        } else if (p.role() == v1::SUBJECT_REFERRER) {
            const source from = p.has_professional() ? source::professional : source::individual;
            note_source(from, s);
            note_referrer(from);
        }
    }

    void note_referrer(source from) {
        referrer_private_ = referrer_private_ || from == source::individual;
        referrer_professional_ = referrer_professional_ || from == source::professional;
    }

    [[nodiscard]] bool detriment(cell_id id) const {
        const auto& all = concern_.detriments();
        return std::any_of(all.begin(), all.end(), [&](const v1::Detriment& d) {
            return covers(d, who_, id);
        });
    }

    // A professional's only where something says so and nothing speaks against it.
    [[nodiscard]] std::uint32_t referrer_flag(cell_id id) const {
        const seen& about = cells_[cell(person_of(id), v1::CATEGORY_REFERRER)];
        bool individual = about.source_private;
        bool professional = about.source_professional;
        const v1::Subject role = who_.role_of(person_of(id));
        if (role != v1::SUBJECT_REFERRER && role != v1::SUBJECT_PROFESSIONAL) {
            individual = individual || referrer_private_;
            professional = professional || referrer_professional_;
        }
        return bit(
            professional && !individual ? v1::FLAG_PROFESSIONAL_REFERRER
                                        : v1::FLAG_ANONYMOUS_REFERRER
        );
    }

    [[nodiscard]] std::uint32_t flags(cell_id id, const seen& cell) const {
        std::uint32_t out = 0;
        const v1::Category category = category_of(id);
        if (cell.barred) out |= bit(v1::FLAG_STATUTORY_BAR);
        if (cell.intelligence && !cell.intelligence_held) out |= bit(v1::FLAG_RELEASED);
        if (cell.relevant_conviction) out |= bit(v1::FLAG_RELEVANT_CONVICTION);
        if (detriment(id)) out |= bit(v1::FLAG_DETRIMENT);
        if (category == v1::CATEGORY_REFERRER ||
            who_.role_of(person_of(id)) == v1::SUBJECT_REFERRER) {
            out |= referrer_flag(id);
        }
        return out;
    }

    const v1::Concern& concern_;
    people who_;
    // By cell id.
    std::vector<seen> cells_;
    // Cells about somebody else than the person they stand with, in id order.
    std::map<cell_id, seen> of_others_;
    bool referrer_private_ = false;
    bool referrer_professional_ = false;
    bytes path_;
    analysis out_;
};

} // namespace

analysis analyse(const v1::Concern& c, bool from_originator) {
    return walker{c, from_originator}.run();
}

} // namespace cairn::redaction
