#!/usr/bin/python3
"""How long it takes to come back after a lost disk: `cairn restore` from the two archives, and the start.

usage: bench/restore.py BUILD_DIR [--concerns N] [--json]

A broker is filled by the load generator until the log holds N concerns (100,000) of 65 fields to three
desks, backed up and stopped. Then docs/RUNBOOK.md is followed, "Disk lost": the first try, which is refused and
says how far the archive goes; the restore that accepts it; cairnd until /readyz says 200. The archives are on
the same disk: carrying them comes on top.
"""
import json
import re
import time

import backup
from filled import Stopped, arguments, fill, partnership


def timed(work, *words, **more):
    begun = time.monotonic()
    out = work(*words, **more)
    return time.monotonic() - begun, out


def come_back(p, folder, report):
    """Seconds of the refused try, of the restore and of the start; the restore's report."""
    words = ["cairn", "-o", "json", "restore", folder / "restored", "--ledger", report["ledgerArchive"]["file"],
             "--keys", report["keysArchive"]["file"], "--erased", report["erasedList"]]
    for name in ("ledger", "keys"):
        words += ["--identity", folder / "backups" / f"{name}.identity"]
    refused_s, refused = timed(p.run, *words, check=False)
    since = re.search(r"--lost-since (\S+Z)", refused.stderr)
    if refused.returncode != 65 or since is None:
        raise Stopped(f"a restore that accepts no loss, exit {refused.returncode}: {refused.stderr.strip()}")
    restore_s, done = timed(p.run, *words, "--lost-since", since[1])
    start_s, _ = timed(p.start, folder / "restored" / "cairnd.toml")
    return refused_s, restore_s, start_s, json.loads(done.stdout)


def row(p, folder, have):
    """A figure counts only where every record of the archive is back."""
    backup_s, done = timed(p.run, *backup.command(p, folder / "backups"))
    report = json.loads(done.stdout)
    p.stop()
    refused_s, restore_s, start_s, back = come_back(p, folder, report)
    if back["records"] != report["records"] or report["records"] < have:
        raise Stopped(f"{have} concerns, {report['records']} records in the archive, {back['records']} restored")
    seconds = refused_s + restore_s + start_s
    return {
        "case": "restore", "concerns": have, "archive_mb": round(report["ledgerArchive"]["bytes"] / 1e6, 1),
        "backup_s": round(backup_s, 2), "first_try_s": round(refused_s, 2), "restore_s": round(restore_s, 2),
        "start_s": round(start_s, 2), "seconds": round(seconds, 2),
        "seconds_per_100000": round(seconds / have * 100_000, 1),
    }


def main():
    a = arguments(__doc__)
    build = a.build.resolve()
    with partnership(build) as (p, folder):
        r = row(p, folder, fill(p, build, a.concern, a.concerns))
        print(json.dumps(r) if a.json else "  ".join(f"{k} {v}" for k, v in r.items()))


if __name__ == "__main__":
    main()
