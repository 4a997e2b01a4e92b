// Messages between their wire forms and protobuf.
#pragma once

#include "session/call.hpp"

namespace google::protobuf {
class Message;
}

namespace cairn::session {

// Parses a request message by the client's codec into `out`. errc::malformed (JSON: `where` has
// line and column, never content), errc::invalid_text for text that is not UTF-8, errc::too_large
// above limits::message_bytes. Unknown JSON fields are errors; unknown protobuf fields are kept in
// `out` for the caller to count.
status decode(bytes_view message, codec how, google::protobuf::Message& out);

// Encoded protobuf of type `type` to protobuf's JSON mapping, lowerCamelCase.
result<std::string> to_json(bytes_view message, const google::protobuf::Descriptor& type);

} // namespace cairn::session
