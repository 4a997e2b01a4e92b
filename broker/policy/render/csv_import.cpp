#include "core/limits.hpp"
#include "policy/check.hpp"
#include "policy/dates.hpp"
#include "policy/render/csv.hpp"
#include "policy/render/csv_rows.hpp"
#include "policy/render/enum_names.hpp"

#include <algorithm>
#include <charconv>

namespace cairn::policy {

namespace {

using google::protobuf::FieldDescriptor;

// The cell that is being read, for what is said of it.
struct place {
    std::size_t row = 0;
    std::size_t column = 0;
    std::string_view name;
};

failure bad(const place& at, const std::string& what) {
    return fail(
        errc::format_malformed,
        "row " + std::to_string(at.row) + ", column " + std::string(at.name) + " (" +
            cell_address(at.column, at.row) + "): " + what
    );
}

const FieldDescriptor* field_named(std::string_view name) {
    return v1::Rule::descriptor()->FindFieldByName(std::string(name));
}

std::string all_columns() {
    std::string out;
    const auto& d = *v1::Rule::descriptor();
    for (int i = 0; i < d.field_count(); ++i) out += (i == 0 ? "" : " ") + d.field(i)->name();
    return out;
}

// The fields in the order of the table's columns; each of Rule exactly once.
result<std::vector<const FieldDescriptor*>> columns_of(const csv_row& head) {
    std::vector<const FieldDescriptor*> out;
    for (std::size_t c = 0; c < head.cells.size(); ++c) {
        const place at{head.number, c, "header"};
        const auto* field = field_named(head.cells[c]);
        if (field == nullptr) {
            const bool semicolons = head.cells.size() == 1;
            return bad(
                at,
                semicolons ? "one column alone: save the table with commas, not semicolons or tabs"
                           : "no such column; there are " + all_columns()
            );
        }
        if (std::count(out.begin(), out.end(), field) > 0) return bad(at, "stands there twice");
        out.push_back(field);
    }
    const auto& d = *v1::Rule::descriptor();
    for (int i = 0; i < d.field_count(); ++i) {
        if (std::count(out.begin(), out.end(), d.field(i)) > 0) continue;
        const place at{head.number, head.cells.size(), "header"};
        return bad(at, "the column " + d.field(i)->name() + " is missing");
    }
    return out;
}

status read_list(const place& at, std::string_view text, v1::Rule& rule, const FieldDescriptor& f) {
    while (!text.empty()) {
        const auto end = std::min(text.find(';'), text.size());
        const auto value = value_named(*f.enum_type(), text.substr(0, end));
        if (!value) return bad(at, value.error().where);
        rule.GetReflection()->AddEnum(&rule, &f, *value);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

status read_number(const place& at, const std::string& text, v1::Rule& rule) {
    std::uint32_t number = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc{} || read.ptr != end || number == 0) {
        return bad(at, "no number of a rule; was it merged with the cell above?");
    }
    rule.set_number(number);
    return {};
}

bool is_date(const FieldDescriptor& f) {
    return f.name() == "in_force" || f.name() == "review_by";
}

status read_cell(const place& at, std::string text, v1::Rule& rule, const FieldDescriptor& f) {
    if (!text.empty() &&
        std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
        return bad(at, "a formula: write plain text, or an apostrophe first");
    }
    if (!text.empty() && text.front() == '\'') text.erase(0, 1);
    if (f.is_repeated()) return read_list(at, text, rule, f);
    if (f.cpp_type() == FieldDescriptor::CPPTYPE_UINT32) return read_number(at, text, rule);
    if (f.cpp_type() != FieldDescriptor::CPPTYPE_ENUM) {
        if (is_date(f) && !parse_day(text)) return bad(at, "no day: write it as 2026-11-22");
        rule.GetReflection()->SetString(&rule, &f, std::move(text));
        return {};
    }
    if (text.empty()) {
        // Only the risk may be left open.
        if (f.name() == "min_risk") return {};
        return bad(at, "empty; was it merged with the cell above?");
    }
    const auto value = value_named(*f.enum_type(), text);
    if (!value) return bad(at, value.error().where);
    rule.GetReflection()->SetEnum(&rule, &f, *value);
    return {};
}

status
read_rule(const csv_row& row, const std::vector<const FieldDescriptor*>& columns, v1::Rule& rule) {
    if (row.cells.size() != columns.size()) {
        const auto there = std::min(row.cells.size(), columns.size());
        const std::string_view none = "none";
        const place at{row.number, there, there < columns.size() ? columns[there]->name() : none};
        return bad(
            at,
            std::to_string(row.cells.size()) + " cells, the header has " +
                std::to_string(columns.size()) +
                ": take merged cells apart, and quote text that has a comma"
        );
    }
    for (std::size_t c = 0; c < columns.size(); ++c) {
        const place at{row.number, c, columns[c]->name()};
        CAIRN_TRY(read_cell(at, row.cells[c], rule, *columns[c]));
    }
    return {};
}

// Of a rule the cell of its field, the first of its row where no one field is wrong. All else was
// taken from the base text.
std::string place_in_table(
    const std::vector<csv_row>& rows,
    const std::vector<const FieldDescriptor*>& columns,
    const text_spot& spot
) {
    if (spot.rows == nullptr || std::string_view(spot.rows) != "rules") return "the base text";
    const std::string_view name = spot.field == nullptr ? "number" : spot.field;
    const auto column = std::find_if(columns.begin(), columns.end(), [name](const auto* f) {
        return f->name() == name;
    });
    const auto row = rows[static_cast<std::size_t>(spot.row) + 1].number;
    return "row " + std::to_string(row) + ", column " + std::string(name) + " (" +
           cell_address(static_cast<std::size_t>(column - columns.begin()), row) + ")";
}

} // namespace

result<v1::Policy> import_rules(std::string_view csv, const v1::Policy& base) {
    if (csv.size() > limits::policy_bytes) {
        return fail(
            errc::format_malformed,
            place_of_byte(csv, limits::policy_bytes) + ": longer than " +
                std::to_string(limits::policy_bytes) +
                " bytes, which end here: is it the right "
                "file? If so, join rules and shorten texts"
        );
    }
    const auto rows = read_csv_rows(csv);
    if (!rows) return rows.error();
    if (rows->empty()) {
        return fail(
            errc::format_malformed,
            "row 1, column header (A1): there is no header: begin with a table that cairn policy "
            "render --csv wrote"
        );
    }
    const auto columns = columns_of(rows->front());
    if (!columns) return columns.error();
    parsed out;
    out.policy = base;
    out.policy.clear_rules();
    for (std::size_t i = 1; i < rows->size(); ++i) {
        CAIRN_TRY(read_rule((*rows)[i], *columns, *out.policy.add_rules()));
    }
    out.place = [&](const text_spot& spot) { return place_in_table(*rows, *columns, spot); };
    CAIRN_TRY(check(out));
    return std::move(out.policy);
}

} // namespace cairn::policy
