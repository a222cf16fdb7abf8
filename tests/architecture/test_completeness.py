"""Nothing is half connected: queues have workers, commands answer, templates are used, histories have one head."""

import importlib
import pkgutil

from alembic.script import ScriptDirectory

from jobs import cli
from jobs.consumers import load
from jobs.supervisor.services import services
from shared.config import ROOT
from shared.migrations.histories import config
from shared.queues import QUEUES
from tests.architecture.tree import python_files
from tests.factories.settings import settings


def test_every_queue_has_a_worker(tmp_path):
    worked = set()
    (tmp_path / "redis").mkdir()
    for service in services(settings(tmp_path)):
        if "jobs.worker" in service.command:
            worked.update(service.command[service.command.index("jobs.worker") + 1 :])
    assert worked == set(QUEUES)


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
