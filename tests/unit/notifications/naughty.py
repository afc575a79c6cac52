"""Awkward strings of our own; `tests.public_strings` has the world's."""

OURS = (
    "",
    " two  spaces, and one at the end ",
    "Zoë O'Brien-Łukasz 👩🏽‍🔧 修理店",
    "=?utf-8?q?already_encoded?=",
    "=3D=20 soft=\nbreak",
    ".\n..\n.leading dots\n.",
    "From the start of a line\n>From",
    "long " * 400,
    "x" * 5000,
    "tab\there, trailing tab\t\nand spaces  \n",
    "{{ 7 * 7 }} {% raw %} ${x} %s",
    "<script>alert('1')</script> & \"quotes\"",
    "\u202eright to left\u202c \u200b zero width \ufeff mark",
    "line\u2028separator\u0085next\x0bvertical\x0cform\x1ffeed",
    "Bob\r\nBcc: everybody@example.com\r\n\r\n<h1>hello</h1>",
    "--=_0123456789abcdef0123456789abcdef--",
)
