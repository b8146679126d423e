"""When AWS stops maintaining each Lambda runtime.

Source: the tables of https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html, as known
on AS_OF. AWS moves these dates, mostly to later ones; a runtime that is not listed has none yet.
"""

from datetime import date, timedelta

AS_OF = date(2026, 2, 10)
# AWS itself warns this long before.
SOON = timedelta(days=120)

# From this day on it gets no security updates. Functions that use it are still invoked.
DEPRECATED = {
    "dotnet10": date(2028, 11, 14),
    "dotnet6": date(2024, 11, 12),
    "dotnet7": date(2024, 5, 14),
    "dotnet8": date(2026, 11, 10),
    "dotnetcore2.1": date(2022, 1, 5),
    "dotnetcore3.1": date(2023, 4, 3),
    "go1.x": date(2024, 1, 8),
    "java11": date(2026, 6, 30),
    "java17": date(2026, 6, 30),
    "java21": date(2029, 6, 30),
    "java25": date(2029, 6, 30),
    "java8": date(2024, 1, 8),
    "java8.al2": date(2026, 6, 30),
    "nodejs10.x": date(2021, 7, 30),
    "nodejs12.x": date(2023, 3, 31),
    "nodejs14.x": date(2023, 12, 4),
    "nodejs16.x": date(2024, 6, 12),
    "nodejs18.x": date(2025, 9, 1),
    "nodejs20.x": date(2026, 4, 30),
    "nodejs22.x": date(2027, 4, 30),
    "nodejs24.x": date(2028, 4, 30),
    "nodejs8.10": date(2020, 3, 6),
    "provided": date(2024, 1, 8),
    "provided.al2": date(2026, 6, 30),
    "provided.al2023": date(2029, 6, 30),
    "python2.7": date(2021, 7, 15),
    "python3.10": date(2026, 6, 30),
    "python3.11": date(2026, 6, 30),
    "python3.12": date(2028, 10, 31),
    "python3.13": date(2029, 6, 30),
    "python3.14": date(2029, 6, 30),
    "python3.6": date(2022, 7, 18),
    "python3.7": date(2023, 12, 4),
    "python3.8": date(2024, 10, 14),
    "python3.9": date(2025, 12, 15),
    "ruby2.5": date(2021, 7, 30),
    "ruby2.7": date(2023, 12, 7),
    "ruby3.2": date(2026, 3, 31),
    "ruby3.3": date(2027, 3, 31),
    "ruby3.4": date(2028, 3, 31),
}

# From this day on AWS refuses to update such a function: its code and settings stand still.
UPDATES_BLOCKED = {
    "dotnet6": date(2025, 5, 31),
    "dotnet7": date(2024, 5, 14),
    "dotnetcore2.1": date(2022, 4, 13),
    "dotnetcore3.1": date(2023, 5, 3),
    "nodejs10.x": date(2022, 2, 14),
    "nodejs12.x": date(2023, 4, 30),
    "nodejs8.10": date(2020, 3, 6),
    "python2.7": date(2022, 5, 30),
    "python3.6": date(2022, 8, 29),
    "ruby2.5": date(2022, 3, 31),
}


def warning_about(runtime: str, *, today: date) -> str:
    """What is wrong with a runtime today, as a sentence; empty if nothing is known."""
    blocked, ends = UPDATES_BLOCKED.get(runtime), DEPRECATED.get(runtime)
    if blocked and blocked <= today:
        return (
            f"{runtime} ended: AWS does not let functions that use it be updated since"
            f" {blocked:%Y-%m-%d}, so nothing can be fixed there"
        )
    if ends and ends <= today:
        return f"{runtime} is deprecated since {ends:%Y-%m-%d}: no security updates any more"
    if ends and ends - SOON <= today:
        return f"{runtime} gets no security updates after {ends:%Y-%m-%d}"
    return ""
