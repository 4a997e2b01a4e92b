#include "unit/session/hpack.hpp"

#include <catch2/catch.hpp>

#include <nghttp2/nghttp2.h>

namespace cairn::session::test {
namespace {

std::string text(const std::uint8_t* at, std::size_t n) {
    return {reinterpret_cast<const char*>(at), n};
}

} // namespace

void hpack_reader::freer::operator()(nghttp2_hd_inflater* p) const {
    nghttp2_hd_inflate_del(p);
}

hpack_reader::hpack_reader() {
    nghttp2_hd_inflater* made = nullptr;
    REQUIRE(nghttp2_hd_inflate_new(&made) == 0);
    inflater_.reset(made);
}

header_list hpack_reader::read(bytes_view block) {
    header_list out;
    for (;;) {
        nghttp2_nv field;
        int flags = 0;
        const auto* at = reinterpret_cast<const std::uint8_t*>(block.data());
        const auto used =
            nghttp2_hd_inflate_hd2(inflater_.get(), &field, &flags, at, block.size(), 1);
        REQUIRE(used >= 0);
        block.remove_prefix(static_cast<std::size_t>(used));
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
            out.emplace_back(text(field.name, field.namelen), text(field.value, field.valuelen));
        }
        if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
        if (block.empty() && (flags & NGHTTP2_HD_INFLATE_EMIT) == 0) break;
    }
    nghttp2_hd_inflate_end_headers(inflater_.get());
    return out;
}

} // namespace cairn::session::test
