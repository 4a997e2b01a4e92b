// The few pieces every page shares. Nothing reaches a page but through escape().
#pragma once

#include <string>
#include <string_view>

namespace cairn::html {

// For text and for attributes in double quotes. Control characters become U+FFFD; line breaks and
// tabs stay.
std::string escape(std::string_view text);

// escape() in an element that keeps right-to-left text from reordering what stands around it.
std::string shown(std::string_view text);

// From doctype to <main>. The policy in the head forbids scripts, frames and anything fetched.
// `css` and `header` (before <main>) and `footer` (after it) are HTML of ours. A title stays in the
// history of browsers: it names no person.
std::string page_begin(std::string_view title, std::string_view css, std::string_view header = {});
std::string page_end(std::string_view footer = {});

} // namespace cairn::html
