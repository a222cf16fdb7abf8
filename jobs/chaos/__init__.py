"""Chaos runs: a site in a temporary folder, used and killed at random, then asked whether anything is amiss."""
