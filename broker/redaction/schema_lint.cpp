#include "redaction/schema_lint.hpp"

#include "cairn/v1/person.pb.h"

#include <algorithm>
#include <set>

namespace cairn::redaction {
namespace {

namespace pb = ::google::protobuf;
namespace v1 = ::cairn::v1;

bool about_somebody(v1::Subject s) {
    return s == v1::SUBJECT_OF_PERSON || s == v1::SUBJECT_OF_ABOUT;
}

bool is_partial_date(const pb::FieldDescriptor& f) {
    return f.message_type() != nullptr &&
           f.message_type()->full_name() == v1::PartialDate::descriptor()->full_name();
}

class linter {
public:
    void message(const pb::Descriptor& type, const std::string& path, bool below_person) {
        if (!open_.insert(&type).second) {
            report(path, "the message contains itself: a walk would not end");
            return;
        }
        const v1::Subject subject = type.options().GetExtension(v1::about_whom).subject();
        below_person = below_person || type.full_name() == v1::Person::descriptor()->full_name();
        if (subject == v1::SUBJECT_OF_PERSON && !below_person) {
            report(path, "is about a person, but stands below none");
        }
        if (subject == v1::SUBJECT_OF_ABOUT) check_about(type, path);
        for (int i = 0; i < type.field_count(); ++i) {
            field(*type.field(i), subject, path, below_person);
        }
        open_.erase(&type);
    }

    std::vector<std::string> findings;

private:
    void report(const std::string& path, const std::string& what) {
        findings.push_back(path + ": " + what);
    }

    void check_about(const pb::Descriptor& type, const std::string& path) {
        const pb::FieldDescriptor* about = type.FindFieldByName("about");
        if (about == nullptr || about->cpp_type() != pb::FieldDescriptor::CPPTYPE_STRING) {
            report(path, "is about whom `about` names, but has no such text");
        }
    }

    void field(
        const pb::FieldDescriptor& f,
        v1::Subject of_message,
        const std::string& above,
        bool below_person
    ) {
        const std::string path = above + "." + f.name();
        if (f.is_map()) return report(path, "a map: its keys would be decided by nobody");
        if (f.message_type() != nullptr && !is_partial_date(f)) {
            if (f.message_type()->file()->package() == "google.protobuf") {
                return report(path, "an Any or another type without annotations");
            }
            return message(*f.message_type(), path, below_person);
        }
        const v1::FieldDisclosure& says = f.options().GetExtension(v1::disclosure);
        if (says.category() == v1::CATEGORY_UNSPECIFIED) report(path, "has no category");
        const v1::Subject own = says.subject();
        if (own == v1::SUBJECT_UNSPECIFIED && of_message == v1::SUBJECT_UNSPECIFIED) {
            report(path, "has no subject, nor has its message");
        }
        if (own != v1::SUBJECT_UNSPECIFIED && about_somebody(own) != about_somebody(of_message)) {
            report(path, "is about another than its message: whose cell is it in?");
        }
        check_type(f, says, path);
        check_forms(f, says, path);
        check_values(f, says, path);
    }

    void check_type(
        const pb::FieldDescriptor& f, const v1::FieldDisclosure& says, const std::string& path
    ) {
        const bool date = is_partial_date(f);
        const bool text = f.type() == pb::FieldDescriptor::TYPE_STRING;
        const bool plain = text || date || f.cpp_type() == pb::FieldDescriptor::CPPTYPE_BOOL ||
                           f.cpp_type() == pb::FieldDescriptor::CPPTYPE_ENUM ||
                           f.type() == pb::FieldDescriptor::TYPE_UINT32;
        if (!plain) report(path, "is of a type a notice cannot carry");
        if (says.narrative() && !text) report(path, "is a narrative, but no text");
        if (says.generaliser() == v1::GENERALISER_YEAR && !date) {
            report(path, "cannot keep its year: it is no date");
        }
        if (says.generaliser() == v1::GENERALISER_DATE && !date && !text) {
            report(path, "cannot be a date: it is neither date nor text");
        }
        const bool of_text = says.generaliser() == v1::GENERALISER_OUTWARD ||
                             says.generaliser() == v1::GENERALISER_INITIALS;
        if (of_text && !text) report(path, "cannot keep part of a text: it is none");
    }

    void check_forms(
        const pb::FieldDescriptor& f, const v1::FieldDisclosure& says, const std::string& path
    ) {
        const auto lists = [&](v1::Form form) {
            return std::count(says.forms().begin(), says.forms().end(), form) != 0;
        };
        const bool coarse = says.generaliser() != v1::GENERALISER_DROP;
        if (says.forms_size() != 0 &&
            (!lists(v1::FORM_FULL) || lists(v1::FORM_GENERALISED) != coarse)) {
            report(path, "its forms are not those its generaliser leaves");
        }
        const bool direct = says.identifies() == v1::IDENTIFIES_DIRECT;
        if (direct && says.generaliser() == v1::GENERALISER_KEEP) {
            report(path, "points at a person and would be kept whole in the coarse form");
        }
        if (!lists(v1::FORM_PSEUDONYM)) return;
        if (f.type() != pb::FieldDescriptor::TYPE_STRING) {
            report(path, "cannot be a pseudonym: it is no text");
        }
        if (!direct) report(path, "cannot be a pseudonym: it does not point at a person");
    }

    void check_values(
        const pb::FieldDescriptor& f, const v1::FieldDisclosure& says, const std::string& path
    ) {
        if (!says.by_value_of().empty()) check_follows(f, says, path);
        if (f.enum_type() == nullptr) {
            if (says.by_value()) report(path, "is decided by value, but is no enum");
            return;
        }
        const bool others =
            f.enum_type()->options().GetExtension(v1::enum_disclosure).others_tell_no_more();
        bool differs = false;
        for (int i = 0; i < f.enum_type()->value_count(); ++i) {
            const pb::EnumValueDescriptor& value = *f.enum_type()->value(i);
            if (value.number() == 0) continue; // nothing is said
            if (!value.options().HasExtension(v1::value_disclosure)) {
                if (!others) report(path, value.name() + " does not say what it tells");
                continue;
            }
            if (!tells_else(value.options().GetExtension(v1::value_disclosure), says)) continue;
            differs = true;
            if (!says.by_value()) {
                report(path, value.name() + " tells something else than the field's category");
            }
        }
        if (says.by_value() && !differs) report(path, "is decided by value for no value's sake");
    }

    static bool tells_else(const v1::ValueDisclosure& value, const v1::FieldDisclosure& field) {
        return (value.category() != v1::CATEGORY_UNSPECIFIED && value.category() != field.category()
               ) ||
               value.subject() != v1::SUBJECT_UNSPECIFIED || value.statutory_bar();
    }

    void check_follows(
        const pb::FieldDescriptor& f, const v1::FieldDisclosure& says, const std::string& path
    ) {
        const pb::FieldDescriptor* of = f.containing_type()->FindFieldByName(says.by_value_of());
        if (of == nullptr || of->enum_type() == nullptr || of->is_repeated() ||
            !of->options().GetExtension(v1::disclosure).by_value()) {
            return report(path, "follows a field that is not one enum decided by value");
        }
        if (f.enum_type() != nullptr) report(path, "is an enum and follows another");
        if (of->options().GetExtension(v1::disclosure).category() != says.category()) {
            report(path, "is of another category than the field it follows");
        }
    }

    std::set<const pb::Descriptor*> open_;
};

} // namespace

std::vector<std::string> lint_schema(const pb::Descriptor& root) {
    linter lint;
    lint.message(root, root.name(), false);
    return std::move(lint.findings);
}

} // namespace cairn::redaction
