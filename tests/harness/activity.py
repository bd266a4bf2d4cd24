"""What a process has done so far, as Linux counts it (proc(5)), and whether it ends."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import psutil

from harness.client import TIMEOUT
from harness.until import until

TICK = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Activity:
    """Of all threads of a process."""

    cpu: float  # seconds
    switches: int  # voluntary context switches: each one is a wait, and ends with a wake-up
    is_asleep: bool  # no thread runs, or wants to

    @classmethod
    def of(cls, pid: int) -> Activity:
        """Until now; nothing of threads that have ended."""
        cpu, switches, asleep = 0.0, 0, True
        for task in Path(f"/proc/{pid}/task").iterdir():
            try:
                fields = (task / "stat").read_text().rpartition(")")[2].split()
                lines = (task / "status").read_text().splitlines()
            except OSError:  # it has ended meanwhile
                continue
            cpu += (int(fields[11]) + int(fields[12])) * TICK
            asleep = asleep and fields[0] not in "RD"
            (found,) = [line for line in lines if line.startswith("voluntary_ctxt_switches")]
            switches += int(found.split()[1])
        return cls(cpu, switches, asleep)


def ends(pid: int, timeout: float = TIMEOUT) -> bool:
    """Whether a process ends in time; a zombie has ended."""

    def has_ended() -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    try:
        return until(has_ended, "its end", timeout)
    except AssertionError:
        return False
