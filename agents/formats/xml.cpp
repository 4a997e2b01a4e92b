#include "agents/formats/xml.hpp"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

namespace cairn::agents::formats {
namespace {

std::string_view text_of(const xmlChar* s) {
    return s == nullptr ? std::string_view{} : reinterpret_cast<const char*>(s);
}

// libxml2's own messages quote the file; ours name the kind of fault only.
std::string_view fault_words(int code) {
    switch (code) {
    case XML_ERR_DOCUMENT_EMPTY:
    case XML_ERR_DOCUMENT_END:
        return "the file is empty or ends too early";
    case XML_ERR_TAG_NAME_MISMATCH:
        return "an element is closed that is not the one open";
    case XML_ERR_TAG_NOT_FINISHED:
        return "an element is not closed";
    case XML_ERR_INVALID_ENCODING:
    case XML_ERR_INVALID_CHAR:
    case XML_ERR_UNSUPPORTED_ENCODING:
    case XML_ERR_UNKNOWN_ENCODING:
        return "the bytes do not fit the encoding declared";
    case XML_ERR_UNDECLARED_ENTITY:
    case XML_WAR_UNDECLARED_ENTITY:
        return "an entity is used that XML does not define";
    default:
        return "the XML is not well-formed";
    }
}

// Collects leaves from libxml2's events. Holds its own stack, so nothing of the file is kept twice.
//
// libxml2 stands behind what it tells of. Everything in an element is an event, so that one begins
// where the one before ended. (It counts the name in an end tag by bytes: behind a name with
// letters beyond ASCII, which no format here has, columns are too large until the line ends.)
class collector {
public:
    collector(const leaf_sink& to, const xml_limits& limits) : to_(to), limits_(limits) {}

    void begin(
        const xmlChar* name, const xmlChar* uri, int attribute_count, const xmlChar** attributes
    ) {
        if (failed()) return;
        const auto at = stack_.empty() ? markup_begin() : ended_;
        ended_ = here();
        ++ended_.column; // its closing sign
        const bool beside = !limits_.beside.empty() && text_of(uri) == limits_.beside;
        if (!beside && !limits_.name_space.empty() && text_of(uri) != limits_.name_space)
            return refuse(at, "an element of another namespace");
        if (stack_.size() >= limits_.depth) return refuse(at, "nested too deep", limits_.depth);
        if (!stack_.empty()) {
            flush_text();
            stack_.back().has_children = true;
        }
        std::string local(beside ? limits_.beside_prefix : std::string_view{});
        local += text_of(name);
        auto& count = stack_.empty() ? roots_ : stack_.back().seen[local];
        stack_.push_back({{std::move(local), count++}, at, false, {}, {}, {}, false});
        // Who stops libxml2 frees its buffer, and the values of attributes with it.
        for (int i = 0; i < attribute_count && !failed(); ++i) {
            // libxml2 gives five pointers an attribute: name, prefix, URI, value, end.
            const auto* const* a = attributes + std::ptrdiff_t{5} * i;
            const auto size = static_cast<std::size_t>(a[4] - a[3]);
            if (size > limits_.value_bytes)
                return refuse(at, "value too long", limits_.value_bytes);
            // No zero ends the value: it lies in libxml2's own buffer.
            const std::string_view value(reinterpret_cast<const char*>(a[3]), size);
            add({"@" + std::string(text_of(a[0])), 0}, value, at);
        }
    }

    void characters(std::string_view part) {
        take_text(part, ended_);
        ended_ = here();
    }

    // libxml2 stands at its text here, which may come in parts.
    void cdata(std::string_view part) {
        const auto at = here();
        take_text(part, at);
        constexpr std::uint32_t closing = 3;
        ended_ = behind(at, part);
        ended_.column += closing;
    }

    // A comment, an instruction: no value.
    void passed() { ended_ = here(); }

    void end() {
        if (failed() || stack_.empty()) return;
        flush_text();
        if (!stack_.back().has_children && !stack_.back().wrote)
            write(path(), {}, stack_.back().begun);
        stack_.pop_back();
        ended_ = here();
    }

    // Of what stands where libxml2 now is.
    void refuse_here(std::string_view what) { refuse(here(), what); }
    void refuse_markup(std::string_view what) { refuse(markup_begin(), what); }

    void refuse(const place& at, std::string_view what, std::size_t limit = 0) {
        if (failed()) return;
        auto where = place_text(at) + ": " + std::string(what);
        if (limit != 0) where += ", limit " + std::to_string(limit);
        stop(fail(limit == 0 ? errc::format_malformed : errc::too_large, std::move(where)));
    }

    void stop(failure why) {
        failure_ = std::move(why);
        xmlStopParser(context);
    }

    [[nodiscard]] bool failed() const { return failure_.has_value(); }

    xmlParserCtxtPtr context = nullptr;
    std::optional<failure> failure_;

private:
    struct level {
        step at;
        place begun;
        bool has_children = false;
        std::string text;
        std::map<std::string, std::uint32_t, std::less<>> seen;
        place text_begun;
        bool wrote = false;
    };

    [[nodiscard]] place here() const {
        const auto positive = [](int n) { return static_cast<std::uint32_t>(std::max(1, n)); };
        return {positive(xmlSAX2GetLineNumber(context)), positive(xmlSAX2GetColumnNumber(context))};
    }

    // Of the tag or the declaration that was just read, which may not hold the sign within. The
    // root's beginning, and the document type's, stand in libxml2's buffer with all before them.
    [[nodiscard]] place markup_begin() const {
        const auto* input = context->input;
        const std::string_view before(
            reinterpret_cast<const char*>(input->base),
            static_cast<std::size_t>(input->cur - input->base)
        );
        const auto open = before.rfind('<');
        if (open == std::string_view::npos) return here();
        const auto markup = before.substr(open);
        auto at = here();
        const auto lines = std::count(markup.begin(), markup.end(), '\n');
        if (lines == 0) return {at.line, at.column - std::min(at.column - 1, columns_of(markup))};
        at.line -= std::min(at.line - 1, static_cast<std::uint32_t>(lines));
        auto line = before.substr(0, open);
        line.remove_prefix(line.rfind('\n') + 1);
        constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
        if (line.substr(0, 3) == byte_order_mark) line.remove_prefix(3);
        at.column = 1 + columns_of(line);
        return at;
    }

    void take_text(std::string_view part, const place& at) {
        if (failed() || stack_.empty()) return;
        auto& top = stack_.back();
        if (trimmed(top.text).empty() && !trimmed(part).empty()) {
            const auto blank = static_cast<std::size_t>(trimmed(part).data() - part.data());
            top.text_begun = behind(at, part.substr(0, blank));
        }
        if (top.text.size() + part.size() > limits_.value_bytes)
            return refuse(top.text_begun, "value too long", limits_.value_bytes);
        top.text += part;
    }

    [[nodiscard]] std::vector<step> path() const {
        std::vector<step> out;
        out.reserve(stack_.size() + 1);
        for (const auto& l : stack_) out.push_back(l.at);
        return out;
    }

    void add(step last, std::string_view value, const place& at) {
        auto where = path();
        where.push_back(std::move(last));
        write(std::move(where), std::string(trimmed(value)), at);
    }

    void write(std::vector<step> where, std::string value, const place& at) {
        if (failed()) return;
        if (leaves_++ >= limits_.leaves) return refuse(at, "too many values", limits_.leaves);
        const auto taken = to_({std::move(where), std::move(value), at});
        if (!taken) stop(taken.error());
    }

    // Text is a leaf of its element where it stands alone, and one of its own beside elements.
    // Which of the two is known for text after a child only; text before one is written as stray
    // when the child comes, since flush happens then.
    void flush_text() {
        auto& top = stack_.back();
        const std::string value(trimmed(top.text));
        top.text.clear();
        if (value.empty()) return;
        const bool at_end_alone = !top.has_children && closing_;
        if (at_end_alone) {
            write(path(), value, top.text_begun);
            top.wrote = true;
        } else {
            add({"text()", top.seen["text()"]++}, value, top.text_begun);
        }
    }

public:
    void close() {
        closing_ = true;
        end();
        closing_ = false;
    }

private:
    const leaf_sink& to_;
    xml_limits limits_;
    std::size_t leaves_ = 0;
    std::vector<level> stack_;
    std::uint32_t roots_ = 0;
    bool closing_ = false;
    // The event before.
    place ended_;
};

collector& of(void* user) {
    return *static_cast<collector*>(user);
}

std::string_view part_of(const xmlChar* text, int size) {
    return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
}

xmlSAXHandler handlers() {
    xmlSAXHandler h{};
    h.initialized = XML_SAX2_MAGIC;
    // Called as soon as "<!DOCTYPE" is read, before any declaration in it.
    h.internalSubset = [](void* user, const xmlChar*, const xmlChar*, const xmlChar*) {
        of(user).refuse_markup("a document type is not allowed");
    };
    h.startElementNs = [](void* user,
                          const xmlChar* name,
                          const xmlChar*,
                          const xmlChar* uri,
                          int,
                          const xmlChar**,
                          int attribute_count,
                          int,
                          const xmlChar** attributes) {
        of(user).begin(name, uri, attribute_count, attributes);
    };
    h.endElementNs = [](void* user, const xmlChar*, const xmlChar*, const xmlChar*) {
        of(user).close();
    };
    h.characters = [](void* user, const xmlChar* text, int size) {
        of(user).characters(part_of(text, size));
    };
    h.ignorableWhitespace = h.characters;
    h.cdataBlock = [](void* user, const xmlChar* text, int size) {
        of(user).cdata(part_of(text, size));
    };
    h.comment = [](void* user, const xmlChar*) { of(user).passed(); };
    h.processingInstruction = [](void* user, const xmlChar*, const xmlChar*) { of(user).passed(); };
    h.reference = [](void* user, const xmlChar*) {
        of(user).refuse_here("an entity is used that XML does not define");
    };
    // Without this libxml2 prints to stderr, file content included.
    h.serror = [](void*, xmlErrorPtr) {};
    return h;
}

struct context_closer {
    void operator()(xmlParserCtxtPtr c) const { xmlFreeParserCtxt(c); }
};

} // namespace

status read_xml(const next_piece& file, const leaf_sink& to, const xml_limits& limits) {
    collector found(to, limits);
    auto sax = handlers();
    const std::unique_ptr<xmlParserCtxt, context_closer> context(
        xmlCreatePushParserCtxt(&sax, &found, nullptr, 0, nullptr)
    );
    if (!context) return fail(errc::internal, "xml");
    found.context = context.get();
    xmlCtxtUseOptions(context.get(), XML_PARSE_NONET);
    std::size_t bytes = 0;
    while (!found.failed()) {
        const auto piece = file();
        if (!piece) return piece.error();
        bytes += piece->size();
        if (bytes > limits.bytes)
            return fail(errc::too_large, "file, limit " + std::to_string(limits.bytes) + " bytes");
        const auto size = static_cast<int>(piece->size());
        if (xmlParseChunk(context.get(), piece->data(), size, piece->empty() ? 1 : 0) != 0) break;
        if (piece->empty()) break;
    }
    if (found.failure_) return *found.failure_;
    if (context->wellFormed != 0) return {};
    const auto* last = xmlCtxtGetLastError(context.get());
    place at;
    if (last != nullptr && last->line > 0)
        at = {
            static_cast<std::uint32_t>(last->line),
            static_cast<std::uint32_t>(std::max(1, last->int2))};
    const auto words = fault_words(last == nullptr ? 0 : last->code);
    return fail(errc::format_malformed, place_text(at) + ": " + std::string(words));
}

} // namespace cairn::agents::formats
