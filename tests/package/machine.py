"""A clean Debian that boots, to install packages in: made once by mmdebstrap from the host's own
package sources, kept, and booted each time with its changes in memory alone.
"""

import hashlib
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import waiting  # noqa: E402

PATIENCE_S = float(os.environ.get("CAIRN_PATIENCE", "120"))
# What boots; the packages' own dependencies come on top.
BASE = ["systemd", "systemd-sysv", "dbus", "init-system-helpers"]
# What does not boot.
STANDALONE = ["systemd-standalone-sysusers"]


def why_not():
    """Why no machine can be booted here; None: it can."""
    if os.geteuid() != 0:
        return "only root boots a machine by systemd-nspawn"
    missing = [t for t in ("mmdebstrap", "systemd-nspawn", "nsenter") if shutil.which(t) is None]
    if missing:
        return f"not installed: {' '.join(missing)}"
    # A container or a bare chroot often has none.
    if not re.search(r"(?m)^\S+ /sys/fs/cgroup\S* cgroup2? ", pathlib.Path("/proc/mounts").read_text()):
        return "no control groups at /sys/fs/cgroup: systemd does not boot without"
    return None


def os_release():
    rows = pathlib.Path("/etc/os-release").read_text().splitlines()
    return dict(row.replace('"', "").split("=", 1) for row in rows if "=" in row)


def host_sources(codename):
    """The host's files of package sources that have this release."""
    folder = pathlib.Path("/etc/apt")
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    suite = re.compile(rf"(?m)^(?!\s*#).*\s{codename}(?=\s)")
    return [f for f in files if f.suffix in (".list", ".sources") and f.is_file() and suite.search(f.read_text())]


def host_options():
    """How the host reaches its package sources: proxies and the like."""
    said = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    return re.findall(r'(?m)^(Acquire::https?::?[^\n]* ".+");$', said)


def made_root(cache, packages, boots=True):
    """A folder with a Debian that has `packages` installed; made when the cache has none such."""
    codename = os_release()["VERSION_CODENAME"]
    include = sorted({*(BASE if boots else STANDALONE), *packages})
    sources = host_sources(codename)
    key = hashlib.sha256("\n".join([codename, *include, *map(str, sources)]).encode()).hexdigest()[:12]
    root = pathlib.Path(cache) / f"root-{key}"
    if root.exists():
        return root
    pathlib.Path(cache).mkdir(parents=True, exist_ok=True)
    draft = pathlib.Path(cache) / f"draft-{key}-{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    # What it mounts in the draft, the host's /proc and /sys among it, is gone with it however it ends:
    # otherwise whoever deletes the build folder after a broken-off run deletes through those mounts.
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "--",
         "mmdebstrap", "--variant=minbase", f"--include={','.join(include)}",
         *[f"--aptopt={o}" for o in host_options()], codename, str(draft), *map(str, sources)],
        capture_output=True, text=True, check=False, timeout=1800)
    if done.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise RuntimeError(done.stderr[-3000:])
    # Each boot is a machine of its own.
    (draft / "etc" / "machine-id").unlink(missing_ok=True)
    draft.rename(root)
    return root


class Done:
    def __init__(self, words, done):
        self.words, self.code = words, done.returncode
        self.out, self.err = done.stdout, done.stderr

    def __str__(self):
        return f"{self.words}\nexit {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


class Machine:
    """One booted machine with a network of its own; `folders` {inside: outside} are seen read-only."""

    def __init__(self, root, folders, log):
        self.log = pathlib.Path(log)
        ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        ear.bind(f"{log}.notify")
        with ear, open(self.log, "wb") as out:
            self.process = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "--boot", f"--directory={root}", "--volatile=overlay",
                 "--register=no", "--keep-unit", "--private-network", "--console=pipe", "--notify-ready=yes",
                 f"--machine=cairn-{os.getpid()}",
                 *[f"--bind-ro={outside}:{inside}" for inside, outside in folders.items()]],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                env=os.environ | {"NOTIFY_SOCKET": f"{log}.notify"})
            try:
                self.leader = self._booted(ear)
            except BaseException:
                self.stop()
                raise
        # It has no network to come up.
        self.sh("systemctl mask --runtime systemd-networkd-wait-online.service")

    def _booted(self, ear):
        """The process that is the machine's first, once that says that all is started (sd_notify)."""
        end = time.monotonic() + PATIENCE_S
        alive = os.pidfd_open(self.process.pid)
        said = {}
        try:
            while "READY" not in said or "X_NSPAWN_LEADER_PID" not in said:
                if ear not in select.select([ear, alive], [], [], max(0, end - time.monotonic()))[0]:
                    raise RuntimeError("the machine did not boot:\n" + self.log.read_text(errors="replace")[-3000:])
                said |= dict(line.split("=", 1) for line in ear.recv(4096).decode().splitlines())
        finally:
            os.close(alive)
        return said["X_NSPAWN_LEADER_PID"]

    def _inside(self, text):
        return ["nsenter", "--target", self.leader, "--mount", "--uts", "--ipc", "--net", "--pid", "--root",
                "--wd", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8",
                "DEBIAN_FRONTEND=noninteractive", "sh", "-c", text]

    def sh(self, text, folder="/", stdin=None):
        """One shell command inside, as root."""
        done = subprocess.run(self._inside(f"cd {folder} && {text}"), input=stdin, capture_output=True, text=True,
                              check=False, timeout=PATIENCE_S)
        return Done(text, done)

    def appears(self, folder, pattern):
        """Whether a file of that name comes to lie in the folder, which is there."""
        seen = pathlib.Path(f"/proc/{self.leader}/root{folder}")
        return waiting.changed_until(seen, lambda: any(seen.glob(pattern)), PATIENCE_S)

    def started(self, unit, times):
        """Whether systemd comes to have started the unit that often since the boot."""
        return self.logged(unit, "Started ", times)

    def logged(self, unit, words, times=1):
        """Whether that many lines of the unit's journal come to hold the words."""
        command = self._inside(f"exec journalctl --follow --lines=all --output=cat --unit={unit}")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as journal:
            patience = threading.Timer(PATIENCE_S, journal.kill)
            patience.start()
            try:
                for line in journal.stdout:
                    times -= words in line
                    if times == 0:
                        return True
                return False
            finally:
                patience.cancel()
                journal.kill()

    def stop(self):
        if self.process.poll() is None:
            # systemd-nspawn takes it as the order to power off.
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
