// What an author may have meant by a name that nothing has.
#pragma once

#include <string>
#include <string_view>

namespace cairn::policy {

// The closest name of a field or value that a policy text may hold; empty where none is close.
std::string nearest_name(std::string_view wrong);

} // namespace cairn::policy
