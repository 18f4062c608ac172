"""Which schema judges an object, and how a refusal is explained."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lxml import etree
from lxml.etree import _Element

from fixtures.generate import student
from fixtures.writers import xpress
from fixtures.writers.xpress import NA4
from reference_hub.codec import explain
from reference_hub.codec.schema import AmbiguousModel, Judge, Judged, open_judge
from reference_hub.codec.xsd import compile_lax, compile_schema
from reference_hub.problems import SetupError
from reference_hub.schemas import LAX, STRICT, Registered, entry_file, model_id
from reference_hub.settings import Settings

REFID = "8A2A0C1B-55F3-4B6C-9C0F-0123456789AB"
TOY = "http://example.org/toy"
NA3 = "http://www.sifassociation.org/datamodel/na/3.3"
AU = "http://www.sifassociation.org/datamodel/au/3.4"
KITS = ("unity-4.3-kit", "na-3.3-kit", "au-3.4-kit")


def document(inner: str, namespace: str = NA4) -> _Element:
    return etree.fromstring(f'<xStudent xmlns="{namespace}" refId="{REFID}">{inner}</xStudent>')


def refused(inner: str, *, partial: bool = False) -> Judged:
    verdict = Judge().judge(document(inner), partial=partial)
    assert verdict.problems
    return verdict


def toy(folder: Path, name: str, child: str, *, optional: bool = False) -> str:
    file = folder / f"{name}.xsd"
    occurs = ' minOccurs="0"' if optional else ""
    file.write_text(
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{TOY}"'
        ' elementFormDefault="qualified"><xs:element name="Pet"><xs:complexType><xs:sequence>'
        f'<xs:element name="{child}" type="xs:date"{occurs}/></xs:sequence>'
        '<xs:attribute name="RefId"/></xs:complexType></xs:element></xs:schema>'
    )
    return str(file)


def pet(inner: str) -> _Element:
    return etree.fromstring(f'<Pet xmlns="{TOY}" RefId="1">{inner}</Pet>')


def test_a_generated_student_is_accepted_by_the_kit_schema() -> None:
    verdict = Judge().judge(xpress.student(student(1, 1)))
    assert verdict == Judged("kit schema unity-4.3-kit")


def older_student(sex: str) -> _Element:
    return document(f"<demographics><sex>{sex}</sex></demographics>", NA3)


def test_the_kit_schema_of_north_america_3_3_judges_its_objects() -> None:
    judge, by = Judge(), "kit schema na-3.3-kit"
    assert judge.judge(older_student("Female")) == Judged(by)
    bad = judge.judge(older_student("F"))
    assert (bad.by, bad.problems[0].path) == (by, "/xStudent/demographics/sex")
    assert judge.judge(older_student("Female"), partial=True) == Judged(f"{by} (lax)")


def australian_student(sex: str) -> _Element:
    inner = f"<PersonInfo><Demographics><Sex>{sex}</Sex></Demographics></PersonInfo>"
    head = f'<StudentPersonal xmlns="{AU}" RefId="{REFID}">'
    return etree.fromstring(f"{head}{inner}</StudentPersonal>")


def test_the_kit_schema_of_australia_judges_its_objects() -> None:
    judge, by = Judge(), "kit schema au-3.4-kit"
    assert judge.judge(australian_student("4")) == Judged(by)
    bad, path = judge.judge(australian_student("M")), "/StudentPersonal/PersonInfo/Demographics/Sex"
    assert (bad.by, bad.problems[0].path) == (by, path)


def test_a_registered_schema_goes_before_the_kits_of_the_same_namespace(standards: Path) -> None:
    path = standards / "schemas/official/au-3.4.8/SIF_Message.xsd"
    judge = Judge([Registered("au-3.4.8", AU, STRICT, str(path))])
    assert judge.judge(australian_student("1")) == Judged("au-3.4.8 (strict)")
    asked = judge.judge(australian_student("1"), model="au-3.4-kit")
    assert asked == Judged("kit schema au-3.4-kit")


@pytest.mark.parametrize(
    ("inner", "path", "expected"),
    [
        ("<name><type>Pet</type></name>", "/xStudent/name/type", "one of Alias, Nickname, "),
        ("<pet/>", "/xStudent/*", "one of name, otherNames, localId, "),
        (
            "<localId>1</localId><localId>2</localId>",
            "/xStudent/localId[2]",
            "stateProvinceId, otherIds",
        ),
        (
            "<demographics><birthDate/></demographics>",
            "/xStudent/demographics/birthDate",
            "a value of type xs:date; found nothing",
        ),
        ("<name>Text</name>", "/xStudent/name", "child elements only"),
        ('<name color="red"/>', "/xStudent/name/@*", "no attribute of this name"),
    ],
)
def test_a_refusal_names_path_and_expectation(inner: str, path: str, expected: str) -> None:
    (problem,) = refused(inner).problems[:1]
    assert problem.path == path
    assert expected in problem.expected


def test_a_missing_key_attribute_is_named() -> None:
    verdict = Judge().judge(etree.fromstring(f'<xStudent xmlns="{NA4}"/>'))
    (problem,) = verdict.problems
    assert (problem.path, "required" in problem.expected) == ("/xStudent/@refId", True)


def test_an_id_that_breaks_the_pattern_is_told_by_its_length() -> None:
    verdict = Judge().judge(etree.fromstring(f'<xStudent xmlns="{NA4}" refId="12345"/>'))
    (problem,) = verdict.problems
    assert problem.path == "/xStudent/@refId"
    assert problem.expected == r"the pattern [0-9A-Fa-f\-]{32,36}; found a number of 5 digits"


def test_a_missing_child_is_told_at_its_parent() -> None:
    (problem,) = refused("<enrollment/>").problems
    assert problem.path == "/xStudent/enrollment"
    assert "leaRefId" in problem.expected


def test_problems_hold_no_value_of_the_document() -> None:
    inner = "<name><type>Zelda O'Brien is 12</type></name><localId>x</localId><sex>Zelda</sex>"
    verdict = Judge().judge(document(inner))
    assert "Zelda" not in repr(verdict)
    assert "found a text of 19 characters" in repr(verdict)


def test_the_messages_of_libxml2_lose_the_values_they_quote(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(explain.Explainer, "_told", lambda *_: iter(()))
    verdict = refused("<name><type>Zelda O'Brien is 12</type></name>")
    assert "Zelda" not in repr(verdict)
    assert "The value is not an element of the set {'Alias'" in verdict.problems[0].expected


XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


@pytest.mark.parametrize("explained", [True, False])
@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize(
    "inner",
    [
        f'<name {XSI} xsi:type="Zelda"/>',
        f'<name {XSI} xsi:type="zelda:Zelda"/>',
        f'<name {XSI} xmlns:zelda="urn:zelda" xsi:type="zelda:Zelda"/>',
        f'<name {XSI} xsi:Zelda="Zelda"/>',
        f'<name {XSI} xsi:nil="Zelda"/>',
        f'<name {XSI} xsi:nil="true">Zelda</name>',
        "<Zelda/>",
        "<Zelda><localId/></Zelda>",
        '<Zelda xmlns=""/>',
        '<zelda:Zelda xmlns:zelda="urn:zelda"/>',
        "<name><Zelda/></name>",
        '<name Zelda="x" Zelda2="y"/>',
        '<name zelda:Zelda="x" xmlns:zelda="urn:zelda"/>',
        '<name xml:Zelda="x"/>',
        "<localId><Zelda/></localId>",
        "<demographics><birthDate><Zelda/></birthDate></demographics>",
    ],
)
def test_no_name_of_the_sender_s_making_is_told(
    monkeypatch: pytest.MonkeyPatch, inner: str, partial: bool, explained: bool
) -> None:
    if not explained:
        monkeypatch.setattr(explain.Explainer, "_told", lambda *_: iter(()))
    assert "zelda" not in repr(refused(inner, partial=partial)).lower()


@pytest.mark.parametrize("explained", [True, False])
def test_the_place_of_an_unknown_element_is_found_under_prefixes(
    monkeypatch: pytest.MonkeyPatch, explained: bool
) -> None:
    if not explained:
        monkeypatch.setattr(explain.Explainer, "_told", lambda *_: iter(()))
    sent = f'<n:xStudent xmlns:n="{NA4}" refId="{REFID}"><n:name><n:pet/></n:name></n:xStudent>'
    (problem,) = Judge().judge(etree.fromstring(sent)).problems
    assert (problem.path, problem.steps) == ("/xStudent/name/*", (0, 0))


def test_a_known_element_in_the_wrong_place_is_named() -> None:
    (problem,) = refused("<localId>1</localId><name/>").problems
    assert (problem.path, problem.expected[-10:]) == ("/xStudent/name", "found name")


def test_lines_are_those_of_the_document() -> None:
    (problem,) = refused("\n<name>\n<type>Pet</type></name>").problems
    assert problem.line == 3


def test_comments_do_not_disturb_an_explanation() -> None:
    (problem,) = refused("<!-- a --><localId>1</localId><!-- b --><pet/>").problems
    assert (problem.path, problem.steps) == ("/xStudent/*", (1,))


def test_a_partial_update_is_judged_by_the_lax_form_of_the_kit_schema() -> None:
    judge = Judge()
    verdict = judge.judge(document("<enrollment><exitDate/></enrollment>"), partial=True)
    assert verdict.by == "kit schema unity-4.3-kit (lax)"
    assert [problem.path for problem in verdict.problems] == ["/xStudent/enrollment/exitDate"]
    assert not judge.judge(document("<enrollment/>"), partial=True).problems


def test_what_no_schema_knows_is_only_known_to_be_well_formed() -> None:
    foreign = etree.fromstring('<Pet xmlns="http://example.org/" RefId="1"/>')
    classic = etree.fromstring(f'<IdMApplication xmlns="{NA4}" RefId="1"/>')
    verdicts = [Judge().judge(element) for element in (foreign, classic)]
    assert verdicts == [Judged("well-formedness only")] * 2


def test_a_registered_schema_stands_in_for_the_kit_schema(tmp_path: Path) -> None:
    judge = Judge([Registered("toy-1", TOY, STRICT, toy(tmp_path, "one", "born"))])
    assert judge.judge(pet("<born>2020-01-01</born>")) == Judged("toy-1 (strict)")
    assert judge.judge(pet("")).problems[0].expected == "born before its end"


def test_an_object_that_the_registered_schema_lacks_is_refused(tmp_path: Path) -> None:
    judge = Judge([Registered("toy-1", TOY, STRICT, toy(tmp_path, "one", "born"))])
    (problem,) = judge.judge(etree.fromstring(f'<Cat xmlns="{TOY}"/>')).problems
    assert problem.expected.startswith("an object of toy-1 (strict); found an element the schema")
    assert "Cat" not in repr(problem)


def test_an_object_of_the_standard_that_the_schema_lacks_is_named(tmp_path: Path) -> None:
    judge = Judge([Registered("toy-1", TOY, STRICT, toy(tmp_path, "one", "born"))])
    (problem,) = judge.judge(etree.fromstring(f'<xStudent xmlns="{TOY}"/>')).problems
    assert problem.expected == "an object of toy-1 (strict); it has no xStudent"


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("<xStudent refId='1'/>", "no namespace"),
        ("<Zelda RefId='1'/>", "no namespace"),
        ("<xStudent xmlns='http://zelda.example/1' refId='1'/>", "an unknown namespace"),
        ("<StudentPersonal xmlns='urn:zelda' RefId='1'/>", "an unknown namespace"),
    ],
)
def test_an_object_outside_of_the_data_models_is_refused(
    sent: str, found: str, partial: bool
) -> None:
    verdict = Judge().judge(etree.fromstring(sent), partial=partial)
    assert verdict.problems[0].expected.endswith(f"; found {found}")
    assert "zelda" not in repr(verdict).lower()


@pytest.mark.parametrize(
    "namespace", ["http://www.sifassociation.org/datamodel/na/3.3", "http://www.sifinfo.org/au/1"]
)
def test_the_namespaces_of_the_data_models_need_no_schema(namespace: str) -> None:
    sent = etree.fromstring(f'<StudentPersonal xmlns="{namespace}" RefId="1"/>')
    assert Judge().judge(sent) == Judged("well-formedness only")


def test_a_lax_form_is_derived_from_the_strict_schema(tmp_path: Path) -> None:
    judge = Judge([Registered("toy-1", TOY, STRICT, toy(tmp_path, "one", "born"))])
    assert judge.judge(pet(""), partial=True) == Judged("toy-1 (lax, derived)")


def test_a_registered_lax_schema_judges_partial_updates(tmp_path: Path) -> None:
    strict = Registered("toy-1", TOY, STRICT, toy(tmp_path, "one", "born"))
    lax = Registered("toy-1", TOY, LAX, toy(tmp_path, "lax", "born", optional=True))
    assert Judge([strict, lax]).judge(pet(""), partial=True) == Judged("toy-1 (lax)")


def two_models(folder: Path) -> Judge:
    return Judge(
        [
            Registered(name, TOY, STRICT, toy(folder, name, child))
            for name, child in (("toy-1", "born"), ("toy-2", "bought"))
        ]
    )


def test_two_models_of_one_namespace_need_a_choice(tmp_path: Path) -> None:
    with pytest.raises(AmbiguousModel, match="toy-1, toy-2; choose one with --model"):
        two_models(tmp_path).judge(pet(""))


def test_the_model_chooses_among_schemas_of_one_namespace(tmp_path: Path) -> None:
    judge = two_models(tmp_path)
    bought = pet("<bought>2020-01-01</bought>")
    assert not judge.judge(bought, model="toy-2").problems
    assert judge.judge(bought, model="toy-1").problems


def test_threads_share_a_judge() -> None:
    judge = Judge()
    texts = ["<localId>1</localId>", "<pet/>", "<name><type>Pet</type></name>"] * 60
    with ThreadPoolExecutor(4) as pool:
        verdicts = list(pool.map(lambda inner: judge.judge(document(inner)), texts))
    assert verdicts == [judge.judge(document(inner)) for inner in texts]


def test_a_schema_that_does_not_compile_is_refused_with_the_reason(standards: Path) -> None:
    broken = standards / "schemas/official/unity-4.0/annotated-2019-06-24"
    with pytest.raises(SetupError, match=r"line 61306: .*xTransferIepType' does already exist"):
        compile_schema(entry_file(broken))


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("a.xsd", "<xs:schema", "is not well-formed XML"),
        ("b.xsd", "<a/>", "is no XML Schema"),
        (
            "c.xsd",
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>',
            "has no targetNamespace",
        ),
    ],
)
def test_a_file_that_is_no_schema_is_refused(
    tmp_path: Path, name: str, text: str, complaint: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SetupError, match=complaint):
        compile_schema(tmp_path / name)


@pytest.mark.parametrize(
    "place",
    [
        "patched/unity-4.3-strict",
        "official/unity-4.0/plain-2019-05-22",
        "official/na-3.2",
        "patched/na-3.3",
        "official/au-3.4.8",
    ],
)
def test_each_published_model_has_a_lax_form(standards: Path, place: str) -> None:
    entry = entry_file(standards / "schemas" / place)
    assert compile_lax(entry).objects == compile_schema(entry).objects


def test_a_model_is_named_after_the_folder_with_its_version(standards: Path) -> None:
    official = standards / "schemas" / "official"
    names = [model_id(entry_file(official / place)) for place in ("unity-4.3/strict", "na-3.2")]
    assert names == ["unity-4.3", "na-3.2"]


def test_schemas_given_for_a_call_go_before_registered_ones(tmp_path: Path) -> None:
    registry = tmp_path / "schemas.toml"
    given = Registered("toy-2", TOY, STRICT, toy(tmp_path, "two", "bought"))
    old = toy(tmp_path, "one", "born")
    registry.write_text(
        f'[[schema]]\nmodel = "toy-1"\nnamespace = "{TOY}"\nmode = "strict"\npath = "{old}"\n'
    )
    settings = Settings()
    settings = type(settings)(schemas=type(settings.schemas)(registry=str(registry)))
    assert open_judge(settings).models() == ("toy-1", *KITS)
    assert open_judge(settings, [given]).models() == ("toy-2", *KITS)
