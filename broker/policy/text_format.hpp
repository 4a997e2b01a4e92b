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

// What stands in a text: the field of a row, or the value of its list; without rows a field of the
// whole text.
struct text_spot {
    const char* rows = nullptr;
    int row = 0;
    const char* field = nullptr;
    int value = -1;
};

// Where it stands, "line 12, column 1": the value, else its field, else its row; what stands
// nowhere would have to stand in the text, which begins at line 1.
std::string place_in(
    const text_places& places, const google::protobuf::Descriptor& text, const text_spot& spot
);

// Of the byte with this number, counted from 0.
std::string place_of_byte(std::string_view text, std::size_t byte);

// Nothing but white space and comments.
bool says_nothing(std::string_view text);

// errc::policy_invalid with the first place that cannot be read: an unknown field, an unknown
// value, a value given twice, a text that ends too early, the first byte past limits::policy_bytes.
status read_text(std::string_view text, google::protobuf::Message& into, text_places& places);

} // namespace cairn::policy
