// What is left of a text in its coarser form.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cairn::redaction {

// "NN4 6AB" and "nn46ab" give "NN4". Nullopt for what does not look like a postcode: it could be
// anything.
std::optional<std::string> outward_half(std::string_view postcode);

// "Ewa" gives "E.". Nullopt where there is no first character.
std::optional<std::string> initial(std::string_view name);

// "2026-11-21T15:10:00Z" gives "2026". Nullopt for what does not begin with a date.
std::optional<std::string> year_of(std::string_view date);

} // namespace cairn::redaction
