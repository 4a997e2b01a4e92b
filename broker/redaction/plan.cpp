#include "redaction/plan.hpp"

#include "core/assert.hpp"

#include <algorithm>
#include <map>
#include <memory>

namespace cairn::redaction {
namespace {

shape shape_of(const pb::Descriptor* type) {
    if (type == v1::Person::descriptor()) return shape::person;
    if (type == v1::Address::descriptor()) return shape::address;
    if (type == v1::ContactPoint::descriptor()) return shape::address;
    if (type == v1::Relation::descriptor()) return shape::relation;
    if (type == v1::Household::Member::descriptor()) return shape::member;
    if (type == v1::SensitiveService::descriptor()) return shape::sensitive_service;
    if (type == v1::Conviction::descriptor()) return shape::conviction;
    if (type == v1::Assertion::descriptor()) return shape::assertion;
    if (type == v1::Intelligence::descriptor()) return shape::intelligence;
    if (type == v1::Allegation::descriptor()) return shape::allegation;
    return shape::plain;
}

bool names(const message_plan& of, const pb::FieldDescriptor& f) {
    if (of.what == shape::person) return f.name() == "ref" || f.name() == "role";
    return of.what == shape::assertion && (f.name() == "ref" || f.name() == "about");
}

std::vector<value_plan>
values_of(const field_plan& plan, const pb::EnumDescriptor& values, bool by) {
    int largest = 0;
    for (int i = 0; i < values.value_count(); ++i) {
        largest = std::max(largest, values.value(i)->number());
    }
    CAIRN_ASSERT(largest < 1024, "enums of the schema are numbered densely");
    std::vector<value_plan> out(static_cast<std::size_t>(largest) + 1);
    for (int i = 0; i < values.value_count(); ++i) {
        const pb::EnumValueDescriptor& value = *values.value(i);
        if (value.number() < 0) continue;
        value_plan& to = out[static_cast<std::size_t>(value.number())];
        to.known = true;
        to.category = plan.category;
        if (!by) continue;
        const v1::ValueDisclosure& says = value.options().GetExtension(v1::value_disclosure);
        if (says.category() != v1::CATEGORY_UNSPECIFIED) to.category = says.category();
        to.about = says.subject();
        to.statutory_bar = says.statutory_bar();
    }
    return out;
}

bool is_release(const message_plan& of, const pb::FieldDescriptor& f) {
    return of.what == shape::intelligence &&
           f.number() == v1::Intelligence::kReleasedByOriginatorFieldNumber;
}

class builder {
public:
    const message_plan* build(const pb::Descriptor* type) {
        const auto found = plans_.find(type);
        if (found != plans_.end()) return found->second.get();
        message_plan& plan = *plans_.emplace(type, std::make_unique<message_plan>()).first->second;
        plan.type = type;
        plan.reflection =
            pb::MessageFactory::generated_factory()->GetPrototype(type)->GetReflection();
        plan.what = shape_of(type);
        plan.subject = type->options().GetExtension(v1::about_whom).subject();
        for (int i = 0; i < type->field_count(); ++i) {
            plan.fields.push_back(field(plan, type->field(i)));
        }
        std::sort(plan.fields.begin(), plan.fields.end(), [](const auto& a, const auto& b) {
            return a.field->number() < b.field->number();
        });
        return &plan;
    }

private:
    field_plan field(const message_plan& of, const pb::FieldDescriptor* descriptor) {
        field_plan plan;
        plan.field = descriptor;
        plan.reflection = of.reflection;
        plan.repeated = descriptor->is_repeated();
        const pb::Descriptor* nested = descriptor->message_type();
        plan.partial_date = nested == v1::PartialDate::descriptor();
        plan.body = descriptor->real_containing_oneof() != nullptr;
        if (nested != nullptr && !plan.partial_date) {
            plan.nested = build(nested);
            return plan;
        }
        const v1::FieldDisclosure& says = descriptor->options().GetExtension(v1::disclosure);
        plan.category = says.category();
        plan.generaliser = says.generaliser();
        plan.narrative = says.narrative();
        plan.names = names(of, *descriptor);
        plan.release = is_release(of, *descriptor);
        plan.pseudonym =
            std::count(says.forms().begin(), says.forms().end(), v1::FORM_PSEUDONYM) != 0;
        // A field nobody annotated would have no category to decide by. The build refuses it; a
        // program that got past that must not run.
        CAIRN_ASSERT(plan.category != v1::CATEGORY_UNSPECIFIED, "every leaf field has a category");
        if (descriptor->enum_type() != nullptr) {
            plan.decided_by = descriptor;
            plan.values = values_of(plan, *descriptor->enum_type(), says.by_value());
        } else if (!says.by_value_of().empty()) {
            plan.decided_by = of.type->FindFieldByName(says.by_value_of());
            CAIRN_ASSERT(plan.decided_by != nullptr, "the schema lint found the field it follows");
            plan.values = values_of(plan, *plan.decided_by->enum_type(), true);
        }
        return plan;
    }

    std::map<const pb::Descriptor*, std::unique_ptr<message_plan>> plans_;
};

} // namespace

const message_plan& concern_plan() {
    static builder all;
    static const message_plan* const plan = all.build(v1::Concern::descriptor());
    return *plan;
}

} // namespace cairn::redaction
