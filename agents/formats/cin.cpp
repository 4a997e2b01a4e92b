#include "agents/formats/cin.hpp"

namespace cairn::agents::formats {
namespace {

std::string at_leaf(const leaf& l, std::string_view what) {
    return place_text(l.at) + ": " + std::string(what);
}

// A namespace or a later year changes nothing; another collection does.
class kind_check {
public:
    status outside(const leaf& l) {
        if (l.path.front().name != "Message")
            return fail(errc::format_malformed, at_leaf(l, "the root is not a census Message"));
        if (plain_path(l, 1) != "Header/CollectionDetails/Collection") return {};
        if (l.value != "CIN")
            return fail(errc::format_malformed, at_leaf(l, "the collection is not CIN"));
        known_ = true;
        return {};
    }

    [[nodiscard]] status known() const {
        if (known_) return {};
        return fail(
            errc::format_malformed, "Message/Header/CollectionDetails/Collection is missing"
        );
    }

private:
    bool known_ = false;
};

} // namespace

status read_cin(const next_piece& file, const record_handlers& to) {
    kind_check kind;
    record_handlers checked;
    checked.outside = [&](leaf&& l) -> status {
        CAIRN_TRY(kind.outside(l));
        return to.outside(std::move(l));
    };
    checked.each = [&](record&& child) -> status {
        CAIRN_TRY(kind.known());
        return to.each(std::move(child));
    };
    record_limits limits;
    limits.records = cin_children;
    record_splitter split(cin_record, checked, limits);
    CAIRN_TRY(read_xml(file, [&](leaf&& l) { return split.take(std::move(l)); }));
    CAIRN_TRY(split.finish());
    return kind.known();
}

} // namespace cairn::agents::formats
