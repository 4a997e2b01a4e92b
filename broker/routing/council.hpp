// Whose area a concern is of, where several councils share a partnership. Internal to the module.
#pragma once

#include "registry/snapshot.hpp"

#include "cairn/v1/concern.pb.h"

#include <set>
#include <string>

namespace cairn::routing {

namespace v1 = ::cairn::v1;

// Registry ids of the councils the sender says the children are of, by organisation code or id;
// where no child is named, those of anybody named. Empty where nothing is said or no council here
// answers to it. A protected address says nothing: to route by it would tell where it is.
std::set<std::string, std::less<>>
councils_of(const v1::Concern& c, const registry::snapshot& registry);

} // namespace cairn::routing
