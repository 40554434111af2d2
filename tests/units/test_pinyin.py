from units.pinyin import initials


def test_a_unit_is_found_by_the_first_letters_of_its_name() -> None:
    assert initials("县人力资源和社会保障局") == "xrlzyhshbzj"


def test_letters_and_digits_stay_and_the_field_is_never_too_short() -> None:
    assert initials("12345 热线A座") == "12345rxaz"
    assert len(initials("局" * 300)) == 100
