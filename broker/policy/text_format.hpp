// Protobuf's text format, read strictly: files that people write by hand, and where each thing
// stood.
#pragma once

#include "core/result.hpp"

#include <google/protobuf/text_format.h>

#include <string>
#include <string_view>

namespace cairn::policy {

using text_places = google::protobuf::TextFormat::ParseInfoTree;

// "line 12, column 1", counted from 1.
std::string place_text(google::protobuf::TextFormat::ParseLocation at);

// Nothing but white space and comments.
bool says_nothing(std::string_view text);

// errc::policy_invalid with the first place that cannot be read: an unknown field, an unknown
// value, a value given twice, a text that ends too early or is longer than limits::policy_bytes.
status read_text(std::string_view text, google::protobuf::Message& into, text_places& places);

} // namespace cairn::policy
