"""The server itself over HTTP."""

import re
from pathlib import Path

import msgspec
import pytest
from openapi_spec_validator import validate

from repaircore.entrypoints.http import openapi
from repaircore.entrypoints.http.examples import EXAMPLES
from repaircore.entrypoints.http.rooms import ROUTES
from repaircore.entrypoints.http.routes import Source
from tests.http.rooms.shop import Shop

REPOSITORY = Path(__file__).parents[3]


async def test_alive_and_ready(shop: Shop) -> None:
    """Both answer 200; ready says what was looked at."""
    health = await shop.client.get("/health")
    ready = await shop.client.get("/ready")

    assert (health.status, health.json) == (200, {"status": "ok"})
    assert (ready.status, ready.json["status"]) == (200, "ready")
    assert {"database", "worker"} <= {check["name"] for check in ready.json["checks"]}


async def test_not_ready(shop: Shop) -> None:
    """A closed database is 503 with the check that failed, while the process is still alive."""
    await shop.core.providers.storage.aclose()

    ready = await shop.client.get("/ready")

    assert (ready.status, ready.json["code"]) == (503, "not_ready")
    assert [check["name"] for check in ready.json["checks"] if not check["ok"]] == ["database"]
    assert (await shop.client.get("/health")).status == 200


async def test_metrics(shop: Shop) -> None:
    """Requests are counted by route template and status; the jobs' lag is there."""
    await shop.client.get("/health")
    await shop.client.get("/v1/catalog/devices/none")

    text = (await shop.client.get("/metrics")).raw.decode()

    name = "repaircore_http_request_duration_seconds_count"
    assert f'{name}{{method="GET",route="/health",status="200"}} 1.0' in text
    assert f'{name}{{method="GET",route="/v1/catalog/devices/{{device_id}}",status="404"}} 1.0' in text
    assert re.search(r"^repaircore_jobs_lag_seconds 0\.0$", text, re.MULTILINE)


async def test_the_description(shop: Shop) -> None:
    """It is served, it is valid OpenAPI 3.1, and it is what the documentation keeps."""
    served = await shop.client.get("/openapi.json")

    validate(served.json)
    assert served.json["openapi"].startswith("3.1")
    kept = (REPOSITORY / "docs" / "openapi.json").read_text()
    assert kept == openapi.for_people(), "run `make docs`"


async def test_every_operation_is_described_once(shop: Shop) -> None:
    """Ids are unique, POSTs take an idempotency key, and what needs a credential says so."""
    paths = (await shop.client.get("/openapi.json")).json["paths"]
    operations = [operation for methods in paths.values() for operation in methods.values()]

    assert len({operation["operationId"] for operation in operations}) == len(operations) == len(ROUTES)
    for path, methods in paths.items():
        for method, operation in methods.items():
            names = {parameter["name"] for parameter in operation["parameters"]}
            assert ("Idempotency-Key" in names) == (method == "post" and "webhooks" not in path)
            assert ("401" in operation["responses"]) or {} in operation["security"]
            assert operation["summary"].endswith(".")


def test_requests_admit_nothing_unknown() -> None:
    """Every body says so in its schema."""
    schemas = openapi.as_read()["components"]["schemas"]
    bodies = {argument.kind.__name__ for route in ROUTES for argument in route.of(Source.BODY)}

    assert {name for name in bodies if schemas[name].get("additionalProperties") is not False} == set()


def test_examples_are_requests() -> None:
    """Each is decoded by its own type."""
    kinds = {argument.kind.__name__: argument.kind for route in ROUTES for argument in route.of(Source.BODY)}

    assert set(EXAMPLES) == set(kinds)
    for name, example in EXAMPLES.items():
        msgspec.json.decode(msgspec.json.encode(example), type=kinds[name])


@pytest.mark.parametrize("path", ["/docs", "/v1/track/anything"])
async def test_pages(shop: Shop, path: str) -> None:
    """They come whole from this server, run nothing but their own script, and may be read without a mouse."""
    page = await shop.client.get(path, headers={"Accept": "text/html,*/*"})
    html = page.raw.decode()

    assert page.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert '<html lang="en">' in html
    links = set(re.findall(r'(?:src|href)="(/[^"]*)"', html))
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)
    assert not re.search(r"<script>|<style>|\sstyle=|\son\w+=", html)
    inputs = set(re.findall(r'<input id="(\w+)"', html))
    assert inputs == set(re.findall(r'<label for="(\w+)"', html))
    for link in links:
        assert (await shop.client.get(link)).status == 200, link


@pytest.mark.parametrize("script", ["docs.js", "track.js"])
def test_scripts_write_no_markup(script: str) -> None:
    """What comes from outside is shown as text."""
    text = (REPOSITORY / "src/repaircore/entrypoints/http/page" / script).read_text()

    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", text)


@pytest.mark.parametrize("name", ["secrets.txt", "..%2fapp.py", "docs.html%00"])
async def test_other_files_are_not_served(shop: Shop, name: str) -> None:
    """A page has its own few parts."""
    assert (await shop.client.get(f"/pages/{name}")).status == 404
