"""A clean Debian that boots, to install packages in: made once by mmdebstrap from the host's own
package sources, kept, and booted each time with its changes in memory alone.
"""

import hashlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

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
    done = subprocess.run(
        ["mmdebstrap", "--variant=minbase", f"--include={','.join(include)}",
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
        with open(self.log, "wb") as out:
            self.process = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "--boot", f"--directory={root}", "--volatile=overlay",
                 "--register=no", "--keep-unit", "--private-network", "--console=pipe",
                 f"--machine=cairn-{os.getpid()}",
                 *[f"--bind-ro={outside}:{inside}" for inside, outside in folders.items()]],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        self.leader = None
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _wait(self):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            self.leader = self._find_leader()
            if self.leader and self.sh("systemctl is-system-running").out.strip() in ("running", "degraded"):
                # It has no network to come up.
                self.sh("systemctl mask --runtime systemd-networkd-wait-online.service")
                return
            time.sleep(0.1)
        raise RuntimeError("the machine did not boot:\n" + self.log.read_text(errors="replace")[-3000:])

    def _find_leader(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for pid in children.read_text().split():
            try:
                if pathlib.Path(f"/proc/{pid}/exe").resolve().name == "systemd":
                    return pid
            except OSError:
                continue
        return None

    def sh(self, text, folder="/", stdin=None):
        """One shell command inside, as root."""
        words = ["nsenter", "--target", self.leader, "--mount", "--uts", "--ipc", "--net", "--pid", "--root",
                 "--wd", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8",
                 "DEBIAN_FRONTEND=noninteractive", "sh", "-c", f"cd {folder} && {text}"]
        return Done(text, subprocess.run(words, input=stdin, capture_output=True, text=True, check=False,
                                         timeout=PATIENCE_S))

    def wait_until(self, what, text):
        """Until the command inside succeeds."""
        end = time.monotonic() + PATIENCE_S
        while True:
            done = self.sh(text)
            if done.code == 0:
                return done
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain for {what}: {done}")
            time.sleep(0.05)

    def stop(self):
        if self.process.poll() is None:
            # systemd-nspawn takes it as the order to power off.
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
