"""The table of ten times the clients says how many times as much the large night takes."""

from benchmarks.scale import scale_figures


def night(times: float, memory: float, last: str) -> dict[str, object]:
    """A night of made-up figures; its last stage may be one that the other has not."""
    return {
        "seconds": 60.0 * times,
        "cpu_seconds": 90.0 * times,
        "peak_bytes": 1e9 * memory,
        "clients": int(356_255 * times),
        "rows": int(58e6 * times),
        "stages": [
            {"stage": "read", "seconds": 20.0 * times, "rows": 1},
            {"stage": "wait", "seconds": 0.0, "rows": 0},
            {"stage": last, "seconds": 1.0, "rows": 1},
        ],
    }


def test_each_line_says_how_many_times() -> None:
    """Stages of both nights, the whole, CPU and memory; one that took no time has no ratio."""
    figures = scale_figures({"nights": [night(1, 1.0, "publish"), night(10, 1.1, "migrate")]})
    assert figures.rows == (
        ("read", "20.0 s", "200.0 s", "10.00"),
        ("wait", "0.0 s", "0.0 s", ""),
        ("**the whole night**", "60.0 s", "600.0 s", "10.00"),
        ("CPU", "90.0 s", "900.0 s", "10.00"),
        ("peak memory", "1.00 GB", "1.10 GB", "1.10"),
    )
    assert "10.0 times the clients in 10.0 times the time with 1.10 times the memory" in figures.text
