"""What a simulated run, or a hunt, says at its end."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from sim.report import Report, Violation
from supervisors.hunt import Catch

MOST: Final = 10
"""Rows of each kind."""


def summary(report: Report) -> str:
    """A report in a few lines."""
    faster = report.virtual_s / max(report.wall_s, 1e-9)
    asks, failed = report.asks, sum(report.asks.failed.values())
    lines = [
        f"outcome  {report.outcome}",
        f"speed    {faster:.0f} times life",
        f"time     {report.virtual_s:.1f} s of it in {report.wall_s:.2f} s",
        f"cost     {report.cpu_s:.2f} s of processor, {report.slices} turns",
        f"frames   {report.frames} of {len(report.sessions)} sessions",
        *_latency(report),
        f"asks     {asks.answered} answered, {failed} failed, {asks.open} open",
        f"faults   {_counted(row.kind for row in report.faults)}",
        f"restarts {sum(report.restarts.values())}{_most(report.restarts)}",
        f"drops    {_drops(report)}",
        f"journal  {report.journal_entries} entries",
        f"SHA-256  {report.journal_sha256}",
    ]
    if report.violations:
        lines += ["", *broken(report.violations), "", f"again    {report.replay}"]
    else:
        lines.append("broken   nothing")
    return "\n".join(lines)


def caught(catches: Sequence[Catch], took_s: float) -> str:
    """A hunt in a few lines."""
    outcomes = _counted(catch.outcome.partition(":")[0] for catch in catches)
    cpu_s = sum(catch.cpu_s for catch in catches) / max(1, len(catches))
    faults, restarts = (
        sum(catch.faults for catch in catches),
        sum(catch.restarts for catch in catches),
    )
    lines = [
        f"seeds    {len(catches)} in {took_s:.1f} s ({cpu_s:.3f} s of processor each)",
        f"outcomes {outcomes}",
        f"faults   {faults}, restarts {restarts}",
    ]
    found = next((catch for catch in catches if catch.violations), None)
    if found is None:
        lines.append("broken   nothing")
    else:
        first = found.violations[0]
        lines += [
            f"broken   seed {found.seed}: {first.invariant}",
            f"again    phosphene sim --seeds 1 --from-seed {found.seed}",
            "",
        ]
    return "\n".join(lines)


def broken(violations: Sequence[Violation]) -> list[str]:
    """What was broken, first things first."""
    shown = [
        f"BROKEN   {v.at_s:9.3f} s  {v.invariant}: {v.detail}" for v in violations[:MOST]
    ]
    more = len(violations) - len(shown)
    return [*shown, f"         and {more} more"] if more > 0 else shown


def _latency(report: Report) -> list[str]:
    rows = {row.stage: row for row in report.latency}
    return [
        f"latency  sample to {name}: p50 {rows[name].p50_ms:.4g} ms,"
        f" p99 {rows[name].p99_ms:.4g} ms"
        for name in ("wish", "frame")
        if name in rows and any(rows[name].counts)
    ]


def _most(restarts: dict[str, int]) -> str:
    most = sorted(restarts.items(), key=lambda item: (-item[1], item[0]))[:3]
    return ": " + ", ".join(f"{path} {count}" for path, count in most) if most else ""


def _drops(report: Report) -> str:
    by_reason: Counter[str] = Counter()
    for row in report.drops:
        by_reason[row.reason] += row.count
    return _listed(by_reason)


def _counted(names: Iterable[str]) -> str:
    return _listed(Counter(names))


def _listed(counts: Counter[str]) -> str:
    found = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count}" for name, count in found) or "none"
