#!/usr/bin/python3
"""How long a replay of stored concerns under a candidate takes: `cairn policy simulate`, end to end.

usage: bench/simulate.py BUILD_DIR [--concerns N] [--json]

A broker is filled by the load generator until the log holds N concerns (100,000) of 65 fields to three
desks; then a candidate that decides one category otherwise is tried on all of them, and the text in force too. The
goal is 30 s for 100,000, on a release build.
"""
import json
import time

from filled import Stopped, arguments, fill, partnership

HEALTH = "[CATEGORY_HEALTH]"


def candidate(text):
    """Injuries and illness, where a rule speaks of them alone, are decided as if they were schooling."""
    if HEALTH not in text:
        raise Stopped("no rule of the template speaks of health alone")
    return text.replace(HEALTH, "[CATEGORY_EDUCATION]")


def replayed(p, auditor, text):
    begun = time.monotonic()
    out = json.loads(p.run("cairn", "-o", "json", "policy", "simulate", text, context=auditor).stdout)
    return time.monotonic() - begun, out


def row(name, seconds, out, have):
    """A figure counts only where every concern was replayed."""
    if int(out["concerns"]) != have or int(out.get("leftOut", 0)) != 0:
        raise Stopped(f"{have} concerns sent, replayed: {out['concerns']}, left out: {out.get('leftOut', 0)}")
    return {
        "case": name, "concerns": have, "decisions": int(out["decisions"]),
        "flips": sum(int(f["decisions"]) for f in out.get("flips", [])), "seconds": round(seconds, 2),
        "concerns_per_s": round(have / seconds), "seconds_per_100000": round(seconds / have * 100_000, 2),
    }


def main():
    a = arguments(__doc__)
    build = a.build.resolve()
    with partnership(build) as (p, folder):
        auditor = p.client("auditor") / "context.toml"
        have = fill(p, build, a.concern, a.concerns)
        kept = p.folder / "broker" / "policy.textproto"
        other = folder / "candidate.textproto"
        other.write_text(candidate(kept.read_text()))
        rows = [row("a candidate that decides one category otherwise", *replayed(p, auditor, other), have),
                row("the text in force", *replayed(p, auditor, kept), have)]
        if not rows[0]["flips"] or rows[1]["flips"]:
            raise Stopped(f"flips: {rows[0]['flips']} under the candidate, {rows[1]['flips']} under the same text")
        for r in rows:
            print(json.dumps(r) if a.json else "  ".join(f"{k} {v}" for k, v in r.items()))


if __name__ == "__main__":
    main()
