#include "agents/formats/csv.hpp"

#include "agents/formats/text_encoding.hpp"

namespace cairn::agents::formats {
namespace {

constexpr std::string_view was_windows_1252 =
    "not UTF-8: read as Windows-1252; look at the letters";

struct cell {
    std::string text;
    std::uint32_t line = 0;
};

// Byte by byte: a cell, its line, the row. Knows nothing of what the cells mean.
class reader {
public:
    reader(const csv_header& header, const leaf_sink& to, const csv_limits& limits)
        : header_(header), to_(to), limits_(limits) {}

    status take(bytes_view piece) {
        for (const char c : piece) {
            CAIRN_TRY(take(c));
            if (c == '\r' || (c == '\n' && !after_cr_)) ++line_;
            after_cr_ = c == '\r';
        }
        return {};
    }

    status finish() {
        if (mark_ != 0 && mark_ != mark_done) CAIRN_TRY(release_mark());
        if (at_ == where::quoted)
            return fail(
                errc::format_malformed,
                "line " + std::to_string(begun_) + ", column " + std::to_string(row_.size() + 1) +
                    ": a quote is opened and not closed"
            );
        if (!row_.empty() || !text_.empty() || at_ != where::start) CAIRN_TRY(end_row());
        if (names_.empty()) return fail(errc::format_malformed, "line 1: no header");
        return {};
    }

private:
    enum class where : std::uint8_t { start, plain, quoted, behind_quote };

    [[nodiscard]] failure refuse(std::string_view what) const {
        return fail(
            errc::format_malformed,
            "line " + std::to_string(line_) + ", column " + std::to_string(row_.size() + 1) + ": " +
                std::string(what)
        );
    }

    // The mark of UTF-8 is passed over, those of UTF-16 are told about.
    status take(char c) {
        constexpr std::string_view utf8 = "\xef\xbb\xbf";
        if (mark_ == mark_done) return take_text(c);
        if (mark_ == 0 && (c == '\xff' || c == '\xfe'))
            return refuse("UTF-16; save it as CSV in UTF-8");
        if (c == utf8[mark_]) {
            if (++mark_ == utf8.size()) mark_ = mark_done;
            return {};
        }
        CAIRN_TRY(release_mark());
        return take_text(c);
    }

    // It only looked like one.
    status release_mark() {
        constexpr std::string_view utf8 = "\xef\xbb\xbf";
        const auto held = utf8.substr(0, std::exchange(mark_, mark_done));
        for (const char c : held) CAIRN_TRY(take_text(c));
        return {};
    }

    status take_text(char c) {
        if (c == '\0') return refuse("a zero byte; this is no text");
        if (at_ == where::quoted) {
            if (c != '"') return keep(c);
            at_ = where::behind_quote;
            return {};
        }
        if (c == '\n' && after_cr_) return {};
        if (c == '\r' || c == '\n') return end_row();
        if (c == ',') return end_cell();
        if (c == '"') return take_quote();
        if (at_ == where::behind_quote) return refuse("text behind a closing quote");
        if (at_ == where::start) begin(where::plain);
        return keep(c);
    }

    status take_quote() {
        if (at_ == where::start) {
            begin(where::quoted);
            return {};
        }
        if (at_ == where::plain) return refuse("a quote inside a cell that is not quoted");
        at_ = where::quoted;
        return keep('"');
    }

    void begin(where how) {
        at_ = how;
        begun_ = line_;
    }

    status keep(char c) {
        if (text_.size() == limits_.cell_bytes)
            return fail(
                errc::too_large,
                "line " + std::to_string(line_) + ", column " + std::to_string(row_.size() + 1) +
                    ": limit " + std::to_string(limits_.cell_bytes) + " bytes"
            );
        text_ += c;
        return {};
    }

    status end_cell() {
        if (row_.size() == limits_.columns)
            return fail(
                errc::too_many,
                "line " + std::to_string(line_) + ": columns, limit " +
                    std::to_string(limits_.columns)
            );
        const auto line = at_ == where::start ? line_ : begun_;
        row_.push_back({std::exchange(text_, {}), line});
        at_ = where::start;
        return {};
    }

    status end_row() {
        const bool blank = row_.empty() && text_.empty() && at_ == where::start;
        if (blank) return {};
        CAIRN_TRY(end_cell());
        const auto row = std::exchange(row_, {});
        return names_.empty() ? name_columns(row) : write(row);
    }

    status name_columns(const std::vector<cell>& row) {
        std::vector<std::string> names;
        for (const auto& c : row) {
            auto name = is_utf8(c.text) ? c.text : from_windows_1252(c.text).value_or("");
            names.emplace_back(trimmed(name));
        }
        CAIRN_TRY(header_(names));
        for (auto& name : names) {
            std::uint32_t nth = 0;
            for (const auto& before : names_)
                if (before.name == name) ++nth;
            names_.push_back({std::move(name), nth});
        }
        return {};
    }

    status write(const std::vector<cell>& row) {
        const auto line = "line " + std::to_string(row.front().line) + ": ";
        if (row.size() != names_.size())
            return fail(
                errc::format_malformed,
                line + std::to_string(row.size()) + " cells where the header has " +
                    std::to_string(names_.size())
            );
        if (rows_ == limits_.rows)
            return fail(errc::too_many, line + "rows, limit " + std::to_string(limits_.rows));
        for (std::size_t i = 0; i < row.size(); ++i) CAIRN_TRY(write(row[i], i));
        ++rows_;
        return {};
    }

    status write(const cell& c, std::size_t column) {
        const step row{std::string(csv_record), rows_};
        const place at{c.line, static_cast<std::uint32_t>(column + 1)};
        if (is_utf8(c.text)) return to_({{row, names_[column]}, std::string(trimmed(c.text)), at});
        const auto text = from_windows_1252(c.text);
        if (!text)
            return fail(
                errc::format_malformed, place_text(at) + ": neither UTF-8 nor Windows-1252"
            );
        return to_({{row, names_[column]}, std::string(trimmed(*text)), at, was_windows_1252});
    }

    static constexpr std::size_t mark_done = 99;

    const csv_header& header_;
    const leaf_sink& to_;
    const csv_limits& limits_;
    std::vector<step> names_;
    std::vector<cell> row_;
    std::string text_;
    where at_ = where::start;
    std::uint32_t line_ = 1;
    // Where the cell began.
    std::uint32_t begun_ = 1;
    std::uint32_t rows_ = 0;
    bool after_cr_ = false;
    // Bytes of the mark seen.
    std::size_t mark_ = 0;
};

} // namespace

status read_csv(
    const next_piece& file, const csv_header& header, const leaf_sink& to, const csv_limits& limits
) {
    reader r(header, to, limits);
    std::size_t bytes = 0;
    while (true) {
        const auto piece = file();
        if (!piece) return piece.error();
        if (piece->empty()) return r.finish();
        bytes += piece->size();
        if (bytes > limits.bytes)
            return fail(errc::too_large, "file, limit " + std::to_string(limits.bytes) + " bytes");
        CAIRN_TRY(r.take(*piece));
    }
}

} // namespace cairn::agents::formats
