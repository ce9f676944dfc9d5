"""What a login of the web role can do in SQL, apart from reading tables: as good as nothing."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.jobs import services as jobs
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.shell.testing.plugin import LEASE
from gangmu.shell.testing.worlds import World, make_world

# Everything of ours that the web role may call. A function that joins is judged first: what does it tell, and to whom?
CALLABLE = {
    # where a month is closed for an organisation of the scope; what hinders closing it, for who may change figures
    "filing_closings(bigint,bigint,date)",
    "filing_month_figures(bigint,bigint,bigint,date)",
    # who recorded the curves of an organisation of the present scope; on which of the days that one may see somebody
    # above files them for an organisation
    "curves_history(bigint,text,bigint,date)",
    "curves_covered(bigint,text,bigint[],date[])",
    # changing indicators: each judges who asks
    "indicators_configures()",
    "indicators_lock()",
    "indicators_referred(text)",
    "indicators_save(jsonb)",
    # takes from a bucket, gives seconds to wait
    "limits_take(text,timestamp with time zone,interval,integer)",
    # readers of the scope's settings, which policies are made of
    "access_user()",
    "access_bits(text)",
    "access_has_former(text)",
    "access_was_own(text,bigint,daterange)",
    "access_is_web()",
    # whether the scope reaches the whole tree, for policies on rows of no organisation: yes or no
    "access_whole(text)",
    "access_require_oneself(bigint)",
    # what a scope is computed from: of whoever has signed in alone
    "access_assignments(bigint,date,text)",
    "access_branch(bigint,date)",
    # what a role and a day mean
    "access_today()",
    "access_now()",
    "access_implies(text,text)",
    "access_atoms(text[])",
    "access_powers(text[])",
    # roles, given and reviewed: each judges whoever has signed in, and says so in the record
    "access_looks_after(bigint,date)",
    "access_would(bigint,bigint,bigint,text,date,date)",
    "access_give(bigint,bigint,bigint,text,date,date,text)",
    "access_end(bigint,date,text)",
    "access_save_role(bigint,integer,text,text,text,text,text[],text[])",
    "access_save_menu(bigint,integer,jsonb,text[])",
    "access_remove_role(bigint)",
    "access_open_review(text,date)",
    "access_decide(bigint,text,date,bigint,text,text)",
    "access_sign(bigint,text)",
    "access_review_digest(bigint)",
    # changing organisations: what is asked for is judged row by row; where one may do what; a number for a new one
    "parties_apply(jsonb,inet)",
    "parties_permitted(text)",
    "parties_new_id()",
    # signing in: one password's hash to a stranger, one's own to who has signed in; one's own password, or that of an
    # account that one looks after; attempts, which are counted for whoever tries; one's own sessions
    "accounts_credentials(text)",
    "accounts_password_state(bigint)",
    "accounts_set_password(bigint,text,timestamp with time zone,boolean,boolean)",
    "accounts_policy_at(timestamp with time zone)",
    "accounts_standing(text,text,timestamp with time zone)",
    "accounts_attempt(text,text,timestamp with time zone)",
    "accounts_forgive(text,text,timestamp with time zone)",
    "accounts_session(text,timestamp with time zone,boolean)",
    "accounts_open(bigint,text,text,text,inet,text,timestamp with time zone,boolean)",
    "accounts_close(bigint,text,text,text,timestamp with time zone)",
    "accounts_certificate_holder(text)",
    # directories: whose an entry is that has just been proved, to a stranger alone; by which name its failures are
    # counted; and using up what counts once
    "accounts_arrive(text,text,text,text,text,timestamp with time zone)",
    "accounts_entry_account(text,text)",
    "accounts_spend(text,timestamp with time zone,timestamp with time zone)",
    # looking after accounts of one's branch: whether one does, what holds, without a secret; names that are taken,
    # which a unique name tells anyway; sessions, locks, factors and certificates of those whom one looks after
    "accounts_may_manage(bigint)",
    "accounts_guarded(bigint)",
    "accounts_managed(bigint[])",
    "accounts_place(bigint,bigint)",
    "accounts_place_words(bigint)",
    "accounts_entries(bigint[])",
    "accounts_states(bigint[])",
    "accounts_taken(text[])",
    "accounts_sign_ins(bigint,integer)",
    "accounts_end_session(bigint,bigint,timestamp with time zone)",
    "accounts_blocked(timestamp with time zone)",
    "accounts_unlock(bigint,text[])",
    "accounts_forget_factors(bigint)",
    "accounts_certificates(bigint)",
    "accounts_bind_certificate(bigint,text,text,text,text,timestamp with time zone,timestamp with time zone)",
    "accounts_unbind_certificate(bigint,bigint)",
    "accounts_shared(timestamp with time zone,integer)",
    # the rules of signing in, to who may set them for everybody
    "accounts_put_policy(jsonb)",
    "accounts_drop_policy(date)",
    # a mail or message to oneself, or to whom one looks after, handed to the workers
    "accounts_post(bigint,text,text,timestamp with time zone,timestamp with time zone)",
    # of accounts in scope, to read: roles, refusals, who administers
    "people_roles(bigint[])",
    "people_without_role()",
    "people_administrators()",
    "people_refusals(bigint,integer)",
    # three numbers that say whether the cube is behind, and whether definitions are others
    "cube_tree_stamp()",
    "cube_definition_stamp()",
    "cube_look()",
    # who recorded facts and why: of batches with a fact in the present scope alone
    "filing_batches(bigint[])",
    # whose a fact of a month is, for the policy on facts: of what was once the asker's own alone
    "filing_day(bigint,bigint,date)",
    # who stands at and below an organisation of the present scope on a day, with fuel and capacity inherited from above
    "filing_rows(bigint[],date[],integer,text[],text[],text[])",
    # which codes of resources are in use, which a unique code tells anyway
    "resources_taken(text[])",
    # the grade that supporting systems take over, with the path; systems of others stand there without a name
    "grading_inherited(bigint[],text,text[],date)",
    # whom to ask and to call about approvals: who stands above organisations of the present scope, and who holds a part
    # there or above with their name, phone and roles; for whom whoever has signed in stands in
    "approvals_lines(bigint[],date)",
    "approvals_people(bigint[],date)",
    "approvals_posts(bigint[],date)",
    "approvals_hats(bigint,date)",
    # who loses and who gains sight of organisations, to whoever may change the structure there
    "organisations_sight(bigint[],bigint[],bigint[],date)",
    "organisations_cases(bigint[],bigint[])",
    # a handful of numbers of the installation, to who holds a role of the back office
    "office_state(date,timestamp with time zone)",
    # who files at organisations of the present scope, to be called: people whose accounts are not the asker's to read
    "filing_people(bigint[],bigint[],date)",
    # what facts say against a change of organisations of one's own to change: counts and days, no values
    "moving_approved(bigint[],date)",
    "moving_twice(bigint[],bigint[],daterange[])",
    "moving_affected(bigint[],bigint[],date)",
    # what is published to whoever has signed in: the one way past row security that is a grant
    "publications_granted(date)",
    # the writers of facts: of sheets under submission and corrections in force, of organisations of one's own to change
    "filing_record(bigint[],text[],text,text,bigint,timestamp with time zone,bigint[],bigint[],bigint[],bigint[],"
    "smallint[],text[])",
    "filing_raise(bigint[])",
    # writers that say who did it themselves
    "records_note(text,bigint,text,jsonb,inet,timestamp with time zone,bigint,boolean)",
    # whether whoever has signed in holds a permission at the top; and the verbs of retention, alarms and receivers,
    # each of which asks that first, and for a second person where it takes two
    "records_may(text,text)",
    "records_lengthen(text,integer,text)",
    "records_ask_retention(text,text,text,text,jsonb,integer,text)",
    "records_answer_retention(bigint,boolean,text)",
    "records_place_hold(text,text,text,bigint)",
    "records_release_hold(bigint,text)",
    "records_ask_purge(bigint,timestamp with time zone)",
    "records_answer_purge(bigint,boolean)",
    "records_set_alarm_rule(text,date,integer,integer,integer,integer)",
    "records_acknowledge(bigint,text)",
    "records_set_receiver(text,text,text)",
    "records_end_receiver(text)",
    # a seal: numbers and hashes; and how far sealing has come: numbers
    "records_seal_of(bigint)",
    "records_seal_state()",
    "notices_tell(bigint[],text,text,jsonb,text,text,timestamp with time zone)",
    "jobs_enqueue(bigint)",
    "jobs_dequeue(bigint)",
}

OURS = """
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


def column(statement: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {value for (value,) in cursor.fetchall()}


@pytest.fixture
def world(db, tmp_path) -> Iterator[World]:
    with clock.frozen("2026-11-20T07:30"):
        yield make_world(tmp_path)


def test_the_web_role_calls_what_it_was_given_and_nothing_else(db):
    callable_by_web = (
        f"SELECT p.oid::regprocedure::text {OURS} AND has_function_privilege('gangmu_web', p.oid, 'EXECUTE')"
    )
    assert column(callable_by_web) == CALLABLE


def test_functions_with_the_owners_rights_look_where_nobody_else_can_put_anything(db):
    """No schema that others may write to comes before ours, temporary ones last."""
    paths = column(f"SELECT array_to_string(p.proconfig, ' ') {OURS} AND p.prosecdef")
    allowed = {"pg_catalog, public, pg_temp", "pg_catalog, pg_temp", "public, pg_temp"}
    assert {
        path.partition("search_path=")[2].partition(" timezone")[0].partition(" TimeZone")[0] for path in paths
    } <= (allowed | {f"{path} enable_nestloop=off" for path in allowed})


def test_the_web_role_neither_reads_nor_changes_the_queue(db):
    grants = "SELECT relname FROM pg_class WHERE relname LIKE 'procrastinate%' AND relkind = 'r' AND "
    assert column(grants + "has_any_column_privilege('gangmu_web', oid, 'SELECT, INSERT, UPDATE')") == set()
    assert column(grants + "has_table_privilege('gangmu_web', oid, 'DELETE, TRUNCATE')") == set()


def test_the_web_role_reads_one_number_of_the_sequences(db):
    granted = """
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
        AND CASE WHEN relkind = 'S' THEN has_sequence_privilege('gangmu_web', oid, '{}') END
    """
    assert column(granted.format("SELECT")) == {"parties_organisation_id_seq"}
    assert column(granted.format("USAGE, UPDATE")) == set()


def test_in_a_database_of_the_product_the_web_role_makes_no_temporary_tables(db):
    assert column("SELECT has_database_privilege('gangmu_web', 'gangmu', 'TEMPORARY, CREATE')") == {False}


@pytest.mark.req("M-5.8.1.3")
@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE gangmu_system",
        "SET ROLE gangmu_owner",
        "SET SESSION AUTHORIZATION gangmu_owner",
        "SET session_replication_role = replica",
        "CREATE TABLE public.mine (id int)",
        "CREATE SCHEMA mine",
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "COPY (SELECT 1) TO '/tmp/copied'",
        "SELECT pg_read_file('/etc/hostname')",
        "SELECT lo_import('/etc/hostname')",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT lo_create(0)",
        "SELECT * FROM pg_authid",
        "SELECT * FROM pg_stat_statements",
        "SELECT * FROM procrastinate_jobs",
        "SELECT nextval('parties_organisation_id_seq')",
        "SELECT records_horizon()",
        "SELECT records_purge(1, '{}', '{}')",
        "SELECT parties_rebuild_closure()",
        "SELECT * FROM parties_membership",
        "SELECT * FROM filing_batch",
        "SELECT * FROM records_seal",
    ],
)
def test_a_login_of_the_web_role_is_refused(django_db_setup, statement):
    database = connection.settings_dict["NAME"]
    with (
        psycopg.connect(**LEASE.dsn("web", str(database)), autocommit=True) as web,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        web.execute(statement)


def ask(user: User, statement: str, *values: int | None) -> list:
    with acting_as(user), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return cursor.fetchall()


@pytest.mark.req("M-5.8.1.3")
def test_nobody_asks_for_the_roles_or_the_branch_of_somebody_else(world):
    assignments = "SELECT * FROM access_assignments(%s, '2026-11-20', '')"
    branch = "SELECT * FROM access_branch(%s, '2026-11-20')"
    region, other = (Organisation.objects.get(code=code).pk for code in ("R1", "R2"))
    assert len(ask(world.former, assignments, world.former.pk)) == 1
    assert len(ask(world.former, branch, region)) > 1
    for statement, value in ((assignments, world.present.pk), (assignments, None), (branch, other), (branch, None)):
        with pytest.raises(ProgrammingError, match=r"another user|no role"):
            ask(world.former, statement, value)


@pytest.mark.req("M-5.8.1.3")
def test_who_has_signed_in_gets_no_password_but_their_own(world):
    assert ask(world.former, "SELECT id FROM accounts_credentials('former')") == [(world.former.pk,)]
    assert ask(world.former, "SELECT id FROM accounts_credentials('present')") == []
    with acting_as(None), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_credentials('present')")
        assert cursor.fetchall() == [(world.present.pk,)]


def test_nobody_queues_or_unqueues_the_job_of_somebody_else(world):
    with acting_as(world.former):
        job = jobs.start("filing.load-facts", by=world.former, key="mine")
    for function in ("jobs_enqueue", "jobs_dequeue"):
        with pytest.raises(ProgrammingError, match="another user"):
            ask(world.present, f"SELECT {function}(%s)", job.pk)
    with acting_as(world.former):
        assert jobs.cancel(job, by=world.former).state == "cancelled"
    assert column("SELECT status::text FROM procrastinate_jobs WHERE task_name = 'gangmu.jobs.run'") == {"cancelled"}
