// A strict look at JSON before protobuf's lenient parser sees it: grammar, depth, text, and names
// against the schema. Exists because the parser's own errors quote what they choke on.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace google::protobuf {
class Descriptor;
}

namespace cairn::session {

// errc::malformed or errc::invalid_text; `where` is "line 3 column 14: unknown field" and the like,
// never content. Success does not mean that every value fits its field.
status check_json(bytes_view text, const google::protobuf::Descriptor& type);

} // namespace cairn::session
