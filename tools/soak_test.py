#!/usr/bin/env python3
"""What tools/soak finds wrong."""

import contextlib
import io
import sys
import unittest

sys.dont_write_bytecode = True
from soak_sockets import FLAT, complaints, flatness, is_trouble, steady, unprovoked  # noqa: E402


class Findings(unittest.TestCase):
    def test_memory_that_grows_is_found_and_noise_is_not(self):
        noise = [(second, 50e6 + 1e6 * (second % 7)) for second in range(300)]
        leak = [(second, size + 2 * FLAT / 60 * second) for second, size in noise]
        shrinking = [(second, size - FLAT * second / 10) for second, size in noise]
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            self.assertEqual(flatness(noise), [])
            self.assertEqual(flatness(shrinking), [])
            self.assertEqual(len(flatness(leak)), 1)
            self.assertEqual(len(flatness(noise[:5])), 1)
        self.assertEqual(out.getvalue().count("kB a minute by least squares"), 3)

    def test_the_warm_up_is_left_out(self):
        samples = [(second, 0) for second in range(700)]
        self.assertEqual(steady(samples, 600)[0][0], 120)
        self.assertEqual(steady(samples, 600)[-1][0], 600)
        self.assertEqual(steady(samples, 60)[0][0], 15)

    def test_only_what_nobody_provoked_is_wrong(self):
        counted = {
            'pairline_errors_total{error="bad_json"}': 7.0,
            'pairline_errors_total{error="slow_consumer"}': 1.0,
            'pairline_errors_total{error="store"}': 0.0,
            'pairline_cq_overflow_total{core="0"}': 0.0,
        }
        self.assertEqual(unprovoked(counted, {"bad_json"}), [])
        self.assertEqual(len(unprovoked(counted, set())), 1)
        worse = counted | {'pairline_errors_total{error="store"}': 1.0, 'pairline_cq_overflow_total{core="0"}': 2.0}
        self.assertEqual(len(unprovoked(worse, {"bad_json"})), 2)

    def test_what_the_generator_found_is_told(self):
        self.assertEqual(complaints({"passed": True, "failures": []}), [])
        self.assertEqual(complaints({"passed": False, "failures": ["lost: a line"]}), ["lost: a line"])
        self.assertEqual(len(complaints({"passed": False, "failures": []})), 1)

    def test_a_log_of_information_is_no_trouble(self):
        self.assertFalse(is_trouble('{"level":"INFO","message":"ready"}\n'))
        self.assertFalse(is_trouble("\n"))
        self.assertTrue(is_trouble('{"level":"WARN","message":"hm"}\n'))
        self.assertTrue(is_trouble("thread panicked\n"))


if __name__ == "__main__":
    unittest.main()
