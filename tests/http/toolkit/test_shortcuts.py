"""Shortcuts find what the router finds, or nothing."""

from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from hypothesis import example, given, settings
from hypothesis import strategies as st

from repaircore.entrypoints.http.app import serving
from repaircore.entrypoints.http.rooms import ROUTES
from repaircore.entrypoints.http.shortcuts import Shortcuts
from tests.http.toolkit.workshop import Workshop

METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE"])
PARTS = st.sampled_from(
    [part for route in ROUTES for part in route.path.split("/")[1:]] + ["bk_1", "", "a{b}", "%2F", "é"]
)
PATHS = st.sampled_from([route.path for route in ROUTES]) | st.lists(PARTS, max_size=5).map(
    lambda parts: "/" + "/".join(parts)
)


async def _nobody(request: web.BaseRequest) -> web.StreamResponse:
    raise AssertionError("the router was asked")


def application() -> web.Application:
    """Every route, and two that the shortcuts must not mix up."""
    app = serving(Workshop(), ROUTES)
    app.router.add_get("/v1/odd/{number:[0-9]+}", _nobody)
    app.router.add_get("/v1/odd/{name}/more", _nobody)
    return app


APP = application()


async def differs(method: str, path: str, shortcuts: Shortcuts) -> bool:
    """Whether a shortcut leads elsewhere than the router does."""
    request = make_mocked_request(method, path)
    found = shortcuts.find(method, request.rel_url.raw_path)
    if found is None:
        return False
    match, handler = found
    wanted = await APP.router.resolve(request)
    return (handler, dict(match)) != (wanted.handler, dict(wanted))


@settings(max_examples=400, deadline=None)
@given(METHODS, PATHS)
@example("GET", "/v1/bookings/bk_1")
@example("GET", "/v1/odd/one")
async def test_a_shortcut_leads_where_the_router_does(method: str, path: str) -> None:
    """Whatever is asked for; where the shortcuts know nothing, the router is asked."""
    assert not await differs(method, path, Shortcuts(APP, _nobody))


def test_the_usual_requests_have_shortcuts() -> None:
    """They are worth having."""
    shortcuts = Shortcuts(APP, _nobody)

    assert all(
        shortcuts.find(method, path)
        for method, path in [("POST", "/v1/quotes"), ("POST", "/v1/bookings"), ("GET", "/v1/bookings/bk_1")]
    )


async def test_a_shortcut_past_a_condition_is_caught() -> None:
    """The law can fail: shortcuts that overlook what a part may be lead elsewhere."""
    shortcuts = Shortcuts(APP, _nobody)
    odd = next(each for each in APP.router.resources() if each.canonical == "/v1/odd/{number}")
    shortcuts._ending["GET", "/v1/odd"] = ("number", next(iter(odd)))

    assert await differs("GET", "/v1/odd/one", shortcuts)
