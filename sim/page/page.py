"""The whole page, from a report."""

from html import escape
from typing import Final

from protocols.supervision import ChildRow, ChildState
from sim.page.plots import Plot, bars, line
from sim.page.tables import table
from sim.report import LATENCY_LE_MS, Report

GLYPHS: Final = {
    ChildState.RUNNING: "●",
    ChildState.STARTING: "◔",
    ChildState.STOPPING: "◑",
    ChildState.STOPPED: "○",
    ChildState.WAITING: "◷",
    ChildState.FAILED: "✕",
}
BINS: Final = (*(f"{bound:g}" for bound in LATENCY_LE_MS), "more")

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b1e2b; --paper: #fbfaf7; --soft: #667;
  --line: #3b5bdb; --rule: #8884; --bad: #c92a2a; --good: #2b8a3e }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e9f2; --paper: #14151d;
  --soft: #a6a8ba; --line: #91a7ff; --bad: #ff8787; --good: #8ce99a } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 72rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; padding: 0; list-style: none }
.facts b { display: block; font-size: 1.25rem }
.plots { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)) }
figure { margin: 0 } figcaption, caption { font-weight: 600; text-align: left }
svg { width: 100%; height: auto } svg text { font-size: 11px; fill: var(--soft) }
.grid { stroke: var(--rule) } .line { fill: none; stroke: var(--line); stroke-width: 1.5 }
.bar { fill: var(--line) } .wide { overflow-x: auto }
table { border-collapse: collapse; margin: .5rem 0 }
th, td { padding: .15rem .75rem .15rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--rule) }
.number { text-align: right; font-variant-numeric: tabular-nums }
code { overflow-wrap: anywhere } .bad { color: var(--bad) } .good { color: var(--good) }
pre { overflow-x: auto; line-height: 1.35 }
"""


def page(report: Report) -> str:
    """One HTML document; everything in it is in the report too."""
    run = report.parameters
    title = f"Simulated run, seed {run.seed}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><h1>{title}</h1>"
        f"{_facts(report)}{_verdict(report)}<h2>Over time</h2>"
        f'<div class="plots">{_over_time(report)}</div><h2>Latency</h2>'
        f'<div class="plots">{_latency(report)}</div>{_latency_table(report)}'
        f"<h2>What happened</h2>{_tables(report)}<h2>The tree when the drain began</h2>"
        f"{_tree(report.tree)}<h2>The journal</h2><p>{report.journal_entries:,} entries, "
        f"SHA-256 <code>{report.journal_sha256}</code>. Again by:</p>"
        f"<p><code>{escape(report.replay)}</code></p></body></html>\n"
    )


def _facts(report: Report) -> str:
    speed = report.virtual_s / report.wall_s if report.wall_s else 0.0
    facts = {
        "virtual time": f"{report.virtual_s:,.0f} s",
        "times faster than life": f"{speed:,.0f}",
        "sessions": f"{len(report.sessions):,}",
        "frames": f"{report.frames:,}",
        "messages": f"{report.messages:,}",
        "restarts": f"{sum(report.restarts.values()):,}",
        "faults": f"{len(report.faults):,}",
    }
    items = "".join(f"<li><b>{value}</b>{name}</li>" for name, value in facts.items())
    return f'<ul class="facts">{items}</ul>'


def _verdict(report: Report) -> str:
    if not report.violations:
        words = f"Outcome: {escape(report.outcome)}. Every invariant held."
        return f'<p class="good">✓ {words}</p>'
    rows = ((v.invariant, v.at_s, v.detail) for v in report.violations)
    return (
        f'<p class="bad">✕ Outcome: {escape(report.outcome)}. '
        f"{len(report.violations)} times an invariant did not hold.</p>"
        + table("Violations", ("invariant", "at, s", "what"), rows)
    )


def _over_time(report: Report) -> str:
    seconds = report.timeline
    at_s = [second.at_s for second in seconds]
    rows = {
        "Frames a second": [float(s.frames) for s in seconds],
        "Restarts a second": [float(s.restarts) for s in seconds],
        "Messages that wait": [float(s.queued) for s in seconds],
        "Messages a second": [float(s.messages) for s in seconds],
        "Sessions": [float(s.sessions) for s in seconds],
    }
    return "".join(
        line(Plot(title, _in_words(title, values), ""), at_s, values)
        for title, values in rows.items()
    )


def _in_words(title: str, values: list[float]) -> str:
    if not values:
        return f"{title}: nothing"
    mean = sum(values) / len(values)
    return f"{title}: {min(values):g} to {max(values):g}, {mean:.3g} on average"


def _latency(report: Report) -> str:
    plots = []
    for row in report.latency:
        if row.stage in ("wish", "frame") and any(row.counts):
            words = f"median {row.p50_ms:.3g} ms, 99 % below {row.p99_ms:.3g} ms"
            title = f"From the last sample to the {row.stage}, ms: {words}"
            plots.append(bars(Plot(title, title, ""), BINS, row.counts))
    return "".join(plots)


def _latency_table(report: Report) -> str:
    rows = ((r.stage, sum(r.counts), r.p50_ms, r.p99_ms, r.most_ms) for r in report.latency)
    head = ("stage", "frames", "median, ms", "p99, ms", "most, ms")
    return table("By stage", head, rows)


def _tables(report: Report) -> str:
    sessions = (
        (s.session, s.status, s.frames, s.driven, s.longest_gap_s, s.reason)
        for s in report.sessions
    )
    return "".join(
        (
            table(
                "Sessions",
                ("session", "status", "frames", "driven", "longest gap, s", "reason"),
                sessions,
            ),
            table("Restarts", ("child", "times"), sorted(report.restarts.items())),
            table(
                "Drops",
                ("edge", "reason", "messages"),
                ((d.edge, d.reason, d.count) for d in report.drops),
            ),
            table(
                "Faults",
                ("at, s", "fault", "where", "detail", "entry"),
                ((f.at_s, f.kind, f.where, f.detail, f.entry) for f in report.faults),
            ),
            table(
                "Questions",
                ("asked", "answered", "failed", "open"),
                [_asks(report)],
            ),
        )
    )


def _asks(report: Report) -> tuple[object, ...]:
    asks = report.asks
    failed = ", ".join(f"{kind} {count}" for kind, count in asks.failed.items())
    return asks.asked, asks.answered, failed or "none", asks.open


def _tree(rows: tuple[ChildRow, ...]) -> str:
    lines = []
    for row in sorted(rows, key=lambda row: row.path):
        depth = row.path.count("/") - 1
        name = row.path.rpartition("/")[2]
        reason = f"  {row.reason}" if row.reason else ""
        lines.append(
            f"{'    ' * depth}{GLYPHS[row.state]} {name}  {row.state.value}, life "
            f"{row.life}, {row.restarts} restarts{reason}"
        )
    return f"<pre>{escape(chr(10).join(lines))}</pre>"
