"""Measurements behind docs/performance.md. One file is one bench: `python3 run.py bench NAME` runs its `main(argv)`.

Only figures of one run are compared: rounds of the candidates alternate, and the median of the rounds' ratios counts.
"""
