#include "agents/core/outbox.hpp"

#include "core/crypto.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace cairn::agents {
namespace {

class memory_outbox final : public outbox_store {
public:
    status append_each(const row_source& source) override {
        std::vector<submission> rows;
        CAIRN_TRY(source([&](const submission& row) -> status {
            rows.push_back(row);
            return {};
        }));
        for (const auto& row : rows) {
            const auto known = rows_.find(row.key);
            if (known != rows_.end() && known->second.request_digest != sha256(row.request))
                return fail(errc::key_reused, "key");
        }
        for (const auto& row : rows) {
            const auto [at, fresh] = rows_.try_emplace(row.key);
            if (!fresh) continue;
            at->second.what = row;
            at->second.request_digest = sha256(row.request);
            order_.push_back(row.key);
        }
        return {};
    }

    result<std::vector<std::string>> queued() override {
        return keys([](const entry& e) { return e.what.state == submission_state::queued; });
    }

    result<submission> find(std::string_view key) override {
        const auto it = rows_.find(key);
        if (it == rows_.end()) return fail(errc::not_found, "key");
        return it->second.what;
    }

    status settle(const std::vector<settlement>& all) override {
        for (const auto& one : all)
            if (rows_.count(one.key) == 0) return fail(errc::not_found, "key");
        for (const auto& one : all) {
            auto& row = rows_.at(one.key).what;
            row.state = one.state;
            row.answer = one.answer;
        }
        return {};
    }

    result<std::vector<std::string>> unfiled() override {
        return keys([](const entry& e) {
            return e.what.state != submission_state::queued && !e.filed;
        });
    }

    status mark_filed(const std::vector<std::string>& all) override {
        for (const auto& key : all)
            if (rows_.count(key) == 0) return fail(errc::not_found, "key");
        for (const auto& key : all) {
            auto& row = rows_.at(key);
            row.filed = true;
            row.what.request.clear();
            row.what.answer.clear();
        }
        return {};
    }

    result<bool> source_journaled(std::string_view source) override {
        return std::any_of(rows_.begin(), rows_.end(), [&](const auto& row) {
            return row.second.what.source == source && !row.second.source_removed;
        });
    }

    status mark_source_removed(std::string_view source) override {
        for (auto& [key, row] : rows_)
            if (row.what.source == source) row.source_removed = true;
        return {};
    }

    result<std::optional<std::string>> taken_as(std::string_view source) override {
        for (const auto& key : order_) {
            const auto& row = rows_.at(key).what;
            if (row.source == source && row.state != submission_state::refused)
                return std::optional(key);
        }
        return std::optional<std::string>();
    }

    result<std::optional<std::string>> oldest_queued() override {
        for (const auto& key : order_)
            if (rows_.at(key).what.state == submission_state::queued) return std::optional(key);
        return std::optional<std::string>();
    }

    result<std::uint64_t> last_stored(std::string_view desk) override {
        const auto it = cursors_.find(desk);
        return it == cursors_.end() ? 0 : it->second;
    }

    status mark_stored(std::string_view desk, std::uint64_t position, bool owes) override {
        auto& cursor = cursors_[std::string(desk)];
        cursor = std::max(cursor, position);
        auto& owed = owed_[std::string(desk)];
        if (owes)
            owed.insert(position);
        else
            owed.erase(position);
        return {};
    }

    result<std::vector<std::uint64_t>> unconfirmed(std::string_view desk) override {
        const auto it = owed_.find(desk);
        if (it == owed_.end()) return std::vector<std::uint64_t>{};
        return std::vector<std::uint64_t>(it->second.begin(), it->second.end());
    }

    status
    mark_confirmed(std::string_view desk, const std::vector<std::uint64_t>& positions) override {
        auto& owed = owed_[std::string(desk)];
        for (const auto p : positions) owed.erase(p);
        return {};
    }

private:
    struct entry {
        submission what;
        digest request_digest{};
        bool filed = false;
        bool source_removed = false;
    };

    template <class Wanted>
    std::vector<std::string> keys(Wanted wanted) const {
        std::vector<std::string> out;
        for (const auto& key : order_)
            if (wanted(rows_.at(key))) out.push_back(key);
        return out;
    }

    std::map<std::string, entry, std::less<>> rows_;
    std::vector<std::string> order_;
    std::map<std::string, std::uint64_t, std::less<>> cursors_;
    std::map<std::string, std::set<std::uint64_t>, std::less<>> owed_;
};

} // namespace

std::unique_ptr<outbox_store> make_memory_outbox() {
    return std::make_unique<memory_outbox>();
}

} // namespace cairn::agents
