"""Writes a file as a comment of a pull request, in place of the one that it wrote before: `comment.py FILE`.

Of the environment it takes TOKEN, NUMBER (of the pull request), KEY, and the platform's GITHUB_API_URL and GITHUB_REPOSITORY.
"""

import json
import os
import pathlib
import sys
import urllib.error
import urllib.request

# What GitHub takes for one comment, in characters.
MOST = 65_536
PAGE = 100


def request(method, path, body=None):
    """The answer of the API to one request."""
    sent = urllib.request.Request(
        f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/issues/{path}",
        method=method,
        data=None if body is None else json.dumps({"body": body}).encode(),
        headers={
            "Authorization": f"Bearer {os.environ['TOKEN']}",
            "Accept": "application/vnd.github+json",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(sent, timeout=30) as answer:
        return json.load(answer)


def earlier(number, marker):
    """The comment that this gate wrote before, or None."""
    page = 1
    while True:
        comments = request("GET", f"{number}/comments?per_page={PAGE}&page={page}")
        for comment in comments:
            if comment["body"].startswith(marker) and comment["user"]["type"] == "Bot":
                return comment["id"]
        if len(comments) < PAGE:
            return None
        page += 1


def fitting(text):
    """The text, without what it folds away where it would be too long."""
    if len(text) <= MOST:
        return text
    top = text.split("\n<details>")[0]
    return top[: MOST - 100] + "\n\nThe rest is in the job summary.\n"


def main(file):
    marker = f"<!-- perfbridge {''.join(sign for sign in os.environ['KEY'] if sign.isalnum())} -->\n"
    text = fitting(marker + pathlib.Path(file).read_text(encoding="utf-8"))
    number = int(os.environ["NUMBER"])
    try:
        found = earlier(number, marker)
        if found is None:
            request("POST", f"{number}/comments", text)
        else:
            request("PATCH", f"comments/{found}", text)
    except urllib.error.HTTPError as error:
        # A comment that cannot be written decides nothing.
        print(
            f"::warning title=Perfbridge::No comment was written: GitHub answered {error.code}. "
            "The job needs the permission `pull-requests: write`."
        )
    except OSError as error:
        print(f"::warning title=Perfbridge::No comment was written: {error}".replace("\n", " "))


if __name__ == "__main__":
    main(sys.argv[1])
