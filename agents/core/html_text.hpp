// The few pieces every page shares. Nothing reaches a page but through escape().
#pragma once

#include <string>
#include <string_view>

namespace cairn::agents {

// For text and for attributes in double quotes. Control characters become U+FFFD; line breaks and
// tabs stay.
std::string escape(std::string_view text);

// escape() in an element that keeps right-to-left text from reordering what stands around it.
std::string shown(std::string_view text);

// From doctype to <main>. The policy in the head forbids scripts, frames and anything fetched.
std::string page_begin(std::string_view title, std::string_view css);
std::string page_end();

} // namespace cairn::agents
