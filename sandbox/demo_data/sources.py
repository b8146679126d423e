"""Templates of the demo's code, by language; words in angle brackets are filled in."""

PYTHON = {
    "index": ('''"""<about>: the entry point."""

import json
import logging

from <noun>s import service
from <noun>s.settings import LOG_LEVEL

log = logging.getLogger()
log.setLevel(LOG_LEVEL)

OPERATIONS = {
<routes>}


def handler(event, context):
    operation = OPERATIONS.get(event.get("operation", ""))
    if operation is None:
        return answer(404, {"error": "unknown operation"})
    try:
        return answer(200, operation(event.get("body") or {}))
    except service.Refused as error:
        log.warning("<noun> refused", extra={"reason": str(error)})
        return answer(409, {"error": str(error)})


def answer(status, body):
    return {"statusCode": status, "body": json.dumps(body)}
''',),
    "service": ('''"""What can be done with a <noun>."""

import time

from <noun>s.model import <Noun>
from <noun>s.settings import BATCH, RETRIES, TIMEOUT


class Refused(Exception):
    """The request cannot be carried out; the message says why."""

''',),
    "model": ('''"""A <noun> as it is stored."""

from dataclasses import asdict, dataclass


@dataclass
class <Noun>:
<columns>
    def missing(self):
        return [name for name, value in asdict(self).items() if value is None]
''',),
    "settings": ('''"""Limits, and what the environment says."""

import os

LOG_LEVEL = os.environ.get("LOG_LEVEL", "INFO")
RETRIES = <retries>
TIMEOUT = <timeout>.0
BATCH = <batch>
''',),
    "operations": (
        '''
def <verb>(body):
    found = <Noun>(**body)
    if not found.<field>:
        raise Refused("<field> is missing")
    return {"<field>": found.<field>, "state": "<verb>"}
''',
        '''
def <verb>(body):
    """Tried <retries> times, <timeout> seconds in all."""
    deadline = time.monotonic() + TIMEOUT
    for attempt in range(RETRIES):
        if time.monotonic() > deadline:
            break
        if body.get("<field>"):
            return {"<field>": body["<field>"], "attempt": attempt}
    raise Refused("no answer in time")
''',
        '''
def <verb>(body):
    rows = body.get("rows", [])
    batches = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
    return {"<field>": body.get("<field>"), "batches": len(batches)}
''',
    ),
}  # fmt: skip
NODE = {
    "index": ('''// <about>: the entry point.
import * as service from "./lib/service.mjs";

const operations = {
<routes>};

export const handler = async (event) => {
  const operation = operations[event.operation];
  if (!operation) return answer(404, { error: "unknown operation" });
  try {
    return answer(200, await operation(event.body ?? {}));
  } catch (error) {
    if (!(error instanceof service.Refused)) throw error;
    return answer(409, { error: error.message });
  }
};

const answer = (statusCode, body) => ({ statusCode, body: JSON.stringify(body) });
''',),
    "service": ('''// What can be done with one <noun>.
import { missing } from "./model.mjs";

const RETRIES = <retries>;
const BATCH = <batch>;

export class Refused extends Error {}
''',),
    "model": ('''// The fields of one <noun>.
export const FIELDS = [
<columns>];

export const missing = (found) => FIELDS.filter((field) => found[field] === undefined);
''',),
    "operations": (
        '''export async function <verb>(body) {
  const absent = missing(body);
  if (absent.includes("<field>")) throw new Refused("<field> is missing");
  return { <field>: body.<field>, state: "<verb>" };
}
''',
        '''export async function <verb>(body) {
  for (let attempt = 0; attempt < RETRIES; attempt += 1) {
    if (body.<field>) return { <field>: body.<field>, attempt };
    await new Promise((done) => setTimeout(done, <timeout>0));
  }
  throw new Refused("no answer in time");
}
''',
        '''export async function <verb>({ rows = [], <field> }) {
  const batches = Math.ceil(rows.length / BATCH);
  return { <field>, batches };
}
''',
    ),
}  # fmt: skip
RUBY = {
    "index": ('''# <about>: the entry point.
require_relative "lib/<noun>"

def handler(event:, context:)
  <Noun>.new(event).public_send(event.fetch("operation"))
end
''',),
    "service": ('''# What can be done with one <noun>.
class <Noun>
  RETRIES = <retries>
  BATCH = <batch>

  def initialize(event)
    @event = event
  end

<operations>end
''',),
    "operations": (
        '''  def <verb>
    @event.fetch("recipients").each_slice(BATCH).map { |some| deliver(some, "<field>") }
  end
''',
        '''  def <verb>
    { "<field>" => @event["<field>"], "state" => "<verb>" }
  end
''',
    ),
    "template": ('''<!doctype html>
<h1><%= subject %></h1>
<% articles.first(<retries>).each do |article| %>
<article><%= article %></article>
<% end %>
''',),
}  # fmt: skip
SHELL = {
    "index": ('''#!/bin/sh
# <about>: asks the runtime for work, one event after the other.
set -eu
. "$LAMBDA_TASK_ROOT/lib/report.sh"

api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
    headers=$(mktemp)
    event=$(curl -sS -D "$headers" "$api/next")
    id=$(grep -i lambda-runtime-aws-request-id "$headers" | tr -d '[:space:]' | cut -d: -f2)
    curl -sS -X POST "$api/$id/response" -d "$(report "$event")"
done
''',),
    "service": ('''# One <noun> a day.
RETRIES=<retries>
TIMEOUT=<timeout>

report() {
    collect "$1" | sum
}
''',),
    "operations": (
        '''<verb>() {
    echo "$1" | jq --raw-output '.<field>' | head -n <batch>
}
''',
        '''<verb>() {
    awk -v field=<field> '{ total += $1 } END { print field, total }'
}
''',
    ),
}  # fmt: skip
