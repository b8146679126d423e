"""Signing in with an identity provider by OpenID Connect: settings, HTTP, protocol, pages."""
