"""The three lists of dependencies say the same; nothing else of the project's files is checked here."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins(name: str) -> dict[str, str]:
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line) for line in lines), lines
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}


RUNTIME, TEST = pins("requirements.txt"), pins("requirements-test.txt")


def declared(extra: str | None = None) -> list[Requirement]:
    texts = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("requirement", declared(), ids=str)
def test_runtime_pins_lie_within_the_declared_bounds(requirement: Requirement) -> None:
    """requirements.txt pins every declared dependency to a version its bounds allow."""
    assert requirement.specifier.contains(RUNTIME[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("requirement", declared("test"), ids=str)
def test_test_pins_lie_within_the_declared_bounds(requirement: Requirement) -> None:
    """requirements-test.txt pins every tool of the test extra to a version its bounds allow."""
    assert requirement.specifier.contains((RUNTIME | TEST)[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("requirement", declared() + declared("test") + declared("bench"), ids=str)
def test_every_declared_dependency_is_bounded(requirement: Requirement) -> None:
    """Each dependency names the oldest version it needs, so that no installation is a surprise."""
    assert any(bound.operator in (">=", "==") for bound in requirement.specifier)


def test_environment_yml_says_the_same() -> None:
    """environment.yml pins exactly the declared dependencies, to the versions of the requirements files."""
    document = yaml.safe_load((ROOT / "environment.yml").read_text())
    listed = next(item["pip"] for item in document["dependencies"] if isinstance(item, dict))
    found = dict(item.split("==") for item in listed if "==" in item)
    wanted = {canonicalize_name(r.name) for r in declared() + declared("test")}
    assert found == {name: (RUNTIME | TEST)[name] for name in wanted}


def test_packages_are_listed_one_by_one() -> None:
    """Every folder with Python modules of the product is in the explicit package list, and nothing else is."""
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    outside = {"tests", "benchmarks", "notebooks", "docs", "deploy", "demo", "build"}
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in ROOT.glob("*/**/__init__.py")
        if path.relative_to(ROOT).parts[0] not in outside
        and not path.relative_to(ROOT).parts[0].startswith(".")
    }
    assert listed == found


def test_no_module_has_grown_too_large() -> None:
    """No module is above 400 lines: the house style's limit."""
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in ROOT.glob("*/**/*.py")
        if not path.relative_to(ROOT).parts[0].startswith(".")
    }
    assert not {path: lines for path, lines in sizes.items() if lines > 400}


def test_no_file_names_this_machine_or_a_registry() -> None:
    """Pins carry no registry host, and no tracked text holds a path of the machine it was written on."""
    for name in ("requirements.txt", "requirements-test.txt", "environment.yml", "Makefile"):
        assert "://" not in (ROOT / name).read_text(), name
