"""Style sheets and scripts on a laptop: kept by the browser, and asked for again each time."""

from django.test import Client


def test_a_file_is_sent_once_and_then_as_unchanged() -> None:
    client = Client()
    first = client.get("/static/build/site.css")
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "no-cache"
    first.close()

    again = client.get("/static/build/site.css", headers={"if-modified-since": first.headers["Last-Modified"]})

    assert again.status_code == 304
    assert again.content == b""


def test_no_other_file_is_served() -> None:
    for path in ("../manage.py", "..%2fmanage.py", "nothing.css", "build"):
        assert Client().get(f"/static/{path}").status_code in (400, 404)
