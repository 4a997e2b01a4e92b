#include "policy/render/csv_rows.hpp"

#include <algorithm>

namespace cairn::policy {

namespace {

failure bad(std::size_t row, std::size_t column, std::string_view what) {
    return fail(
        errc::format_malformed,
        "row " + std::to_string(row) + ", cell " + cell_address(column, row) + ": " +
            std::string(what)
    );
}

// Length of the letter in UTF-8 that begins the text, 0 where none does (RFC 3629: no overlong
// form, no surrogate, nothing above U+10FFFF).
std::size_t letter(std::string_view text) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = at(0);
    if (first < 0x80) return 1;
    const std::size_t size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (size == 0 || first > 0xf4 || text.size() < size) return 0;
    for (std::size_t i = 1; i < size; ++i) {
        if ((at(i) & 0xc0U) != 0x80U) return 0;
    }
    const bool overlong = (first == 0xe0 && at(1) < 0xa0) || (first == 0xf0 && at(1) < 0x90);
    const bool beyond = (first == 0xed && at(1) > 0x9f) || (first == 0xf4 && at(1) > 0x8f);
    return overlong || beyond ? 0 : size;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto size = letter(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

class reader {
public:
    explicit reader(std::string_view text) : text_(text) {}

    result<std::vector<csv_row>> all() {
        std::vector<csv_row> out;
        for (std::size_t number = 1; at_ < text_.size(); ++number) {
            csv_row row{number, {}};
            CAIRN_TRY(line(row));
            const bool blank = std::all_of(row.cells.begin(), row.cells.end(), [](const auto& c) {
                return c.find_first_not_of(" \t") == std::string::npos;
            });
            if (!blank) out.push_back(std::move(row));
        }
        return out;
    }

private:
    [[nodiscard]] bool more() const { return at_ < text_.size(); }
    [[nodiscard]] bool line_end() const { return text_[at_] == '\n' || text_[at_] == '\r'; }

    status line(csv_row& row) {
        for (;;) {
            std::string cell;
            const bool in_quotes = more() && text_[at_] == '"';
            CAIRN_TRY(in_quotes ? quoted(row, cell) : plain(row, cell));
            if (!is_utf8(cell)) {
                const auto column = row.cells.size();
                return bad(row.number, column, "letters not in UTF-8: save it as CSV in UTF-8");
            }
            row.cells.push_back(std::move(cell));
            if (!more()) return {};
            if (line_end()) break;
            if (text_[at_] != ',') {
                return bad(row.number, row.cells.size() - 1, "letters behind the closing quote");
            }
            ++at_;
        }
        if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
        ++at_;
        return {};
    }

    status plain(const csv_row& row, std::string& cell) {
        while (more() && text_[at_] != ',' && !line_end()) {
            if (text_[at_] == '"') {
                return bad(row.number, row.cells.size(), "a quote inside a cell without quotes");
            }
            cell += text_[at_++];
        }
        return {};
    }

    status quoted(const csv_row& row, std::string& cell) {
        ++at_;
        while (more()) {
            const char c = text_[at_++];
            if (c != '"') {
                cell += c;
            } else if (more() && text_[at_] == '"') {
                cell += text_[at_++];
            } else {
                return {};
            }
        }
        return bad(row.number, row.cells.size(), "its quotes never close");
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

std::string cell_address(std::size_t column, std::size_t row) {
    std::string letters;
    for (auto rest = column + 1; rest > 0; rest = (rest - 1) / 26) {
        letters.insert(letters.begin(), static_cast<char>('A' + (rest - 1) % 26));
    }
    return letters + std::to_string(row);
}

result<std::vector<csv_row>> read_csv_rows(std::string_view text) {
    const auto begins = [&](std::string_view mark) { return text.substr(0, mark.size()) == mark; };
    if (begins("\xff\xfe") || begins("\xfe\xff")) {
        return bad(1, 0, "the file is in UTF-16: save it as CSV in UTF-8");
    }
    if (begins("\xef\xbb\xbf")) text.remove_prefix(3);
    if (text.find('\0') != std::string_view::npos) return bad(1, 0, "the file is no text");
    return reader(text).all();
}

} // namespace cairn::policy
