"""A cookie signs somebody in for as long as its row says so."""

from sqlalchemy import event, select

from shared import accounts, clock, ids
from shared.accounts import sessions
from shared.accounts.models import LoginSession
from shared.sharding import Fleet, read, transaction
from tests.factories import accounts as people

DAY = 86_400


def _cookie(owner: int, agent: str = "Lynx/2.9") -> str:
    with transaction(owner) as session:
        return sessions.start(session, agent, people.NETWORK)


def test_the_cookie_leads_to_its_owner_in_one_read_of_one_shard(fleet: Fleet) -> None:
    owner = people.confirmed()
    cookie = _cookie(owner)
    statements: list[str] = []
    databases = (fleet.directory, *fleet.shards.values())
    for database in databases:
        event.listen(database.engine, "before_cursor_execute", lambda *call, d=database: statements.append(d.name))
    who = accounts.load_session(cookie)
    assert who is not None
    assert (who.owner, who.name, who.email) == (owner, "Anna", "anna@example.org")
    assert len(statements) == 1
    assert statements[0].startswith("u")


def test_only_a_hash_of_the_secret_is_kept(fleet: Fleet) -> None:
    owner = people.confirmed()
    cookie = _cookie(owner)
    with read(owner) as session:
        row = session.execute(select(LoginSession).where(LoginSession.owner == owner)).scalar_one()
    assert len(row.secret_hash) == 32
    assert cookie[14:].encode() not in row.secret_hash
    assert len(cookie[14:]) * 6 >= 128


def test_a_forged_or_mangled_cookie_signs_nobody_in(fleet: Fleet) -> None:
    owner = people.confirmed()
    cookie = _cookie(owner)
    other = people.confirmed("bert@example.org")
    forged = [
        "",
        "x",
        cookie[:-1],
        cookie + "A",
        cookie[:-1] + ("A" if cookie[-1] != "A" else "B"),
        f"{ids.public(ids.compose(other, 1)):014x}" + cookie[14:],
        "f" * 14 + cookie[14:],
        cookie.replace(cookie[3], "\u0660", 1),
        "ü" * 46,
    ]
    assert [accounts.load_session(each) for each in forged] == [None] * len(forged)


def test_a_session_ends_30_days_after_it_was_last_seen(fleet: Fleet) -> None:
    cookie = _cookie(people.confirmed())
    start = clock.now()
    for days in (29, 58, 87):
        with clock.freeze(start + days * DAY):
            assert accounts.load_session(cookie)
    with clock.freeze(start + 117 * DAY):
        assert accounts.load_session(cookie) is None


def test_a_session_ends_180_days_after_it_began_however_often_seen(fleet: Fleet) -> None:
    cookie = _cookie(people.confirmed())
    start = clock.now()
    for days in range(20, 180, 20):
        with clock.freeze(start + days * DAY):
            assert accounts.load_session(cookie)
    with clock.freeze(start + 180 * DAY):
        assert accounts.load_session(cookie) is None


def test_when_it_was_seen_is_written_once_an_hour_at_most(fleet: Fleet) -> None:
    owner = people.confirmed()
    cookie = _cookie(owner)
    start = clock.now()

    def seen_at(seconds: int) -> int:
        with clock.freeze(start + seconds):
            assert accounts.load_session(cookie)
        with read(owner) as session:
            return accounts.browsers(session)[0].seen_at - start

    assert [seen_at(seconds) for seconds in (60, 3599, 3700, 7200)] == [0, 0, 3700, 3700]


def test_one_browser_can_be_logged_out_or_all_or_all_others(fleet: Fleet) -> None:
    owner = people.confirmed()
    first, second, third = (_cookie(owner) for _ in range(3))
    here = accounts.load_session(first)
    gone = accounts.load_session(second)
    assert here
    assert gone
    with transaction(owner) as session:
        accounts.log_out(session, gone.session)
    assert [bool(accounts.load_session(each)) for each in (first, second, third)] == [True, False, True]
    with transaction(owner) as session:
        accounts.log_out_everywhere(session, but=here.session)
    assert [bool(accounts.load_session(each)) for each in (first, second, third)] == [True, False, False]
    with transaction(owner) as session:
        accounts.log_out_everywhere(session)
    assert accounts.load_session(first) is None


def test_nobody_can_end_the_session_of_somebody_else(fleet: Fleet) -> None:
    owner, other = people.confirmed(), people.confirmed("bert@example.org")
    cookie = _cookie(owner)
    who = accounts.load_session(cookie)
    assert who
    with transaction(other) as session:
        accounts.log_out(session, who.session)
        accounts.log_out_everywhere(session)
    assert accounts.load_session(cookie)


def test_the_oldest_of_51_sessions_makes_room(fleet: Fleet) -> None:
    owner = people.confirmed()
    start = clock.now()
    cookies = []
    for second in range(sessions.MOST + 1):
        with clock.freeze(start + second):
            cookies.append(_cookie(owner))
    assert accounts.load_session(cookies[0]) is None
    assert accounts.load_session(cookies[1])


def test_sessions_that_are_over_are_deleted(fleet: Fleet) -> None:
    owner = people.confirmed()
    _cookie(owner)
    with clock.freeze(clock.now() + 181 * DAY):
        assert accounts.forget_expired() >= 1
    with read(owner) as session:
        assert session.execute(select(LoginSession).where(LoginSession.owner == owner)).first() is None
