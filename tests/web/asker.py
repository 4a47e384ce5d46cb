"""A program that asks the JSON API with a key, and what a refusal looks like."""

from __future__ import annotations

from typing import Any

from django.test import Client

from shengce.people import tokens
from shengce.people.models import User

V1 = "/api/v1"


class Asker:
    """A program with a key of one person."""

    def __init__(self, user: User, **more: Any) -> None:
        self.token, self.secret = tokens.create_token(by=user, name="测试", **more)

    def get(self, address: str, **asked: Any) -> Any:
        url = address if address.startswith("/") else f"{V1}/{address}"
        return Client().get(url, asked, headers={"authorization": f"Bearer {self.secret}"})

    def json(self, address: str, **asked: Any) -> Any:
        answer = self.get(address, **asked)
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()


def refusal(answer: Any, status: int) -> dict[str, str]:
    assert answer.status_code == status, answer.content.decode()
    body = answer.json()
    assert set(body) == {"error"} and set(body["error"]) == {"code", "message"}
    assert body["error"]["message"]
    return body["error"]
