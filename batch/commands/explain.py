"""`pret explain`: one client of a night on the terminal, and as a one-page report for the client's file.

Belongs here: options, how the parts are printed. Does not: finding any of them (explain.read_dossier), the report's
page (explain.report), sentences (explain).
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from batch.commands.options import Store, local_folder
from explain import (
    READERS,
    Dossier,
    LimeExplanation,
    Reader,
    read_dossier,
    similar_sentence,
    way_sentences,
    ways_sentence,
)
from explain.reasons.phrases import label
from explain.reasons.wording import Side
from explain.report import write_report
from explain.texts import LANGUAGES
from features import CATALOGUE, Formats, Language, value_text

COLOURS = {"accept": "green", "review": "yellow", "decline": "red"}
LIME_ROWS = 10
SIMILAR_ROWS = 5
WIDEST = 110  # columns of running text
COHORT_HELP = (
    "Whom the client is compared with: accepted, base (everybody), similar, decision=decline, band=D, or a range "
    "of a feature, app_age=20:35."
)


def explain(
    client: Annotated[int, typer.Argument(metavar="CLIENT", min=1, max=2**31 - 1, help="SK_ID_CURR.")],
    store: Store,
    lang: Annotated[str, typer.Option("--lang", "--language", help="fr or en.")] = "fr",
    reader: Annotated[
        str | None,
        typer.Option(help="Whom reasons are worded for: analyst, manager or client. Default: all."),
    ] = None,
    run: Annotated[str | None, typer.Option(metavar="RUN", help="Default: the published night.")] = None,
    cohort: Annotated[str, typer.Option(metavar="COHORT", help=COHORT_HELP)] = "accepted",
    html: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Also write the one-page report (A4); reader manager unless told."),
    ] = None,
) -> None:
    """Say a client's decision, the reasons for it, how far to trust them and what would change it.

    Example: [bold]pret explain 100001 --store store --lang en --reader client --html 100001.html[/]
    """
    language = _language(lang)
    readers = READERS if reader is None else (_reader(reader),)
    dossier = read_dossier(store, client, run, cohort)
    output = Console()
    for part in _parts(dossier, readers, language):
        output.print(part, highlight=False)
    if html is not None:
        written = write_report(dossier, local_folder(html), readers[0] if reader else "manager", language)
        output.print(f"[green]✓[/] {escape(str(written))}", highlight=False, soft_wrap=True)


def _language(typed: str) -> Language:
    for language in LANGUAGES:
        if typed == language:
            return language
    raise typer.BadParameter(f"--lang {typed!r}: expected {' or '.join(sorted(LANGUAGES, reverse=True))}")


def _reader(typed: str) -> Reader:
    for reader in READERS:
        if typed == reader:
            return reader
    raise typer.BadParameter(f"--reader {typed!r}: expected {', '.join(READERS)}")


def _parts(dossier: Dossier, readers: tuple[Reader, ...], language: Language) -> Iterator[RenderableType]:
    """What is printed, in order; a client alone is told of no figure and of nobody else."""
    for_client_only = readers == ("client",)
    yield _facts(dossier, for_client_only, language)
    for reader in readers:
        yield from _reasons(dossier, reader, language)
    if not for_client_only:
        yield from _lime(dossier.lime, language)
    yield from _ways(dossier, for_client_only, language)
    if not for_client_only:
        yield from _similar(dossier, language)
        for gap in dossier.gaps:
            yield _paragraph(label(f"gap.{gap}", language), "dim", first="· ")


def _facts(dossier: Dossier, for_client_only: bool, language: Language) -> Table:
    write, row = Formats(language), dossier.row
    decision = str(row["decision"])
    facts = {
        "decision": f"[bold {COLOURS[decision]}]{label(f'decision.{decision}', language)}[/]",
        "night": write.day(dossier.run.as_of.isoformat()),
    }
    if not for_client_only:
        facts |= {
            "probability": label(
                "fact.against_cut_off",
                language,
                probability=write.percent(float(row["default_probability"])),
                cut_off=write.percent(float(row["cut_off"])),
            ),
            "score": label("fact.points", language, score=write.integer(float(row["score"]))),
            "band": str(row["risk_band"]),
            "place": label(
                "fact.safer",
                language,
                share=write.percent(dossier.lower, 0),
                clients=write.integer(dossier.clients),
            ),
            "seen": label(f"fact.seen_{'yes' if row['seen_in_training'] else 'no'}", language),
            "model": str(row["model_version"]),
            "run": dossier.run.run_id,
        }
    title = label("title.explain", language, client=dossier.client)
    table = Table(title=title, show_header=False, title_justify="left", title_style="bold")
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, text in facts.items():
        table.add_row(label(f"fact.{name}", language), text)
    return table


def _reasons(dossier: Dossier, reader: Reader, language: Language) -> Iterator[RenderableType]:
    """The reasons and the strengths for one reader, numbered; with their log-odds for the analyst."""
    prefix = "client_" if reader == "client" else ""
    sides: tuple[Side, Side] = ("against", "for")
    for side in sides:
        yield _heading(label(f"heading.{prefix}{side}", language), label(f"reader.{reader}", language))
        told = dossier.reasons(reader, language, side)
        if not told:
            yield _paragraph(label(f"note.nothing_{side}", language), "dim")
        for rank, reason in enumerate(told, start=1):
            title = Text(f"  {rank}. {reason.title}", style="bold")
            if reader == "analyst":
                title.append(f"  {Formats(language).decimal(reason.contribution, 3, sign=True)}", style="dim")
            yield title
            yield _paragraph(reason.sentence, indent=5)


def _heading(title: str, small: str = "") -> Text:
    text = Text(f"\n{title}", style="bold cyan")
    return text.append(f" – {small}", style="dim") if small else text


def _paragraph(text: str, style: str = "", first: str = "", indent: int = 2) -> Text:
    """Lines broken here, for rich breaks at spaces that must not break (17 370, before a colon)."""
    begin, width = " " * indent + first, min(Console().width, WIDEST)
    lines = textwrap.wrap(
        text,
        width,
        initial_indent=begin,
        subsequent_indent=" " * len(begin),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return Text("\n".join(lines), style=style, no_wrap=True, overflow="ignore")


def _lime(lime: LimeExplanation, language: Language) -> Iterator[RenderableType]:
    write = Formats(language)
    members = write.integer(lime.members)
    yield _heading(label("heading.lime", language, cohort=lime.cohort_words(language), members=members))
    table = Table(box=None, padding=(0, 1), header_style="dim")
    for name in ("feature", "value", "lime", "exact"):
        table.add_column(label(f"column.{name}", language), justify="left" if name == "feature" else "right")
    rows = zip(lime.features, lime.values, lime.weights, lime.contrast, strict=True)
    for name, value, weight, exact in list(rows)[:LIME_ROWS]:
        feature = CATALOGUE[name]
        numbers = (write.decimal(float(number), 2, sign=True) for number in (weight, exact))
        meaning = escape(feature.text(language).meaning)
        table.add_row(meaning, value_text(feature, float(value), language), *numbers)
    yield Padding(table, (0, 0, 0, 1))
    yield _paragraph(write.sentence(lime.verdict(language)), "green" if lime.reliable else "bold yellow")
    for doubt in lime.doubts(language):
        yield _paragraph(write.sentence(doubt), "yellow", first="· ")
    figures = " · ".join(f"{one.label} {write.decimal(one.value, 2)}" for one in lime.quality(language))
    yield _paragraph(figures, "dim")
    yield _paragraph(label("note.exact", language), "dim")


def _ways(dossier: Dossier, for_client: bool, language: Language) -> Iterator[RenderableType]:
    """What would change the decision; for a client without the figures of risk."""
    if dossier.ways is None:
        return
    yield _heading(label("heading.ways", language))
    write = Formats(language)
    if not dossier.ways.ways:
        yield _paragraph(write.sentence(ways_sentence(dossier.ways, language)))
    for rank, way in enumerate(dossier.ways.ways, start=1):
        sentences = way_sentences(way, dossier.ways, language)
        told = sentences[:-1] if for_client else sentences
        yield _paragraph(write.sentence(" ".join(told)), first=f"{rank}. ")


def _similar(dossier: Dossier, language: Language) -> Iterator[RenderableType]:
    """What became of similar clients, and the nearest ones by identifier: for whoever may open the store."""
    if dossier.similar is None:
        return
    write = Formats(language)
    yield _heading(label("heading.similar", language))
    yield _paragraph(write.sentence(similar_sentence(dossier.similar, language)))
    table = Table(box=None, padding=(0, 1), header_style="dim")
    for name in ("client", "decision", "probability", "outcome"):
        table.add_column(label(f"column.{name}", language))
    for one in dossier.similar.nearest[:SIMILAR_ROWS]:
        outcome = "unknown" if one.target != one.target else "default" if one.target == 1 else "repaid"
        table.add_row(
            str(one.client),
            label(f"decision.{one.decision}", language),
            write.percent(one.default_probability),
            label(f"outcome.{outcome}", language),
        )
    yield Padding(table, (0, 0, 0, 1))
