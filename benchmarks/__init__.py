"""Measurements behind every claim of speed, one module a claim, each beside its baseline of the same run.

Never run by the tests: machines are shared and noisy. ``make bench`` writes ``benchmarks/figures.md``.
"""
