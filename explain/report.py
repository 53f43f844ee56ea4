"""The one-page report on one client, for the client's file or for the client: HTML that prints on one A4 page.

Belongs here: what stands on the page for which reader, how much of it. Does not: finding it (dossier), sentences
(wording, ways_words), the page's look (report.html.j2).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2

from explain.dossier import Dossier
from explain.lime.explanation import LimeExplanation
from explain.reasons.phrases import label
from explain.reasons.wording import Reader
from explain.ways.words import similar_sentence, way_sentences, ways_sentence
from features import CATALOGUE, Formats, Language, value_text

STRENGTHS, WAYS, WEIGHTS = 3, 2, 5  # as many as fit on the page with four reasons of the longest sentences


class ReportNotWritten(OSError):
    """The file cannot be written; the message says where and why."""


def report_html(dossier: Dossier, reader: Reader = "manager", language: Language = "fr") -> str:
    """The page as HTML: self-contained, every text escaped, no external resource.

    The client reads the decision, the reasons, what would change it and their rights, without figures about risk;
    others read probability, score, place and similar clients as well, the analyst LIME beside the exact
    contributions. No other client is named to anybody.
    """
    return _template().render(
        language=language,
        reader=reader,
        text=lambda name, **values: label(name, language, **values),
        facts=_facts(dossier, reader, language),
        decision=dossier.row["decision"],
        reasons=dossier.reasons(reader, language, "against"),
        strengths=dossier.reasons(reader, language, "for")[:STRENGTHS],
        lime=_lime(dossier.lime, language) if reader == "analyst" else None,
        ways=_ways(dossier, reader, language),
        similar=_similar(dossier, reader, language),
        prefix="client_" if reader == "client" else "",
    )


def write_report(dossier: Dossier, file: Path, reader: Reader = "manager", language: Language = "fr") -> Path:
    """Writes the page, whole or not at all, readable by its owner only; gives it. Errors: ReportNotWritten."""
    page = report_html(dossier, reader, language).encode("utf-8")
    try:
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(descriptor, "wb") as beside:
                beside.write(page)
            Path(name).replace(file)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ReportNotWritten(
            f"the report cannot be written to {file}: {error.strerror or error}; "
            "give a file in a folder that exists and may be written"
        ) from error
    return file


def _facts(dossier: Dossier, reader: Reader, language: Language) -> list[tuple[str, str]]:
    write, row = Formats(language), dossier.row
    told = [("client", str(dossier.client)), ("night", write.day(dossier.run.as_of.isoformat()))]
    if reader != "client":
        probability, cut_off = (
            write.percent(float(row[name])) for name in ("default_probability", "cut_off")
        )
        share, clients = write.percent(dossier.lower, 0), write.integer(dossier.clients)
        against = label("fact.against_cut_off", language, probability=probability, cut_off=cut_off)
        told += [
            ("probability", against),
            ("score", label("fact.points", language, score=write.integer(float(row["score"])))),
            ("band", str(row["risk_band"])),
            ("place", label("fact.safer", language, share=share, clients=clients)),
            ("model", f"{row['model_version']} · {dossier.run.run_id}"),
            ("reader", label(f"reader.{reader}", language)),
        ]
    return [(label(f"fact.{name}", language), text) for name, text in told]


def _lime(lime: LimeExplanation, language: Language) -> Mapping[str, Any]:
    write = Formats(language)
    rows = list(zip(lime.features, lime.values, lime.weights, lime.contrast, strict=True))[:WEIGHTS]
    figures = (f"{one.label} {write.decimal(one.value, 2)}" for one in lime.quality(language)[:5])
    heading = label(
        "heading.lime", language, cohort=lime.cohort_words(language), members=write.integer(lime.members)
    )
    return {
        "heading": heading,
        "rows": [
            (
                CATALOGUE[name].text(language).meaning,
                value_text(CATALOGUE[name], float(value), language),
                write.decimal(float(weight), 2, sign=True),
                write.decimal(float(exact), 2, sign=True),
            )
            for name, value, weight, exact in rows
        ],
        "verdict": " ".join([lime.verdict(language), *lime.doubts(language)[:1]]),
        "reliable": lime.reliable,
        "figures": write.sentence(" · ".join(figures)),
    }


def _ways(dossier: Dossier, reader: Reader, language: Language) -> Mapping[str, Any] | None:
    """What would change the decision; nothing for an accepted client. The client reads it without risk figures."""
    ways = dossier.ways
    if ways is None or ways.status == "nothing_to_change":
        return None
    write = Formats(language)
    kept = slice(None, -1) if reader == "client" else slice(None)
    told = [" ".join(way_sentences(way, ways, language)[kept]) for way in ways.ways[:WAYS]]
    said = "" if told else ways_sentence(ways, language)
    if reader == "client" and told:
        said = label("note.client_ways", language)
    return {"said": write.sentence(said), "ways": [write.sentence(way) for way in told]}


def _similar(dossier: Dossier, reader: Reader, language: Language) -> str:
    if dossier.similar is None or reader == "client":
        return ""
    return Formats(language).sentence(similar_sentence(dossier.similar, language))


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    written = resources.files("explain").joinpath("words", "report.html.j2").read_text(encoding="utf-8")
    return environment.from_string(written)
