#!/usr/bin/python3
"""A Debian changelog for the packages: the version, its date, and where the real one is.

usage: changelog.py CHANGELOG.md VERSION EPOCH OUT.gz
"""
import email.utils
import gzip
import pathlib
import re
import sys
import textwrap

MAINTAINERS = "The Cairn maintainers <maintainers@cairn.example>"


def entry(text, version, epoch):
    found = re.search(rf"(?m)^## .*\b{re.escape(version)}\b.*\n+(.+)", text)
    if not found:
        raise SystemExit(f"CHANGELOG.md says nothing of version {version}")
    when = email.utils.formatdate(int(epoch))
    news = textwrap.fill(found[1], 78, initial_indent="  * ", subsequent_indent="    ")
    return (f"cairn ({version}) unstable; urgency=medium\n\n{news}\n"
            f"  * In full: CHANGELOG.md of the source.\n\n -- {MAINTAINERS}  {when}\n")


def main(changelog, version, epoch, out):
    text = entry(pathlib.Path(changelog).read_text(), version, epoch)
    pathlib.Path(out).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(out).write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
