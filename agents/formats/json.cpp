#include "agents/formats/json.hpp"

#include <nlohmann/json.hpp>

#include <iterator>
#include <optional>
#include <set>

namespace cairn::agents::formats {
namespace {

// The bytes as the lexer takes them, one by one, and where it stands.
class source {
public:
    source(const next_piece& file, const json_limits& limits) : file_(file), limits_(limits) {}

    // False at the end, or where failure() says why it ends early.
    bool more() {
        if (failure_) return false;
        while (at_ == piece_.size()) {
            if (ended_) return false;
            auto next = file_();
            if (!next) return stop(next.error());
            piece_ = *next;
            at_ = 0;
            bytes_ += piece_.size();
            ended_ = piece_.empty();
            if (bytes_ > limits_.bytes)
                return stop(
                    fail(errc::too_large, "file, limit " + std::to_string(limits_.bytes) + " bytes")
                );
        }
        return true;
    }

    [[nodiscard]] char current() const { return piece_[at_]; }

    void advance() {
        const char c = piece_[at_++];
        if (after_line_end_) {
            ++line_;
            column_ = 0;
            after_line_end_ = false;
        }
        after_line_end_ = c == '\n';
        // A character of UTF-8 counts once, a byte order mark not at all.
        const auto byte = static_cast<unsigned char>(c);
        const bool mark = byte == 0xEFU && line_ == 1 && column_ == 0;
        if ((byte & 0xC0U) != 0x80U && !mark) ++column_;
        if (byte >= 0xC0U && !mark) last_letter_ = where();
        constexpr std::string_view between = " \t\r\n,:{}[]";
        if (!in_token_ && between.find(c) == std::string_view::npos) {
            in_token_ = true;
            begun_ = {line_, column_};
        }
        // Escapes are at most six bytes for one.
        constexpr std::size_t slack = 1024;
        if (++gap_ > 6 * limits_.value_bytes + slack)
            stop(fail(
                errc::too_large,
                where() + ": value too long, limit " + std::to_string(limits_.value_bytes)
            ));
    }

    // Of what was taken last. The lexer takes one byte beyond a number: a line's end counts as part
    // of the line it ends.
    [[nodiscard]] place at() const { return {line_, column_}; }
    [[nodiscard]] std::string where() const { return place_text(at()); }
    // Of the first character of a text, a number or a word, until token_done().
    [[nodiscard]] place begun() const { return begun_; }
    // Of the last character outside ASCII, if any.
    [[nodiscard]] const std::string& last_letter() const { return last_letter_; }
    void token_done() {
        gap_ = 0;
        in_token_ = false;
    }
    [[nodiscard]] const std::optional<failure>& why() const { return failure_; }
    bool stop(failure why) {
        if (!failure_) failure_ = std::move(why);
        return false;
    }

private:
    const next_piece& file_;
    const json_limits& limits_;
    bytes_view piece_;
    std::size_t at_ = 0;
    std::size_t bytes_ = 0;
    std::size_t gap_ = 0;
    std::uint32_t line_ = 1;
    std::uint32_t column_ = 0;
    std::string last_letter_;
    place begun_;
    bool in_token_ = false;
    bool after_line_end_ = false;
    bool ended_ = false;
    std::optional<failure> failure_;
};

// What nlohmann's lexer reads from. The end compares equal to any that has nothing more.
class cursor {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = char;

    explicit cursor(source* from) : from_(from) {}
    char operator*() const { return from_->current(); }
    cursor& operator++() {
        from_->advance();
        return *this;
    }
    bool operator==(const cursor& other) const {
        const auto* open = from_ != nullptr ? this : &other;
        return (from_ == nullptr) == (other.from_ == nullptr) || !open->from_->more();
    }
    bool operator!=(const cursor& other) const { return !(*this == other); }

private:
    source* from_;
};

class collector final : public nlohmann::json_sax<nlohmann::json> {
public:
    collector(source& from, const leaf_sink& to, const json_limits& limits)
        : from_(from), to_(to), limits_(limits) {}

    bool null() override { return value({}); }
    bool boolean(bool val) override { return value(val ? "true" : "false"); }
    bool number_integer(number_integer_t val) override { return value(std::to_string(val)); }
    bool number_unsigned(number_unsigned_t val) override { return value(std::to_string(val)); }
    bool number_float(number_float_t, const string_t& text) override { return value(text); }
    bool string(string_t& text) override { return value(text); }
    // JSON as text has none.
    bool binary(binary_t&) override { return false; }

    bool start_object(std::size_t) override { return open(false); }
    bool start_array(std::size_t) override { return open(true); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        from_.token_done();
        auto& top = stack_.back();
        if (top.names.size() == limits_.members)
            return refuse("members of an object", limits_.members);
        if (!top.names.insert(name).second) return refuse("a member is given twice");
        if (name.size() > limits_.value_bytes) return refuse("name too long", limits_.value_bytes);
        top.now = {std::move(name), 0};
        return true;
    }

    // The library's own words quote the file.
    bool
    parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) override {
        const bool bytes = std::string_view(e.what()).find("UTF-8") != std::string_view::npos;
        if (!bytes || from_.last_letter().empty()) return refuse("not well-formed JSON");
        return from_.stop(
            fail(errc::format_malformed, from_.last_letter() + ": the bytes are not UTF-8")
        );
    }

private:
    struct level {
        bool array = false;
        bool empty = true;
        // Of an object: the member being read. Of an array: the item.
        step now;
        std::set<std::string, std::less<>> names;
    };

    bool refuse(std::string_view what, std::size_t limit = 0) {
        auto where = from_.where() + ": " + std::string(what);
        if (limit != 0) where += ", limit " + std::to_string(limit);
        return from_.stop(
            fail(limit == 0 ? errc::format_malformed : errc::too_large, std::move(where))
        );
    }

    // Where the value now read stands. An array's items carry the name of the member it is, unless
    // that name is an item's already.
    [[nodiscard]] std::vector<step> path() const {
        std::vector<step> out;
        out.reserve(stack_.size());
        for (std::size_t i = 0; i < stack_.size(); ++i) {
            const auto& l = stack_[i];
            const bool of_member = l.array && i > 0 && !stack_[i - 1].array;
            if (of_member)
                out.back().nth = l.now.nth;
            else
                out.push_back(l.now);
        }
        return out;
    }

    // An item begins, or a member's value.
    void begin_value() {
        from_.token_done();
        if (stack_.empty()) return;
        auto& top = stack_.back();
        if (top.array && !top.empty) ++top.now.nth;
        top.empty = false;
    }

    bool open(bool array) {
        begin_value();
        if (stack_.size() == limits_.depth) return refuse("nested too deep", limits_.depth);
        stack_.push_back({array, true, {array ? "item" : "", 0}, {}});
        return true;
    }

    bool close() {
        from_.token_done();
        const bool empty = stack_.back().empty;
        stack_.pop_back();
        if (!empty) return true;
        if (stack_.empty()) return refuse("nothing in it");
        return write({}, from_.at());
    }

    bool value(std::string_view text) {
        const auto at = from_.begun();
        begin_value();
        if (stack_.empty()) return refuse("neither an object nor an array");
        if (text.size() > limits_.value_bytes) return refuse("value too long", limits_.value_bytes);
        return write(text, at);
    }

    bool write(std::string_view text, const place& at) {
        if (leaves_++ == limits_.leaves) return refuse("too many values", limits_.leaves);
        const auto taken = to_({path(), std::string(trimmed(text)), at});
        return taken ? true : from_.stop(taken.error());
    }

    source& from_;
    const leaf_sink& to_;
    const json_limits& limits_;
    std::size_t leaves_ = 0;
    std::vector<level> stack_;
};

} // namespace

status read_json(const next_piece& file, const leaf_sink& to, const json_limits& limits) {
    source from(file, limits);
    collector found(from, to, limits);
    const bool whole = nlohmann::json::sax_parse(cursor(&from), cursor(nullptr), &found);
    if (from.why()) return *from.why();
    if (!whole) return fail(errc::format_malformed, from.where() + ": not well-formed JSON");
    return {};
}

} // namespace cairn::agents::formats
