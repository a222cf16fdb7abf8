"""The first tables

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_link",
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("secret_hash", sa.BINARY(length=32), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_account_link_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_link")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("account_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_link_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "catalog_listing",
        sa.Column("city", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("listing", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("public_id", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("section", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("price_kind", sa.String(length=6), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=True),
        sa.Column("price_currency", sa.String(length=3), nullable=True),
        sa.Column("reserved", sa.Boolean(), nullable=False),
        sa.Column("photo_count", sa.SmallInteger(), nullable=False),
        sa.Column("photo_jpg", sa.String(length=48), nullable=True),
        sa.Column("photo_avif", sa.String(length=48), nullable=True),
        sa.Column("photo_width", sa.SmallInteger(), nullable=True),
        sa.Column("photo_height", sa.SmallInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city", "listing", name=op.f("pk_catalog_listing")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("catalog_listing", schema=None) as batch_op:
        batch_op.create_index("ix_catalog_category", ["category", "created_at", "listing"], unique=False)
        batch_op.create_index("ix_catalog_city", ["city", "created_at", "listing"], unique=False)
        batch_op.create_index("ix_catalog_city_category", ["city", "category", "created_at", "listing"], unique=False)
        batch_op.create_index("ix_catalog_city_section", ["city", "section", "created_at", "listing"], unique=False)
        batch_op.create_index("ix_catalog_country", ["country", "created_at", "listing"], unique=False)
        batch_op.create_index(
            "ix_catalog_country_category", ["country", "category", "created_at", "listing"], unique=False
        )
        batch_op.create_index(
            "ix_catalog_country_section", ["country", "section", "created_at", "listing"], unique=False
        )
        batch_op.create_index("ix_catalog_home", ["created_at", "listing"], unique=False)
        batch_op.create_index("ix_catalog_region", ["region", "created_at", "listing"], unique=False)
        batch_op.create_index(
            "ix_catalog_region_category", ["region", "category", "created_at", "listing"], unique=False
        )
        batch_op.create_index("ix_catalog_region_section", ["region", "section", "created_at", "listing"], unique=False)
        batch_op.create_index("ix_catalog_section", ["section", "created_at", "listing"], unique=False)

    op.create_table(
        "catalog_tombstone",
        sa.Column("city", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("listing", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city", "listing", name=op.f("pk_catalog_tombstone")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("catalog_tombstone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_tombstone_at"), ["at"], unique=False)

    op.create_table(
        "claim_fence",
        sa.Column("token", sa.BINARY(length=16), nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(length=5), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_claim_fence")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "event",
        sa.Column("owner_seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("feed_seq", sa.BigInteger(), nullable=True),
        sa.Column("request_id", sa.String(length=32), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_event_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_feed_seq_id"), ["feed_seq", "id"], unique=False)

    op.create_table(
        "favourite",
        sa.Column("listing", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), nullable=False),
        sa.Column("city", sa.Integer(), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=True),
        sa.Column("price_currency", sa.String(length=3), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_favourite_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_favourite")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("favourite", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_favourite_listing"), ["listing"], unique=False)
        batch_op.create_index(batch_op.f("ix_favourite_owner_listing"), ["owner", "listing"], unique=True)

    op.create_table(
        "feed_position",
        sa.Column("one", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("swept", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_feed_position")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "inbox",
        sa.Column("owner", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("consumer", sa.String(length=40), nullable=False),
        sa.Column(
            "event_id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("outcome", sa.String(length=4), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "consumer", "event_id", name=op.f("pk_inbox")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbox_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_inbox_outcome_at"), ["outcome", "at"], unique=False)

    op.create_table(
        "journal",
        sa.Column("ks", sa.String(length=8), nullable=False),
        sa.Column("lo", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tbl", sa.String(length=32), nullable=False),
        sa.Column("pk", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ver", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ks", "lo", "tbl", "pk", name=op.f("pk_journal")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "listing",
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("condition", sa.String(length=12), nullable=True),
        sa.Column("price_kind", sa.String(length=6), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=True),
        sa.Column("price_currency", sa.String(length=3), nullable=True),
        sa.Column("negotiable", sa.Boolean(), nullable=False),
        sa.Column("city", sa.Integer(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("seller_name", sa.String(length=60), nullable=False),
        sa.Column("photo_count", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("warned_for", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_listing_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_listing_owner_state_published_at"), ["owner", "state", "published_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_listing_state_expires_at"), ["state", "expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_listing_state_updated_at"), ["state", "updated_at"], unique=False)

    op.create_table(
        "listing_link",
        sa.Column("listing", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("secret_hash", sa.BINARY(length=32), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_listing_link_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_link")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("listing_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_listing_link_owner_listing"), ["owner", "listing"], unique=False)

    op.create_table(
        "listing_photo",
        sa.Column("listing", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("alt", sa.String(length=120), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_listing_photo_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_photo")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("listing_photo", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_listing_photo_owner_listing_position"), ["owner", "listing", "position"], unique=False
        )

    op.create_table(
        "login_session",
        sa.Column("secret_hash", sa.BINARY(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("agent", sa.String(length=120), nullable=False),
        sa.Column("network", sa.String(length=45), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_login_session_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_session_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "complaint",
        sa.Column("subject", sa.String(length=8), nullable=False),
        sa.Column("listing", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), nullable=False),
        sa.Column("thread", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), nullable=True),
        sa.Column("message", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), nullable=True),
        sa.Column("reporter", sa.BigInteger(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_complaint_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_complaint_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_complaint_state_created_at"), ["state", "created_at"], unique=False)

    op.create_table(
        "message",
        sa.Column("thread", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("mine", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("offer", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("share_address", sa.Boolean(), nullable=False),
        sa.Column("source", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_message_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_owner_thread_number"), ["owner", "thread", "number"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_owner_thread_source"), ["owner", "thread", "source"], unique=True)

    op.create_table(
        "message_block",
        sa.Column("blocked", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_message_block_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_block")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("message_block", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_block_owner_blocked"), ["owner", "blocked"], unique=True)

    op.create_table(
        "message_thread",
        sa.Column("other", sa.BigInteger(), nullable=False),
        sa.Column("other_name", sa.String(length=60), nullable=False),
        sa.Column("listing", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("folder", sa.String(length=7), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("news", sa.Boolean(), nullable=False),
        sa.Column("cut", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("mailed", sa.Integer(), nullable=False),
        sa.Column("mailed_at", sa.BigInteger(), nullable=False),
        sa.Column("mail_due_at", sa.BigInteger(), nullable=True),
        sa.Column("relay", sa.BINARY(length=16), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_message_thread_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_thread")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("message_thread", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_thread_deleted_at"), ["deleted_at"], unique=False)
        batch_op.create_index("ix_message_thread_list", ["owner", "folder", "news", "last_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_thread_mail_due_at"), ["mail_due_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_message_thread_owner_listing_other"), ["owner", "listing", "other"], unique=True
        )
        batch_op.create_index(batch_op.f("ix_message_thread_owner_other"), ["owner", "other"], unique=False)

    op.create_table(
        "owner_seq",
        sa.Column("owner", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("family", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "family", name=op.f("pk_owner_seq")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "request_key",
        sa.Column("owner", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.BINARY(length=16), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name=op.f("pk_request_key")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("request_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_key_at"), ["at"], unique=False)

    op.create_table(
        "scope_state",
        sa.Column("ks", sa.String(length=8), nullable=False),
        sa.Column("lo", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hi", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.String(length=4), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("move_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("peer", sa.String(length=16), nullable=True),
        sa.Column("copied_upto", sa.BigInteger(), nullable=True),
        sa.Column("copy_done", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("copy_src_epoch", sa.BigInteger(), nullable=True),
        sa.Column("copy_dst_epoch", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("ks", "lo", name=op.f("pk_scope_state")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("scope_state", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scope_state_ks_mode"), ["ks", "mode"], unique=False)

    op.create_table(
        "shard_identity",
        sa.Column("one", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("shard_id", sa.String(length=16), nullable=False),
        sa.Column("primary_epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_shard_identity")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "user",
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(length=160), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_user_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_closed_at"), ["closed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_state_created_at"), ["state", "created_at"], unique=False)

    op.create_table(
        "account_warning",
        sa.Column("listing", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("given_by", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_account_warning_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_warning")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "mail_bounce",
        sa.Column("owner", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("address_hash", sa.BINARY(length=32), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_mail_bounce")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "mail_choice",
        sa.Column("owner", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "kind", name=op.f("pk_mail_choice")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("mail_choice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_choice_kind_wanted_owner"), ["kind", "wanted", "owner"], unique=False)

    op.create_table(
        "newsletter_copy",
        sa.Column("owner", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("letter", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "letter", name=op.f("pk_newsletter_copy")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("newsletter_copy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_newsletter_copy_letter_outcome"), ["letter", "outcome"], unique=False)

    op.create_table(
        "saved_search",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("frequency", sa.String(length=7), nullable=False),
        sa.Column("state", sa.String(length=11), nullable=False),
        sa.Column("analysis", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("mailed_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_saved_search_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("saved_search", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_search_analysis"), ["analysis"], unique=False)
        batch_op.create_index(batch_op.f("ix_saved_search_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_saved_search_state_created_at"), ["state", "created_at"], unique=False)

    op.create_table(
        "search_key",
        sa.Column("selector", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("search", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(search >> 22) = owner", name=op.f("ck_search_key_owner")),
        sa.PrimaryKeyConstraint("selector", "scope", "search", name=op.f("pk_search_key")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("search_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_key_owner_search"), ["owner", "search"], unique=False)

    op.create_table(
        "search_match",
        sa.Column("owner", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("search", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("listing", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(search >> 22) = owner", name=op.f("ck_search_match_owner")),
        sa.PrimaryKeyConstraint("owner", "search", "listing", name=op.f("pk_search_match")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("search_match", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_match_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_search_match_owner_batch"), ["owner", "batch"], unique=False)

    op.create_table(
        "price_drop",
        sa.Column("owner", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("listing", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("amount", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("batch", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "listing", "amount", name=op.f("pk_price_drop")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("price_drop", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_price_drop_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_price_drop_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_price_drop_owner_batch"), ["owner", "batch"], unique=False)

    op.create_table(
        "webhook_attempt",
        sa.Column("owner", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "delivery", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("fault", sa.String(length=12), nullable=True),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("probe", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "delivery", "number", name=op.f("pk_webhook_attempt")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("webhook_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_attempt_at"), ["at"], unique=False)

    op.create_table(
        "webhook_delivery",
        sa.Column("endpoint", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), nullable=False),
        sa.Column("message", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("steps", sa.SmallInteger(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_webhook_delivery_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_delivery_created_at"), ["created_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_webhook_delivery_owner_endpoint_message"), ["owner", "endpoint", "message"], unique=True
        )
        batch_op.create_index(
            batch_op.f("ix_webhook_delivery_owner_endpoint_state_due_at"),
            ["owner", "endpoint", "state", "due_at"],
            unique=False,
        )

    op.create_table(
        "webhook_endpoint",
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.JSON(), nullable=False),
        sa.Column("per_second", sa.SmallInteger(), nullable=False),
        sa.Column("at_once", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=8), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("failed_at", sa.BigInteger(), nullable=True),
        sa.Column("succeeded_at", sa.BigInteger(), nullable=True),
        sa.Column("warned", sa.String(length=12), nullable=True),
        sa.Column("opens_at", sa.BigInteger(), nullable=False),
        sa.Column("window_at", sa.BigInteger(), nullable=False),
        sa.Column("window_count", sa.Integer(), nullable=False),
        sa.Column("slow", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_webhook_endpoint_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_endpoint_slow_due_at"), ["slow", "due_at"], unique=False)

    op.create_table(
        "webhook_message",
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(id >> 22) = owner", name=op.f("ck_webhook_message_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_message")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("webhook_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_message_created_at"), ["created_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("webhook_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_message_created_at"))

    op.drop_table("webhook_message")
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_endpoint_slow_due_at"))

    op.drop_table("webhook_endpoint")
    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_delivery_owner_endpoint_state_due_at"))
        batch_op.drop_index(batch_op.f("ix_webhook_delivery_owner_endpoint_message"))
        batch_op.drop_index(batch_op.f("ix_webhook_delivery_created_at"))

    op.drop_table("webhook_delivery")
    with op.batch_alter_table("webhook_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_attempt_at"))

    op.drop_table("webhook_attempt")
    with op.batch_alter_table("price_drop", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_price_drop_owner_batch"))
        batch_op.drop_index(batch_op.f("ix_price_drop_due_at"))
        batch_op.drop_index(batch_op.f("ix_price_drop_at"))

    op.drop_table("price_drop")
    with op.batch_alter_table("search_match", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_match_owner_batch"))
        batch_op.drop_index(batch_op.f("ix_search_match_at"))

    op.drop_table("search_match")
    with op.batch_alter_table("search_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_key_owner_search"))

    op.drop_table("search_key")
    with op.batch_alter_table("saved_search", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_search_state_created_at"))
        batch_op.drop_index(batch_op.f("ix_saved_search_due_at"))
        batch_op.drop_index(batch_op.f("ix_saved_search_analysis"))

    op.drop_table("saved_search")
    with op.batch_alter_table("newsletter_copy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_newsletter_copy_letter_outcome"))

    op.drop_table("newsletter_copy")
    with op.batch_alter_table("mail_choice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_choice_kind_wanted_owner"))

    op.drop_table("mail_choice")
    op.drop_table("mail_bounce")
    op.drop_table("account_warning")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_state_created_at"))
        batch_op.drop_index(batch_op.f("ix_user_closed_at"))

    op.drop_table("user")
    op.drop_table("shard_identity")
    with op.batch_alter_table("scope_state", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scope_state_ks_mode"))

    op.drop_table("scope_state")
    with op.batch_alter_table("request_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_request_key_at"))

    op.drop_table("request_key")
    op.drop_table("owner_seq")
    with op.batch_alter_table("message_thread", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_thread_owner_other"))
        batch_op.drop_index(batch_op.f("ix_message_thread_owner_listing_other"))
        batch_op.drop_index(batch_op.f("ix_message_thread_mail_due_at"))
        batch_op.drop_index("ix_message_thread_list")
        batch_op.drop_index(batch_op.f("ix_message_thread_deleted_at"))

    op.drop_table("message_thread")
    with op.batch_alter_table("message_block", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_block_owner_blocked"))

    op.drop_table("message_block")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_owner_thread_source"))
        batch_op.drop_index(batch_op.f("ix_message_owner_thread_number"))

    op.drop_table("message")
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_complaint_state_created_at"))
        batch_op.drop_index(batch_op.f("ix_complaint_created_at"))

    op.drop_table("complaint")
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_session_expires_at"))

    op.drop_table("login_session")
    with op.batch_alter_table("listing_photo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_listing_photo_owner_listing_position"))

    op.drop_table("listing_photo")
    with op.batch_alter_table("listing_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_listing_link_owner_listing"))

    op.drop_table("listing_link")
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_listing_state_updated_at"))
        batch_op.drop_index(batch_op.f("ix_listing_state_expires_at"))
        batch_op.drop_index(batch_op.f("ix_listing_owner_state_published_at"))

    op.drop_table("listing")
    op.drop_table("journal")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbox_outcome_at"))
        batch_op.drop_index(batch_op.f("ix_inbox_at"))

    op.drop_table("inbox")
    op.drop_table("feed_position")
    with op.batch_alter_table("favourite", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_favourite_owner_listing"))
        batch_op.drop_index(batch_op.f("ix_favourite_listing"))

    op.drop_table("favourite")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_feed_seq_id"))
        batch_op.drop_index(batch_op.f("ix_event_at"))

    op.drop_table("event")
    op.drop_table("claim_fence")
    with op.batch_alter_table("catalog_tombstone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_catalog_tombstone_at"))

    op.drop_table("catalog_tombstone")
    with op.batch_alter_table("catalog_listing", schema=None) as batch_op:
        batch_op.drop_index("ix_catalog_section")
        batch_op.drop_index("ix_catalog_region_section")
        batch_op.drop_index("ix_catalog_region_category")
        batch_op.drop_index("ix_catalog_region")
        batch_op.drop_index("ix_catalog_home")
        batch_op.drop_index("ix_catalog_country_section")
        batch_op.drop_index("ix_catalog_country_category")
        batch_op.drop_index("ix_catalog_country")
        batch_op.drop_index("ix_catalog_city_section")
        batch_op.drop_index("ix_catalog_city_category")
        batch_op.drop_index("ix_catalog_city")
        batch_op.drop_index("ix_catalog_category")

    op.drop_table("catalog_listing")
    with op.batch_alter_table("account_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_link_expires_at"))

    op.drop_table("account_link")
