// What the reason of a declared detriment rests on: data protection is no harm to a child.
#pragma once

#include <string_view>

namespace cairn::redaction {

// True where the text names data protection, privacy, confidentiality or consent, and no harm that
// somebody could come to. In doubt true: it leads to a warning and hides or shows nothing. The
// words are those of docs/POLICY.md; letters are compared as folded() makes them.
bool rests_on_data_protection(std::string_view reason);

} // namespace cairn::redaction
