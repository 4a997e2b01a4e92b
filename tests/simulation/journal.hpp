// What the run has seen, held against what must be true. Knows the product only from outside: what
// was asked, what was answered, what arrived.
#pragma once

#include "ledger/reader.hpp"
#include "merkle/receipt.hpp"
#include "policy/table.hpp"
#include "simulation/network.hpp"

#include "cairn/v1/exchange.pb.h"
#include "cairn/v1/record.pb.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cairn::sim {

namespace v1 = ::cairn::v1;

// The properties by name, so that a test can say which one a bug must break.
namespace property {
inline constexpr std::string_view durable = "nothing leaves before its record is on the disk";
inline constexpr std::string_view revoked = "a revoked certificate is sent nothing";
inline constexpr std::string_view order = "a stream brings its notices in log order";
inline constexpr std::string_view credit = "no more is in flight than was asked for";
inline constexpr std::string_view exact = "a notice is byte for byte what the log commits to";
inline constexpr std::string_view address = "a protected address reaches no unlisted desk";
inline constexpr std::string_view addressee = "a desk gets its own notices only";
inline constexpr std::string_view once = "an acknowledged submission is there once";
inline constexpr std::string_view receipt = "a retry gets the same receipt, and it verifies";
inline constexpr std::string_view refused = "what was refused is not there";
inline constexpr std::string_view owed = "a desk gets every notice it is owed";
inline constexpr std::string_view settled = "what a desk settled is settled, and nothing else is";
inline constexpr std::string_view withdrawn =
    "what is recalled before it is settled is withdrawn, and sent no more";
inline constexpr std::string_view conserved =
    "routed is confirmed, returned, withdrawn, expired or pending";
inline constexpr std::string_view routed = "a closed desk is routed to no more";
inline constexpr std::string_view append_only = "released heads do not contradict each other";
inline constexpr std::string_view verifies = "the log verifies";
inline constexpr std::string_view answered = "everything is answered in the end";
inline constexpr std::string_view acknowledged = "an acknowledgement meets the obligation";
inline constexpr std::string_view recovers = "the broker starts again after any crash";
} // namespace property

struct violation {
    std::string_view what;
    std::string detail;
};

struct submitted {
    std::string agency;
    bytes request;
    mono_time first_sent{};
    std::optional<v1::SubmitResponse> accepted;
    std::optional<std::uint32_t> refused;
};

struct arrival {
    std::string desk;
    std::uint64_t position = 0;
    bytes notice;
    bool withdrawn = false;
    stamp known;
};

class journal {
public:
    explicit journal(loop& time) : time_(time) {}

    void violated(std::string_view what, std::string detail);
    [[nodiscard]] const std::optional<violation>& first_violation() const { return violation_; }

    // ---- what agencies do and see ----
    void sent(const std::string& agency, const std::string& key, bytes request);
    void answered(const std::string& key, const v1::PublishResponse& answer, const stamp& known);
    // Any notice as it comes out of the network, stored or not.
    void arrived(const arrival& a);
    // A notice reached whoever holds this certificate.
    void sent_to(const std::string& pin, const std::string& desk, const stamp& known);
    void stored(const std::string& desk, std::uint64_t position, bytes notice, bool withdrawn);
    // The broker said yes to a confirmation or a return.
    void
    settled(const std::string& desk, const std::vector<std::uint64_t>& positions, bool returned);
    void withdrawn_by(const std::string& concern_id) { recalled_.insert(concern_id); }
    void acknowledging(const std::string& concern_id, const std::string& key) {
        acknowledgements_[key] = concern_id;
    }
    void checkpoint_seen(std::string_view note);
    void closed(const std::string& desk);
    void revoked(const std::string& pin);
    [[nodiscard]] bool is_revoked(const std::string& pin) const { return revoked_.contains(pin); }

    // ---- at the end ----
    // Every submission has its last word.
    [[nodiscard]] bool all_answered() const;
    [[nodiscard]] const std::map<std::string, submitted>& submissions() const { return sent_; }
    // The same key once more; `answer` as the broker gave it.
    void retried(const std::string& key, const v1::SubmitResponse& answer);
    // Against the ledger itself. `keys` of every year; `attended` the desks somebody receives for.
    void check_ledger(
        ledger::reader& log, const std::vector<merkle::verifier_key>& keys, std::int64_t now_us
    );

    // For the summary and for a test that the scenario did something.
    [[nodiscard]] std::map<std::string, std::uint64_t> totals() const;

private:
    struct desk_book {
        std::map<std::uint64_t, bytes> stored;
        std::set<std::uint64_t> withdrawn;
        std::set<std::uint64_t> confirmed;
        std::set<std::uint64_t> returned;
    };
    struct tally {
        std::map<std::string, ledger::desk_counts> desks;
    };
    void check_record(ledger::reader& log, const ledger::record_row& row, tally& sums);
    void check_desk(
        ledger::reader& log,
        std::uint64_t position,
        const ledger::concern_state& c,
        const ledger::desk_state& d,
        tally& sums
    );
    void
    check_recall(ledger::reader& log, const ledger::record_row& row, const std::string& recalled);
    void check_submissions();
    void check_counts(ledger::reader& log, const tally& sums, std::int64_t now_us);
    void check_acknowledgements(ledger::reader& log);
    void check_heads(ledger::reader& log, const std::vector<merkle::verifier_key>& keys);
    void check_receipts(const std::vector<merkle::verifier_key>& keys);

    loop& time_;
    std::optional<violation> violation_;
    std::map<std::string, submitted> sent_;
    std::map<std::string, desk_book> desks_;
    std::set<std::string> recalled_;
    // By the concern recalled: when its desks have been told, and a little later.
    std::map<std::string, mono_time> withdrawn_;
    // By the key of the acknowledgement: the concern it is of.
    std::map<std::string, std::string> acknowledgements_;
    std::vector<std::string> heads_;
    std::map<std::string, mono_time> closed_;
    std::map<std::string, mono_time> revoked_;
    // By key: records found in the log.
    std::map<std::string, std::vector<std::uint64_t>> found_;
    std::uint64_t found_withdrawn_ = 0;
};

} // namespace cairn::sim
