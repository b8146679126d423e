"""How one's own account looks."""

from django import template

from accounts.browsers import browser_of

register = template.Library()
register.filter("browser", browser_of)
