"""A live endpoint: a server on this machine's own address, and whatever it may answer."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from certiball import Grid, Reals
from certiball.attacks.attacked import Status
from certiball.attacks.endpoint import Endpoint, Http
from certiball.attacks.oracle import Oracle, Questions
from certiball.attacks.rays import RayS
from certiball.errors import EndpointError, InputError

Reply = Callable[[dict[str, list[list[float]]]], tuple[int, bytes]]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    reply: Reply

    def handle_error(self, *_: object) -> None:
        """Whoever stops waiting has closed the line."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        code, answer = self.server.reply(json.loads(body))
        self.send_response(code)
        if code in (301, 302):
            self.send_header("Location", "http://127.0.0.1:9/")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Reply], str]]:
    """Starts one on a free port; all are stopped afterwards."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    running: list[_Server] = []

    def start(reply: Reply) -> str:
        held = _Server(("127.0.0.1", 0), _Handler)
        held.reply = reply
        thread = threading.Thread(target=held.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append(held)
        return f"http://127.0.0.1:{held.server_port}/predict"

    yield start
    for held in running:
        held.shutdown()
        held.server_close()


def _bright(body: dict[str, list[list[float]]]) -> tuple[int, bytes]:
    labels = [int(sum(x) > 1.0) for x in body["inputs"]]
    return 200, json.dumps({"labels": labels}).encode()


def _questions(points: np.ndarray) -> Questions:
    numbers = np.arange(len(points))
    return Questions(points=points, owners=np.zeros_like(numbers), numbers=numbers)


def test_a_url_is_attacked_like_any_model(server) -> None:
    """The boundary is at a sum of 1; inputs go out as they are on the grid, and in parts."""
    sizes: list[int] = []

    def reply(body):
        sizes.append(len(body["inputs"]))
        assert all(abs(255 * v - round(255 * v)) < 1e-4 for x in body["inputs"] for v in x)
        return _bright(body)

    oracle = Endpoint(
        ask=Http(url=server(reply)), num_classes=2, space=Grid.uint8(), random=False, batch=3
    )
    assert isinstance(oracle, Oracle)
    inputs = np.full((2, 4), 30 / 255)
    found = RayS()(oracle, inputs, [0, 1], max_queries=60)
    assert found.status == (Status.FOUND, Status.MISCLASSIFIED)
    assert found.distance[0] == pytest.approx(34 / 255, abs=1.01 / 255)
    assert found.forwards.tolist() == [0, 0]  # nobody says what an answer costs
    assert max(sizes) <= 3
    counts = oracle.counts(_questions(np.array([[0, 0, 0, 0]] * 7 + [[255] * 4])))
    assert counts.tolist() == [[1, 0]] * 7 + [[0, 1]]


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b"<html>", "must be JSON such as"),
        (b"[1, 0]", "must be JSON such as"),
        (b'{"scores": [1]}', "must be JSON such as"),
        (b'{"labels": 1}', "must be a list of whole numbers"),
        (b'{"labels": [0.0, 1.0]}', "must be a list of whole numbers"),
        (b'{"labels": [true, false]}', "must be a list of whole numbers"),
        (b'{"labels": ["0", "1"]}', "must be a list of whole numbers"),
        (b'{"labels": [0]}', "for 2 inputs: it must give one class for each"),
        (b'{"labels": [0, 1, 0]}', "for 2 inputs: it must give one class for each"),
        (b'{"labels": [0, 2]}', "answered class 2, and there are 0…1"),
        (b'{"labels": [0, -1]}', "answered class -1, and there are 0…1"),
        (b'{"labels": [0, 1e400]}', "must be a list of whole numbers"),
        (b'{"labels": [0, 99999999999999999999]}', "classes beyond 2³¹"),
        (b"\xff\xfe", "must be JSON such as"),
        (b"[" * 100_000, "must be JSON such as"),
    ],
    ids=range(15),
)
def test_what_is_no_answer_is_one_line(server, answer, complaint) -> None:
    oracle = Endpoint(
        ask=Http(url=server(lambda body: (200, answer))), num_classes=2, space=Grid.uint8()
    )
    with pytest.raises(EndpointError, match=complaint) as refusal:
        oracle.counts(_questions(np.array([[0, 0], [255, 255]])))
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 300


def test_refusals_silence_and_absence_are_told(server) -> None:
    x = np.zeros((1, 2), dtype=np.float32)
    with pytest.raises(EndpointError, match="refused .503 Service Unavailable.: see to it"):
        Http(url=server(lambda body: (503, b"")))(x)
    with pytest.raises(EndpointError, match="refused .302"):
        Http(url=server(lambda body: (302, b"")))(x)  # inputs go nowhere else

    def slow(body):
        time.sleep(0.6)
        return _bright(body)

    with pytest.raises(EndpointError, match=r"did not answer within 0\.2 seconds"):
        Http(url=server(slow), timeout=0.2)(x)
    with pytest.raises(EndpointError, match="cannot be asked .*: see to it, and go on"):
        Http(url="http://127.0.0.1:9/")(x)


def test_an_endless_answer_is_cut_off(server, monkeypatch) -> None:
    monkeypatch.setattr("certiball.attacks.endpoint.LONGEST", 1000)
    url = server(lambda body: (200, b" " * 100_000))
    with pytest.raises(EndpointError, match="more than 1,000 bytes"):
        Http(url=url)(np.zeros((1, 2), dtype=np.float32))


@pytest.mark.parametrize("answer", [[0], [[0], [1]], [0.5, 1.0], None, "01", [[0], [0, 1]]])
def test_a_function_is_checked_like_a_service(answer) -> None:
    oracle = Endpoint(ask=lambda x: answer, num_classes=2, space=Reals(low=0.0, high=1.0))
    points = np.zeros((2, 3), dtype=np.float32)
    with pytest.raises(EndpointError, match="the endpoint answered"):
        oracle.counts(_questions(points))


def test_what_a_function_raises_is_one_line() -> None:
    def ask(inputs):
        raise KeyError("no\nsuch\nkey")

    oracle = Endpoint(ask=ask, num_classes=2, space=Grid.uint8())
    with pytest.raises(EndpointError, match="the endpoint failed .KeyError") as refusal:
        oracle.counts(_questions(np.array([[0, 0]])))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "127.0.0.1:80", "http://", "ftp://x/"])
def test_only_http_is_asked(url) -> None:
    with pytest.raises(InputError, match="begins with http:// or https://"):
        Http(url=url)


def test_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match="timeout must be a number of seconds above 0"):
        Http(url="http://x/", timeout=0.0)
    for wrong in ({"num_classes": 1}, {"batch": 0}, {"forwards": -1}):
        with pytest.raises(InputError, match="must be at least"):
            Endpoint(**{"ask": len, "num_classes": 2, "space": Grid.uint8(), **wrong})
