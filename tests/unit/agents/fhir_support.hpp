// What the tests of FHIR share: bundles in a few words, and what is made of them.
#pragma once

#include "agents/profiles/fhir.hpp"

#include "formats_support.hpp"
#include "intake/validate.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace agents_test::fhir {

using namespace cairn;
using namespace cairn::agents;
using namespace cairn::agents::profiles;
namespace v1 = cairn::v1;

inline file_source again(bytes_view file) {
    return [file]() -> result<formats::next_piece> { return formats::pieces_of(file); };
}

inline result<agents_test::mapped_file> try_map(bytes_view file, std::size_t open_at_once = 1000) {
    agents_test::mapped_file out;
    auto report =
        map_fhir(again(file), {"2026-11-22", open_at_once}, [&](v1::Concern&& c) -> status {
            out.concerns.push_back(std::move(c));
            return {};
        });
    if (!report) return report.error();
    out.report = std::move(*report);
    return out;
}

inline agents_test::mapped_file map(bytes_view file, std::size_t open_at_once = 1000) {
    auto out = try_map(file, open_at_once);
    REQUIRE_OK(out);
    return std::move(*out);
}

inline std::string bundle(const std::string& entries) {
    return R"({"resourceType":"Bundle","type":"collection","entry":[)" + entries + "]}";
}

inline std::string entry(const std::string& url, const std::string& resource) {
    return R"({"fullUrl":")" + url + R"(","resource":)" + resource + "}";
}

inline std::string patient(const std::string& more = {}) {
    return entry("urn:uuid:p", R"({"resourceType":"Patient","id":"p")" + more + "}");
}

inline const std::string told = entry(
    "urn:uuid:c",
    R"({"resourceType":"Communication","status":"completed","subject":{"reference":"urn:uuid:p"},
     "sent":"2026-11-20T10:00:00Z","payload":[{"contentString":"Seen in the department."}]})"
);

inline const leaf_report& at(const file_report& r, const std::string& ending) {
    for (const auto& l : r.leaves)
        if (l.path.size() >= ending.size() &&
            l.path.compare(l.path.size() - ending.size(), ending.size(), ending) == 0)
            return l;
    FAIL("no leaf " << ending);
    return r.leaves.front();
}

inline std::size_t values_of(const nlohmann::json& at) {
    if (!at.is_structured()) return 1;
    std::size_t out = 0;
    for (auto it = at.begin(); it != at.end(); ++it)
        if (!at.is_object() || it.key() != "resourceType") out += values_of(*it);
    return out;
}

inline void check_valid(v1::Concern c) {
    c.set_purpose(v1::PURPOSE_S47);
    c.add_bases(v1::LAWFUL_BASIS_6C);
    c.mutable_acting()->set_role("nurse");
    c.mutable_acting()->set_staff_id("s-1");
    if (c.has_notification()) c.mutable_risk()->set_level(v1::RISK_LEVEL_NEED);
    const auto ok = intake::validate(c, intake::plain_review_days("2026-11-22"));
    if (!ok) FAIL(ok.error().public_text());
}

} // namespace agents_test::fhir
