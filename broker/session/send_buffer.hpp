// Bytes waiting to go out, taken from the front.
#pragma once

#include "core/bytes.hpp"

namespace cairn::session {

class send_buffer {
public:
    void append(bytes_view more) { data_.append(more); }
    [[nodiscard]] bytes_view front() const { return bytes_view(data_).substr(at_); }
    [[nodiscard]] std::size_t size() const { return data_.size() - at_; }
    [[nodiscard]] bool empty() const { return at_ == data_.size(); }

    void drop(std::size_t n) {
        at_ += n;
        if (at_ == data_.size()) {
            at_ = 0;
            // One large answer must not pin its memory for the life of a long stream; the usual
            // burst must not pay for new memory every time.
            if (data_.capacity() > keep_bytes) bytes().swap(data_);
            data_.clear();
        } else if (at_ > compact_bytes && at_ > data_.size() / 2) {
            data_.erase(0, at_);
            at_ = 0;
        }
    }
    void clear() { drop(size()); }

private:
    static constexpr std::size_t keep_bytes = 1024 * 1024;
    static constexpr std::size_t compact_bytes = 256 * 1024;
    bytes data_;
    std::size_t at_ = 0;
};

} // namespace cairn::session
