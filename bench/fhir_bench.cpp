// usage: cairn-bench-fhir FILE…
//
// Maps each FHIR file to concerns as an agent does, and prints what it took: seconds, megabytes a
// second, concerns, values, and the most memory the process ever held. Make files with
// bench/fhir_bundle.py. One file a run, where the memory is asked for.
#include "agents/profiles/fhir.hpp"
#include "core/system.hpp"

#include <fmt/core.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <sys/resource.h>
#include <vector>

using namespace cairn;
using namespace cairn::agents;

namespace {

profiles::file_source source_of(const std::string& path) {
    return [path]() -> result<formats::next_piece> {
        auto file = std::make_shared<std::ifstream>(path, std::ios::binary);
        if (!*file) return fail(errc::file_unreadable, path);
        auto buffer = std::make_shared<std::vector<char>>(64 * 1024);
        return formats::next_piece([file, buffer]() -> result<bytes_view> {
            file->read(buffer->data(), static_cast<std::streamsize>(buffer->size()));
            return bytes_view(buffer->data(), static_cast<std::size_t>(file->gcount()));
        });
    };
}

double megabytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    return static_cast<double>(file.tellg()) / 1e6;
}

double most_memory_mb() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_maxrss) / 1024;
}

int measure(const std::string& path) {
    std::size_t bytes = 0;
    const auto& time = system_clock();
    const auto start = time.mono_now();
    const auto report = profiles::map_fhir(
        source_of(path),
        {"2026-11-22"},
        [&](::cairn::v1::Concern&& c) -> status {
            bytes += c.ByteSizeLong();
            return {};
        }
    );
    const std::chrono::duration<double> took = time.mono_now() - start;
    if (!report) {
        fmt::print(stderr, "{}\n", report.error().public_text());
        return 1;
    }
    const auto size = megabytes(path);
    fmt::print(
        "{:.1f} MB in {:.1f} s, {:.1f} MB/s; {} concerns of {} bytes, {} values; most memory "
        "{:.0f} "
        "MB\n",
        size,
        took.count(),
        size / took.count(),
        report->concerns,
        bytes,
        report->all(),
        most_memory_mb()
    );
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> files(argv + 1, argv + argc);
    if (files.empty()) {
        fmt::print(stderr, "usage: cairn-bench-fhir FILE...\n");
        return 64;
    }
    int out = 0;
    for (const auto& file : files) out |= measure(file);
    return out;
}
