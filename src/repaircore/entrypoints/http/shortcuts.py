"""Finding the route of a request in one look: nearly every request is for a plain path, or for one with an id at its end."""

import re
from collections.abc import Awaitable, Callable, Iterator

from aiohttp import web
from attrs import field, frozen

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Place = tuple[str, str]
"""A method, and a path or what stands before the last part of one."""

_PART = "[^{}/]+"  # what aiohttp takes for a `{name}`


@frozen
class Shortcuts:
    """Serves the routes that it knows by heart, and leaves the rest to the application's router: what nobody serves, escaped
    paths, expectations."""

    app: web.Application
    otherwise: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
    _plain: dict[Place, tuple[web.UrlMappingMatchInfo, Handler]] = field(factory=dict, init=False)
    _ending: dict[Place, tuple[str, web.AbstractRoute]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        for resource in self.app.router.resources():
            if isinstance(resource, web.PlainResource):
                for route in resource:
                    match = web.UrlMappingMatchInfo({}, route)
                    self._plain.setdefault((route.method, resource.canonical), (match, route.handler))
            elif isinstance(resource, web.DynamicResource):
                for before, name in _with_one_part_at_the_end(resource):
                    for route in resource:
                        self._ending.setdefault((route.method, before), (name, route))

    def find(self, method: str, path: str) -> tuple[web.UrlMappingMatchInfo, Handler] | None:
        """Answer what the router would find, None where that is for the router to say."""
        if "%" in path:
            return None
        known = self._plain.get((method, path))
        if known is not None:
            return known
        before, _, last = path.rpartition("/")
        found = self._ending.get((method, before))
        if found is None or not last or "{" in last or "}" in last:
            return None
        name, route = found
        return web.UrlMappingMatchInfo({name: last}, route), route.handler

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request."""
        found = self.find(request.method, request.rel_url.raw_path)
        if found is None or "Expect" in request.headers or not isinstance(request, web.Request):
            return await self.otherwise(request)
        request._match_info, handler = found
        return await handler(request)


def _with_one_part_at_the_end(resource: web.DynamicResource) -> Iterator[tuple[str, str]]:
    """Answer what stands before the last part and the last part's name, if only that one is free."""
    before, _, last = resource.canonical.rpartition("/")
    name = last.strip("{}")
    if resource.get_info()["pattern"].pattern == re.escape(f"{before}/") + f"(?P<{name}>{_PART})":
        yield before, name
