#include "agents/core/outline.hpp"

#include "agents/core/labels.hpp"
#include "agents/core/uk_time.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>

namespace cairn::agents {
namespace {

namespace pb = google::protobuf;
namespace v1 = ::cairn::v1;

bool is_date(const pb::FieldDescriptor& f) {
    return f.message_type() != nullptr && f.message_type() == v1::PartialDate::descriptor();
}

// Refs of persons are shown as their titles.
bool is_person_ref(const pb::FieldDescriptor& f) {
    static const std::string_view names[] = {
        "cairn.v1.Relation.to_ref",
        "cairn.v1.Assertion.about",
        "cairn.v1.Allegation.accused",
        "cairn.v1.Household.Member.ref",
        "cairn.v1.Detriment.person_ref"};
    for (const auto name : names)
        if (f.full_name() == name) return true;
    return false;
}

// Times and dates that the schema has as text (RFC 3339).
bool is_written_time(const pb::FieldDescriptor& f) {
    static const std::string_view names[] = {
        "cairn.v1.Notification.happened_at",
        "cairn.v1.RiskAssessment.assessed_at",
        "cairn.v1.Assertion.recorded_at",
        "cairn.v1.Education.last_seen_at_school",
        "cairn.v1.Health.Condition.needs_treatment_by"};
    return std::find(std::begin(names), std::end(names), f.full_name()) != std::end(names);
}

bool is_desk(const pb::FieldDescriptor& f) {
    return f.full_name() == "cairn.v1.Concern.lead_practitioner_desk";
}

std::string words_of_enum(const pb::EnumValueDescriptor* value, int raw) {
    if (value == nullptr) return "code " + std::to_string(raw);
    const auto words = value_label(*value);
    return words.empty() ? value->name() : std::string(words);
}

class outliner {
public:
    outliner(const v1::Concern& c, bool in_person) : concern_(c), in_person_(in_person) {}

    void walk(const pb::Message& m, const std::string& path, const std::string& label) {
        std::vector<const pb::FieldDescriptor*> fields;
        m.GetReflection()->ListFields(m, &fields);
        const auto outer_raise = raise_;
        raise_ = raise_ || is_protected(m);
        for (const auto* f : fields) {
            if (skip(*f)) continue;
            if (path.empty()) top_ = f->number();
            const int count = f->is_repeated() ? m.GetReflection()->FieldSize(m, f) : 1;
            for (int i = 0; i < count; ++i) one(m, *f, i, count, path, label);
        }
        raise_ = outer_raise;
    }

    std::vector<outline_line> lines;

private:
    static bool skip(const pb::FieldDescriptor& f) {
        const auto& name = f.full_name();
        return name == "cairn.v1.Concern.persons" || name == "cairn.v1.Person.ref" ||
               name == "cairn.v1.Person.role";
    }

    static bool is_protected(const pb::Message& m) {
        if (const auto* a = dynamic_cast<const v1::Address*>(&m))
            return a->harm() != v1::Address::HARM_SAFE;
        if (const auto* c = dynamic_cast<const v1::ContactPoint*>(&m))
            return c->harm() != v1::Address::HARM_SAFE;
        return false;
    }

    void
    one(const pb::Message& m,
        const pb::FieldDescriptor& f,
        int i,
        int count,
        const std::string& path,
        const std::string& label) {
        std::string here = path.empty() ? f.name() : path + "." + f.name();
        if (f.is_repeated()) here += "[" + std::to_string(i) + "]";
        std::string name(field_label(f));
        if (name.empty()) name = f.name();
        if (count > 1) name += " " + std::to_string(i + 1);
        if (f.message_type() != nullptr && !is_date(f)) {
            const auto& inner = f.is_repeated() ? m.GetReflection()->GetRepeatedMessage(m, &f, i)
                                                : m.GetReflection()->GetMessage(m, &f);
            const auto outer_about = about_;
            if (const auto* a = dynamic_cast<const v1::Assertion*>(&inner)) about_ = a->about();
            walk(inner, here, label.empty() ? name : label + ", " + name);
            about_ = outer_about;
            return;
        }
        outline_line line;
        line.field_number = top_;
        line.path = std::move(here);
        line.label = label.empty() ? name : label + ": " + name;
        line.element = path;
        line.element_label = label;
        line.field = f.full_name().substr(std::string_view("cairn.v1.").size());
        line.own_label = std::move(name);
        line.value = value(m, f, i);
        decide(line, m, f, i);
        line.about = about_;
        lines.push_back(std::move(line));
    }

    void
    decide(outline_line& line, const pb::Message& m, const pb::FieldDescriptor& f, int i) const {
        const auto& said = f.options().GetExtension(v1::disclosure);
        line.category = said.category();
        if (raise_ && line.category == v1::CATEGORY_CONTACT)
            line.category = v1::CATEGORY_PROTECTED_ADDRESS;
        const auto* by =
            said.by_value() ? &f : m.GetDescriptor()->FindFieldByName(said.by_value_of());
        if (by == nullptr || by->enum_type() == nullptr) return;
        const auto* v = by->enum_type()->FindValueByNumber(enum_number(m, *by, i));
        if (v == nullptr) return;
        const auto& tells = v->options().GetExtension(v1::value_disclosure);
        if (tells.category() != v1::CATEGORY_UNSPECIFIED) line.category = tells.category();
        // Below a person the child of a value is that person.
        if (tells.subject() != v1::SUBJECT_CHILD || !in_person_) line.subject = tells.subject();
    }

    static int enum_number(const pb::Message& m, const pb::FieldDescriptor& f, int i) {
        return f.is_repeated() ? m.GetReflection()->GetRepeatedEnumValue(m, &f, i)
                               : m.GetReflection()->GetEnumValue(m, &f);
    }

    std::string value(const pb::Message& m, const pb::FieldDescriptor& f, int i) const {
        const auto& r = *m.GetReflection();
        const bool many = f.is_repeated();
        switch (f.cpp_type()) {
        case pb::FieldDescriptor::CPPTYPE_STRING: {
            auto text = many ? r.GetRepeatedString(m, &f, i) : r.GetString(m, &f);
            if (is_person_ref(f)) return person_title(concern_, text);
            if (is_written_time(f)) return written_time(text);
            if (f.full_name() == "cairn.v1.Characteristics.ethnicity") return ethnicity_label(text);
            return is_desk(f) ? desk_label(text) : text;
        }
        case pb::FieldDescriptor::CPPTYPE_BOOL:
            return (many ? r.GetRepeatedBool(m, &f, i) : r.GetBool(m, &f)) ? "yes" : "no";
        case pb::FieldDescriptor::CPPTYPE_UINT32:
            return std::to_string(many ? r.GetRepeatedUInt32(m, &f, i) : r.GetUInt32(m, &f));
        case pb::FieldDescriptor::CPPTYPE_ENUM: {
            const auto raw = enum_number(m, f, i);
            return words_of_enum(f.enum_type()->FindValueByNumber(raw), raw);
        }
        case pb::FieldDescriptor::CPPTYPE_MESSAGE:
            return partial_date(static_cast<const v1::PartialDate&>(
                many ? r.GetRepeatedMessage(m, &f, i) : r.GetMessage(m, &f)
            ));
        default:
            // The schema has no other type; the test of labels would show a new one.
            return "(a value this version cannot show)";
        }
    }

    const v1::Concern& concern_;
    bool in_person_;
    bool raise_ = false;
    int top_ = 0;
    std::string about_;
};

const v1::Withheld* withheld_voice(const v1::Person& p, const v1::Notice& n) {
    for (const auto& w : n.withheld()) {
        if (w.category() == v1::CATEGORY_CHILD_VOICE && w.person_ref() == p.ref()) return &w;
    }
    return nullptr;
}

// The notice says what was decided of the child's voice: then there is one, and all of it is here
// or said to be withheld.
bool voice_decided(const v1::Person& p, const v1::Notice& n) {
    std::uint32_t position = 1;
    for (const auto& other : n.content().persons()) {
        if (other.ref() == p.ref()) break;
        ++position;
    }
    const auto cell = position * 64 + static_cast<std::uint32_t>(v1::CATEGORY_CHILD_VOICE);
    for (const auto& group : n.decisions()) {
        if (std::count(group.cells().begin(), group.cells().end(), cell) != 0) return true;
    }
    return false;
}

} // namespace

std::vector<outline_line> outline_of_concern(const v1::Concern& c) {
    outliner o(c, false);
    o.walk(c, "", "");
    return std::move(o.lines);
}

std::vector<outline_line> outline_of_person(const v1::Person& p, const v1::Concern& c) {
    outliner o(c, true);
    o.walk(p, "", "");
    return std::move(o.lines);
}

std::vector<outline_line> blanks_of_child(const v1::Person& p, const v1::Notice& n) {
    const bool unborn = p.sex() == v1::SEX_UNBORN || p.birth().has_expected();
    if (p.role() != v1::SUBJECT_CHILD || unborn) return {};
    const auto* hidden = withheld_voice(p, n);
    if (hidden != nullptr && !hidden->partly_shown()) return {};
    const bool vague = std::any_of(n.withheld().begin(), n.withheld().end(), [](const auto& w) {
        return w.category() == v1::CATEGORY_UNSPECIFIED;
    });
    const bool decided = voice_decided(p, n);
    std::vector<outline_line> out;
    const auto blank = [&](const char* field, bool there) {
        // What was held of a cell shown in part is its free text.
        const bool held = hidden != nullptr && std::string_view(field) == "own_words";
        if (there || held) return;
        outline_line line;
        line.field_number = v1::Person::kVoiceFieldNumber;
        line.path = std::string("voice.") + field;
        const auto& of = *v1::ChildVoice::descriptor()->FindFieldByName(field);
        line.element = "voice";
        line.element_label =
            field_label(*v1::Person::descriptor()->FindFieldByNumber(v1::Person::kVoiceFieldNumber)
            );
        line.field = std::string("ChildVoice.") + field;
        line.own_label = field_label(of);
        line.label = line.element_label + ": " + line.own_label;
        line.value = vague && !decided ? "not said, or not told to this desk" : "not said";
        line.category = v1::CATEGORY_CHILD_VOICE;
        out.push_back(std::move(line));
    };
    const auto& v = p.voice();
    blank("seen", v.seen() != v1::Relation::ANSWER_UNSPECIFIED);
    blank("seen_alone", v.seen_alone() != v1::Relation::ANSWER_UNSPECIFIED);
    blank("own_words", !v.own_words().empty());
    blank("language_used", !v.language_used().empty());
    return out;
}

std::string person_title(const v1::Person& p) {
    const auto role =
        words_of_enum(v1::Subject_descriptor()->FindValueByNumber(p.role()), p.role());
    const std::string known = p.role() == v1::SUBJECT_UNSPECIFIED ? "person" : role;
    for (const auto& n : p.names()) {
        auto name = n.given();
        if (!name.empty() && !n.family().empty()) name += " ";
        name += n.family();
        if (!name.empty()) return name + " (" + known + ")";
    }
    return known + " (" + p.ref() + ")";
}

std::string person_title(const v1::Concern& c, std::string_view ref) {
    for (const auto& p : c.persons())
        if (p.ref() == ref) return person_title(p);
    return std::string(ref);
}

} // namespace cairn::agents
