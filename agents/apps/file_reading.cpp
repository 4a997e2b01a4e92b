#include "agents/apps/file_reading.hpp"

#include "agents/apps/sidecar.hpp"
#include "core/assert.hpp"
#include "core/running_sha256.hpp"

namespace cairn::agents::apps {
namespace {

result<std::string> digest_of(const reading_job& job, const std::atomic<bool>& stop) {
    running_sha256 hash;
    for (const auto pieces = job.file->pieces(stop);;) {
        const auto piece = pieces();
        if (!piece) return piece.error();
        if (piece->empty()) break;
        hash.add(*piece);
    }
    if (!job.beside.name.empty()) {
        hash.add("\n");
        hash.add(job.beside.content);
    }
    const auto digest = hash.finish();
    return to_hex(view(digest));
}

// The sidecar's word over agent.toml's.
result<::cairn::v1::Concern> defaults_of(const reading_job& job) {
    if (job.beside.name.empty()) return job.defaults;
    return with_sidecar(job.defaults, job.beside.name, job.beside.content);
}

} // namespace

file_reading read_dropped(const reading_job& job, const std::atomic<bool>& stop) {
    file_reading out{{}, {}, row_spool(job.folder), {}};
    auto source = digest_of(job, stop);
    if (!source) {
        out.outcome = source.error();
        return out;
    }
    out.source = std::move(*source);
    const auto defaults = defaults_of(job);
    if (!defaults) {
        out.outcome = defaults.error();
        return out;
    }
    auto report = pick_up(
        job.name,
        [&]() -> result<formats::next_piece> { return job.file->pieces(stop); },
        out.source,
        {*defaults, job.on_behalf_of, job.now, job.random, job.profile},
        [&](const submission& row) { return out.rows.add(row); }
    );
    if (report)
        out.report = std::move(*report);
    else
        out.outcome = report.error();
    return out;
}

void background_reading::begin(reading_job job) {
    CAIRN_ASSERT(!busy(), "one reading at a time");
    running_ = std::async(std::launch::async, [this, job = std::move(job)] {
        return read_dropped(job, stop_);
    });
}

std::optional<file_reading> background_reading::finished() {
    if (!busy() || running_.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
        return {};
    return running_.get();
}

void background_reading::stop() {
    stop_ = true;
    if (busy()) running_.wait();
}

} // namespace cairn::agents::apps
