// The pieces of a page under the names the agents' pages use; broker/core has them, for the pages
// of the broker's own commands look the same.
#pragma once

#include "core/html_text.hpp"

namespace cairn::agents {

using html::escape;
using html::page_begin;
using html::page_end;
using html::shown;

} // namespace cairn::agents
