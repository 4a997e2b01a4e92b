// Every kind of file an agency can drop, as one table: how it is recognised, who takes it, what
// maps it. The documentation is written from it (docs/PROFILES.md).
#pragma once

#include "agents/formats/leaf.hpp"
#include "agents/profiles/report.hpp"

#include <span>
#include <string>
#include <string_view>

namespace cairn::agents::profiles {

struct map_options {
    // Years of police numbers are never in the future.
    int year_now = 0;
    // ISO date: who is born later is not born yet.
    std::string today{};
};

using open_file = formats::file_source;

using map_function = result<file_report> (*)(
    const open_file& file, const concern_sink& to, const map_options& options
);

enum class agency_profile : std::uint8_t { any, police, health, school, social_care };

struct input_format {
    // As agent.toml and the documentation name it: "cin-census".
    std::string_view id;
    std::string_view title;
    // ".xml"; ".json"; ".csv".
    std::string_view extension;
    // XML: the root element. JSON: a member of the root object. CSV: columns that must be there,
    // separated by blanks.
    std::string_view sign;
    std::span<const agency_profile> taken_by;
    // What a file becomes: "a status notification a child".
    std::string_view becomes;
    // Does an agency's system send this as it happens, or does it only prove that the mapping
    // holds? In words for the documentation.
    std::string_view feed;
    std::size_t bytes = 0;
    // Null: our own JSON, which is a concern already.
    map_function map = nullptr;
};

std::span<const input_format> input_formats();

// By extension and content. errc::format_malformed where no known format has that extension or
// that sign, naming what is known; or as the reader of its kind answers.
result<const input_format*> recognise(std::string_view name, const open_file& file);

// Most any format of that extension may hold; zero: none has it.
std::size_t most_bytes(std::string_view name);

// "social_care"; agency_profile::any for "any". Nullopt: no such profile.
std::optional<agency_profile> profile_named(std::string_view name);
std::string_view name_of(agency_profile p);
// A profile takes its own formats; `any` takes all.
bool takes(agency_profile p, const input_format& f);

} // namespace cairn::agents::profiles
