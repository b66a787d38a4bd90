"""What a number of viewers needs, from costs."""

from benchmarks.capacity_model import SCALES, Costs, Site, Unit, resources, table

COSTS = Costs(
    stream_packager_cores=0.01,
    stream_nginx_cores=0.005,
    realtime_packager_cores=0.0002,
    realtime_nginx_cores=0.0005,
    realtime_kb=40,
    low_nginx_cores=0.0002,
    gbit_s_per_core=10,
    page_kb=50,
    page_opening_ms=10,
    chat_delivery_us=10,
    chat_kb=20,
)
SITE = Site(mbit_s=1.0)
"""Viewers of this site receive the bit rate of the measurement, so their costs are the measured ones."""


def test_a_unit_is_full_when_the_costs_of_its_viewers_add_up_to_it() -> None:
    full_at = {resource.name: resource.full_at for resource in resources(COSTS, SITE, Unit())}

    assert full_at == {
        "network, 10 Gbit/s": 8_000,
        "front nginx, its one worker": round(0.5 / (0.5 * 0.0005 + 0.5 * 0.0002)),
        "packager, real time": 5_000,
        "packager, streams": 5_000,
        "web process, memory of pages": 20_000,
        "web process, opened pages": 30_000,
        "feed, chat": 50_000,
    }


def test_a_higher_bit_rate_costs_what_sending_it_costs() -> None:
    [front] = [r for r in resources(COSTS, Site(mbit_s=11.0), Unit()) if r.name.startswith("front nginx")]

    assert front.used_by(4_000) == 4_000 * (0.00035 + 0.001) / 0.5


def test_the_table_begins_with_what_is_full_first_and_counts_whole_units() -> None:
    rows = table(resources(COSTS, SITE, Unit()))

    assert [row["resource"] for row in rows[:3]] == [
        "front nginx, its one worker",
        "packager, real time",
        "packager, streams",
    ]
    assert [rows[3][f"{scale:,}"] for scale in SCALES] == [1, 1, 2, 13, 125]
