"""`pret explain`: what it prints for whom, the file it writes, and one line for what it cannot do."""

import re
import shutil
from pathlib import Path

import pytest
from command_line import Pret

from explain import READERS, read_dossier
from model_store import published_run, read_scores


def plain(text: str) -> str:
    """Printed words on one line, frames and line ends left out."""
    return " ".join(re.sub(r"[│┌┐└┘─├┤]", " ", text).split())


@pytest.fixture(scope="module")
def declined(small_store: Path) -> int:
    """A declined client with two reasons at least."""
    scores = read_scores(small_store)
    return int(scores.index[(scores["decision"] == "decline") & scores["reason_2"].notna()][0])


@pytest.mark.parametrize("language", ["fr", "en"])
def test_it_prints_all_that_is_known(language: str, pret: Pret, small_store: Path, declined: int) -> None:
    """Published figures, reasons for three readers, LIME with its verdict, ways out, similar clients."""
    dossier = read_dossier(str(small_store), declined)
    answer = pret("explain", declined, "--store", small_store, "--lang", language)
    assert answer.code == 0, answer.err
    said = plain(answer.out)
    probability = f"{100 * dossier.row['default_probability']:.1f}"
    assert (probability.replace(".", ",") if language == "fr" else probability) in said
    assert published_run(small_store) in said
    assert f" {dossier.row['score']} points" in said
    for reader in READERS:
        for side in ("against", "for"):
            for reason in dossier.reasons(reader, language, side):  # type: ignore[arg-type] # a text of each
                assert plain(reason.sentence) in said
                assert plain(reason.title) in said
    assert plain(dossier.lime.verdict(language)) in said  # type: ignore[arg-type] # a text of each
    assert {"fr": "Ce qui changerait la décision", "en": "What would change the decision"}[language] in said
    assert {"fr": "Clients semblables", "en": "Similar clients"}[language] in said
    assert not re.search(r"\bnan\b|None", said)


def test_a_client_is_told_of_no_figure_and_of_nobody_else(
    pret: Pret, small_store: Path, declined: int, tmp_path: Path
) -> None:
    """`--reader client` prints and writes what may be handed over: decision, reasons, ways out, rights."""
    file = tmp_path / "client.html"
    answer = pret(
        "explain", declined, "--store", small_store, "--lang", "en", "--reader", "client", "--html", file
    )
    assert answer.code == 0, answer.err
    assert "What weighed on your application" in answer.out
    assert not re.search(r"LIME|probability|points|Similar clients|median", answer.out)
    assert "Your rights" in file.read_text(encoding="utf-8")
    assert str(file) in answer.out.replace("\n", "")


def test_a_cohort_of_ones_choice(pret: Pret, small_store: Path, declined: int) -> None:
    """The analyst's sentences and LIME compare with the cohort that was typed."""
    answer = pret(
        "explain", declined, "--store", small_store, "--lang", "en", "--reader", "analyst", "--cohort", "base"
    )
    assert answer.code == 0, answer.err
    assert "of all clients:" in plain(answer.out)
    assert "the whole base (1,499)" in plain(answer.out)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["7"], "holds no client 7"),
        (["CLIENT", "--run", "1999-01-01-001"], "no run '1999-01-01-001' in"),
        (["CLIENT", "--cohort", "app_age=69:"], "too few to say what is usual in it (at least 30)"),
        (["CLIENT", "--cohort", "neighbours"], "cohort 'neighbours' cannot be read; expected base"),
        (["CLIENT", "--html", "/nowhere/client.html"], "cannot be written to /nowhere/client.html"),
    ],
)
def test_what_it_cannot_do_is_one_line(
    arguments: list[str], said: str, pret: Pret, small_store: Path, declined: int
) -> None:
    """The line says what was found and what is expected; the exit code is 1."""
    typed = [str(declined) if argument == "CLIENT" else argument for argument in arguments]
    answer = pret("explain", *typed, "--store", small_store)
    assert answer.code == 1
    assert len(answer.err.splitlines()) == 1
    assert said in answer.err


def test_a_run_without_contributions_is_told(
    pret: Pret, small_store: Path, declined: int, tmp_path: Path
) -> None:
    """Someone removed the run's contributions: no reasons can be told, and the line says what to do."""
    store = Path(shutil.copytree(small_store, tmp_path / "store"))
    shutil.rmtree(store / "runs" / published_run(store) / "contributions")
    answer = pret("explain", declined, "--store", store)
    assert answer.code == 1
    assert re.search(r"run \S+ keeps no contributions, .* choose another run", answer.err)


def test_a_night_whose_rows_are_gone_still_explains(
    pret: Pret, small_store: Path, declined: int, tmp_path: Path
) -> None:
    """Without its ingest a night has no ways out, of an earlier release no similar clients; all else is there, each
    gap named in the language of the reader."""
    store = Path(shutil.copytree(small_store, tmp_path / "store"))
    shutil.rmtree(store / "ingests")
    answer = pret("explain", declined, "--store", store, "--lang", "en")
    assert answer.code == 0, answer.err
    assert "What would change the decision\n" not in answer.out
    assert "Similar clients" in answer.out
    assert "What would change the decision cannot be told: the rows" in answer.out
    shutil.rmtree(store / "runs" / published_run(store) / "groups")
    said = " ".join(pret("explain", declined, "--store", store, "--lang", "fr").out.split())
    assert "ne peut pas être dit : les lignes dont cette nuit est issue ne sont plus" in said
    assert "Les clients semblables ne peuvent pas être trouvés" in said
    assert "store" not in said


@pytest.mark.parametrize(("option", "value"), [("--lang", "de"), ("--reader", "neighbour")])
def test_an_unknown_language_or_reader_is_a_wrong_call(
    option: str, value: str, pret: Pret, small_store: Path, declined: int
) -> None:
    """Exit code 2, with what is expected."""
    answer = pret("explain", declined, "--store", small_store, option, value)
    assert answer.code == 2
    assert f"{option} '{value}'" in " ".join(answer.err.replace("│", " ").split())
