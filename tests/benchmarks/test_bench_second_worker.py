"""The table of the second worker tells its gain beside what two processes reach without Dask."""

from benchmarks.second_worker import second_worker_figures


def night(shard: float, score: float) -> dict[str, object]:
    """A night of made-up figures; its reading is no part of what shards are worked on for."""
    stages = {"read": 50.0, "shard": shard, "score": score, "check": 1.0, "publish": 9.0}
    return {"clients": 1000, "stages": [{"stage": name, "seconds": took} for name, took in stages.items()]}


def test_only_what_is_done_by_shard_counts() -> None:
    """Medians stage by stage, the gain of each pair of nights; a control is twice its work alone by two at once."""
    found = {
        "nights": {"one": [night(10, 19), night(10, 19)], "two": [night(5, 9), night(7, 12)]},
        "controls": {"copying memory": [(1.0, 1.6), (1.2, 1.6)]},
    }
    figures = second_worker_figures(found)
    assert figures.rows == (
        ("shard", "10.0 s", "6.0 s", "1.67"),
        ("score", "19.0 s", "10.5 s", "1.81"),
        ("check", "1.0 s", "1.0 s", "1.00"),
        ("**the sharded part**", "30.0 s", "17.5 s", "1.71"),
        ("no Dask: copying memory", "2.2 s", "1.6 s", "1.38"),
    )
    assert "Measured: 1.71 (2.00 and 1.50)" in figures.text
