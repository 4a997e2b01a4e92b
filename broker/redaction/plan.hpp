// What the annotations of the schema say, per message type, read once: a walk over a concern must
// not look options up.
#pragma once

#include "redaction/analysis.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <vector>

namespace cairn::redaction {

namespace pb = ::google::protobuf;

// Message types whose place or content decides whose cell their fields are in, or sets flags.
enum class shape : std::uint8_t {
    plain,
    person,
    address, // and contact points: protected unless said to be safe
    relation,
    member,
    sensitive_service,
    conviction,
    assertion,
    intelligence,
    allegation,
};

struct message_plan;

// Where a field is that has this value, or follows one that has it.
struct value_plan {
    bool known = false;
    v1::Category category = v1::CATEGORY_UNSPECIFIED;
    // Whom it is about; UNSPECIFIED: whom the field is about.
    v1::Subject about = v1::SUBJECT_UNSPECIFIED;
    bool statutory_bar = false;
};

struct field_plan {
    const pb::FieldDescriptor* field = nullptr;
    // Of the message it is a field of. Asking each message for it costs more than reading a field.
    const pb::Reflection* reflection = nullptr;
    // Not null: a message to walk into. A PartialDate is a leaf: decided as one.
    const message_plan* nested = nullptr;
    v1::Category category = v1::CATEGORY_UNSPECIFIED;
    v1::Generaliser generaliser = v1::GENERALISER_DROP;
    bool repeated = false;
    bool partial_date = false;
    bool narrative = false;
    // FORM_PSEUDONYM is among the allowed forms.
    bool pseudonym = false;
    // Member of Concern.body.
    bool body = false;
    // Ref and role of a person, ref and `about` of an assertion: shown with whatever else is, never
    // alone.
    bool names = false;
    // Intelligence.released_by_originator: the originator's to say.
    bool release = false;
    // The enum field beside it, or itself, whose value decides in which cell it is; null for all
    // that is no enum and follows none.
    const pb::FieldDescriptor* decided_by = nullptr;
    // By number of a value of `decided_by`.
    std::vector<value_plan> values;

    // Null for a number this schema does not have.
    [[nodiscard]] const value_plan* value(int number) const {
        const auto n = static_cast<std::size_t>(number);
        return number < 0 || n >= values.size() || !values[n].known ? nullptr : &values[n];
    }
};

struct message_plan {
    const pb::Descriptor* type = nullptr;
    const pb::Reflection* reflection = nullptr;
    shape what = shape::plain;
    v1::Subject subject = v1::SUBJECT_UNSPECIFIED;
    // In field-number order.
    std::vector<field_plan> fields;
};

// Of v1::Concern and everything below. Built at the first call; any thread afterwards.
const message_plan& concern_plan();

} // namespace cairn::redaction
