"""What the demo's functions are about: the words that their code is written from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Project:
    """A small code base. Each revision may have more of its `verbs` and `fields`."""

    name: str
    language: str
    about: str
    noun: str
    verbs: tuple[str, ...]
    fields: tuple[str, ...]


_ALL = (
    Project(
        "checkout-api", "python", "Prices, reserves and confirms orders", "order",
        ("price", "reserve", "confirm", "cancel", "refund", "split", "reprice", "hold"),
        ("order_id", "customer_id", "lines", "currency", "coupon", "channel", "gift_note",
         "loyalty_points", "tax_region", "express"),
    ),
    Project(
        "invoice-renderer", "node", "Renders invoices and credit notes as PDF", "invoice",
        ("render", "archive", "send", "correct", "duplicate", "translate"),
        ("invoiceId", "orderId", "lines", "taxRate", "language", "dueDate", "reverseCharge"),
    ),
    Project(
        "image-resizer", "image", "Product images in all sizes", "image",
        ("resize", "crop", "sharpen"), ("key", "width", "height"),
    ),
    Project(
        "order-events", "python", "Forwards order events to the event bus", "event",
        ("forward", "replay", "park", "expire", "enrich"),
        ("event_id", "kind", "order_id", "payload", "attempt", "parked_at", "source"),
    ),
    Project(
        "payment-webhook", "node", "Takes notifications of the payment provider", "notification",
        ("verify", "settle", "refuse", "dispute", "chargeback", "reconcile"),
        ("notificationId", "paymentId", "amount", "currency", "signature", "retryOf", "risk"),
    ),
    Project(
        "search-indexer", "python", "Keeps the product search up to date", "document",
        ("index", "remove", "reindex", "boost", "suggest", "synonym", "prune"),
        ("document_id", "title", "body", "language", "price", "stock", "synonyms", "boost"),
    ),
    Project(
        "session-cleanup", "python", "Removes sessions that nobody uses any more", "session",
        ("expire", "archive", "count", "warn"),
        ("session_id", "customer_id", "last_seen", "device", "region"),
    ),
    Project(
        "stock-alerts", "python", "Tells buyers which goods run out", "alert",
        ("check", "notify", "snooze", "group", "mute"),
        ("sku", "warehouse", "left", "threshold", "buyer", "sent_at"),
    ),
    Project(
        "newsletter-sender", "ruby", "Sends the newsletter in batches", "newsletter",
        ("send", "pause", "unsubscribe", "bounce"), ("list", "subject", "body", "segment"),
    ),
    Project(
        "report-builder", "shell", "Nightly reports for accounting", "report",
        ("collect", "sum", "upload"), ("day", "region", "total"),
    ),
    Project(
        "feature-flags", "node", "Answers which features are on", "flag",
        ("evaluate", "list", "toggle"), ("flagId", "audience", "share", "until"),
    ),
)  # fmt: skip
PROJECTS = {project.name: project for project in _ALL}
