// Protected addresses as strings: what must not appear anywhere in a notice to a desk that may not
// see them, whatever field somebody wrote them into.
#pragma once

#include "redaction/analysis.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::redaction {

class protected_strings {
public:
    // Lines (whole and between commas), postcode and contact value. Compared as folded() makes
    // them: without case, marks, spaces and punctuation, in any script. A town standing alone on a
    // later line is not an address and is left out: it would take the names of schools and councils
    // with it.
    void add(const v1::Address& a);
    void add(const v1::ContactPoint& c);

    [[nodiscard]] bool empty() const { return needles_.empty(); }
    // `text` contains one of them.
    [[nodiscard]] bool hit(std::string_view text) const;

private:
    void add_part(std::string_view part, bool first);
    void add_needle(std::string needle, std::size_t shortest);

    std::vector<std::string> needles_;
};

} // namespace cairn::redaction
