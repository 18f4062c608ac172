"""What a person reads on a page of the console."""

from __future__ import annotations

from typing import Any

from lxml import html


def parsed(page: str) -> Any:
    """The root of a page."""
    return html.fromstring(page)


def cells(row: Any) -> list[str]:
    """The words of each cell of a table's row."""
    return [" ".join(cell.text_content().split()) for cell in row.xpath("td")]


def rows(page: str) -> dict[str, list[str]]:
    """The cells of each row in the first table, by its name."""
    table = parsed(page).xpath("//table")[0]
    return {row.xpath("string(th)").strip(): cells(row) for row in table.xpath(".//tbody/tr")}


def figures(page: str) -> dict[str, str]:
    """The large numbers by their words."""
    found = parsed(page).xpath("//dl[@class='figures']/div")
    return {each.findtext("dt"): each.xpath("string(dd/text())").strip() for each in found}


def names(page: str) -> list[str]:
    """The links that name the rows of a list."""
    return [str(each.text) for each in parsed(page).xpath("//tbody/tr/th/a")]


def facts(page: str) -> dict[str, str]:
    """What the page says under each word."""
    return {
        each.findtext("dt"): " ".join(each.find("dd").text_content().split())
        for each in parsed(page).xpath("//dl[@class='facts']/div")
    }
