"""The HTTP entrypoint: typed handlers on aiohttp, everything else about a request told once, in the toolkit."""
