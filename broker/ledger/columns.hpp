// What the columns beside the log must say, by leaf and sealed body. A column that no body repeats
// is held by the row's guard alone.
#pragma once

#include "ledger/stored.hpp"

#include "cairn/v1/record.pb.h"

#include <map>

namespace cairn::ledger {

// For one pass over a ledger in log order. errc::log_damaged, where = the record or table.
class column_checks {
public:
    column_checks(sql::database& db, key_store& keys);
    ~column_checks();
    column_checks(const column_checks&) = delete;
    column_checks& operator=(const column_checks&) = delete;

    status check_guard(const stored_record& r) const;
    status check_concern(const stored_record& r, const v1::ConcernRecord& c) const;
    // Of any other kind; remembers what the tables of policies and registry must hold.
    status check_other(const stored_record& r, const v1::RecordBody& body);
    // After the last record.
    status check_policies() const;
    status check_registry() const;

private:
    struct policy_row {
        digest text;
        bool operator==(const policy_row&) const = default;
    };
    struct registry_row {
        std::uint64_t epoch = 0;
        std::uint64_t slot = 0;
        bool operator==(const registry_row&) const = default;
    };
    status check_desks(const stored_record& r, const v1::ConcernRecord& c) const;
    [[nodiscard]] result<std::string> name_of_party(std::uint32_t no) const;

    sql::database& db_;
    key_store& keys_;
    key256 record_key_;
    key256 submission_key_;
    // By position.
    std::map<std::uint64_t, policy_row> policies_;
    std::map<std::uint64_t, registry_row> registry_;
};

} // namespace cairn::ledger
