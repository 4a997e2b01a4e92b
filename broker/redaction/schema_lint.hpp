// Is a schema fit to be decided field by field? Run by the tests over proto/cairn/v1: a field
// without a category cannot be built.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

namespace cairn::redaction {

// Findings over everything below `root`, "path: what is wrong"; empty where it is fit:
// - every leaf field has a category, and a subject of its own or of its message;
// - no Any, no map, no float, bytes or group: only what policy and the notice can decide and copy;
// - every value of an enum says what it tells, or its enum that the others tell no more; one that
// tells
//   something else than its field stands only where it is decided by value;
// - a field that follows another's value stands beside such an enum and is of its category;
// - narrative fields are texts; generalisers fit their type, and forms their generaliser;
// - what points at a person is not kept whole in the coarse form, and nothing else is a pseudonym;
// - what is about "the person" stands below a person, what is about "whom it names" beside `about`.
std::vector<std::string> lint_schema(const google::protobuf::Descriptor& root);

} // namespace cairn::redaction
