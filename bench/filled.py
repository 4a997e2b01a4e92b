"""A broker with a log of many concerns, for the measurements that need one."""
import argparse
import contextlib
import pathlib
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from partnership import Ended, Partnership, Stopped, end_by_signal  # noqa: E402
from runpy import run_path  # noqa: E402

load = run_path(str(ROOT / "bench" / "run"), run_name="bench")["load"]


def arguments(doc):
    args = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("build", type=pathlib.Path)
    args.add_argument("--concerns", type=int, default=100_000)
    args.add_argument("--json", action="store_true")
    args.add_argument("--concern", type=pathlib.Path, default=ROOT / "bench" / "concern.json")
    return args.parse_args()


def fill(p, build, concern, wanted):
    """Concerns in the log, at least as many as wanted."""
    have, seconds = 0, 10 if wanted > 10_000 else 1
    while have < wanted:
        have += load(p, build, concern, seconds=seconds, streams=2, window=1024)["accepted_total"]
    return have


@contextlib.contextmanager
def partnership(build):
    """A running one in a folder of its own, both gone at the end; a failure ends the program in words."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cairn-bench-"))
    p = Partnership(build / "bin", folder / "p")
    end_by_signal()
    try:
        p.make()
        p.start()
        p.enrol()
        yield p, folder
    except Stopped as e:
        sys.exit(f"bench: {e}")
    except Ended:
        sys.exit("bench: ended by a signal")
    finally:
        p.stop()
        shutil.rmtree(folder, ignore_errors=True)
