"""Who may do what: the one table of roles. Pages show it, and every `can_*` asks it.

A role is somebody's for a function, an environment or everything (`releases.models.roles`); what
else has to be so, the state of a release or who its author is, `can_*` ask besides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from accounts.models import Role
from releases.rules import Group

EVERYBODY = frozenset(Role) - {Role.NONE}
MANAGERS = frozenset({Role.RELEASE_MANAGER})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
REQUESTERS = frozenset({Role.DEVELOPER, Role.RELEASE_MANAGER})
GROUPS = frozenset(Role(group.value) for group in Group)
COMMENTERS = EVERYBODY - {Role.VIEWER, Role.AUDITOR}
KEEPERS = MANAGERS | ADMINISTRATORS


class Reach(StrEnum):
    """For what somebody needs the role."""

    FUNCTION = "the function"
    ENVIRONMENT = "the environment"
    EVERYTHING = "everything"


@dataclass(frozen=True)
class Right:
    """`verb` completes both "Only release managers …" and "You may …"."""

    verb: str
    roles: frozenset[Role]
    reach: Reach = Reach.FUNCTION
    # What the role alone does not decide.
    note: str = ""


SEE = Right("see functions, their releases and their history", EVERYBODY)
COMMENT = Right("comment", COMMENTERS, note="Only its author removes a comment.")
COMPARE = Right("have code compared once more", REQUESTERS | GROUPS | ADMINISTRATORS)

REQUEST = Right("request releases", REQUESTERS)
PROMOTE = Right(
    "promote releases",
    REQUESTERS,
    note="Needs the role for the function that it goes to.",
)
STEER = Right(
    "steer releases",
    MANAGERS,
    note="Cancel, retry, reschedule, supersede, settle a conflict; also whoever requested it.",
)
APPROVE = Right(
    "approve releases",
    GROUPS,
    note="Whom the function's policy asks, and never an author of the release.",
)
REJECT = Right("reject releases", GROUPS)
OVERRIDE = Right("override a freeze", MANAGERS, note="It then needs one approval more.")

ROLL_BACK = Right("roll back", MANAGERS)
HOLD = Right("put a function on hold", MANAGERS)
RESUME = Right("resume a function", MANAGERS)

ADOPT = Right("adopt what was changed outside Sluice", REQUESTERS)
RESTORE = Right("put a function back", MANAGERS)
IGNORE = Right("ignore what was changed outside Sluice", MANAGERS)

ADD = Right("add functions", KEEPERS)
CHANGE = Right("change a function's settings", KEEPERS)
STAGE_FIRST = Right("let code onto $LATEST before it is approved", ADMINISTRATORS)
SET_TEAM = Right("say which team a function belongs to", ADMINISTRATORS, Reach.EVERYTHING)
REFRESH = Right("read a function from AWS", REQUESTERS | ADMINISTRATORS)

FREEZE = Right(
    "place freezes",
    KEEPERS,
    Reach.ENVIRONMENT,
    note="A freeze of all environments needs the role for everything.",
)
LIFT = Right(
    "lift freezes",
    ADMINISTRATORS,
    Reach.ENVIRONMENT,
    note="A freeze of all environments needs the role for everything.",
)
PROPOSE = Right(
    "change approval policies",
    ADMINISTRATORS,
    note="Of a function or an environment; a looser one needs approval.",
)
DECIDE = Right(
    "approve or reject a looser policy",
    GROUPS,
    note="Whom the present policy asks, and never whoever proposed it.",
)

MANAGE = Right(
    "manage environments",
    ADMINISTRATORS,
    Reach.ENVIRONMENT,
    note="Adding one needs the role for everything.",
)
SYNC = Right("have an environment read from AWS", REQUESTERS | ADMINISTRATORS, Reach.ENVIRONMENT)

READ_HISTORY = Right(
    "read the history and take it away",
    EVERYBODY,
    note="What happened to functions that they see, and evidence of it.",
)
GIVE_ROLES = Right("give and take roles", ADMINISTRATORS, Reach.EVERYTHING)
MANAGE_PEOPLE = Right(
    "manage people",
    ADMINISTRATORS,
    Reach.EVERYTHING,
    note="Invite, deactivate, print break-glass codes; nobody changes themselves.",
)

MATRIX: dict[str, tuple[Right, ...]] = {
    "Read and discuss": (SEE, READ_HISTORY, COMMENT, COMPARE),
    "Release": (REQUEST, PROMOTE, STEER, APPROVE, REJECT, OVERRIDE),
    "Roll back and hold": (ROLL_BACK, HOLD, RESUME),
    "What was changed outside Sluice": (ADOPT, RESTORE, IGNORE),
    "Functions": (ADD, CHANGE, STAGE_FIRST, SET_TEAM, REFRESH),
    "Policies and freezes": (PROPOSE, DECIDE, FREEZE, LIFT),
    "Environments": (MANAGE, SYNC),
    "People": (MANAGE_PEOPLE, GIVE_ROLES),
}
