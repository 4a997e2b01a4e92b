#include "redaction/build.hpp"

#include "core/assert.hpp"
#include "redaction/generalise.hpp"

#include <google/protobuf/message.h>

#include <algorithm>
#include <set>

namespace cairn::redaction {
namespace {

void put_text(pb::Message& out, const field_plan& f, std::string value) {
    const pb::Reflection& r = *f.reflection;
    if (f.repeated) {
        r.AddString(&out, f.field, std::move(value));
    } else {
        r.SetString(&out, f.field, std::move(value));
    }
}

void put_number(pb::Message& out, const field_plan& f, const pb::Message& in, int i) {
    const pb::Reflection& r = *f.reflection;
    const pb::FieldDescriptor* d = f.field;
    switch (d->cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_ENUM:
        if (f.repeated) return r.AddEnumValue(&out, d, r.GetRepeatedEnumValue(in, d, i));
        return r.SetEnumValue(&out, d, r.GetEnumValue(in, d));
    case pb::FieldDescriptor::CPPTYPE_BOOL:
        if (f.repeated) return r.AddBool(&out, d, r.GetRepeatedBool(in, d, i));
        return r.SetBool(&out, d, r.GetBool(in, d));
    case pb::FieldDescriptor::CPPTYPE_UINT32:
        if (f.repeated) return r.AddUInt32(&out, d, r.GetRepeatedUInt32(in, d, i));
        return r.SetUInt32(&out, d, r.GetUInt32(in, d));
    default:
        CAIRN_ASSERT(false, "the schema lint admits no other type of leaf");
    }
}

// References to assertions that are not in the content would tell that they are somewhere.
void drop_dangling(v1::Concern& out) {
    std::set<std::string_view> refs;
    for (const v1::Assertion& a : out.assertions()) refs.insert(a.ref());
    for (v1::Assertion& a : *out.mutable_assertions()) {
        auto& list = *a.mutable_corroborates();
        const auto gone = std::remove_if(list.begin(), list.end(), [&](const std::string& ref) {
            return refs.count(ref) == 0;
        });
        list.erase(gone, list.end());
    }
}

} // namespace

content_builder::content_builder(
    const v1::Concern& c,
    const analysis& a,
    const people& who,
    const protected_strings& addresses,
    const concern_context& shared,
    const desk_context& desk,
    desk_decisions& decided
)
    : concern_(c), analysis_(a), who_(who), addresses_(addresses), shared_(shared), desk_(desk),
      decided_(decided) {
    CAIRN_ASSERT(decided.cells.size() == a.cells.size(), "every populated cell is decided");
}

void content_builder::build(const std::vector<presence>& persons, v1::Concern& out) {
    for (cell_state& state : decided_.cells) {
        state.shown = state.reduced = state.hidden = 0;
        state.narrative_held = state.address_held = false;
    }
    persons_ = &persons;
    positions_.assign(std::size_t{who_.count()} + 1, 0);
    fields({0, static_cast<std::uint32_t>(analysis_.present.size())}, concern_, out);
    drop_dangling(out);
}

bool content_builder::fields(span in, const pb::Message& from, pb::Message& out) {
    if (!unnamed(in, from, out)) return false;
    for (std::uint32_t i = in.first; i < in.last; i = analysis_.present[i].end) {
        if (analysis_.present[i].field->names) field(i, from, out);
    }
    return true;
}

bool content_builder::unnamed(span in, const pb::Message& from, pb::Message& out) {
    bool any = false;
    for (std::uint32_t i = in.first; i < in.last; i = analysis_.present[i].end) {
        if (!analysis_.present[i].field->names) any = field(i, from, out) || any;
    }
    return any;
}

bool content_builder::field(std::uint32_t at, const pb::Message& from, pb::Message& out) {
    const field_plan& f = *analysis_.present[at].field;
    if (f.nested == nullptr) return leaf(at, from, out);
    return f.repeated ? element(at, from, out) : singular(at, from, out);
}

// Ref and role go with whatever is seen of a person; where nothing is, the header's own decision.
bool content_builder::person(
    span below, std::uint32_t number, const v1::Person& in, v1::Person& out
) {
    const bool content = unnamed(below, in, out);
    cell_state* header = decided_.find(cell(number, v1::CATEGORY_HEADER));
    const bool wanted =
        content || (*persons_)[number] == presence::shown || (header != nullptr && header->open());
    const auto naming = static_cast<std::uint32_t>(!in.ref().empty()) +
                        static_cast<std::uint32_t>(in.role() != v1::SUBJECT_UNSPECIFIED);
    if (!wanted) {
        if (header != nullptr) header->hidden += naming;
        return false;
    }
    if (header != nullptr) header->shown += naming;
    if (addresses_.hit(in.ref())) {
        if (header != nullptr) header->address_held = true;
    } else {
        out.set_ref(in.ref());
    }
    if (who_.role_of(number) != v1::SUBJECT_UNSPECIFIED) out.set_role(in.role());
    return true;
}

bool content_builder::singular(std::uint32_t at, const pb::Message& from, pb::Message& out) {
    const field_plan& f = *analysis_.present[at].field;
    const pb::Reflection& r = *f.reflection;
    const pb::Message& inner = r.GetMessage(from, f.field);
    if (fields({at + 1, analysis_.present[at].end}, inner, *r.MutableMessage(&out, f.field))) {
        return true;
    }
    // Which member of the body is set is the kind: a header matter, told by Notice.kind as well.
    if (!f.body) r.ClearField(&out, f.field);
    return f.body;
}

bool content_builder::element(std::uint32_t at, const pb::Message& from, pb::Message& out) {
    const present_field& in = analysis_.present[at];
    const field_plan& f = *in.field;
    const pb::Reflection& r = *f.reflection;
    const pb::Message& inner = r.GetRepeatedMessage(from, f.field, in.index);
    const span below{at + 1, in.end};
    if (f.nested->what == shape::person) {
        const std::uint32_t number = static_cast<std::uint32_t>(in.index) + 1;
        if ((*persons_)[number] == presence::left_out) return false;
        auto& made = static_cast<v1::Person&>(*r.AddMessage(&out, f.field));
        if (person(below, number, static_cast<const v1::Person&>(inner), made)) {
            positions_[number] = static_cast<std::uint32_t>(r.FieldSize(out, f.field));
            return true;
        }
    } else {
        if (points_at_left_out(*f.nested, inner)) return false;
        if (fields(below, inner, *r.AddMessage(&out, f.field))) return true;
    }
    r.RemoveLast(&out, f.field);
    return false;
}

// A relation to somebody who must not be known of tells of them.
bool content_builder::points_at_left_out(const message_plan& plan, const pb::Message& m) const {
    std::uint32_t person = 0;
    if (plan.what == shape::relation) {
        person = who_.index_of(static_cast<const v1::Relation&>(m).to_ref());
    } else if (plan.what == shape::member) {
        person = who_.index_of(static_cast<const v1::Household::Member&>(m).ref());
    }
    return (*persons_)[person] == presence::left_out;
}

bool content_builder::leaf(std::uint32_t at, const pb::Message& from, pb::Message& out) {
    const present_field& in = analysis_.present[at];
    const field_plan& f = *in.field;
    const pb::Reflection& r = *f.reflection;
    // Said by somebody who cannot say it: who reads it would pass the intelligence on.
    if (f.release && !analysis_.from_originator) return false;
    cell_state& cell = decided_.cells[in.cell];
    if (f.partial_date) {
        const auto& value = static_cast<const v1::PartialDate&>(
            f.repeated ? r.GetRepeatedMessage(from, f.field, in.index) : r.GetMessage(from, f.field)
        );
        return date(f, value, out, cell);
    }
    if (f.field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) {
        std::string scratch;
        return text(
            f,
            f.repeated ? r.GetRepeatedStringReference(from, f.field, in.index, &scratch)
                       : r.GetStringReference(from, f.field, &scratch),
            out,
            cell
        );
    }
    const bool kept =
        cell.decided.form == v1::FORM_GENERALISED && f.generaliser == v1::GENERALISER_KEEP;
    if (cell.decided.form != v1::FORM_FULL && !kept) {
        ++cell.hidden;
        return false;
    }
    put_number(out, f, from, in.index);
    ++cell.shown;
    return true;
}

bool content_builder::text(
    const field_plan& f, const std::string& value, pb::Message& out, cell_state& cell
) {
    const v1::Form form = cell.decided.form;
    std::optional<std::string> left;
    if (form == v1::FORM_FULL) {
        // Free text can hold what other cells hide, so it needs more than its own cell. Cells of
        // category NARRATIVE were decided knowing that.
        if (f.narrative && f.category != v1::CATEGORY_NARRATIVE && !decided_.sees_all) {
            cell.narrative_held = true;
        } else {
            left = value;
        }
    } else if (form == v1::FORM_GENERALISED) {
        switch (f.generaliser) {
        case v1::GENERALISER_KEEP:
            left = value;
            break;
        case v1::GENERALISER_DATE:
            left = dates_whole(f) ? std::optional{value} : year_of(value);
            break;
        case v1::GENERALISER_OUTWARD:
            left = outward_half(value);
            break;
        case v1::GENERALISER_INITIALS:
            left = initial(value);
            break;
        default:
            break;
        }
    } else if (form == v1::FORM_PSEUDONYM && f.pseudonym) {
        left = pseudonym(value, cell);
    }
    if (left && addresses_.hit(*left)) {
        cell.address_held = true;
        left.reset();
    }
    if (!left) {
        ++cell.hidden;
        if (f.narrative) cell.narrative_held = true;
        return false;
    }
    ++cell.shown;
    if (*left != value) ++cell.reduced;
    put_text(out, f, std::move(*left));
    return true;
}

bool content_builder::dates_whole(const field_plan& f) const {
    const bool review = concern_.purpose() == v1::PURPOSE_REVIEW_LEARNING;
    return f.generaliser == v1::GENERALISER_KEEP ||
           (f.generaliser == v1::GENERALISER_DATE && !review);
}

bool content_builder::date(
    const field_plan& f, const v1::PartialDate& value, pb::Message& out, cell_state& cell
) {
    const v1::Form form = cell.decided.form;
    const bool whole = form == v1::FORM_FULL || (form == v1::FORM_GENERALISED && dates_whole(f));
    const bool coarse =
        f.generaliser == v1::GENERALISER_YEAR || f.generaliser == v1::GENERALISER_DATE;
    const bool year = form == v1::FORM_GENERALISED && coarse && value.year() != 0;
    if (!whole && !year) {
        ++cell.hidden;
        return false;
    }
    const pb::Reflection& r = *f.reflection;
    auto& made = static_cast<v1::PartialDate&>(
        f.repeated ? *r.AddMessage(&out, f.field) : *r.MutableMessage(&out, f.field)
    );
    made.set_year(value.year());
    if (whole) {
        made.set_month(value.month());
        made.set_day(value.day());
    } else if (value.month() != 0 || value.day() != 0) {
        ++cell.reduced;
    }
    ++cell.shown;
    return true;
}

// Equal inside one thread and desk, unlinkable between them. Parts carry their length, so that no
// two lists of parts run together.
std::string content_builder::pseudonym(std::string_view value, const cell_state& cell) const {
    const std::uint32_t person = person_of(cell.in.id);
    const std::string_view ref =
        person == 0 ? std::string_view{}
                    : std::string_view{concern_.persons(static_cast<int>(person) - 1).ref()};
    bytes sizes;
    for (const std::string_view part :
         {std::string_view{desk_.desk}, std::string_view{shared_.thread}, ref, value}) {
        put_u32(sizes, static_cast<std::uint32_t>(part.size()));
    }
    const digest d = hmac_sha256(
        shared_.pseudonym_key, {"pseudonym", sizes, desk_.desk, shared_.thread, ref, value}
    );
    return "p-" + to_hex(view(d).substr(0, 8));
}

} // namespace cairn::redaction
