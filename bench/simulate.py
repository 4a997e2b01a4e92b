#!/usr/bin/python3
"""How long a replay of stored concerns under a candidate takes: `cairn policy simulate`, end to end.

usage: bench/simulate.py BUILD_DIR [--concerns N] [--json]

A broker is filled by the load generator until the log holds N concerns (100,000) of 65 fields to three
desks; then a candidate that decides one category otherwise is tried on all of them, and the text in force too. The
goal is 30 s for 100,000, on a release build.
"""
import argparse
import json
import pathlib
import shutil
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from partnership import Ended, Partnership, Stopped, end_by_signal  # noqa: E402
from runpy import run_path  # noqa: E402

load = run_path(str(ROOT / "bench" / "run"), run_name="bench")["load"]
HEALTH = "[CATEGORY_HEALTH]"


def candidate(text):
    """Injuries and illness, where a rule speaks of them alone, are decided as if they were schooling."""
    if HEALTH not in text:
        raise Stopped("no rule of the template speaks of health alone")
    return text.replace(HEALTH, "[CATEGORY_EDUCATION]")


def filled(p, build, concern, wanted):
    """Concerns in the log, at least as many as wanted."""
    have, seconds = 0, 10 if wanted > 10_000 else 1
    while have < wanted:
        have += load(p, build, concern, seconds=seconds, streams=2, window=1024)["accepted_total"]
    return have


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
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("build", type=pathlib.Path)
    args.add_argument("--concerns", type=int, default=100_000)
    args.add_argument("--json", action="store_true")
    args.add_argument("--concern", type=pathlib.Path, default=ROOT / "bench" / "concern.json")
    a = args.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cairn-bench-"))
    build = a.build.resolve()
    p = Partnership(build / "bin", folder / "p")
    end_by_signal()
    try:
        p.make()
        p.start()
        p.enrol()
        auditor = p.client("auditor") / "context.toml"
        have = filled(p, build, a.concern, a.concerns)
        kept = p.folder / "broker" / "policy.textproto"
        other = folder / "candidate.textproto"
        other.write_text(candidate(kept.read_text()))
        rows = [row("a candidate that decides one category otherwise", *replayed(p, auditor, other), have),
                row("the text in force", *replayed(p, auditor, kept), have)]
        if not rows[0]["flips"] or rows[1]["flips"]:
            raise Stopped(f"flips: {rows[0]['flips']} under the candidate, {rows[1]['flips']} under the same text")
        for r in rows:
            print(json.dumps(r) if a.json else "  ".join(f"{k} {v}" for k, v in r.items()))
    except Stopped as e:
        sys.exit(f"bench: {e}")
    except Ended:
        sys.exit("bench: ended by a signal")
    finally:
        p.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
