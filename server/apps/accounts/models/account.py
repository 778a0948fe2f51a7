"""A person."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from server.lib.passwords import plain_password, spellings


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(username__iexact=username)


class Account(AbstractBaseUser, PermissionsMixin):
    """Signs in with the e-mail address; `username` and `slug` are public names."""

    username = models.CharField(max_length=40, unique=True)
    email = models.EmailField(unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120, blank=True)
    tagline = models.CharField(max_length=260, blank=True)
    time_zone = models.CharField(
        max_length=64, default="UTC", help_text="A name of the IANA time zone database."
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    credentials_version = models.PositiveIntegerField(
        default=1, help_text="Part of every JWT: raising it revokes all of them."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = AccountManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="account_email_is_unique_in_any_case"),
            models.UniqueConstraint(Lower("username"), name="user_name_is_unique_in_any_case"),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def ref(self) -> str:
        """How other objects name an account: `@alice`."""
        return f"@{self.slug}"

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(plain_password(raw_password) if raw_password is not None else None)

    def check_password(self, raw_password: str | None) -> bool:
        """Whichever keyboard it is typed on."""
        return any(super(Account, self).check_password(each) for each in spellings(raw_password or ""))

    def get_full_name(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.username
