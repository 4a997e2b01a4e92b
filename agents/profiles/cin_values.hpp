// Values as the census writes them, in all their variants.
#pragma once

#include "cairn/v1/person.pb.h"

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string_view>

namespace cairn::agents::profiles {

// YYYY-MM-DD of the Gregorian calendar; a time after it is dropped.
std::optional<::cairn::v1::PartialDate> census_date(std::string_view text);
// 0, 1, true, false, in any case.
std::optional<bool> census_bool(std::string_view text);
std::optional<std::uint32_t> census_count(std::string_view text);
// Number of the value of that code: the schema keeps the census's codes as the ends of its names,
// so it is the only list. Never the unspecified one.
std::optional<int> census_code(const google::protobuf::EnumDescriptor& set, std::string_view code);

} // namespace cairn::agents::profiles
