"""Who sells: applications, stores, and what sellers learn, earn and agree to."""

from __future__ import annotations

from typing import Literal

from agoranomos.kernel.schema.base import Body, Id, Moment, Picture, Text


class SellerApplied(Body, frozen=True, kw_only=True):
    """`seller.applied`: someone asks to become a seller. What names a person is stored as tokens."""

    application_id: Id
    seller_id: Id
    legal_name: Text
    id_kind: Literal["cn_resident", "passport", "business"]
    id_number: Text
    id_photo: Picture | None = None
    holding_photo: Picture | None = None
    face_photo: Picture | None = None
    birth_date: str | None = None
    phone: str | None = None
    email: str | None = None
    bank_account: str | None = None
    licence_number: str | None = None
    address: str | None = None
    region: str | None = None
    device_id: Id | None = None
    ip: str | None = None


class ApplicationDecided(Body, frozen=True, kw_only=True):
    """`application.decided`: what became of an application."""

    application_id: Id
    outcome: Text


class StoreOpened(Body, frozen=True, kw_only=True):
    """`store.opened`: a seller has a store."""

    store_id: Id
    seller_id: Id
    name: str | None = None
    categories: tuple[str, ...] = ()
    region: str | None = None


class StoreClosed(Body, frozen=True, kw_only=True):
    """`store.closed`: the store is gone, and why."""

    store_id: Id
    reason: Literal["violation", "voluntary", "inactivity"]


class CourseCompleted(Body, frozen=True, kw_only=True):
    """`course.completed`: a seller finished a course."""

    seller_id: Id
    course_id: Id


class ProgrammeMilestone(Body, frozen=True, kw_only=True):
    """`programme.milestone`: a seller reached a step of a programme."""

    seller_id: Id
    milestone: Text


class CertificationHeld(Body, frozen=True, kw_only=True):
    """`certification.held`: an examination of a seller in a region."""

    seller_id: Id
    region: Text
    outcome: Text


class ConsentGiven(Body, frozen=True, kw_only=True):
    """`consent.given`: a seller lets a recipient use data for a purpose, until `ends_at`."""

    seller_id: Id
    purpose: Text
    recipient: Text
    ends_at: Moment


TYPES: dict[str, type[Body]] = {
    "seller.applied": SellerApplied,
    "application.decided": ApplicationDecided,
    "store.opened": StoreOpened,
    "store.closed": StoreClosed,
    "course.completed": CourseCompleted,
    "programme.milestone": ProgrammeMilestone,
    "certification.held": CertificationHeld,
    "consent.given": ConsentGiven,
}
