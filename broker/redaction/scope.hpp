// Whose cell a field is in. The analysis and the notice both ask here, so that what was decided is
// what is built.
#pragma once

#include "redaction/plan.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace cairn::redaction {

// The persons of a concern by ref. Keeps views into the concern.
class people {
public:
    explicit people(const v1::Concern& c);

    // 1-based; 0 for an empty or unknown ref.
    [[nodiscard]] std::uint32_t index_of(std::string_view ref) const;
    // SUBJECT_CONCERN for 0; UNSPECIFIED for a role outside CHILD … PROFESSIONAL.
    [[nodiscard]] v1::Subject role_of(std::uint32_t person) const { return roles_[person]; }
    [[nodiscard]] std::uint32_t count() const {
        return static_cast<std::uint32_t>(roles_.size() - 1);
    }

private:
    std::vector<v1::Subject> roles_;
    std::vector<std::pair<std::string_view, std::uint32_t>> by_ref_;
};

// The detriment is declared of this cell: of its category and person, or of nobody in particular.
bool covers(const v1::Detriment& d, const people& who, cell_id id);

struct scope {
    std::uint32_t person = 0;
    // Inside an address or contact that is not said to be safe.
    bool protected_contact = false;
};

// Scope inside message `m`, the `index`-th of its field. Rules:
// - a Person is its own;
// - an Assertion belongs to the person named by `about`, Intelligence in it too;
// - an Allegation belongs to the person named by `accused`, the concern where nobody is;
// - a message about the concern belongs to the concern, any other to whom it stands under.
scope enter(
    const message_plan& plan, const pb::Message& m, scope outer, int index, const people& who
);

// Where a leaf is.
struct placement {
    cell_id cell = 0;
    // False for a value of a newer schema: its sensitivity is not known here, so it is dropped like
    // an unknown field.
    bool known = true;
    bool statutory_bar = false;
};

// Of field `f` of `m`, a leaf; `index` of the element where it is repeated.
placement place(const field_plan& f, const pb::Message& m, scope s, int index);

} // namespace cairn::redaction
