// FHIR R4 as one form, whether it comes as XML or as JSON: the resources of a Bundle one by one, or
// a single resource, each as leaves under the same element paths.
//
// A path is that of FHIR: "Bundle/entry[2]/resource/Patient/name/given". A primitive is a leaf, and
// what extends it stands below it ("birthDate/extension/url"); an element's id and an extension's
// url are leaves; the narrative ("text/div") is one.
#pragma once

#include "agents/formats/records.hpp"

#include <optional>
#include <string>

namespace cairn::agents::formats {

struct fhir_resource {
    // "Patient". Empty: the entry holds no resource.
    std::string type;
    // Counted from 0, over the file.
    std::size_t ordinal = 0;
    // The ordinal of the resource it is contained in, for readers that take such ones apart.
    std::optional<std::size_t> inside{};
    // Of the entry; empty where there is none.
    std::string full_url;
    // Of the resource.
    std::string id;
    // Of its first leaf.
    place at{};
    // All leaves of the entry, at least one.
    record leaves;

    // Whether a leaf is of the resource itself, and not of the entry around it.
    [[nodiscard]] bool holds(const leaf& l) const;
    // Of a leaf of the resource: "name/given".
    [[nodiscard]] std::string element(const leaf& l) const;
    // How many steps lead to the resource's own elements.
    std::size_t depth = 0;
};

struct fhir_handlers {
    // Of the Bundle itself: its type, its id, its links.
    leaf_sink outside;
    std::function<status(fhir_resource&&)> each;
};

struct fhir_limits {
    std::size_t bytes = std::size_t{256} * 1024 * 1024;
    std::size_t depth = 64;
    std::size_t resources = 1'000'000;
    std::size_t leaves_each = 100'000;
    // A photograph or a letter in base64 is one value.
    std::size_t value_bytes = std::size_t{8} * 1024 * 1024;
};

// In the file's order but for the leaves outside, which come last. errc::format_malformed with
// line, column and what: also an element of another namespace, an entry's resource without a type;
// errc::too_large, too_many with the limit; what `file` or the handlers answer otherwise. One
// resource is in memory at a time.
status read_fhir(const next_piece& file, const fhir_handlers& to, const fhir_limits& limits = {});

// By its beginning: FHIR's namespace, or the member "resourceType". 64 KiB are enough.
bool looks_like_fhir(bytes_view head);

} // namespace cairn::agents::formats
