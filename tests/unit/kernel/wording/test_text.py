"""Text of people, made safe to show."""

from kernel.wording.text import lines, one_line


def test_a_line_stays_one_line() -> None:
    assert one_line("a\r\nBcc: b\x00\x1b[1m \u2028c\u202egpj") == "a Bcc: b [1m cgpj"
    assert one_line("  Zoë  O’Neil 🔧 ") == "Zoë O’Neil 🔧"
    assert lines("one\r\n two\n\nthree\x07") == "one\ntwo\n\nthree"
