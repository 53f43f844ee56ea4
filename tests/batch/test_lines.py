"""Lines of a text: loops over bytes say what splitting the text would say."""

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.shards.lines import NO_FIELD, chosen_lines, count_lines, line_ends, read_lines

line = st.one_of(
    st.binary(max_size=40).map(lambda found: found.replace(b"\n", b"")),
    st.lists(st.sampled_from([b"100002", b"7.00", b'"5,1"', b"", b"1e3", b"soon", b" 8"]), max_size=4).map(
        b",".join
    ),
)
lines = st.lists(st.tuples(line, st.sampled_from([b"\n", b"\r\n"])), max_size=30)


def naive_field(text: bytes, wanted: int) -> int:
    """The identifier in a field by a regular expression, 0 for none."""
    fields = re.findall(rb'(?:^|,)((?:[^,"]|"[^"]*"?)*)', text)
    found = re.fullmatch(rb"(\d{1,10})(?:\.0*)?", fields[wanted]) if wanted < len(fields) else None
    return int(found[1]) if found else 0


@given(lines)
@settings(max_examples=200, deadline=None)
def test_lines_are_those_of_splitting(found: list[tuple[bytes, bytes]]) -> None:
    """Ends, count, hashes and chosen lines: equal lines have equal hashes whatever their line break, others not."""
    text = b"".join(own + end for own, end in found)
    ends = [at for at, byte in enumerate(text) if byte == ord("\n")]
    assert line_ends(text).tolist() == ends
    assert count_lines(text) == len(ends)
    read = read_lines(text, NO_FIELD, NO_FIELD, seed=3)
    hashes, sizes = read.hashes, read.sizes
    assert sizes is not None
    assert sizes.tolist() == [len(own + end) for own, end in found]
    told = [own.removesuffix(b"\r") if end == b"\n" else own for own, end in found]
    assert len({*hashes.tolist()}) == len({*told})
    assert len({*zip(told, hashes.tolist(), strict=True)}) == len({*told})
    chosen = np.arange(len(ends)) % 3 == 1
    assert chosen_lines(text, sizes, chosen) == b"".join(own + end for own, end in found[1::3])


@given(lines)
@settings(max_examples=200, deadline=None)
def test_identifiers_are_those_of_splitting(found: list[tuple[bytes, bytes]]) -> None:
    """Two fields of each line: digits, perhaps with a fraction of zeros; all else is no identifier."""
    text = b"".join(own + end for own, end in found)
    read = read_lines(text, 0, 2, seed=3)
    told = [(own + end).removesuffix(b"\n").removesuffix(b"\r") for own, end in found]
    assert read.first.tolist() == [naive_field(own, 0) for own in told]
    assert read.second.tolist() == [naive_field(own, 2) for own in told]
