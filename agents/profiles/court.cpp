#include "agents/profiles/court.hpp"

#include "agents/profiles/cin_values.hpp"

#include <memory>

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;
using formats::leaf;

constexpr std::size_t defendants_most = 500;
// hearing/prosecutionCases/defendants
constexpr std::size_t under_root = 0;
constexpr std::size_t under_case = 2;
constexpr std::size_t under_defendant = 3;

bool at(const leaf& l, std::size_t step, std::string_view name) {
    return l.path.size() > step + 1 && l.path[step].name == name;
}

// A hearing is small, and what is said of all its defendants may stand behind them: whole in
// memory.
class hearing {
public:
    explicit hearing(int year_now) : year_now_(year_now) {}

    status take(const leaf& l, file_report& report) {
        const bool of_case = at(l, 0, "hearing") && at(l, 1, "prosecutionCases");
        if (!of_case) {
            report.add(apply_leaf(hearing_rows(), facts_, l, under_root));
            return {};
        }
        if (!at(l, 2, "defendants")) {
            report.add(apply_leaf(case_rows(), cases_[l.path[1].nth], l, under_case));
            return {};
        }
        const auto who = defendant(l);
        if (!who) return who.error();
        report.add(apply_leaf(defendant_rows(), **who, l, under_defendant));
        return {};
    }

    status hand_over(const concern_sink& to, file_report& report) {
        for (auto& [key, d] : defendants_) {
            // A company or an empty entry: nobody to be told about.
            if (!d->target.person) continue;
            settle(d->concern, d->target, key.first);
            CAIRN_TRY(to(std::move(d->concern)));
            ++report.concerns;
        }
        if (report.concerns != 0) return {};
        return fail(errc::format_malformed, "hearing/prosecutionCases/defendants: no person");
    }

private:
    struct one {
        explicit one(int year_now) : target{*concern.add_persons(), year_now} {}
        v1::Concern concern;
        defendant_target target;
    };
    using number = std::pair<std::uint32_t, std::uint32_t>;

    result<defendant_target*> defendant(const leaf& l) {
        const number key{l.path[1].nth, l.path[2].nth};
        auto it = defendants_.find(key);
        if (it == defendants_.end()) {
            if (defendants_.size() == defendants_most)
                return fail(errc::too_many, "defendants, limit " + std::to_string(defendants_most));
            it = defendants_.emplace(key, std::make_unique<one>(year_now_)).first;
        }
        return &it->second->target;
    }

    // Children Act 1989 s.105: a child is a person under eighteen.
    [[nodiscard]] bool is_child(const v1::PartialDate& born) const {
        const auto day = census_date(facts_.day);
        if (!day || born.year() == 0) return false;
        const auto months = [](const v1::PartialDate& d) { return d.year() * 12 + d.month(); };
        constexpr std::uint32_t of_age = 18 * 12;
        if (months(*day) - months(born) != of_age) return months(*day) < months(born) + of_age;
        return day->day() < born.day();
    }

    void settle(v1::Concern& concern, defendant_target& d, std::uint32_t case_number) {
        auto& person = d.adult;
        const bool child = is_child(person.birth().born());
        person.set_ref(child ? "child-1" : "adult-1");
        person.set_role(child ? v1::SUBJECT_CHILD : v1::SUBJECT_ALLEGED_PERPETRATOR);
        if (d.address.ByteSizeLong() != 0) {
            d.address.set_use(v1::Address::USE_HOME);
            *person.add_addresses() = std::move(d.address);
        }
        bool convicted = false;
        for (auto& c : *person.mutable_convictions()) {
            if (c.disposal() == v1::Conviction::DISPOSAL_UNSPECIFIED)
                c.set_disposal(
                    facts_.sentence ? v1::Conviction::DISPOSAL_CONVICTED
                                    : v1::Conviction::DISPOSAL_CHARGED
                );
            c.set_court(facts_.court);
            if (const auto day = census_date(facts_.day)) *c.mutable_on() = *day;
            convicted = convicted || c.disposal() == v1::Conviction::DISPOSAL_CONVICTED;
        }
        person.add_standings(convicted ? v1::STANDING_CONVICTED : v1::STANDING_SUSPECT);
        auto& n = *concern.mutable_notification();
        n.set_incident(
            child ? v1::Notification::INCIDENT_OTHER : v1::Notification::INCIDENT_ADULT_RISK
        );
        n.set_happened_at(facts_.day.substr(0, 10));
        n.set_incident_reference(cases_[case_number].reference);
        n.set_source(v1::REFERRAL_SOURCE_7);
        n.set_summary(
            child ? "A court heard a case against a child."
                  : "A court heard a case against an adult who may pose a risk; the file names no "
                    "child."
        );
    }

    int year_now_;
    hearing_facts facts_;
    std::map<std::uint32_t, prosecution_case> cases_;
    std::map<number, std::unique_ptr<one>> defendants_;
};

} // namespace

result<file_report>
map_court(const formats::next_piece& file, const concern_sink& to, int year_now) {
    file_report report;
    report.format = "court hearing";
    hearing all(year_now);
    formats::json_limits limits;
    limits.bytes = std::size_t{16} * 1024 * 1024;
    limits.leaves = 100'000;
    CAIRN_TRY(formats::read_json(
        file, [&](leaf&& l) { return all.take(l, report); }, limits
    ));
    CAIRN_TRY(all.hand_over(to, report));
    return report;
}

} // namespace cairn::agents::profiles
