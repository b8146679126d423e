#!/bin/sh
# Everything that finds a mistake without running a test: all of it, then fails if any part did.
set -eu
cd "$(dirname "$0")/.."
PATH="$(pwd)/.venv/bin:$PATH"

failed=""

step() {
    echo "== $*"
    "$@" || failed="$failed $1"
}

step ruff check --quiet .
step ruff format --check --quiet .
step mypy .
step lint-imports --no-logo
step djlint --quiet --lint templates
step python manage.py sandbox run -- python manage.py makemigrations --check

# As in production: the real settings, with only what an operator sets.
unset DJANGO_SETTINGS_MODULE SLUICE_AWS_ENDPOINT SECURE_COOKIES
export SECRET_KEY="only-for-the-deployment-check-0123456789-abcdefghijklmnopqrstuvwxyz"
export SLUICE_DIGEST_KEY="$SECRET_KEY" SLUICE_AUDIT_KEY="$SECRET_KEY" SLUICE_FACTOR_KEY="$SECRET_KEY"
export ALLOWED_HOSTS=sluice.example.com
export DATABASE_URL=postgresql://sluice@127.0.0.1/sluice REDIS_URL=redis://127.0.0.1/0
step python manage.py check --deploy --fail-level WARNING

if [ -n "$failed" ]; then
    echo "Not good yet:$failed" >&2
    exit 1
fi
