"""Agrees, as the second person, to what was asked for about a rule: signs in with a local password and says yes.

echo PASSWORD | python second_person.py http://127.0.0.1:8000 bob@example.org promotions.many_claims
"""

import http.cookiejar
import json
import re
import sys
import urllib.parse
import urllib.request


def main(address: str, email: str, rule_id: str) -> None:
    """Signs in, looks for what waits about the rule, and agrees to it."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def ask(path: str, body: bytes | None = None, kind: str = "application/json") -> str:
        request = urllib.request.Request(address + path, body, {"Accept": "*/*", "Content-Type": kind})  # noqa: S310
        with browser.open(request) as answer:
            return str(answer.read().decode())

    form = ask("/sign-in")
    token = re.search(r'name="_csrf_token" value="([^"]*)"', form)
    assert token is not None, "the sign-in page has a form"
    fields = {"_csrf_token": token[1], "email": email, "password": sys.stdin.readline().rstrip("\n")}
    ask("/sign-in", urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded")
    waiting = json.loads(ask("/v1/approvals"))["items"]
    mine = next(each for each in waiting if each["subject"]["id"] == rule_id)
    verdict = {"approval_id": mine["approval_id"], "approved": True}
    standing = json.loads(ask(f"/v1/rules/{rule_id}/verdict", json.dumps(verdict).encode()))
    print(f"{rule_id}: version {standing['live_version']} is live")


if __name__ == "__main__":
    main(*sys.argv[1:])
