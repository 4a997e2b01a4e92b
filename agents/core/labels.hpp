// Words for people: every field and every value of a concern as a reader would say it. Data, not
// code; a test walks the schema and fails on a field or value without words.
#pragma once

#include "cairn/v1/annotations.pb.h"
#include "cairn/v1/notice.pb.h"

#include <string>
#include <string_view>

namespace google::protobuf {
class EnumValueDescriptor;
class FieldDescriptor;
} // namespace google::protobuf

namespace cairn::agents {

// "Date of birth"; empty where the table has none.
std::string_view field_label(const google::protobuf::FieldDescriptor& field);
// "school"; empty where the table has none.
std::string_view value_label(const google::protobuf::EnumValueDescriptor& value);

// "names, birth date and identifiers"
std::string_view category_label(::cairn::v1::Category category);

// "northshire-council" as "Northshire Council": the id's own words, for a notice has no other.
std::string agency_label(std::string_view agency);

// "northshire-council/front_door" as "front door, Northshire Council".
std::string desk_label(std::string_view desk);

// "WBRI" as "White British (WBRI)": the codes of the school census. Any other text as it is.
std::string ethnicity_label(std::string_view code);

} // namespace cairn::agents
