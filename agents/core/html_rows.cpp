#include "agents/core/html_rows.hpp"

#include "agents/core/html_text.hpp"

#include <algorithm>

namespace cairn::agents {
namespace {

// How a field stands in the row of its element, where that is not "Label: value".
struct manner {
    enum kind { title, plain };
    std::string_view field;
    kind how;
    // Around the value: of a title the term, of a plain value its line.
    std::string_view before;
    std::string_view after;
};

constexpr manner manners[] = {
    {"PersonName.use", manner::title, "", ""},
    {"PersonName.given", manner::plain, "", ""},
    {"PersonName.family", manner::plain, " ", ""},
    {"BirthDetails.born", manner::plain, "", ""},
    {"Identifier.scheme", manner::title, "", ""},
    {"Identifier.value", manner::plain, "", ""},
    {"Identifier.absence", manner::plain, "none: ", ""},
    {"Address.use", manner::title, "", " address"},
    {"Address.lines", manner::plain, ", ", ""},
    {"Address.postcode", manner::plain, ", ", ""},
    {"ContactPoint.system", manner::title, "", ""},
    {"ContactPoint.value", manner::plain, "", ""},
    {"Relation.kind", manner::title, "relation: ", ""},
    {"Relation.to_ref", manner::plain, "to ", ""},
    {"Household.Member.ref", manner::plain, "", ""},
    {"Education.school_name", manner::plain, "", ""},
    {"Health.Condition.name", manner::plain, "", ""},
    {"Health.Injury.site", manner::plain, "", ""},
    {"Health.Injury.description", manner::plain, ": ", ""},
    {"Health.Mental.condition", manner::plain, "", ""},
    {"SensitiveService.kind", manner::plain, "", ""},
    {"Conviction.offence", manner::plain, "", ""},
    {"Order.kind", manner::plain, "", ""},
    {"CaseStatus.Plan.kind", manner::plain, "", ""},
    {"CaseStatus.InvolvedAgency.name", manner::plain, "", ""},
    {"Assertion.text", manner::plain, "", ""},
    {"Assertion.kind", manner::title, "statement: ", ""},
    {"RequestedAction.kind", manner::plain, "", ""},
    {"RequestedAction.detail", manner::plain, ": ", ""},
};

const manner* manner_of(const outline_line& line) {
    const auto* it = std::find_if(std::begin(manners), std::end(manners), [&](const auto& m) {
        return m.field == line.field;
    });
    return it == std::end(manners) ? nullptr : it;
}

// Ten digits as the card of the health service shows them.
std::string spaced(const outline_line& line, const page_row& row) {
    const bool ten_digits =
        line.value.size() == 10 && line.value.find_first_not_of("0123456789") == std::string::npos;
    if (line.field != "Identifier.value" || row.term != "NHS number" || !ten_digits)
        return line.value;
    return line.value.substr(0, 3) + " " + line.value.substr(3, 3) + " " + line.value.substr(6);
}

void add_line(page_row& row, const outline_line& line, bool& plain_begun) {
    const auto* m = manner_of(line);
    if (m != nullptr && m->how == manner::title) {
        row.term = std::string(m->before) + line.value + std::string(m->after);
        return;
    }
    if (m == nullptr) {
        row.lines.push_back(line.own_label + ": " + line.value);
        return;
    }
    if (!plain_begun) {
        const bool joins = m->before == " " || m->before == ", " || m->before == ": ";
        row.lines.insert(
            row.lines.begin(), (joins ? "" : std::string(m->before)) + spaced(line, row)
        );
        plain_begun = true;
        return;
    }
    row.lines.front() += (m->before.empty() ? ", " : std::string(m->before)) + spaced(line, row) +
                         std::string(m->after);
}

// Titles first: what follows may ask what the row is called.
std::vector<const outline_line*> titles_first(const std::vector<const outline_line*>& element) {
    auto out = element;
    std::stable_partition(out.begin(), out.end(), [](const auto* line) {
        const auto* m = manner_of(*line);
        return m != nullptr && m->how == manner::title;
    });
    return out;
}

// What stands in these needs no word of where it stands: a condition is of health.
std::string without_outer(std::string label) {
    for (const std::string_view outer : {"Notification, ", "Health, ", "Case, ", "Risk, "})
        if (label.compare(0, outer.size(), outer) == 0) return label.substr(outer.size());
    return label;
}

// A row a field: at the top, and in the body and the assessment of a concern, whose name the
// section has said already.
bool stands_alone(const outline_line& line) {
    const bool in_body = line.element.find('.') == std::string::npos &&
                         line.field_number >= ::cairn::v1::Concern::kNotificationFieldNumber &&
                         line.field.compare(0, 9, "Assertion") != 0;
    return line.element.empty() || line.element == "risk" || in_body;
}

page_row row_of(const std::vector<const outline_line*>& element) {
    page_row row;
    row.term = without_outer(element.front()->element_label);
    bool plain_begun = false;
    for (const auto* line : titles_first(element)) add_line(row, *line, plain_begun);
    row.term = capital(std::move(row.term));
    return row;
}

std::vector<std::string_view> lines_of_text(std::string_view text) {
    std::vector<std::string_view> out;
    while (true) {
        const auto end = text.find('\n');
        out.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return out;
        text.remove_prefix(end + 1);
    }
}

} // namespace

std::string capital(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

std::vector<page_row> page_rows(const std::vector<outline_line>& lines) {
    // An element's own fields stand apart where another element lies between them.
    std::vector<std::vector<const outline_line*>> elements;
    for (const auto& line : lines) {
        const auto known = std::find_if(elements.begin(), elements.end(), [&](const auto& e) {
            return !line.element.empty() && e.front()->element == line.element;
        });
        if (known == elements.end())
            elements.push_back({&line});
        else
            known->push_back(&line);
    }
    std::vector<page_row> out;
    out.reserve(elements.size());
    for (const auto& e : elements) {
        if (stands_alone(*e.front()))
            for (const auto* line : e) out.push_back({capital(line->own_label), {line->value}});
        else
            out.push_back(row_of(e));
    }
    return out;
}

void add_rows(std::string& out, const std::vector<page_row>& rows) {
    if (rows.empty()) return;
    out += "<dl>\n";
    for (const auto& row : rows) {
        out += "<div><dt>" + shown(row.term) + "</dt>";
        for (const auto& line : row.lines) {
            out += "<dd>";
            bool first = true;
            for (const auto part : lines_of_text(line)) {
                if (!first) out += "<br>";
                out += shown(part);
                first = false;
            }
            out += "</dd>";
        }
        if (row.lines.empty()) out += "<dd>yes</dd>";
        out += "</div>\n";
    }
    out += "</dl>\n";
}

} // namespace cairn::agents
