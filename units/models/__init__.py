"""Who exists, who is asking, what was done, and what is waiting to be done."""

from units.models.keys import FormerPassword, RecoveryCode, SecondFactor
from units.models.notices import Mail, Notice
from units.models.offices import Organisation, Succession, Unit, UnitAlias, UnitClass, UnitGroup
from units.models.people import ADMINISTRATORS, UNIT_ROLES, Membership, Role, TextSize, User
from units.models.records import AuditEvent, Job, JobState, WorkerPulse

__all__ = [
    "ADMINISTRATORS",
    "UNIT_ROLES",
    "AuditEvent",
    "FormerPassword",
    "Job",
    "JobState",
    "Mail",
    "Membership",
    "Notice",
    "Organisation",
    "RecoveryCode",
    "Role",
    "SecondFactor",
    "Succession",
    "TextSize",
    "Unit",
    "UnitAlias",
    "UnitClass",
    "UnitGroup",
    "User",
    "WorkerPulse",
]
