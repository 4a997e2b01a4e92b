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
    // Of enums, by number: the category of the value, or unknown_value for a number nobody knows.
    std::vector<std::uint8_t> value_category;

    static constexpr std::uint8_t unknown_value = 0xff;
    // Category of one value of an enum field; unknown_value for what this schema does not have.
    [[nodiscard]] std::uint8_t category_of_value(int number) const {
        const auto n = static_cast<std::size_t>(number);
        return number < 0 || n >= value_category.size() ? unknown_value : value_category[n];
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
