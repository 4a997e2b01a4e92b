// The fields that the log commits to, in one piece of memory: a concern has some sixty.
#pragma once

#include "core/bytes.hpp"

#include <cstdint>
#include <vector>

namespace cairn::redaction {

// A leaf field as the log commits to it: path of (field number, index) steps, canonical value.
struct field_value {
    bytes_view path;
    bytes_view value;
};

class field_list {
public:
    // Adds a field of that path, whose value `put` appends to what it is given.
    template <class Put>
    void add(bytes_view path, Put&& put) {
        text_ += path;
        const std::size_t value = text_.size();
        put(text_);
        ends_.push_back({value, text_.size()});
    }

    void reserve(std::size_t fields, std::size_t bytes) {
        ends_.reserve(fields);
        text_.reserve(bytes);
    }
    [[nodiscard]] std::size_t size() const { return ends_.size(); }
    // As long as the list stands and nothing is added.
    field_value operator[](std::size_t i) const {
        const std::size_t first = i == 0 ? 0 : ends_[i - 1].value;
        const bytes_view all = text_;
        return {
            all.substr(first, ends_[i].path - first),
            all.substr(ends_[i].path, ends_[i].value - ends_[i].path)};
    }

    class iterator {
    public:
        iterator(const field_list& of, std::size_t at) : of_(&of), at_(at) {}
        field_value operator*() const { return (*of_)[at_]; }
        iterator& operator++() {
            ++at_;
            return *this;
        }
        bool operator==(const iterator&) const = default;

    private:
        const field_list* of_;
        std::size_t at_;
    };
    [[nodiscard]] iterator begin() const { return {*this, 0}; }
    [[nodiscard]] iterator end() const { return {*this, size()}; }

private:
    struct bounds {
        std::size_t path = 0;
        std::size_t value = 0;
    };

    // Path, value, path, value and so on; where each ends.
    bytes text_;
    std::vector<bounds> ends_;
};

} // namespace cairn::redaction
