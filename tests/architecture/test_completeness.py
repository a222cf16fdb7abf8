"""Nothing is half connected: queues have workers, commands answer, templates are used, histories have one head."""

import importlib
import pkgutil
from itertools import chain

from alembic.script import ScriptDirectory
from rq import Queue
from rq.serializers import JSONSerializer

from jobs import cli
from jobs.consumers import load, subscriptions
from jobs.supervisor.services import services
from shared.config import ROOT
from shared.migrations.histories import config
from shared.queues import CONSUME, DIGESTS, MAIL, QUEUES, enqueue, queue
from tests.architecture.tree import python_files
from tests.factories.settings import settings


def worked_on(folder) -> list[list[str]]:
    """The queues of each worker, in the order in which it looks into them."""
    (folder / "redis").mkdir()
    commands = [service.command for service in services(settings(folder)) if "jobs.worker" in service.command]
    return [list(command[command.index("jobs.worker") + 1 :]) for command in commands]


def test_every_queue_has_a_worker(tmp_path):
    assert sorted(chain.from_iterable(worked_on(tmp_path))) == sorted(QUEUES)


def test_a_link_that_somebody_waits_for_overtakes_all_digests(tmp_path, redis):
    for at, name in enumerate((DIGESTS, MAIL, DIGESTS)):
        enqueue(redis, name, CONSUME, [], f"a-{at}")
    (names,) = (names for names in worked_on(tmp_path) if DIGESTS in names)
    first = Queue.dequeue_any([queue(redis, name) for name in names], None, redis, serializer=JSONSerializer)
    assert first is not None and first[1].name == MAIL
    assert {each.queue for each in subscriptions()["AlertsGathered"]} == {DIGESTS}


def test_every_consumer_names_a_queue_that_exists():
    assert {consumer.queue for consumer in load().values()} <= set(QUEUES)


def test_every_command_has_the_three_names():
    for module in pkgutil.iter_modules(cli.__path__):
        if not module.name.startswith("_"):
            command = importlib.import_module(f"jobs.cli.{module.name}")
            assert command.HELP and "\n" not in command.HELP, module.name
            assert callable(command.arguments) and callable(command.run), module.name


def test_each_history_of_migrations_has_one_head():
    for history in ("directory", "shards"):
        assert len(ScriptDirectory.from_config(config(history)).get_heads()) == 1


def test_every_template_is_used():
    folder = ROOT / "templates"
    templates = [path for path in folder.rglob("*") if path.is_file()]
    texts = [path.read_text(encoding="utf-8") for path in (*templates, *python_files("shared", "public_app", "jobs"))]
    everything = "\n".join(texts)
    unused = [
        path.relative_to(folder).as_posix() for path in templates if path.name.partition(".")[0] not in everything
    ]
    assert unused == []
