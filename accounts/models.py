"""The people who use Sluice. What each role may do is in `releases.policy`."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone


class Role(models.TextChoices):
    """From the weakest to the strongest: where several cover a function, the strongest counts.

    Administrators come last because they decide at no gate: whoever says who has a role does not
    become an approver by a second one.
    """

    NONE = "none", "No role"
    VIEWER = "viewer", "Viewer"
    AUDITOR = "auditor", "Auditor"
    DEVELOPER = "developer", "Developer"
    SECURITY = "security", "Security"
    RELEASE_MANAGER = "release_manager", "Release manager"
    ADMINISTRATOR = "administrator", "Administrator"

    @property
    def strength(self) -> int:
        return list(Role).index(self)

    @property
    def of_somebody(self) -> str:
        """Completes "Ines …"."""
        return "has no role" if self == Role.NONE else f"is {self.label.lower()}"


class Theme(models.TextChoices):
    SYSTEM = "system", "As the system has it"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class User(AbstractUser):
    """A person. One role each for one function: nobody counts twice at a gate.

    `role` is the one for everything; `releases.models.Grant` gives more for a part of it, and
    everything to somebody whose role for everything is none.
    """

    role = models.CharField(max_length=20, choices=Role, default=Role.VIEWER)
    theme = models.CharField(max_length=10, choices=Theme, default=Theme.SYSTEM)
    # A name of the tz database; pages show times on its wall clock.
    time_zone = models.CharField(max_length=64, default="UTC")
    # Kept by a trigger on grants, so that people without any cost no query for them.
    has_grants = models.BooleanField(default=False, editable=False)

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        words = self.name.replace("-", " ").split()
        return "".join(word[0] for word in words[:2]).upper()

    def __str__(self) -> str:
        return self.name


class Invitation(models.Model):
    """A link by which one person makes their own account. Of its code only the digest is kept."""

    username = models.CharField(max_length=150)
    name = models.CharField(max_length=150)
    role = models.CharField(max_length=20, choices=Role)
    # SHA-256 of 32 random bytes: nothing that could be guessed, so nothing that has to be slow.
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["username"],
                condition=models.Q(revoked_at=None, accepted_at=None),
                name="one_open_invitation_a_username",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(revoked_at=None),
                name="an_invitation_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation of {self.username}"

    @property
    def why_not(self) -> str:
        """Why it lets nobody in any more; empty while it does."""
        inviter = self.invited_by
        if self.accepted_at:
            return "it was used already"
        if self.revoked_at:
            return "it was revoked"
        if self.expires_at <= timezone.now():
            return "it has expired"
        # Nobody leaves a way in behind.
        if not inviter.is_active or inviter.role != Role.ADMINISTRATOR:
            return f"{inviter.name}, who made it, is no longer an administrator"
        return ""


class BreakGlassCode(models.Model):
    """A code on paper that signs one person in once, for when the identity provider is down."""

    # The first four letters of the code, by which it is found; of the rest there is only a hash.
    selector = models.CharField(max_length=4, unique=True)
    secret_hash = models.CharField(max_length=128)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="codes")
    printed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    printed_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    # Until then its session lasts at the longest; `ended_at` if it was over before.
    session_ends_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(revoked_at=None),
                name="a_code_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return f"break-glass code {self.selector}"
