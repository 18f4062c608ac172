"""The registry that ships with the kit is whole, and a folder with a slip says where it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fixtures import pods, registry
from fixtures.problems import BadFixture
from reference_hub.registry.expansion import idle
from reference_hub.registry.folder import FolderRegistry
from reference_hub.registry.records import RegistryRefused
from tests.reference_hub.registry.agreed import KIT

SHIPPED = Path(registry.__file__).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the kit's registry that a test may spoil."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "registry"))


def spoil(folder: Path, name: str, old: str, new: str) -> None:
    """Replace a text that is there."""
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


def test_the_kit_ships_enough_of_each_kind() -> None:
    sizes = (len(KIT.districts), len(KIT.vendors), len(KIT.products), len(KIT.agreements))
    assert sizes == (3, 6, 7, 10)
    assert KIT.faults == ()


def test_every_status_and_type_is_shown_by_an_agreement_of_the_kit() -> None:
    agreements = KIT.agreements.values()
    assert {each.status for each in agreements} == {"DRAFT", "ACTIVE", "EXPIRED", "TERMINATED"}
    assert {each.type for each in agreements} == {"NDPA", "state", "exhibitE"}


def test_nothing_in_the_kits_schedules_is_without_effect() -> None:
    assert {
        name: list(idle(each)) for name, each in KIT.agreements.items() if any(idle(each))
    } == {}


def test_one_vendor_has_an_agreement_for_each_of_two_products() -> None:
    of_larkspur = [each.product for each in KIT.agreements.values() if each.vendor == "larkspur"]
    assert sorted(of_larkspur) == ["larkspur-family", "larkspur-maths"]


@pytest.mark.parametrize("name", pods.AGREEMENTS)
def test_the_classic_agreements_say_the_same_in_the_registry(name: str) -> None:
    classic, found = pods.agreement(name), KIT.agreements[name]
    assert (found.uri, found.name) == (classic.contract_uri, classic.contract_name)
    assert (found.effective, found.expires) == (classic.valid_from, classic.valid_to)
    assert (found.exhibit_b, found.withheld) == (classic.exhibit_b, classic.withheld)
    assert found.purposes == classic.purposes
    assert KIT.vendors[found.vendor].name == classic.processor
    assert found.deletion
    assert found.deletion.retention_days == classic.retention_days


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("vendors.toml", 'privacy_policy_url = "https://r', 'policy = "https://r', "known"),
        ("vendors.toml", "contacts =", "contact =", r"'contact'; did you mean 'contacts'\?"),
        ("districts.toml", "America/Chicago", "America/Chicagoo", "America/New_York"),
        ("products.toml", 'vendor = "quillmark"', 'vendor = "quilmark"', "mean 'quillmark'"),
        ("products.toml", 'id = "tidewater-routes"', 'id = "quillmark-benchmarks"', "two products"),
        ("products.toml", 'name = "Name tags"', "", "Product example-labels lacks name"),
        ("districts.toml", '"summer"]', '"summer "]', "without spaces at its ends"),
        ("districts.toml", "[[district]]", "[[distrikt]]", "nothing else"),
        ("districts.toml", "[[district]]", "[[district", "not readable TOML"),
    ],
)
def test_a_slip_in_a_list_is_told_with_its_place(
    folder: Path, file: str, old: str, new: str, said: str
) -> None:
    spoil(folder, file, old, new)
    with pytest.raises(BadFixture, match=said):
        registry.read(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("refresh_days", "refresh_day", "'refresh_day'; did you mean 'refresh_days'?"),
        ("refresh_days = 7", "refresh_days = -7", "refresh_days is not a whole number, 0 or more"),
        ('status = "ACTIVE"', 'status = "ACTIV"', "'ACTIV'; did you mean 'ACTIVE'?"),
        ('"B03.1"', '"B03.9"', "'B03.9' is not there; did you mean"),
        ('"rosters"', '"roster"', "did you mean 'rosters'?"),
        ('vendor = "larkspur"', 'vendor = "tidewater"', "is one of vendor 'larkspur'"),
        ("expires = 2029-06-30", "expires = 2026-06-30", "expires before it is effective"),
        ("expires = 2029-06-30", 'expires = "soon"', "expires is not a day such as 2026-07-01"),
        ('op = "year"', 'op = "yeer"', "'yeer'; did you mean 'year'?"),
        ('op = "year"', 'op = "in"', "does not fit GENERALISE; known: year, month, prefix"),
        ('value = "06,07,08"', "", "needs value if, and only if"),
        ('value = "1"', 'value = "0"', "not a number of characters from 1 to 9999"),
        ('"xStudent/otherNames"', '"//otherNames"', "withheld[0] is not a path such as"),
        ("delete = true", "", "deletion lacks delete"),
        ('id = "larkspur-maths"', 'id = "other"', "call the file after it"),
        ("effective", "[", "not readable TOML"),
    ],
)
def test_a_faulty_agreement_is_left_out_and_told(
    folder: Path, old: str, new: str, said: str
) -> None:
    spoil(folder, "agreements/larkspur-maths.toml", old, new)
    found = registry.read(folder)
    assert [each.id for each in found.faults] == ["larkspur-maths"]
    assert said in found.faults[0].text
    assert "larkspur-maths" not in found.agreements
    assert len(found.agreements) == 9


def test_a_general_offer_cannot_open_more_than_it_offers(folder: Path) -> None:
    spoil(folder, "agreements/harbor-reading.toml", '"B08.1"', '"B08.1", "B09.1"')
    assert "ticks B09.1, which its originator" in registry.read(folder).faults[0].text


def test_a_general_offer_names_who_made_it(folder: Path) -> None:
    spoil(folder, "agreements/harbor-reading.toml", 'originator = "reading-app"', "")
    assert "needs originator" in registry.read(folder).faults[0].text


def test_a_folder_without_its_lists_is_refused_with_the_missing_file(tmp_path: Path) -> None:
    with pytest.raises(RegistryRefused, match=r"no file .*districts\.toml"):
        FolderRegistry(tmp_path).read()


def test_files_are_read_anew_each_time(folder: Path) -> None:
    client = FolderRegistry(folder)
    before = client.read().agreements["minimal"].status
    spoil(folder, "agreements/minimal.toml", '"ACTIVE"', '"TERMINATED"')
    assert (before, client.read().agreements["minimal"].status) == ("ACTIVE", "TERMINATED")
