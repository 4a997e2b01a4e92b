#include "redaction/notice.hpp"

#include "redaction/build.hpp"

#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <array>

namespace cairn::redaction {
namespace {

// Cell of the one entry that stands for everything whose category is not told.
constexpr cell_id merged_cell = 0xffffffff;

bool is_content(v1::Category c) {
    return c != v1::CATEGORY_HEADER && c != v1::CATEGORY_SEALED;
}

protected_strings hidden_addresses(const v1::Concern& c, desk_decisions& decided) {
    protected_strings out;
    std::uint32_t person = 0;
    for (const v1::Person& p : c.persons()) {
        const cell_state* state = decided.find(cell(++person, v1::CATEGORY_PROTECTED_ADDRESS));
        if (state == nullptr || state->decided.form == v1::FORM_FULL) continue;
        for (const v1::Address& a : p.addresses()) {
            if (a.harm() != v1::Address::HARM_SAFE) out.add(a);
        }
        for (const v1::ContactPoint& a : p.contacts()) {
            if (a.harm() != v1::Address::HARM_SAFE) out.add(a);
        }
    }
    return out;
}

class assembly {
public:
    assembly(
        const v1::Concern& c,
        const analysis& a,
        const policy::table& rules,
        const concern_context& shared,
        const desk_context& desk,
        v1::Notice& notice
    )
        : analysis_(a), rules_(rules), shared_(shared), desk_(desk), who_(c),
          decided_(decide_cells(c, a, rules, desk)), addresses_(hidden_addresses(c, decided_)),
          builder_(c, a, who_, addresses_, shared, desk, decided_),
          persons_(std::size_t{who_.count()} + 1, presence::as_built), notice_(notice) {}

    verdicts run() {
        if (shared_.decided) shared_.decided();
        head();
        content();
        withheld();
        record();
        return std::move(out_);
    }

private:
    void head() {
        v1::Notice& n = notice_;
        n.set_concern_id(shared_.concern_id);
        n.set_thread(shared_.thread);
        n.set_desk(desk_.desk);
        n.set_sender(shared_.sender);
        n.set_kind(analysis_.kind);
        n.set_decided_at_us(shared_.decided_at_us);
        n.set_policy_digest(rules_.digest_hex());
        n.set_unknown_fields_dropped(analysis_.unknown_fields);
        n.set_route_rule(desk_.route_rule);
        n.set_test(shared_.test);
        for (const std::string& other : shared_.open_desks) {
            if (other != desk_.desk) n.add_also_told(other);
        }
    }

    // Who is in the content depends on what is shown of them, also elsewhere; leaving somebody out
    // can take another's last trace away. Each round leaves out more, so the rounds end.
    void content() {
        builder_.build(persons_, *notice_.mutable_content());
        while (settle_persons()) {
            notice_.mutable_content()->Clear();
            builder_.build(persons_, *notice_.mutable_content());
        }
    }

    // True where something changed.
    bool settle_persons() {
        bool changed = false;
        for (std::uint32_t i = 1; i <= who_.count(); ++i) {
            if (persons_[i] == presence::left_out) continue;
            presence now = presence::as_built;
            if (shows_something(i)) {
                if (builder_.positions()[i] == 0 || persons_[i] == presence::shown) {
                    now = presence::shown;
                }
            } else if (existence_veiled(i)) {
                now = presence::left_out;
            }
            changed = changed || now != persons_[i];
            persons_[i] = now;
        }
        return changed;
    }

    [[nodiscard]] bool shows_something(std::uint32_t person) const {
        return std::any_of(decided_.cells.begin(), decided_.cells.end(), [&](const cell_state& s) {
            return person_of(s.in.id) == person && is_content(category_of(s.in.id)) && s.shown > 0;
        });
    }

    // That there is such a person would be the disclosure: something hidden of them may not even be
    // named, or they are a referrer who must stay unknown.
    [[nodiscard]] bool existence_veiled(std::uint32_t person) const {
        return std::any_of(decided_.cells.begin(), decided_.cells.end(), [&](const cell_state& s) {
            if (person_of(s.in.id) != person) return false;
            const bool hidden_referrer =
                s.in.subject == v1::SUBJECT_REFERRER &&
                (s.in.flags & policy::bit(v1::FLAG_ANONYMOUS_REFERRER)) != 0;
            if (hidden_referrer && rules_.veiled(v1::CATEGORY_REFERRER)) return true;
            if (!is_content(category_of(s.in.id))) return false;
            return s.decided.form == v1::FORM_SILENT || rules_.veiled(category_of(s.in.id));
        });
    }

    void withheld() {
        bool other = false;
        for (const cell_state& s : decided_.cells) {
            const v1::Category category = category_of(s.in.id);
            if (category == v1::CATEGORY_SEALED || s.decided.form == v1::FORM_SILENT) continue;
            const std::uint32_t person = person_of(s.in.id);
            if (persons_[person] == presence::left_out) {
                other = other || is_content(category);
                continue;
            }
            const bool something_kept_back = s.hidden > 0 || s.reduced > 0 || s.address_held;
            // All of it pointed at somebody left out: saying so would point there too.
            if (!something_kept_back && s.shown == 0) continue;
            if (something_kept_back && s.shown == 0 && rules_.veiled(category)) {
                other = true;
                continue;
            }
            if (something_kept_back) entry(s);
            if (person == 0 || builder_.positions()[person] != 0) {
                const std::uint32_t position = builder_.positions()[person];
                told_.emplace_back(cell(position, category, about_of(s.in.id)), effective(s));
            }
        }
        if (other) {
            v1::Withheld& w = *notice_.add_withheld();
            w.set_ask(shared_.ask);
            w.set_challenge_id(challenge_id(merged_cell));
            w.set_sentence(rules_.sentence(
                v1::REASON_UNSPECIFIED,
                v1::CATEGORY_UNSPECIFIED,
                v1::SUBJECT_UNSPECIFIED,
                shared_.ask
            ));
        }
        for (v1::DecisionGroup& g : grouped(told_)) {
            notice_.mutable_decisions()->Add(std::move(g));
        }
    }

    void entry(const cell_state& s) {
        const v1::Category category = category_of(s.in.id);
        const v1::ReasonCode reason = reason_of(s);
        v1::Withheld& w = *notice_.add_withheld();
        const std::uint32_t position = builder_.positions()[person_of(s.in.id)];
        if (position != 0) {
            w.set_person_ref(notice_.content().persons(static_cast<int>(position) - 1).ref());
        }
        w.set_category(category);
        w.set_about(about_of(s.in.id));
        w.set_reason(reason);
        w.set_ask(shared_.ask);
        w.set_challenge_id(challenge_id(s.in.id));
        w.set_partly_shown(s.shown > 0);
        w.set_sentence(
            s.shown > 0 ? rules_.sentence_of_part(reason, category, s.in.subject, shared_.ask)
                        : rules_.sentence(reason, category, s.in.subject, shared_.ask)
        );
    }

    [[nodiscard]] v1::ReasonCode reason_of(const cell_state& s) const {
        if (s.address_held && addresses_may_be_named()) return v1::REASON_ADDRESS_CAN_HARM;
        const bool overruled = s.decided.form == v1::FORM_FULL || s.address_held;
        if (overruled) return v1::REASON_NARRATIVE_HELD;
        // Nothing of it has the form it was opened in: "shown in a shorter form" would be untrue.
        const bool nothing_left = s.shown == 0 && s.decided.reason < v1::REASON_ADDRESS_CAN_HARM;
        return nothing_left ? v1::REASON_NOT_NEEDED_FOR_PURPOSE : s.decided.reason;
    }

    // What became of a decision in the notice: a text that was held, an address found in it, a
    // person left out. What the record keeps and everybody is told.
    [[nodiscard]] policy::decision effective(const cell_state& s) const {
        policy::decision out = s.decided;
        if (out.form == v1::FORM_MASKED || out.form == v1::FORM_SILENT) return out;
        if (s.shown == 0 && s.hidden == 0 && !s.address_held) {
            // Left out, or pointing at somebody who is.
            out.form = v1::FORM_SILENT;
            out.reason = reason_left_out(person_of(s.in.id));
        } else if (s.shown == 0) {
            out.form = v1::FORM_MASKED;
            out.reason = reason_of(s);
        } else if (s.hidden > 0 || s.address_held) {
            if (out.form == v1::FORM_FULL) out.form = v1::FORM_GENERALISED;
            out.reason = reason_of(s);
        }
        return out;
    }

    // That of what may not be told of the person.
    [[nodiscard]] v1::ReasonCode reason_left_out(std::uint32_t person) const {
        for (const cell_state& s : decided_.cells) {
            const bool hidden =
                s.decided.form == v1::FORM_MASKED || s.decided.form == v1::FORM_SILENT;
            if (hidden && person_of(s.in.id) == person && is_content(category_of(s.in.id))) {
                return s.decided.reason;
            }
        }
        return v1::REASON_REFERRER_PROTECTED;
    }

    // Saying that a text was held for a protected address tells that there is one.
    [[nodiscard]] bool addresses_may_be_named() const {
        if (rules_.veiled(v1::CATEGORY_PROTECTED_ADDRESS)) return false;
        return std::none_of(decided_.cells.begin(), decided_.cells.end(), [](const cell_state& s) {
            return category_of(s.in.id) == v1::CATEGORY_PROTECTED_ADDRESS &&
                   s.decided.form == v1::FORM_SILENT;
        });
    }

    [[nodiscard]] std::string challenge_id(cell_id id) const {
        bytes number;
        put_u32(number, id);
        put_u32(number, static_cast<std::uint32_t>(shared_.concern_id.size()));
        const digest d = hmac_sha256(
            shared_.pseudonym_key, {"challenge", number, shared_.concern_id, desk_.desk}
        );
        return to_hex(view(d).substr(0, 8));
    }

    void record() {
        std::vector<std::pair<cell_id, policy::decision>> all;
        all.reserve(decided_.cells.size());
        for (const cell_state& s : decided_.cells) {
            all.emplace_back(s.in.id, effective(s));
            // What is sealed was never for a desk: a declared detriment's reason is no lost story.
            const bool sealed = category_of(s.in.id) == v1::CATEGORY_SEALED;
            if (s.narrative_held && !sealed) out_.narrative_shown = false;
        }
        out_.decisions = grouped(all);
        out_.desk_flags = decided_.desk_flags;
    }

    const analysis& analysis_;
    const policy::table& rules_;
    const concern_context& shared_;
    const desk_context& desk_;
    people who_;
    desk_decisions decided_;
    protected_strings addresses_;
    content_builder builder_;
    std::vector<presence> persons_;
    // What the notice says of its decisions, persons numbered as in its content.
    std::vector<std::pair<cell_id, policy::decision>> told_;
    v1::Notice& notice_;
    verdicts out_;
};

} // namespace

redacted make_notice(
    const v1::Concern& c,
    const analysis& a,
    const policy::table& rules,
    const concern_context& shared,
    const desk_context& desk
) {
    redacted out;
    static_cast<verdicts&>(out) = assembly{c, a, rules, shared, desk, out.notice}.run();
    return out;
}

encoded_notice make_encoded_notice(
    const v1::Concern& c,
    const analysis& a,
    const policy::table& rules,
    const concern_context& shared,
    const desk_context& desk
) {
    // Holds most notices without asking the heap.
    std::array<char, 16384> first_block;
    pb::ArenaOptions options;
    options.initial_block = first_block.data();
    options.initial_block_size = first_block.size();
    pb::Arena arena{options};
    auto& notice = *pb::Arena::CreateMessage<v1::Notice>(&arena);
    encoded_notice out;
    static_cast<verdicts&>(out) = assembly{c, a, rules, shared, desk, notice}.run();
    out.encoded = encode(notice);
    return out;
}

bytes encode(const v1::Notice& n) {
    bytes out;
    out.reserve(n.ByteSizeLong());
    pb::io::StringOutputStream stream{&out};
    pb::io::CodedOutputStream coded{&stream};
    coded.SetSerializationDeterministic(true);
    // Of the sizes that the reserve asked for.
    n.SerializeWithCachedSizes(&coded);
    coded.Trim();
    return out;
}

} // namespace cairn::redaction
