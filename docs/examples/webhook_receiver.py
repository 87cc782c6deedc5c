"""A receiver of webhooks: verifies the signature, takes each message once, answers before it works.

    pip install standardwebhooks
    WEBHOOK_SECRET=whsec_… python webhook_receiver.py 8090 taken.jsonl

What was taken is one line of JSON each, in the order of arrival. It listens on the loopback interface.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

BODY_BYTES_MAX = 1 << 20


class Taken:
    """The file of messages that were taken; survives a restart, so that a repeat is still known."""

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._known = set()
        if path.exists():
            self._known = {json.loads(line)["webhook_id"] for line in path.read_text().splitlines()}
        self._file = path.open("a")

    def add(self, webhook_id: str, message: dict[str, object]) -> None:
        """Keeps a message unless it is known; on disk when this returns, as the sender forgets it then."""
        with self._lock:
            if webhook_id in self._known:
                return
            self._file.write(json.dumps({"webhook_id": webhook_id, **message}) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self._known.add(webhook_id)


def handler(webhook: Webhook, taken: Taken) -> type[BaseHTTPRequestHandler]:
    """The class that answers requests."""

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            size = int(self.headers.get("content-length", 0))
            if size > BODY_BYTES_MAX:
                return self.answer(413)
            body = self.rfile.read(size)
            try:
                message = webhook.verify(body, dict(self.headers))  # of the bytes as they came, not of parsed JSON
            except (WebhookVerificationError, ValueError):
                return self.answer(401)
            taken.add(self.headers["webhook-id"], message)
            return self.answer(204)

        def answer(self, status: int) -> None:
            self.send_response(status)
            if status != 204:
                self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing: messages are about people's listings."""

    return Receiver


def main() -> None:
    """Serves until it is stopped."""
    port, path = int(sys.argv[1]), Path(sys.argv[2])
    webhook = Webhook(os.environ["WEBHOOK_SECRET"])
    server = ThreadingHTTPServer(("127.0.0.1", port), handler(webhook, Taken(path)))
    server.daemon_threads = True
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
