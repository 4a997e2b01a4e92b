// Leaves gathered into records: a child of a census, a row of a table, an entry of a bundle. One
// record is in memory at a time.
#pragma once

#include "agents/formats/leaf.hpp"

#include <string_view>

namespace cairn::agents::formats {

using record = std::vector<leaf>;

struct record_handlers {
    // Of no record: a header, stray text between records. In document order with the records.
    leaf_sink outside;
    // All leaves under one element at the record path, in document order, at least one.
    std::function<status(record&&)> each;
};

struct record_limits {
    std::size_t records = 1'000'000;
    std::size_t leaves_each = 100'000;
};

class record_splitter {
public:
    // `at`: names from the root to the element that is a record, "Message/Children/Child".
    record_splitter(std::string_view at, record_handlers to, const record_limits& limits = {});

    // errc::too_many above the records, errc::too_large above the leaves of one; what the handlers
    // answer otherwise.
    status take(leaf&& l);
    // After the last leaf: hands over the last record.
    status finish();

    // How many steps lead to a record: plain_path(leaf, depth()) is what a table of rows knows.
    [[nodiscard]] std::size_t depth() const { return at_.size(); }

private:
    [[nodiscard]] bool inside(const leaf& l) const;
    [[nodiscard]] bool same_record(const leaf& l) const;

    std::vector<std::string> at_;
    record_handlers to_;
    record_limits limits_;
    record current_;
    std::size_t count_ = 0;
};

} // namespace cairn::agents::formats
