#include "agents/core/delivery.hpp"

#include "cairn/v1/exchange.pb.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <limits>

namespace cairn::agents {
namespace {

using google::protobuf::internal::WireFormatLite;

// The content of the notice field, found by walking the fields of the delivery.
result<bytes> exact_notice(bytes_view encoded) {
    google::protobuf::io::CodedInputStream in(
        reinterpret_cast<const std::uint8_t*>(encoded.data()), static_cast<int>(encoded.size())
    );
    bytes found;
    bool seen = false;
    while (const std::uint32_t tag = in.ReadTag()) {
        const bool is_notice =
            WireFormatLite::GetTagFieldNumber(tag) == ::cairn::v1::Delivery::kNoticeFieldNumber;
        if (!is_notice) {
            if (!WireFormatLite::SkipField(&in, tag)) return fail(errc::malformed, "delivery");
            continue;
        }
        std::uint32_t size = 0;
        const bool read = !seen && in.ReadVarint32(&size) && size <= encoded.size() &&
                          in.ReadString(&found, static_cast<int>(size));
        if (!read) return fail(errc::malformed, "delivery.notice");
        seen = true;
    }
    return found;
}

} // namespace

result<delivery> parse_delivery(bytes_view encoded) {
    if (encoded.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        return fail(errc::too_large, "delivery");
    ::cairn::v1::Delivery d;
    if (!d.ParseFromArray(encoded.data(), static_cast<int>(encoded.size())))
        return fail(errc::malformed, "delivery");
    if (d.position() == 0) return fail(errc::malformed, "delivery.position");
    if (!d.withdrawn() && !d.has_notice()) return fail(errc::malformed, "delivery.notice");
    auto notice = exact_notice(encoded);
    if (!notice) return notice.error();
    delivery out;
    out.position = d.position();
    out.notice = std::move(*notice);
    out.recorded_at_us = d.recorded_at_us();
    out.acknowledge_by_us = d.acknowledge_by_us();
    out.proof = d.proof();
    out.redelivered = d.redelivered();
    out.withdrawn = d.withdrawn();
    return out;
}

} // namespace cairn::agents
