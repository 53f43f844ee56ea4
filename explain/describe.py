"""The reason codes in words: `python -m explain.describe` prints docs/reasons.md.

Belongs here: how codes, facts and sentences are laid out on a page. Does not: the sentences (words/*.toml).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources

from explain.reasons.codes import LEAST_CONTRIBUTION
from explain.reasons.phrases import (
    OF_OTHERS,
    PERSONAL,
    Outcome,
    client_title,
    client_words,
    frame,
    personal_groups,
)
from explain.reasons.spoken import CARRIES
from explain.reasons.typical import ENOUGH, FEWEST
from features import CATALOGUE, GROUPS, Language, group_title

LANGUAGES: tuple[Language, ...] = ("en", "fr")
OUTCOMES: tuple[Outcome, ...] = ("against", "for", "unknown")
SENTENCES = (
    "analyst.sentence",
    "analyst.median",
    "analyst.most_frequent",
    "manager.fact",
    "manager.together",
    "manager.topic",
    "manager.unknown",
    "manager.favourable_fact",
    "manager.favourable_together",
    "manager.favourable_unknown",
    "manager.against",
    "manager.same",
    "manager.personal",
    "manager.others",
)


def describe() -> str:
    """docs/reasons.md: the rules, every code with its sentences for clients, the frames of the other sentences."""
    introduction = resources.files("explain").joinpath("words", "introduction.md").read_text(encoding="utf-8")
    personal = client_words("AGE").outcomes["against"]["en"]
    parts = [
        introduction.format(
            groups=len(GROUPS),
            least=LEAST_CONTRIBUTION,
            enough=ENOUGH,
            fewest=FEWEST,
            carries=CARRIES,
            personal=_listed(f"`{code}`" for code in sorted(personal_groups())),
            code=PERSONAL,
            sentence=personal,
            others=_listed(f"`{code}`" for code in sorted(OF_OTHERS)),
        ),
        f"## The codes\n\n{_titles()}",
        f"## Sentences for clients\n\n{''.join(_client_sections())}",
        "## Sentences for analysts and relationship managers\n\nA feature's meaning and reason stand in "
        f"[features.md](features.md); French spaces before signs do not break.\n\n{_frames()}",
    ]
    return "\n".join(parts)


def _titles() -> str:
    counts = {code: sum(feature.group == code for feature in CATALOGUE) for code in GROUPS}
    return _table(
        ("Code", "English", "French", "To clients, English", "To clients, French", "Features"),
        (
            (
                f"`{code}`",
                group_title(code, "en"),
                group_title(code, "fr"),
                client_title(code, "en"),
                client_title(code, "fr"),
                str(counts[code]),
            )
            for code in GROUPS
        ),
    )


def _client_sections() -> Iterator[str]:
    for code in [*(code for code in GROUPS if code not in personal_groups()), PERSONAL]:
        words = client_words("AGE" if code == PERSONAL else code)
        rows = [(str(outcome), "", words.outcomes[outcome]) for outcome in OUTCOMES]
        stems: dict[str, list[str]] = {}
        sentences = {}
        for stem, fact in words.facts.items():
            stems.setdefault(fact.code, []).append(stem)
            sentences[fact.code] = fact.sentence
        rows += [
            (f"fact `{fact}`", _listed(f"`{stem}`" for stem in stems[fact]), sentences[fact])
            for fact in stems
        ]
        table = _table(
            ("Said", "Of", "English", "French"),
            ((kind, of, text["en"], text["fr"]) for kind, of, text in rows),
        )
        yield f"### {code}\n\n{table}\n"


def _frames() -> str:
    rows = ((f"{name}", *(frame(name, language) for language in LANGUAGES)) for name in SENTENCES)
    return _table(("Frame", "English", "French"), rows)


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(texts)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(
        f"| {' | '.join(cell.replace('|', '&#124;').strip() for cell in line)} |\n" for line in lines
    )


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr] # a TextIOWrapper, whatever the locale
    sys.stdout.write(describe())
