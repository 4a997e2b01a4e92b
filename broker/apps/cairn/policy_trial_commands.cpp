// cairn policy simulate: what a text would have decided otherwise, asked of the broker that
// decided.
#include "apps/cairn/policy_commands.hpp"
#include "core/system.hpp"
#include "policy/proof/wording.hpp"
#include "policy/trial/tally.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

// A year of a large partnership's concerns.
constexpr auto longest = std::chrono::hours(1);

struct simulate_options {
    std::string file;
    std::string since;
    std::string until;
    std::string reason;
};

std::int64_t now_us() {
    return to_us(system_clock().wall_now());
}

// A moment, or how long ago.
result<std::int64_t> moment(const std::string& text, const char* option) {
    if (text.empty()) return std::int64_t{0};
    constexpr std::string_view units = "smhd";
    if (units.find(text.back()) == std::string_view::npos) return time_from(text, option);
    const auto ago = duration_from(text, option);
    if (!ago) return ago.error();
    return now_us() - std::chrono::microseconds(*ago).count();
}

result<v1::SimulatePolicyRequest> request_of(const simulate_options& o, std::string text) {
    v1::SimulatePolicyRequest out;
    const auto from = moment(o.since, "--since");
    if (!from) return from.error();
    const auto until = moment(o.until, "--until");
    if (!until) return until.error();
    if (*from > now_us()) return fail(errc::usage, "--since: nothing was decided yet then");
    if (*until != 0 && *until <= *from) return fail(errc::usage, "--until: not after --since");
    out.set_text(std::move(text));
    out.set_from_us(*from);
    out.set_until_us(*until);
    out.set_reason(o.reason);
    return out;
}

class report {
public:
    report(const policy::table& candidate, const std::string& file)
        : candidate_(candidate), words_(candidate.source()), file_(file) {}

    void print(const policy::tally& t) const {
        if (t.flips.empty()) fmt::print("Nothing would be decided otherwise.\n");
        const policy::flip_key* last = nullptr;
        for (const auto& [key, count] : t.flips) {
            if (last == nullptr || last->kind != key.kind) print_kind(t, key.kind);
            const bool same = last != nullptr && last->kind == key.kind &&
                              last->category == key.category && last->desk == key.desk;
            if (!same) print_group(t, key);
            print_row(key, count);
            last = &key;
        }
        print_later();
        fmt::print(
            "{}{} concerns, {} decisions made again, {} concerns left out\n",
            t.flips.empty() ? "" : "\n",
            t.concerns,
            t.decisions,
            t.left_out
        );
        if (t.left_out != 0) {
            fmt::print(
                "left out: their inputs or the text that decided them are gone, the registry no "
                "longer has a desk of theirs, or a school was told of several children and the log "
                "does not say which is its own pupil\n"
            );
        }
    }

private:
    template <class Fits>
    static std::uint64_t sum(const policy::tally& t, Fits&& fits) {
        std::uint64_t out = 0;
        for (const auto& [key, count] : t.flips) out += fits(key) ? count.decisions : 0;
        return out;
    }

    static void print_kind(const policy::tally& t, policy::flip_kind kind) {
        constexpr const char* heads[] = {
            "OWED, and would be withheld", "LESS would be shown", "MORE would be shown"};
        const auto n = sum(t, [kind](const auto& k) { return k.kind == kind; });
        fmt::print(
            "{}{}: {} decisions\n",
            t.flips.begin()->first.kind == kind ? "" : "\n",
            heads[static_cast<std::size_t>(kind)],
            n
        );
    }

    void print_group(const policy::tally& t, const policy::flip_key& at) const {
        const auto n = sum(t, [&at](const auto& k) {
            return k.kind == at.kind && k.category == at.category && k.desk == at.desk;
        });
        fmt::print("\n  {}, to {}: {}\n", words_.of(v1::Category_Name(at.category)), at.desk, n);
    }

    void print_row(const policy::flip_key& k, const policy::flip_count& n) const {
        std::string ids;
        for (const auto& id : n.concern_ids) ids += (ids.empty() ? "" : ", ") + id;
        fmt::print(
            "    of {}: {} -> {}, {} times\n"
            "      before: {}\n      after:  {}\n      concerns: {}\n",
            words_.of(v1::Subject_Name(k.subject)),
            words_.of(v1::Form_Name(k.before)),
            words_.of(v1::Form_Name(k.after)),
            n.decisions,
            rule(k.rule_before),
            rule(k.rule_after),
            ids
        );
    }

    // The text that decided then is not here: its rules are named as the candidate names them.
    [[nodiscard]] std::string rule(std::uint32_t number) const {
        if (number == 0 || candidate_.rule(number) != nullptr) return words_.rule(number);
        return fmt::format("rule {}, which {} does not have", number, file_);
    }

    void print_later() const {
        const std::string today = today_iso();
        int later = 0;
        for (const auto& r : candidate_.source().rules()) later += r.in_force() > today ? 1 : 0;
        if (later == 0) return;
        fmt::print("\n{} rules of {} begin after today and took no part\n", later, file_);
    }

    const policy::table& candidate_;
    policy::wording words_;
    const std::string& file_;
};

result<policy::tally> ask(program& p, const v1::SimulatePolicyRequest& asked) {
    const auto parts = p.call_raw("/cairn.v1.Audit/SimulatePolicy", asked, longest);
    if (!parts) return parts.error();
    policy::tally out;
    for (const bytes& part : *parts) {
        v1::SimulatePolicyResponse read;
        if (!read.ParseFromString(part)) return fail(errc::malformed, "the broker's answer");
        out.add(read);
    }
    return out;
}

void simulate(program& p, const simulate_options& o) {
    auto text = read_input(o.file);
    if (!text) return p.stop_with(text.error());
    // As the broker will: a typing error is told with its file, and without a record.
    const auto candidate = policy::table::compile(*text, today_iso());
    if (!candidate) return p.stop_with(in_file(candidate.error(), o.file));
    const auto asked = request_of(o, std::move(*text));
    if (!asked) return p.stop_with(asked.error());
    const auto found = ask(p, *asked);
    if (!found) return p.stop_with(found.error());
    if (p.json) return p.print_json(policy::parts_of(*found, found->flips.size() + 1).front());
    report(**candidate, o.file).print(*found);
}

} // namespace

void add_policy_trial(CLI::App& policy, program& p) {
    const auto o = std::make_shared<simulate_options>();
    auto* c = policy.add_subcommand(
        "simulate", "what a text would have decided otherwise; asks the broker, as an auditor"
    );
    c->add_option("NEW", o->file, "policy text; - for standard input")->required();
    c->add_option("--since", o->since, "concerns from then on: 2026-11-22, or 30d for the last 30");
    c->add_option("--until", o->until, "and before this time");
    c->add_option("--reason", o->reason, "why you ask");
    c->callback([o, &p] { simulate(p, *o); });
}

} // namespace cairn::cli
