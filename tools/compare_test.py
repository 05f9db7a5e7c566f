#!/usr/bin/env python3
"""What tools/compare makes of figures, and how it reads metrics."""

import sys
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace

sys.dont_write_bytecode = True
import compare_report  # noqa: E402
from compare_bench import Bench, Load, grown, read_metrics  # noqa: E402
from compare_parts import across_share, arrange, frames_a_match  # noqa: E402
from compare_parts_report import slopes, straight  # noqa: E402
from compare_systems import CHECKED, PEERS, RELAYS  # noqa: E402
from compare_verdicts import allowed_matches, judge  # noqa: E402


def runs(*figures, passed=True, **more):
    return [{"passed": passed, "lines": lines, **more} for lines in figures]


def shape(connections, window, ours, ring=100, peers=(10, 20, 30), **cpu):
    """Ours at so many lines a second beside the bare ring and the peers."""
    closed = {"pairline": runs(ours, **cpu), "ring": runs(ring)}
    closed |= {peer.name: runs(lines) for peer, lines in zip(PEERS, peers, strict=True)}
    closed |= {name + CHECKED: runs(50, user=100, system=300) for name in RELAYS}
    return {"connections": connections, "window": window, "closed": closed}


def verdicts(**results):
    return {one["mark"]: one for one in judge({"shapes": [], **results})}


def met(found, words):
    (one,) = [one for mark, one in found.items() if words in mark]
    return one["met"]


class Verdicts(unittest.TestCase):
    def test_pairs_are_beside_the_ring_and_every_peer(self):
        for ours, ring, peers in (95, True, True), (89, False, True), (29, False, False):
            found = verdicts(shapes=[shape(100, 1, ours)])
            self.assertEqual((met(found, "ring's"), met(found, "peer's")), (ring, peers), ours)

    def test_a_window_of_sixteen_has_marks_of_its_own(self):
        fine = verdicts(shapes=[shape(100, 16, 81, user=149, system=250)])
        self.assertEqual([one["met"] for one in fine.values()], [True] * 4)
        dear = verdicts(shapes=[shape(100, 16, 59, user=151, system=250)])
        self.assertEqual([one["met"] for one in dear.values()], [False] * 4)

    def test_a_missing_peer_leaves_the_mark_open(self):
        one = shape(100, 1, 95)
        del one["closed"]["redis"]
        found = verdicts(shapes=[one])
        self.assertIsNone(met(found, "peer's"))
        self.assertTrue(met(found, "ring's"))

    def test_what_failed_does_not_count_but_is_told(self):
        one = shape(100, 1, 95)
        one["closed"]["pairline"] += runs(1, passed=False, others=0.1) + runs(1, passed=False, others=0.5)
        found = verdicts(shapes=[one])["100 × 1: lines a second, of the bare ring's"]
        self.assertTrue(found["met"])
        self.assertEqual(found["notes"], ["2 of 4 runs failed", "1 of 4 runs were not alone on the machine"])

    def test_late_is_later_than_the_best_peer(self):
        one = shape(2, 1, 95)
        late = {"pairline": 115, "nats": 100, "redis": 150, "mosquitto": 900}
        for ours, fine in (115, True), (116, False):
            one["open"] = {name: runs(5, p99=p99) for name, p99 in (late | {"pairline": ours}).items()}
            found = verdicts(shapes=[one | {"rate": 5}])
            self.assertEqual(met(found, "p99"), fine, ours)

    def test_only_all_idle_sessions_count(self):
        few = {"connections": 5_000, "runs": runs(0, memory=100)}
        self.assertIsNone(met(verdicts(idle=[few]), "idle"))
        for memory, fine in (511, True), (512, False):
            many = {"connections": 19_000, "runs": runs(0, memory=memory)}
            self.assertEqual(met(verdicts(idle=[few, many]), "idle"), fine)

    def test_a_match_is_as_many_lines_as_it_takes(self):
        frames = {"in talk_end": 1, "in next_one": 2}
        frames |= {"out wait": 1, "out talk_begin": 2, "out receive_end_msg": 1}
        part = {"connections": 100, "rate": 40, "ring": runs(350, 350), "open": runs(0, match_p99=4_999, overdue=1)}
        part["closed"] = runs(0, 0, matches=80, frames=frames)
        self.assertEqual(allowed_matches(part), 100)
        found = verdicts(match=[part])
        self.assertEqual([one["met"] for one in found.values()], [True, True])
        self.assertIn("1 of 1 runs left something due undone", list(found.values())[1]["notes"])
        part["closed"] = runs(0, matches=79, frames=frames)
        self.assertFalse(met(verdicts(match=[part]), "bare ring"))

    def test_two_cores_may_cost_a_fifth_more(self):
        one = {"one core": runs(1, user=50, system=50)}
        for system, fine in (60, True), (61, False):
            two = {"two cores": runs(1, user=60, system=system)}
            part = {"connections": 100, "rate": 9, "runs": one | two}
            self.assertEqual(met(verdicts(cores=part), "two cores"), fine)


class Metrics(unittest.TestCase):
    def sample(self, sessions, matches, ends, notes=0):
        return read_metrics(
            "# HELP pairline_sessions Chat connections.\n"
            f'pairline_sessions{{core="0"}} {sessions - 1}\npairline_sessions{{core="1"}} 1\n'
            f'pairline_matches_total{{pair="F-M"}} {matches}\n'
            f'pairline_frames_total{{type="talk_end",direction="in"}} {ends}\n'
            f'pairline_frames_total{{type="talking",direction="in"}} {2 * ends}\n'
            f'pairline_frames_total{{type="join",direction="in"}} {sessions}\n'
            f'pairline_lane_notes_total{{from="0",to="1"}} {notes}\n'
            f'pairline_lane_notes_total{{from="1",to="0"}} {notes}\n'
        )

    def test_only_what_grows_while_all_are_there_is_counted(self):
        coming, first = self.sample(9, 3, 0), self.sample(10, 6, 2)
        last, going = self.sample(10, 106, 152), self.sample(7, 106, 999)
        counted = frames_a_match([coming, first, last, going], 10)
        self.assertEqual(counted, {"frames": {"in talk_end": 1.5, "in talking": 3.0}})

    def test_too_few_samples_are_an_error(self):
        one = self.sample(10, 6, 2)
        for samples in [], [one], [one, one]:
            with self.assertRaises(ValueError):
                grown(samples, 10, lambda sample: sample['pairline_matches_total{pair="F-M"}'])

    def test_notes_by_lines_are_the_share_across(self):
        samples = [self.sample(10, 5, 50, notes=9), self.sample(10, 5, 250, notes=109)]
        self.assertEqual(across_share(samples, 10), {"across": 0.5})


class Parts(unittest.TestCase):
    def test_partners_are_on_one_core_or_on_two(self):
        ports = (["a1", "a2", "a3", "a4"], ["b1", "b2", "b3", "b4"])
        self.assertEqual(arrange(ports, 6, across=False), ["a1", "a2", "b1", "b2", "a3", "a4"])
        self.assertEqual(arrange(ports, 6, across=True), ["a1", "b1", "b2", "a2", "a3", "b3"])

    def test_a_million_is_told_by_the_slope(self):
        slope, start = straight([(5, 1_050), (10, 2_050), (19, 3_850)])
        self.assertAlmostEqual(slope, 200)
        self.assertAlmostEqual(start, 50)
        self.assertIsNone(straight([(5, 1_050)]))
        part = [{"connections": size, "runs": runs(0, memory=400, slab=7_000)} for size in (5_000, 19_000)]
        self.assertIn("400 bytes for each more, so 0.40 GB for a million; kernel", slopes(part))

    def test_rounds_take_turns(self):
        class Told(Bench):
            def run(self, load, turn):
                order.append(load.system.name)
                return load.connections, turn

        order = []
        loads = [Load(system, "relay", at) for at, system in enumerate(PEERS)]
        with tempfile.TemporaryDirectory() as out:
            bench = Told(SimpleNamespace(rounds=2), None, Path(out), {})
            found = bench.rounds(loads)
        self.assertEqual(order, ["nats", "redis", "mosquitto", "redis", "mosquitto", "nats"])
        self.assertEqual(found, [[(at, 0), (at, 1)] for at in range(3)])


class Report(unittest.TestCase):
    def test_everything_has_its_table(self):
        frames = {"in talk_end": 1, "out wait": 1}
        results = {
            "command": "tools/compare --marks",
            "machine": {"date": "", "commit": "", "cpu": "", "kernel": "", "congestion": "", "peers": {}},
            "systems": {},
            "skipped": {},
            "rounds": 1,
            "seconds": 1,
            "size": 160,
            "shapes": [],
            "idle": [{"connections": 19_000, "runs": runs(0, memory=400)}],
            "match": [{"connections": 100, "rate": 0, "ring": runs(90), "closed": runs(0, matches=45, frames=frames)}],
            "cores": {"connections": 100, "rate": 9, "shared": True, "runs": {"one core": runs(9, user=5, system=5)}},
        }
        results["verdicts"] = judge(results)
        text = compare_report.tables(results)
        shown = ["1 of 4 marks are met", "19,000 | 400", "90 matches a second", "one core | — | 10"]
        for words in [*shown, "There are two processors"]:
            self.assertIn(words, text)


if __name__ == "__main__":
    unittest.main()
