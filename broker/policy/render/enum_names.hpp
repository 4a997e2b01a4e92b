// The values of our closed sets as a person types them in a table or on a command line:
// "health" for CATEGORY_HEALTH, "own_pupil" for FLAG_OWN_PUPIL.
#pragma once

#include "core/result.hpp"

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>

namespace cairn::policy {

// Lower case, without the prefix that all values of the set share.
std::string short_name(const google::protobuf::EnumValueDescriptor& value);

// By its short or full name, in any case, blanks for underscores. errc::bad_value naming the
// nearest; the value that says nothing (number 0) is no answer.
result<const google::protobuf::EnumValueDescriptor*>
value_named(const google::protobuf::EnumDescriptor& set, std::string_view name);

// The same as the value itself.
template <class Enum>
result<Enum> enum_named(const google::protobuf::EnumDescriptor& set, std::string_view name) {
    const auto value = value_named(set, name);
    if (!value) return value.error();
    return static_cast<Enum>((*value)->number());
}

} // namespace cairn::policy
