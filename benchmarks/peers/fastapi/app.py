"""The popular Python peer: FastAPI, SQLAlchemy's async ORM, pydantic models, redis-py, Jinja2."""

import datetime as dt
import hashlib
import json
import os
import secrets
import uuid
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import redis.asyncio as redis
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from fastapi import Cookie, Depends, FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, LargeBinary, select
from sqlalchemy.dialects.postgresql import CITEXT, TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship

engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+asyncpg:"), pool_size=10, max_overflow=0
)
Session = async_sessionmaker(engine, expire_on_commit=False)
cache = redis.from_url(os.environ["REDIS_URL"])
templates = Jinja2Templates(Path(__file__).parent)
hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
LAST = uuid.UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")


class Base(DeclarativeBase):
    type_annotation_map = {dt.datetime: TIMESTAMP(timezone=True)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(CITEXT)
    handle: Mapped[str] = mapped_column(CITEXT)
    display_name: Mapped[str]
    bio: Mapped[str]
    avatar: Mapped[str | None]
    role: Mapped[str]
    status: Mapped[str]
    listed: Mapped[bool]
    created_at: Mapped[dt.datetime]
    password: Mapped["Password"] = relationship(lazy="raise")


class Password(Base):
    __tablename__ = "passwords"
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    hash: Mapped[str]


class SessionRow(Base):
    __tablename__ = "sessions"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    method: Mapped[str]
    device: Mapped[str]
    address_prefix: Mapped[str]
    created_at: Mapped[dt.datetime]
    authenticated_at: Mapped[dt.datetime]
    last_seen_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]


class PersonOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: uuid.UUID
    handle: str
    display_name: str
    bio: str
    avatar: str | None
    role: str
    created_at: dt.datetime


class PeopleOut(BaseModel):
    items: list[PersonOut]
    next: uuid.UUID | None


class SignIn(BaseModel):
    email: str
    password: str


class WhoOut(BaseModel):
    user_id: uuid.UUID
    role: str


@asynccontextmanager
async def lifespan(_):
    yield
    await engine.dispose()
    await cache.aclose()


app = FastAPI(lifespan=lifespan)


async def database():
    async with Session() as session:
        yield session


Database = Annotated[AsyncSession, Depends(database)]


async def signed_in(peer_session: Annotated[str | None, Cookie()] = None) -> WhoOut:
    found = peer_session and await cache.get(f"peer:session:{peer_session}")
    if not found:
        raise HTTPException(401, "not_signed_in")
    return WhoOut(**json.loads(found))


async def newest(session: AsyncSession, before: uuid.UUID | None) -> dict:
    query = (
        select(User)
        .where(User.status == "active", User.listed, User.id < (before or LAST))
        .order_by(User.id.desc())
        .limit(21)
    )
    rows = (await session.scalars(query)).all()
    return {"items": rows[:20], "next": rows[19].id if len(rows) > 20 else None}


@app.get("/health")
async def health() -> dict[str, bool]:
    return {"ok": True}


@app.get("/session")
async def session_(who: Annotated[WhoOut, Depends(signed_in)]) -> WhoOut:
    return who


@app.get("/people", response_model=PeopleOut)
async def people(session: Database, before: uuid.UUID | None = None):
    return await newest(session, before)


@app.get("/cached")
async def cached(_: Annotated[WhoOut, Depends(signed_in)]) -> Response:
    return Response(await cache.get("peer:people"), media_type="application/json")


@app.get("/page")
async def page(request: Request, session: Database):
    return templates.TemplateResponse(request, "people.html", await newest(session, None))


@app.post("/sign-in")
async def sign_in(body: SignIn, session: Database, response: Response) -> WhoOut:
    user = await session.scalar(
        select(User).options(joinedload(User.password)).where(User.email == body.email, User.status == "active")
    )
    try:
        await run_in_threadpool(hasher.verify, user.password.hash if user else "", body.password)
    except VerifyMismatchError:
        raise HTTPException(401, "wrong") from None
    token, now = secrets.token_urlsafe(32), dt.datetime.now(dt.UTC)
    session.add(
        SessionRow(
            id=uuid.uuid4(),
            user_id=user.id,
            token_hash=hashlib.sha256(token.encode()).digest(),
            method="password",
            device="peer",
            address_prefix="127.0.0.0/24",
            created_at=now,
            authenticated_at=now,
            last_seen_at=now,
            expires_at=now + dt.timedelta(days=30),
        )
    )
    await session.commit()
    who = WhoOut(user_id=user.id, role=user.role)
    await cache.set(f"peer:session:{token}", who.model_dump_json(), ex=2592000)
    response.set_cookie("peer_session", token, httponly=True, samesite="lax")
    return who
