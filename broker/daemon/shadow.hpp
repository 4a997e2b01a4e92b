// A candidate that decides beside the policy in force, on the same inputs. It is counted and tells
// nobody: no notice, no record and no refusal depends on it (ADR 23).
#pragma once

#include "daemon/accept.hpp"
#include "policy/trial/tally.hpp"

#include "cairn/v1/admin.pb.h"

#include <map>
#include <mutex>
#include <optional>
#include <tuple>

namespace cairn::daemon {

// The file `policy_shadow` names, read and proved for a day.
struct shadow_file {
    // Empty: none is configured.
    std::string path;
    std::string text;
    // Null where there is none, or it is not one the broker would use: `why`.
    std::shared_ptr<const policy::table> table;
    status why;
};

// Never fails: a start or reload is not refused for a candidate.
shadow_file read_shadow(const std::string& path, std::int64_t now_us);

// What flipped, by direction, category and role: bounded, whatever the partnership's size.
using shadow_flip = std::tuple<v1::PolicyFlip::Direction, v1::Category, v1::Role>;

struct shadow_counts {
    std::uint64_t concerns = 0;
    std::uint64_t decisions = 0;
    std::uint64_t owed = 0;
    std::map<shadow_flip, std::uint64_t> flips;

    [[nodiscard]] std::uint64_t all(v1::PolicyFlip::Direction d) const;
};

class policy_shadow {
public:
    explicit policy_shadow(runtime& rt) : rt_(rt) {}

    // At a start and a reload, not on a network thread: the same text goes on counting, another
    // begins anew; an alarm says where there is a file and no shadow.
    void use(const shadow_file& file);
    // Rules begin by date. Compiles: not on a network thread.
    void new_day();
    // After the sender was answered: `s` was accepted, `p` is what was decided. Network threads.
    void count(const submission& s, const prepared& p);

    struct standing {
        std::string digest;
        std::string version;
        std::int64_t since_us = 0;
        shadow_counts counts;
    };
    // Any thread. Nullopt: there is none.
    [[nodiscard]] std::optional<standing> now() const;

private:
    // One text from when it was taken on, whatever the day.
    struct kept_counts {
        std::int64_t since_us = 0;
        mutable std::mutex mutex;
        shadow_counts counts;
    };
    struct candidate {
        shadow_file file;
        std::shared_ptr<kept_counts> kept;
    };

    runtime& rt_;
    // One change at a time.
    std::mutex change_;
    swapped<candidate> now_;
};

// Into the status an administrator is told.
void say_shadow(const policy_shadow& shadow, v1::StatusResponse& out);

} // namespace cairn::daemon
