"""The people who use Sluice. What each role may do is in `releases.policy`."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    VIEWER = "viewer", "Viewer"
    DEVELOPER = "developer", "Developer"
    RELEASE_MANAGER = "release_manager", "Release manager"
    SECURITY = "security", "Security"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"


class User(AbstractUser):
    """A person. One role each: nobody counts twice at a gate."""

    role = models.CharField(max_length=20, choices=Role, default=Role.VIEWER)

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        words = self.name.replace("-", " ").split()
        return "".join(word[0] for word in words[:2]).upper()

    def __str__(self) -> str:
        return self.name
