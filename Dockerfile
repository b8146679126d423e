# One image for web, worker and cron; the command chooses.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.lock .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home sluice \
    && mkdir /artifacts && chown sluice /artifacts
WORKDIR /app
COPY --from=build /venv /venv
COPY manage.py ./
COPY config config
COPY accounts accounts
COPY releases releases
COPY templates templates
COPY static static
ENV PATH="/venv/bin:$PATH" PYTHONUNBUFFERED=1 ARTIFACT_ROOT=/artifacts
# collectstatic needs settings, not secrets: these stay in this layer and mean nothing.
RUN SECRET_KEY=build SLUICE_DIGEST_KEY=build SLUICE_FACTOR_KEY=build python manage.py collectstatic --noinput --skip-checks
USER sluice
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz/')"]
CMD ["python", "-m", "config.serve", "--host", "0.0.0.0"]
