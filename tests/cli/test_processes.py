"""The command line as a process: pipes, terminals, signals and concurrent commands."""

import contextlib
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

COMMAND = [sys.executable, "-m", "visiontk"]
QUICK = ["compare", "image_classification", "--preset", "quick", "--out", "run"]
LONG = [*QUICK, "--learners", "prior,logistic,lenet5", "--set", "learners.lenet5.epochs=5000",
        "--set", "learners.lenet5.patience=5000", "--workers", "2"]  # fmt: skip


def start(folder: Path, arguments: list[str], **settings: Any) -> subprocess.Popen[str]:
    """Start the command in this folder, with readable output."""
    return subprocess.Popen(
        [*COMMAND, *arguments], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **settings
    )


def workers(folder: Path) -> list[psutil.Process]:
    processes = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if str(folder) in " ".join(process.cmdline()) and "worker" in " ".join(process.cmdline()):
                processes.append(process)
    return processes


def wait_until_training(folder: Path, process: subprocess.Popen[str]) -> None:
    """Wait until two trials are done and the third has begun its first epoch."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        if len(list(folder.glob("run/trials/*/cost.json"))) == 2 and list(folder.glob("run/work/*/progress.json")):
            return
        time.sleep(0.1)
    raise AssertionError(process.communicate(timeout=10))


@pytest.mark.parametrize("arguments", [["list", "learners"], ["--help"], ["compare", "--help"]])
def test_a_pipe_that_closes_early_is_not_an_error(arguments: list[str], tmp_path: Path) -> None:
    """An example is visiontk list | head -1."""
    process = start(tmp_path, arguments)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()

    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=20) == 0


def test_a_full_disk_at_standard_output_is_an_error(tmp_path: Path) -> None:
    """A truncated list is not a success."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "list", "--json"], stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False
        )

    assert done.returncode == 74
    assert done.stderr.startswith("visiontk: error[E-IO-FULL]: No space left on device")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_lines_on_a_real_terminal_do_not_wrap_and_are_erased(tmp_path: Path) -> None:
    """With sixty columns, each redraw is shorter than the line and erases the one before."""
    driver, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"} | {"TERM": "xterm"}
    process = subprocess.Popen(
        [*COMMAND, *QUICK, "--learners", "prior,logistic,hog_svm"], cwd=tmp_path, env=environment, stdin=terminal,
        stdout=terminal, stderr=terminal,
    )  # fmt: skip
    os.close(terminal)
    output = b""
    with contextlib.suppress(OSError):  # the end of a pseudo terminal is an input error on Linux
        while part := os.read(driver, 65536):
            output += part
    os.close(driver)

    assert process.wait(timeout=60) == 0
    pieces = output.decode().split("\r\x1b[K")
    live = [piece for piece in pieces if piece.startswith("[")]
    assert live
    assert all(len(piece) < 60 and "\n" not in piece for piece in live)
    shown = [re.sub("\r$", "", line) for line in "".join(p for p in pieces if p not in live).split("\n")]
    assert [line for line in shown if len(line) > 60 and "/" not in line] == []


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_cleanly_and_the_same_command_resumes(number: int, code: int, tmp_path: Path) -> None:
    """The exit code of the signal, one message, no worker left, no partial file."""
    process = start(tmp_path, LONG)
    wait_until_training(tmp_path, process)

    process.send_signal(number)
    out, err = process.communicate(timeout=20)

    assert (process.returncode, out) == (code, "")
    assert "error[E-INTERRUPTED]" in err
    assert "the same command resumes" in err
    assert "Traceback" not in err
    time.sleep(1)
    assert workers(tmp_path) == []
    assert not list(tmp_path.glob("run/trials/.*"))
    files = [path for path in tmp_path.glob("run/trials/*/*") if path.is_file()]  # models move
    before = {path: path.stat().st_mtime_ns for path in files}
    short = [word.replace("=5000", "=1") for word in LONG]
    again = subprocess.run([*COMMAND, *short], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert again.returncode == 0
    assert "2 of them are done already" in again.stderr
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.slow
def test_other_processes_may_only_read_and_the_second_ctrl_c_exits_at_once(tmp_path: Path) -> None:
    """Workers end with their driver."""
    process = start(tmp_path, LONG)
    wait_until_training(tmp_path, process)

    others = [start(tmp_path, arguments) for arguments in ([*LONG, "--json"], ["report", "run"])]
    outputs = [other.communicate(timeout=60)[0] for other in others]

    assert (others[0].returncode, json.loads(outputs[0])["error"]["id"]) == (75, "E-RUN-BUSY")
    assert (others[1].returncode, "PARTIAL: 2 of 3 fits done" in outputs[1]) == (5, True)

    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
    began = time.monotonic()
    _, err = process.communicate(timeout=20)

    assert process.returncode == 130
    assert time.monotonic() - began < 2
    assert "Traceback" not in err
    time.sleep(2)
    assert workers(tmp_path) == []


@pytest.mark.slow
def test_training_continues_with_both_streams_closed(tmp_path: Path) -> None:
    """The run directory becomes complete."""
    arguments = " ".join([*COMMAND, *QUICK, "--learners", "prior,logistic"])

    subprocess.run(
        ["sh", "-c", f"{arguments} 2>&1 | head -1"], cwd=tmp_path, capture_output=True, check=True, timeout=60
    )

    assert json.loads((tmp_path / "run/results.json").read_text())["complete"] is True
