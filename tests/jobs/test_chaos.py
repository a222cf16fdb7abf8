"""A small chaos run: the command itself, on a site of its own, with its processes killed at steps and at random."""

import json
import random
import subprocess
import sys
from contextlib import ExitStack

from jobs.chaos import killing
from jobs.chaos.site import STEPS, Site
from shared.config import ROOT
from shared.steps import Step
from tests.architecture.tree import python_files
from tests.factories.settings import settings
from tests.journeys.site import on_mariadb

LISTINGS, KILLS = 60, 16


def test_nothing_is_lost_or_doubled_while_everything_is_killed(database):
    command = [sys.executable, "-m", "jobs.cli", "chaos", "events", "--json", "--seed", "4"]
    command += ["--listings", str(LISTINGS), "--kills", str(KILLS), "--seconds", "25", "--patience", "240"]
    with ExitStack() as stack:
        if database == "mariadb":
            urls = on_mariadb(stack)
            command += ["--directory-url", urls["STEVESLIST_DIRECTORY_URL"], "--shards", urls["STEVESLIST_SHARDS"]]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    amiss = {name: report[name] for name in ("lost", "doubled", "webhooks_lost", "gaps")}
    assert (report["published"], set(amiss.values())) == (LISTINGS, {0}), report
    assert report["webhooks"] > 0
    assert sum(report["kills"].values()) >= KILLS // 2, report


def test_a_run_of_the_usual_size_kills_at_every_step_and_every_kind_of_process():
    plan = killing.plan(random.Random(1), 40)
    assert {blow.step for blow in plan if blow.step and not blow.service} == set(Step)
    assert {blow.service for blow in plan if not blow.step} == {*killing.SERVICES, killing.EMPTIED}


def test_an_order_waits_for_the_one_before_it_at_the_same_step(tmp_path):
    site = Site(settings(tmp_path), process=None)
    order = site.settings.var / STEPS / Step.RELAY_NUMBERED
    order.parent.mkdir(parents=True)
    killer = killing.Killer(site, random.Random(1))
    for _ in range(2):
        killer.strike(killing.Blow("", Step.RELAY_NUMBERED))
    assert killer.tend()
    order.unlink()
    assert killer.tend()
    assert order.exists()
    assert (killer.withdraw(), killer.hits()) == (["relay-numbered"], {"relay-numbered": 1})
    assert not order.exists()


def test_every_step_stands_in_the_code_once():
    product = "".join(path.read_text(encoding="utf-8") for path in python_files("shared", "jobs"))
    counts = {step.name: product.count(f"reached(Step.{step.name})") for step in Step}
    assert counts == dict.fromkeys(Step.__members__, 1)
